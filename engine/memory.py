"""Memory while a game is played: arrays use freed memory again, and garbage collection does not hold up a frame."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys
from collections.abc import Iterator
from typing import Any

# Parameters of glibc's mallopt, from malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
KEPT = 128 << 20
"""Bytes of freed memory that the process keeps at the end of its heap."""
LARGEST = 32 << 20
"""The largest array whose memory is kept; glibc takes no higher value everywhere."""
FEW = 10_000
"""Frozen objects up to which nothing counts as frozen: a full collection of Python 3.12 freezes immortal ones."""


@contextlib.contextmanager
def playing() -> Iterator[None]:
    """Keep memory and garbage collection calm within the block."""
    keep_freed()
    gc.collect()
    gc.freeze()
    gc.callbacks.append(_freeze_survivors)
    try:
        yield
    finally:
        gc.callbacks.remove(_freeze_survivors)
        gc.unfreeze()


def keep_freed() -> None:
    """Have freed arrays stay with the process, where its C library is glibc; elsewhere do nothing.

    glibc gives large blocks back to the system at once, so that each temporary array costs a page fault for every
    4 KB: naive systems of 50,000 to a million rows spend most of their time in them.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, LARGEST)
        mallopt(_TRIM_THRESHOLD, KEPT)


def _freeze_survivors(phase: str, info: dict[str, Any]) -> None:
    """Spare further collections what has just survived a full one, which takes 20 ms for an engine and a game.

    Nothing is frozen twice: what becomes garbage later is freed by a full collection after the next `gc.unfreeze`,
    as when a game is left or a reload looks through all objects.
    """
    if phase == "stop" and info["generation"] == 2 and gc.get_freeze_count() < FEW:
        gc.freeze()
