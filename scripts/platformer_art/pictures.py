"""All pictures."""

from __future__ import annotations

from pathlib import Path

from .creatures import creatures
from .hills import backdrops
from .objects import objects
from .tiles import tilesets


def pictures(folder: Path) -> None:
    """Write every picture."""
    creatures(folder)
    objects(folder)
    tilesets(folder)
    backdrops(folder)
