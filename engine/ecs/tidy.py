"""Forget texts that no column holds any more, so that a world whose texts keep changing does not grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.ecs.layout import Block, Layout
from engine.ecs.texts import Interner

if TYPE_CHECKING:
    from engine.ecs.world import World


def tidy_texts(world: World) -> None:
    """Intern the texts in use anew, once most of the known ones are not.

    Columns and snapshots that were handed out before keep the texts and codes they have.
    """
    storage = world.storage
    old = storage.texts
    held = [(table.infos[name].layout, blocks) for table in storage.listed for name, blocks in table.blocks.items()]
    held += [(stream.layout, stream.blocks) for stream in world.streams.values()]
    spans = [table.rows for table in storage.listed for _ in table.blocks]
    spans += [stream.next - stream.kept for stream in world.streams.values()]
    used = {0}
    for (layout, blocks), rows in zip(held, spans, strict=True):
        for at in layout.texts:
            used.update(np.unique(blocks[at][:, :rows]).tolist())
    new = Interner()
    codes = np.zeros(len(old.strings), np.uint32)
    for code in sorted(used):
        codes[code] = new.code(old.strings[code])
    for (layout, blocks), rows in zip(held, spans, strict=True):
        _recode(layout, blocks, rows, codes)
    new.limit = max(new.limit, 2 * len(new.strings))
    storage.texts = new
    for table in storage.listed:
        table.texts = new
        table.relocate()
    storage.version += 1


def _recode(layout: Layout, blocks: list[Block], rows: int, codes: NDArray[np.uint32]) -> None:
    for at in layout.texts:
        block = np.zeros_like(blocks[at])
        block[:, :rows] = codes[blocks[at][:, :rows]]
        blocks[at] = block
