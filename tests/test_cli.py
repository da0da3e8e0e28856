"""The command line as a person meets it: help, guesses, bad input, new modules, lists."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support import LAUNCHER, ROOT, Run

from engine.cli import HELP, check_parser, list_parser, main, new_parser, run_parser, shot

PARSERS = {
    "run": run_parser(),
    "new": new_parser(),
    "check": check_parser(),
    "list": list_parser("list"),
    "graph": list_parser("graph"),
}


@pytest.fixture
def called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Call the command line in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        status = main(list(arguments))
        out, err = capsys.readouterr()
        return subprocess.CompletedProcess(list(arguments), status, out, err)

    return call


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """Return the message of bad input: exit status 2, one line on standard error, nothing else."""
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert done.stderr.startswith("hotloop: "), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_help_fits_one_screen_and_has_examples(hotloop: Run) -> None:
    shown = hotloop("--help").stdout
    assert shown == HELP
    assert len(shown.splitlines()) <= 24
    assert max(map(len, shown.splitlines())) <= 80
    assert "examples:" in shown


def test_help_names_every_command_and_option() -> None:
    for name, parser in PARSERS.items():
        assert re.search(rf"\b{name}\b", HELP)
        for action in parser._actions:
            for option in action.option_strings:
                assert option in HELP or option == "-h", f"{name} {option}"


def test_help_names_no_option_that_does_not_exist() -> None:
    known = {option for parser in PARSERS.values() for action in parser._actions for option in action.option_strings}
    assert set(re.findall(r"--[\w-]+", HELP)) <= known | {"--version"}


@pytest.mark.parametrize("command", PARSERS)
def test_each_command_explains_itself(command: str, hotloop: Run) -> None:
    done = hotloop(command, "--help")
    assert done.returncode == 0
    assert f"hotloop {command}" in done.stdout


def test_version(hotloop: Run) -> None:
    assert re.fullmatch(r"hotloop (\d+\.\d+.*|unknown)\n", hotloop("--version").stdout)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--hedless", "asteroids"], "did you mean '--headless'?"),
        (["asteroids", "--tick", "5"], "did you mean '--ticks'?"),
        (["astroids"], "did you mean 'asteroids'?"),
        (["run", "nosuchgame"], "the known games are"),
        (["run", "--ticks", "many"], "is not a whole number"),
        (["run", "--ticks", "-1"], "is not a whole number"),
        (["run", "--seed", "1.5"], "is not a whole number"),
        (["run", "--ticks"], "expected one argument"),
        (["run", "--with", "core.render"], "is not CONTRACT=MODULE"),
        (["run", "--screenshot", "a.png@"], "is not FILE or FILE@TICK"),
        (["run", "--screenshot", "q.jpg@5"], "pictures are written as PNG; call it q.png"),
        (["asteroids", "--ticks", "5", "--screenshot", "a.png@6"], "the run ends at tick 5"),
        (["asteroids", "--report", "no/such/folder.json"], "cannot be written"),
        (["asteroids", "--screenshot", "."], "cannot be written"),
        (["asteroids", "--input", "missing.json"], "cannot be read"),
        (["asteroids", "lanterns"], "one game at a time"),
        (["new", "gmae", "mine"], "did you mean 'game'?"),
        (["new", "game"], "required: NAME"),
        (["new", "game", "my-game"], "not a Python identifier"),
        (["new", "game", "class"], "keyword of Python"),
        (["new", "game", "json"], "shadows the standard library"),
        (["new", "game", "numpy"], "shadows the installed package"),
        (["new", "game", "mine", "--from", "asteroid"], "did you mean 'asteroids'?"),
        (["new", "plugin", "glow"], "holds no game"),
        (["check", "nosuchgame"], "there is no game"),
        (["check", "--al"], "unknown argument"),
        (["list", "nosuchgame"], "there is no game"),
        (["graph", "a", "b"], "unknown argument 'b'"),
    ],
)
def test_bad_input_gets_one_clear_line(arguments: list[str], says: str, called: Run, tmp_path: Path) -> None:
    assert says in refused(called(*arguments))
    assert list(tmp_path.iterdir()) == []


def test_bad_input_ends_the_process_with_status_2(hotloop: Run) -> None:
    assert "did you mean 'asteroids'?" in refused(hotloop("astroids"))


def test_a_misspelt_command_is_guessed(called: Run) -> None:
    assert "there is no game or command 'chekc'; did you mean 'check'?" in refused(called("chekc"))
    assert "did you mean 'check'?" in refused(called("chekc", "asteroids"))


@pytest.mark.parametrize(
    ("text", "path", "tick"),
    [("a.png", "a.png", None), ("a.png@12", "a.png", 12), ("a@b/c.png", "a@b/c.png", None), ("a@1@2", "a@1", 2)],
)
def test_a_screenshot_may_name_its_tick(text: str, path: str, tick: int | None) -> None:
    assert shot(text) == (Path(path), tick)


def test_a_new_game_is_whole(hotloop: Run, tmp_path: Path) -> None:
    done = hotloop("new", "game", "mine")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "made mine\nplay it:  hotloop run mine\n"
    assert {path.name for path in (tmp_path / "mine").iterdir()} == {"__init__.py", "assets", "module.toml", "tests"}


def test_what_exists_is_never_overwritten(called: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert "already exists" in refused(called("new", "game", "mine"))
    assert list((tmp_path / "mine").iterdir()) == []


def test_plugins_and_systems_are_made_inside_a_game(hotloop: Run, tmp_path: Path) -> None:
    hotloop("new", "game", "mine")
    made = hotloop("new", "plugin", "glow", cwd=tmp_path / "mine")
    assert 'add "plugins.glow~=0.1"' in made.stdout, made.stderr
    made = hotloop("new", "system", "wind", "--in", "mine")
    assert 'add "core.wind~=0.1"' in made.stdout, made.stderr
    rooms = tmp_path / "mine" / "modules"
    made_folders = {path.relative_to(rooms).as_posix() for path in rooms.glob("*/*")}
    assert made_folders == {"plugins/glow", "core/wind", "systems/wind"}
    assert not [path for path in rooms.rglob("*") if path.is_file() and "name_here" in path.name + path.read_text()]
    copied = hotloop("new", "plugin", "shine", "--from", "glow", cwd=tmp_path / "mine")
    assert copied.returncode == 0, copied.stderr
    assert "there is a module core.motion already" in refused(hotloop("new", "system", "motion", "--in", "mine"))


def test_a_copied_example_leaves_nothing_out(hotloop: Run, tmp_path: Path) -> None:
    assert hotloop("new", "game", "mine", "--from", "asteroids").returncode == 0

    def files(folder: Path) -> set[str]:
        found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        return {name for name in found if "__pycache__" not in name}

    assert files(tmp_path / "mine") == files(ROOT / "examples" / "asteroids")


def test_list_names_games_and_modules(called: Run) -> None:
    shown = called("list").stdout
    for name in ("asteroids", "core.motion", "systems.kinematics", "plugins.esper_bridge"):
        assert re.search(rf"^  {re.escape(name)} ", shown, re.MULTILINE), name


def test_list_shows_the_systems_of_a_run(called: Run, tmp_path: Path) -> None:
    systems: dict[str, object] = {"app.chase": {"calls": 600, "seconds": 0.3, "version": 2, "fault": None}}
    systems["app.burst"] = {"calls": 0, "seconds": 0.0, "version": 1, "fault": "ValueError: no"}
    (tmp_path / "r.json").write_text(json.dumps({"game": "swarm", "ticks": 600, "systems": systems}))
    shown = called("list", "--report", "r.json").stdout.splitlines()
    assert shown[0] == "swarm, tick 600"
    assert shown[1].split() == ["app.chase", "v2", "600", "calls", "0.500", "ms"]
    assert shown[2].endswith("paused: ValueError: no")
    assert "is not the report of a run" in refused(called("list", "--report", "missing.json"))
    (tmp_path / "r.json").write_text("[]")
    assert "is not the report of a run" in refused(called("list", "--report", "r.json"))


def test_graph_is_in_load_order(called: Run) -> None:
    shown = called("graph", "asteroids").stdout
    order = [line.split("[")[0].split()[0] for line in shown.splitlines() if not line.startswith(" ")]
    assert order[-1] == "apps.asteroids"
    assert order.index("systems.kinematics") == order.index("core.motion") + 1


def test_a_broken_manifest_is_told_with_its_line(hotloop: Run, tmp_path: Path) -> None:
    hotloop("new", "game", "mine")
    (tmp_path / "mine" / "module.toml").write_text('version = "1.0"\nrequires = [\n')
    message = refused(hotloop("run", "mine", "--headless", "--ticks", "1"))
    assert re.search(r"module\.toml:\d", message)


def test_a_closed_pipe_is_no_error() -> None:
    command = f'"{sys.executable}" "{LAUNCHER}" list | head -n 1; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""
