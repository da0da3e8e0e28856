"""Colours as numbers 0xRRGGBBAA, one or a column of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import HotloopError


def rgba(text: str, alpha: float = 1.0) -> int:
    """Return the colour written as "#rgb", "#rrggbb" or "#rrggbbaa"; `alpha` in [0, 1] makes it fainter."""
    digits = text.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    if len(digits) == 6:
        digits += "ff"
    try:
        if len(digits) != 8:
            raise ValueError(text)
        color = int(digits, 16)
    except ValueError:
        raise HotloopError(f"{text!r} is no colour", remedy='write "#ff8800" or "#ff880080"', text=text) from None
    return color & 0xFFFFFF00 | round((color & 0xFF) * min(1.0, max(0.0, alpha)))


def fade(color: Any, share: Any) -> NDArray[np.uint32]:
    """Return colours with their alpha multiplied by a share in [0, 1]; numbers or columns."""
    color = np.asarray(color, np.uint32)
    alpha = (color & 0xFF) * np.clip(share, 0.0, 1.0)
    faded: NDArray[np.uint32] = (color & np.uint32(0xFFFFFF00)) | np.rint(alpha).astype(np.uint32)
    return faded


def mix(first: Any, second: Any, share: Any) -> NDArray[np.uint32]:
    """Return colours between two, a share in [0, 1] of the way to the second; numbers or columns."""
    share = np.clip(share, 0.0, 1.0)
    first, second = np.asarray(first, np.uint32), np.asarray(second, np.uint32)
    mixed: Any = np.uint32(0)
    for shift in (24, 16, 8, 0):
        low, high = (first >> shift & 0xFF).astype(np.float32), (second >> shift & 0xFF).astype(np.float32)
        mixed = mixed | np.rint(low + (high - low) * share).astype(np.uint32) << shift
    return np.asarray(mixed, np.uint32)
