"""Edits of the engine that are not patched: the process is executed anew and the game goes on at the same tick."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from checkout import Checkout

STICKY = ("reload/transaction.py", '"""One reload: from saved', '"""Each reload: from saved')


def streams(pid: int) -> list[str]:
    """Return what the standard streams and the arguments of a process are, where the system tells."""
    home = Path(f"/proc/{pid}")
    return (
        [os.readlink(home / "fd" / name) for name in "012"] + [(home / "cmdline").read_text()] if home.is_dir() else []
    )


def test_the_process_goes_on_with_its_worlds_inputs_and_streams(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps([[tick, ["key", way, "a"]] for tick, way in ((40, "down"), (180, "up"), (190, "down"))]))
    arguments = ("--input", str(keys), "--seed", "5")
    with Checkout(tmp_path, *arguments) as game:
        process = game.process
        assert process is not None
        before, standard = game.state(), streams(process.pid)
        game.edit_engine(*STICKY)
        verdict = game.verdict("current", "transaction.py")
        assert "executed anew" in verdict["state"]
        assert streams(process.pid) == standard
        game.verdict("permanent", "transaction.py")
        after = game.state()
        assert after["pid"] == before["pid"] == process.pid
        assert after["tick"] >= before["tick"]
        game.wait("all keys are pressed", lambda: game.state()["tick"] > 200)
        report = game.report()
        assert [one["outcome"] for one in report["reloads"]] == ["permanent"]
        assert report["systems"]["app.drift"]["calls"] == report["ticks"]
        assert game.notes()["last"] == "aa"
        game.equals_run_without_edits(*arguments)
        process.terminate()
        assert process.wait(30) == 0, game.output()


def test_edits_of_engine_and_game_go_together_and_rows_are_migrated(tmp_path: Path) -> None:
    with Checkout(tmp_path) as game:
        before = game.state()
        game.edit_engine(*STICKY)
        game.replace("__init__.py", "    pull: f32 = 1.0\n", "    pull: f32 = 1.0\n    heat: f32 = 4.0\n")
        game.wait("the field is there", lambda: set(game.column("app.Grain.heat").values()) == {4.0})
        game.verdict("permanent", "transaction.py")
        after = game.goes_on()
        assert after["pid"] == before["pid"]
        assert set(after["entities"]) == set(before["entities"])
        assert set(game.column("app.Grain.heat").values()) == {4.0}


@pytest.mark.parametrize(
    ("file", "old", "new", "worth"),
    [
        ("clock.py", "TICK_RATE = 60\n", "TICK_RATE = 30\n", 1 / 30),
        ("ecs/random.py", "class Random(", "class Former:\n    pass\n\n\nclass Random(", 1 / 60),
    ],
)
def test_values_and_declarations_take_effect(tmp_path: Path, file: str, old: str, new: str, worth: float) -> None:
    game = Checkout(tmp_path)
    code = (game.game / "__init__.py").read_text().replace("import Commands", "import Commands, Time")
    code = code.replace("def drift(", "def drift(time: Time, ").replace(
        "    for grain", "    notes.worth = float(time.dt)\n    for grain", 1
    )
    (game.game / "__init__.py").write_text(code)
    with game:
        game.edit_engine(file, old, new)
        game.verdict("current", file)
        game.wait("the edit runs", lambda: abs(game.notes()["worth"] - worth) < 1e-6)


def test_a_game_started_from_the_gallery_goes_on(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps([[30, ["key", "down", "return"]], [32, ["key", "up", "return"]]]))
    with Checkout(tmp_path, "--input", str(keys), play="gallery") as game:
        before = game.state()
        game.edit_engine(*STICKY)
        game.wait(
            "the engine was executed anew", lambda: "executed anew" in game.output() or "current" in game.output()
        )
        game.goes_on(40)
        after = game.state()
        assert after["pid"] == before["pid"]
        assert set(after["entities"]) == set(before["entities"])
        game.replace("__init__.py", "    for grain in grains:\n", "    notes.worth = 9.0\n    for grain in grains:\n")
        game.wait("the game's own files are still reloaded", lambda: game.notes()["worth"] == 9.0)


def test_an_edit_that_fails_after_it_was_executed_gives_way_to_the_code_before(tmp_path: Path) -> None:
    with Checkout(tmp_path) as game:
        pid = game.state()["pid"]
        game.edit_engine(
            "ecs/views.py",
            "    def __init__(self",
            "    def __init__(self, *args, oops):\n        pass\n\n    def _former(self",
        )
        verdict = game.verdict("rolled back", "views.py")
        assert "oops" in verdict["error"]
        assert game.state()["pid"] == pid
        game.equals_run_without_edits()


def test_a_refused_edit_of_the_game_stays_refused(tmp_path: Path) -> None:
    with Checkout(tmp_path) as game:
        good = (game.game / "__init__.py").read_text()
        (game.game / "__init__.py").write_text(good.replace("def drift(", "def drift(("))
        game.verdict("refused", "__init__.py")
        game.edit_engine(*STICKY)
        game.wait("the engine is executed anew or refused", lambda: len(game.report()["reloads"]) > 1)
        game.goes_on()
        (game.game / "__init__.py").write_text(good.replace("    for grain", "    notes.worth = 4.0\n    for grain", 1))
        game.wait("the fix runs", lambda: game.notes()["worth"] == 4.0)


@pytest.mark.parametrize("young", [True, False], ids=["on probation", "later"])
def test_a_hang_that_nothing_ends_is_left_by_executing_the_process_anew(tmp_path: Path, young: bool) -> None:
    game = Checkout(tmp_path)
    game.edit_engine("reload/containment.py", "tries: int = 40", "tries: int = 1")
    if not young:
        path = game.game / "__init__.py"
        code = (
            path.read_text()
            .replace("def drift(", "def drift(world: World, ")
            .replace("import Commands", "import Commands, World")
        )
        path.write_text(code.replace("    for grain", "    while world.tick >= 60:\n        pass\n    for grain", 1))
    with game:
        pid = game.state()["pid"]
        if young:
            game.replace(
                "__init__.py", "    for grain in grains:\n", "    while True:\n        pass\n    for grain in grains:\n"
            )
        game.wait("the process is executed anew", lambda: "never ends" in game.output())
        game.goes_on(60)
        assert game.state()["pid"] == pid
        assert game.output().count("never ends") == 1
        if young:
            game.replace("__init__.py", "    while True:\n        pass\n", "    notes.worth = 5.0\n")
            game.wait("the fix runs", lambda: game.notes()["worth"] == 5.0)
