"""Games for the tests of faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .playing import Playing, write_game


@pytest.fixture
def game(tmp_path: Path) -> Iterator[Playing]:
    """A fresh game that is a few ticks old."""
    with Playing(write_game(tmp_path / "clock")) as playing:
        playing.impatient()
        playing.step(3)
        yield playing
