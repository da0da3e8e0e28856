"""The one game that the tests of a file run in, one after the other: nothing restarts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .game import Begin, Game


@pytest.fixture(scope="module")
def begin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Begin]:
    """Return a function that gives the game with other files and no rows; it is opened anew only if it broke."""
    games: list[Game] = []

    def begin(parts: str, **files: str) -> Game:
        if not games or not games[0].begin(parts, **files):
            for game in games:
                game.app.close()
            games[:] = [Game(tmp_path_factory.mktemp("data"), parts, **files)]
        return games[0]

    yield begin
    for game in games:
        game.app.close()
