"""What waits for a fix: how it is retried, what clears it, and edits that come while others are on probation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.reload.saves import stage_now

from .playing import SOURCES, TOML, Playing, inject, line_of

BROKEN = "raise ValueError('broken')  # here"


def late(playing: Playing, ticks: int) -> str:
    return f"if tick >= {playing.tick + ticks}:\n    raise ValueError('late')  # here"


def test_the_same_combination_is_never_tried_twice(game: Playing) -> None:
    game.app.bus.provide("test.count", lambda: None)
    content = inject("app", "import math\nmath.tries = getattr(math, 'tries', 0) + 1\n" + BROKEN, "top")
    first = game.save("app", content)
    assert first is not None
    assert first.outcome == "refused"
    assert game.submit(game.path("app")) is None
    assert len(game.app.reloader.verdicts) == 1
    [panel] = game.errors()
    assert "broken" in panel["message"]


def test_one_that_was_rolled_back_is_not_tried_again(game: Playing) -> None:
    verdict = game.save("app", inject("app", late(game, 2)))
    game.step(5)
    assert verdict is not None
    assert verdict.outcome == "rolled back"
    assert game.submit(game.path("app")) is None
    game.step(3)
    assert len(game.app.reloader.verdicts) == 1
    assert len(game.errors()) == 1


def test_reverting_clears_the_problem(game: Playing) -> None:
    game.save("app", inject("app", BROKEN, "top"))
    assert game.errors()
    assert game.save("app", SOURCES["app"]) is None
    assert not game.errors()
    assert not game.app.reloader.pending
    assert game.save("app", inject("app", BROKEN, "top")) is None, "known to fail, not tried again"
    assert game.errors(), "but shown again"


def test_content_that_failed_is_tried_again_once_what_runs_is_other(game: Playing) -> None:
    wants = SOURCES["app"].replace("# top", "from modules.core.clockwork import NEW  # here")
    assert not game.save("app", wants).good  # type: ignore[union-attr]
    game.save("app", SOURCES["app"])
    offers = SOURCES["core"].replace("EDITION = 1", "EDITION = 2\nNEW = 1")
    assert game.save("core", offers).good  # type: ignore[union-attr]
    verdict = game.save("app", wants)
    assert verdict is not None
    assert verdict.good, verdict.error


def test_creating_the_missing_file_recovers_the_batch(game: Playing) -> None:
    wants = SOURCES["app"].replace("# top", "from .missing import VALUE  # here").replace("EDITION = 1", "EDITION = 5")
    verdict = game.save("app", wants)
    assert verdict is not None
    assert verdict.outcome == "refused"
    assert verdict.line == line_of(wants)
    verdict = game.save("app", '"""Here it is."""\n\nVALUE = 1\n', "missing.py")
    assert verdict is not None
    assert verdict.good, verdict.error
    assert len(verdict.files) == 2
    game.step()
    assert game.runs("app") == 5
    assert not game.errors()


def test_a_new_file_whose_system_failed_runs_once_it_is_mended(game: Playing) -> None:
    """Also if it is said to have changed, not to be new: its first content ran for a while."""
    new = "from engine import Update, system\n\n@system(Update)\ndef count():\n    COUNTED.append(1)\n"
    good = new.replace("\n\n@system", "\nCOUNTED = []\n\n@system", 1)
    verdict = game.save("app", new, "late.py")
    assert verdict is not None
    game.step(2)
    assert verdict.outcome == "rolled back"
    path = game.path("app", "late.py")
    path.write_text(good)
    staged = stage_now(game.app.code, path)
    assert staged.change is not None
    verdict = game.app.submit([replace(staged, kind="changed", change=replace(staged.change, kind="changed"))])
    assert verdict is not None
    assert verdict.good, verdict.error
    before = game.tick
    game.step(3)
    counted = next(system for system in game.app.schedule.everything() if system.name.endswith("late.count"))
    assert len(counted.function.__globals__["COUNTED"]) == game.tick - before


def test_fixing_any_file_of_a_batch_recovers_all_of_it(game: Playing) -> None:
    paths = [game.path("app"), game.path("plugin")]
    paths[0].write_text(SOURCES["app"].replace("EDITION = 1", "EDITION = 7"))
    paths[1].write_text(inject("plugin", BROKEN, "top"))
    verdict = game.submit(*paths)
    assert verdict is not None
    assert verdict.outcome == "refused"
    assert verdict.file == str(paths[1])
    game.step()
    assert game.runs("app") == 1, "all or nothing"
    verdict = game.save("plugin", SOURCES["plugin"].replace("EDITION = 1", "EDITION = 8"))
    assert verdict is not None
    assert verdict.good, verdict.error
    game.step()
    assert (game.runs("app"), game.runs("plugin")) == (7, 8)


def test_of_two_edits_on_probation_only_the_later_goes_when_it_fails(game: Playing) -> None:
    first = game.fix("plugin")
    game.step(3)
    second = game.save("app", inject("app", late(game, 2)))
    game.step(8)
    assert first is not None
    assert second is not None
    assert (first.outcome, second.outcome) == ("current", "rolled back")
    assert game.runs("plugin") == 2
    game.step(40)
    assert first.outcome == "permanent"


def test_when_the_first_of_two_fails_both_go_and_both_come_back(game: Playing) -> None:
    first = game.save("app", inject("app", late(game, 6)))
    game.step(3)
    second = game.fix("plugin")
    game.step(8)
    assert first is not None
    assert second is not None
    assert first.outcome == "rolled back"
    assert first.file == str(game.path("app"))
    assert second.outcome == "rolled back"
    assert game.runs("plugin") == 1
    verdict = game.fix("app")
    assert verdict is not None
    assert verdict.good
    game.step()
    assert game.runs("plugin") == 2
    assert game.runs("app") == 3
    assert not game.errors()


def test_the_world_after_two_rolled_back_edits_is_the_unedited_one(game: Playing, tmp_path: Path) -> None:
    game.save("app", inject("app", late(game, 6)))
    game.step(3)
    game.save("plugin", inject("plugin", late(game, 4)))
    game.step(20)
    tick, found = game.tick, game.hash
    game.app.close()
    with Playing(game.folder.parent / "clock") as other:
        for role in ("app", "plugin"):
            other.path(role).write_text(SOURCES[role])
    from .playing import Unedited

    assert Unedited(tmp_path / "again" / "clock").through(tick)[tick] == found


MANIFESTS = {
    "bad TOML": ('version = "1.0.0\n', "module.toml"),
    "unknown key": ('version = "1.0.0"\nversoin = "2"\n', "versoin"),
    "no version": ("requires = []\n", "version"),
    "bad requirement": ('version = "1.0.0"\nrequires = ["core.time~~1"]\n', "core.time"),
    "version clash": ('version = "1.0.0"\nrequires = ["core.clockwork~=9.0"]\n', "core.clockwork"),
    "missing module": ('version = "1.0.0"\nrequires = ["plugins.nowhere~=1.0"]\n', "plugins.nowhere"),
    "unknown feature": ('version = "1.0.0"\nrequires = ["core.clockwork[wind]~=1.0"]\n', "wind"),
    "room rule": ('version = "1.0.0"\nrequires = ["systems.gravity~=1.0"]\n', "systems.gravity"),
    "bad feature": ('version = "1.0.0"\n[features]\nwind = 3\n', "wind"),
    "no text": (b"\xff\xfe\x00", "module.toml"),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_broken_manifest_is_refused_with_nothing_changed(game: Playing, name: str) -> None:
    content, says = MANIFESTS[name]
    before, resolution = game.hash, game.app.modules.resolution
    verdict = game.save("app", content, "module.toml")
    assert verdict is not None
    assert verdict.outcome == "refused", verdict
    assert says in (verdict.error or ""), verdict.error
    assert verdict.file == str(game.path("app", "module.toml")), verdict
    assert game.hash == before
    assert game.app.modules.resolution is resolution
    game.step(2)
    verdict = game.save("app", TOML["app"] + "# mended\n", "module.toml")
    assert verdict is None or verdict.good
    assert not game.errors()


def test_a_cycle_is_refused_with_its_chain(game: Playing) -> None:
    other = game.folder.resolve() / "modules" / "plugins" / "other"
    other.mkdir()
    (other / "__init__.py").write_text('"""Other."""\n')
    (other / "module.toml").write_text('version = "1.0.0"\nrequires = ["plugins.shaker~=1.0"]\n')
    content = TOML["plugin"].replace("]", ', "plugins.other~=1.0"]')
    game.path("plugin", "module.toml").write_text(content)
    verdict = game.submit(game.path("plugin", "module.toml"), other / "module.toml", other / "__init__.py")
    assert verdict is not None
    assert verdict.outcome == "refused"
    assert "plugins.shaker" in (verdict.error or "")
    assert "plugins.other" in (verdict.error or "")
    verdict = game.save("plugin", TOML["plugin"], "module.toml")
    assert not game.errors()


def test_deleting_what_others_need_is_refused_with_their_list(game: Playing) -> None:
    game.save(
        "app",
        '"""Numbers."""\n\nfrom engine import Update, system\n\nFIVE = 5\n\n\n@system(Update)\n'
        "def number() -> None:\n    pass\n",
        "numbers_file.py",
    )
    game.save("app", SOURCES["app"].replace("# top", "from .numbers_file import FIVE"))
    game.step(2)
    path = game.path("app", "numbers_file.py")
    content = path.read_text()
    path.unlink()
    verdict = game.submit(path)
    assert verdict is not None
    assert verdict.outcome == "refused", verdict
    assert "clock" in (verdict.error or ""), verdict.error
    game.step(2)
    names = list(game.app.schedule.systems)
    assert "app.numbers_file.number" in names
    game.fix("plugin")
    game.step()
    assert "app.numbers_file.number" in game.app.schedule.systems, "a later edit leaves its systems where they are"
    path.write_text(content)
    game.submit(path)
    assert not game.errors()


def test_deleting_what_nobody_needs_is_followed(game: Playing) -> None:
    game.save("app", '"""Alone."""\n', "alone.py")
    path = game.path("app", "alone.py")
    path.unlink()
    verdict = game.submit(path)
    assert verdict is not None
    assert verdict.good
    assert not game.errors()


def test_a_requirement_that_code_still_needs_cannot_go(game: Playing) -> None:
    without = TOML["app"].replace(', "plugins.shaker~=1.0"', "")
    game.save("app", SOURCES["app"].replace("# top", "from modules.plugins.shaker import shake  # here"))
    game.step()
    verdict = game.save("app", without, "module.toml")
    assert verdict is not None
    assert verdict.outcome == "refused"
    assert verdict.file == str(game.path("app"))
    assert verdict.line == line_of(game.path("app").read_text())
    assert 'add "plugins.shaker~=1.0" to requires' in (verdict.error or "")
    assert "plugins.shaker" in game.app.modules.resolution.names  # type: ignore[union-attr]
    verdict = game.fix("app")
    assert verdict is not None
    assert verdict.good, "the import went as well"
    assert "plugins.shaker" not in game.app.modules.resolution.names  # type: ignore[union-attr]
    assert not game.errors()
