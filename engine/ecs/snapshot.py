"""Snapshots: a world as arrays and plain data, the one format for rollback, saves and rewind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from engine.ecs.image import WorldImage
from engine.ecs.savefile import pack, read, write


class Snapshot(WorldImage):
    """A copy of all that a world holds but transient resources. `World.snapshot` makes it, `World.restore` takes it."""

    @property
    def header(self) -> dict[str, Any]:
        """Everything but the arrays as plain data; an array is named by its place in `arrays`."""
        return pack(self)[0]

    @property
    def arrays(self) -> list[NDArray[Any]]:
        """The arrays that the header names."""
        return pack(self)[1]

    @property
    def nbytes(self) -> int:
        """How many bytes the columns of entities and events take."""
        blocks = [block for table in self.tables.values() for group in table.blocks.values() for block in group]
        blocks += [block for stream in self.streams.values() for block in stream.blocks]
        return sum(block.nbytes for block in blocks) + sum(table.ids.nbytes for table in self.tables.values())

    def save(self, path: str | Path) -> None:
        """Write the snapshot to a file, replacing it in one step; raise SnapshotError where that is not possible."""
        write(self, Path(path))

    @classmethod
    def load(cls, path: str | Path) -> Snapshot:
        """Read a snapshot from a file; raise SnapshotError for one that is damaged, cut off or foreign."""
        return cls(**vars(read(Path(path))))
