"""A game to reach through its control port, started once for a file of tests."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playing import Game, start, stop
from support import ROOT


@pytest.fixture(scope="module")
def asteroids(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Game]:
    """A copy of asteroids, paused at its first tick."""
    folder = tmp_path_factory.mktemp("game") / "asteroids"
    shutil.copytree(ROOT / "examples" / "asteroids", folder, ignore=shutil.ignore_patterns("__pycache__"))
    place = Path(tempfile.mkdtemp(prefix="hotloop-test-"))  # a socket's path must be short
    game = start(folder, place, "--paused")
    yield game
    stop(game)
    shutil.rmtree(place, ignore_errors=True)
