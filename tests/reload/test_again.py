"""Contents that come again: an edit undone and done again runs each time, one that failed is not tried again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from saves.game import content_of, make_game

from engine.app import App
from engine.reload.saves import stage_now
from engine.reload.transaction import Verdict


class Game:
    """A game of which one module is saved."""

    def __init__(self, app: App, path: Path) -> None:
        self.app, self.path = app, path

    def save(self, content: bytes) -> Verdict | None:
        self.path.write_bytes(content)
        verdict = self.app.submit([stage_now(self.app.code, self.path)])
        self.app.step()
        return verdict

    @property
    def version(self) -> int:
        return int(vars(self.app.code.module("modules.plugins.part_04"))["VERSION"])


@pytest.fixture
def game(tmp_path: Path) -> Iterator[Game]:
    paths = make_game(tmp_path)
    with App(tmp_path / "saved", headless=True, reload=False) as app:
        app.step()
        yield Game(app, paths[4])


@pytest.mark.parametrize("ticks", [0, 40])
def test_an_edit_undone_and_done_again_runs_each_time(game: Game, ticks: int) -> None:
    for version in (1, 2, 1, 2, 1, 2):
        verdict = game.save(content_of(4, version))
        assert verdict is not None
        assert verdict.good
        assert game.version == version
        assert game.app.reloader.problem is None
        game.app.step(ticks)


def test_what_failed_is_not_tried_again_until_something_else_changes(game: Game) -> None:
    broken = content_of(4, 1).replace(b"CHECK = ", b"CHECK = 1 + ")
    first = game.save(broken)
    assert first is not None
    assert first.outcome == "rolled back"
    assert game.save(broken) is None
    assert game.save(content_of(4, 0)) is None  # it runs already
    assert game.app.reloader.problem is None
    assert game.save(broken) is None
    assert game.app.reloader.problem is first
    mended = game.save(content_of(4, 1))
    assert mended is not None
    assert mended.good
    again = game.save(broken)
    assert again is not None, "on top of other code it may do"
    assert again.outcome == "rolled back"
    assert game.version == 1


def test_a_reloader_remembers_no_more_than_it_can_use(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.reload.transaction.VERDICTS_KEPT", 5)
    for number in range(20):
        game.save(content_of(4, 0) + b"broken = (%d\n" % number)
    reloader = game.app.reloader
    assert len(reloader.tried) == len(reloader.verdicts) == 5
