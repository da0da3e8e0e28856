"""An edit that waits for a fix keeps those waiting that have to do with it, and no others."""

from __future__ import annotations

import pytest

from .playing import SOURCES, Playing, inject

BROKEN = "raise ValueError('broken')  # here"
VITAL = '''"""How well a mass is."""

from engine import Commands, Startup, Update, component, f32, system

GOOD = 10.0


@component
class Health:
    hp: f32 = GOOD


@system(Startup)
def give(commands: Commands) -> None:
    commands.spawn(Health(), count=3)
'''


def test_an_edit_goes_through_while_the_deletion_of_another_file_waits(game: Playing) -> None:
    path = game.path("app", "vital.py")
    assert game.save("app", VITAL, "vital.py").good  # type: ignore[union-attr]
    game.step(2)
    path.unlink()
    refused = game.submit(path)
    assert refused is not None
    assert refused.outcome == "refused"
    for ticks in (0, 40):
        edit = game.fix("app")
        assert edit is not None
        assert edit.good, edit.error
        assert edit.files == [str(game.path("app"))]
        game.step(1 + ticks)
        assert game.runs("app") == game.edition
        [panel] = game.errors()
        assert "Health" in panel["message"], "what waits is still shown"
    path.write_text(VITAL)
    assert game.submit(path) is None
    assert not game.errors()


def test_the_refusal_of_a_deletion_says_which_file_to_restore(game: Playing) -> None:
    path = game.path("app", "vital.py")
    game.save("app", VITAL, "vital.py")
    game.step(2)
    path.unlink()
    verdict = game.submit(path)
    assert verdict is not None
    assert verdict.file == str(path)
    assert "Restore vital.py" in verdict.said
    assert "F5" in verdict.said


@pytest.mark.parametrize("role", ["core", "plugin"])
def test_an_edit_goes_through_while_a_broken_one_waits(game: Playing, role: str) -> None:
    game.save(role, inject(role, "def half(", "top"))
    game.save("app", "VALUE = 1\n", "alone.py")
    assert list(game.app.reloader.pending) == [game.path(role)]
    assert game.errors()


def test_one_that_fails_on_its_own_is_told_of_and_goes_through_once_it_is_mended(game: Playing) -> None:
    game.save("plugin", inject("plugin", BROKEN, "top"))
    verdict = game.save("app", "1 / 0\n", "alone.py")
    assert verdict is not None
    assert "ZeroDivisionError" in (verdict.error or ""), "what was saved just now is what the person looks at"
    mended = game.save("app", "VALUE = 1\n", "alone.py")
    assert mended is not None
    assert mended.good
    assert mended.files == [str(game.path("app", "alone.py"))]
    [panel] = game.errors()
    assert "broken" in panel["message"]
    assert game.fix("plugin").good  # type: ignore[union-attr]
    assert not game.errors()


def test_files_saved_together_stay_together(game: Playing) -> None:
    paths = [game.path("app", "one.py"), game.path("app", "two.py")]
    paths[0].write_text("1 / 0\n")
    paths[1].write_text("VALUE = 1\n")
    game.submit(*paths)
    verdict = game.save("app", "VALUE = 2\n", "two.py")
    assert verdict is not None
    assert verdict.outcome == "refused"
    verdict = game.save("app", "VALUE = 1\n", "one.py")
    assert verdict is not None
    assert verdict.good
    assert len(verdict.files) == 2


def test_an_edit_that_uses_what_waits_waits_with_it(game: Playing) -> None:
    game.save("core", inject("core", BROKEN, "top"))
    verdict = game.save("app", SOURCES["app"].replace("EDITION = 1", "EDITION = 2"))
    assert verdict is not None
    assert verdict.outcome == "refused", "it imports classes that the other declares"
    assert len(game.app.reloader.pending) == 2


def test_a_manifest_that_waits_keeps_only_what_imports_something_else(game: Playing) -> None:
    game.save("app", 'version = "1.0.0\n', "module.toml")
    assert game.fix("app").good  # type: ignore[union-attr]
    [panel] = game.errors()
    assert "module.toml" in panel["file"]
    verdict = game.save("app", SOURCES["app"].replace("# top", "import math"))
    assert verdict is not None
    assert verdict.outcome == "refused"
