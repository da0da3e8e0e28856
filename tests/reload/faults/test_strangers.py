"""Files below a game's folder that are no part of what runs: tests, scripts, and modules that nobody requires yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.scaffold import create

from .playing import SOURCES, TOML, Playing

WANTS = TOML["app"].replace("]", ', "plugins.glow~=0.1"]')


def make_plugin(game: Playing) -> list[Path]:
    [folder] = create("plugin", "glow", game.folder.resolve())
    return sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".toml"))


def test_a_new_plugin_is_loaded_by_saving_the_manifest_that_requires_it(game: Playing) -> None:
    verdict = game.submit(*make_plugin(game))
    assert verdict is None or verdict.good, verdict.error
    assert not game.errors()
    assert game.fix("app").good  # type: ignore[union-attr]
    verdict = game.save("app", WANTS, "module.toml")
    assert verdict is not None
    assert verdict.good, verdict.error
    assert "plugins.glow" in game.app.modules.loaded
    assert "plugins.glow.expire" in game.app.schedule.systems


def test_a_plugin_that_fails_is_tried_again_when_its_file_is_mended(game: Playing) -> None:
    game.submit(*make_plugin(game))
    path = game.folder.resolve() / "modules" / "plugins" / "glow" / "__init__.py"
    good = path.read_text()
    path.write_text(good + "\n1 / 0\n")
    assert game.submit(path) is None, "nobody requires it"
    verdict = game.save("app", WANTS, "module.toml")
    assert verdict is not None
    assert verdict.outcome == "refused"
    path.write_text(good)
    verdict = game.submit(path)
    assert verdict is not None
    assert verdict.good, verdict.error
    assert "plugins.glow" in game.app.modules.loaded
    assert not game.errors()


def test_the_files_of_a_plugin_do_not_wait_once_no_manifest_does(game: Playing) -> None:
    paths = make_plugin(game)
    game.submit(*paths)
    game.save("app", WANTS.replace("~=0.1", "~=7.0"), "module.toml")
    paths[0].write_text("1 / 0\n")
    game.submit(paths[0])
    assert game.save("app", TOML["app"], "module.toml") is None, "it runs already"
    assert not game.errors()
    assert not game.app.reloader.pending


@pytest.mark.parametrize("place", ["tests/test_it.py", "scripts/draw.py", "modules/plugins/shaker/tests/test_it.py"])
@pytest.mark.parametrize("content", ["import pygame\n", "def half(\n"])
def test_tests_and_scripts_are_no_part_of_the_game(game: Playing, place: str, content: str) -> None:
    path = game.folder.resolve() / place
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    assert game.submit(path) is None
    assert not game.errors()
    assert not game.app.reloader.verdicts


def test_a_script_that_the_game_imports_is_part_of_it(game: Playing) -> None:
    path = game.folder.resolve() / "scripts" / "numbers.py"
    path.parent.mkdir()
    path.write_text("VALUE = 4\n")
    uses = SOURCES["app"].replace("EDITION = 1", "from .scripts.numbers import VALUE as EDITION")
    assert game.save("app", uses).good  # type: ignore[union-attr]
    path.write_text("VALUE = 5\n")
    assert game.submit(path).good  # type: ignore[union-attr]
    game.step()
    assert game.runs("app") == 5
    path.unlink()
    assert game.submit(path).outcome == "refused"  # type: ignore[union-attr]
    path.write_text("VALUE = 6\n")
    assert game.submit(path).good  # type: ignore[union-attr]
    game.step()
    assert game.runs("app") == 6


def test_a_manifest_that_is_put_back_is_no_edit(game: Playing) -> None:
    refused = game.save("app", 'version = "1.0.0', "module.toml")
    assert refused is not None
    assert refused.outcome == "refused"
    assert game.save("app", TOML["app"], "module.toml") is None
    assert not game.errors()
    assert game.app.reloader.verdicts == [refused]
