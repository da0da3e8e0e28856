"""`hotloop run`: reports, pictures, the missing display, signals, and games that are broken."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from support import LAUNCHER, ROOT, Run, bare_environment

from engine import App

MANIFEST = 'version = "1.0"\nrequires = ["core.motion~=1.0", "core.render[shapes]~=1.0"]\n'
GAME = """
from pathlib import Path
from engine import *
from modules.core.motion import Position, Velocity
from modules.core.render import Circle

SPEED = 10.0

@system(Startup)
def begin(commands: Commands, random: Random) -> None:
    x = random.uniform(0, 960, 50)
    commands.spawn(Position(x=x, y=270), Velocity(), Circle(radius=20), count=50)

@system(Update)
def drift(rows: Query[Mut[Velocity]], time: Time) -> None:
    for vel in rows:
        vel.y = SPEED
    if time.tick == 3:
        Path(__file__).with_name("ready").touch()
"""


@pytest.fixture
def game(tmp_path: Path) -> Path:
    """Make a small game that leaves a file `ready` when it runs."""
    folder = tmp_path / "drifters"
    folder.mkdir()
    (folder / "module.toml").write_text(MANIFEST)
    (folder / "__init__.py").write_text(GAME)
    return folder


def report_of(path: Path) -> dict[str, Any]:
    """Read a report."""
    report = json.loads(path.read_text())
    assert isinstance(report, dict)
    return report


def size_of(picture: Path) -> tuple[int, int]:
    """Return width and height of a PNG, read from its header."""
    data = picture.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def wait_for(condition: Any, seconds: float = 60) -> None:
    """Wait until something is so."""
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, "it took too long"
        sleep(0.01)


@contextmanager
def started(*arguments: object, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """Start the command line and make sure that it ends."""
    process = subprocess.Popen(
        [sys.executable, str(LAUNCHER), *map(str, arguments)],
        cwd=cwd,
        env=bare_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


# ---------------------------------------------------------------- report and picture


def test_the_report_tells_about_the_run(hotloop: Run, game: Path, tmp_path: Path) -> None:
    done = hotloop("run", "drifters", "--headless", "--ticks", "20", "--report", "r.json", "--screenshot", "s.png")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    report = report_of(tmp_path / "r.json")
    assert report["ticks"] == 20
    assert report["entities"] == 50
    assert report["tables"] >= 1
    assert report["reloads"] == []
    assert report["systems"]["app.drift"]["calls"] == 20
    assert set(report["frame_ms"]) == {"p50", "p99", "max"}
    assert report["peak_rss_mb"] > 10
    assert {"frames", "world_hash"} <= set(report)
    assert size_of(tmp_path / "s.png") == (960, 540)
    assert [path.name for path in tmp_path.iterdir() if ".part" in path.name] == []


def test_the_hash_depends_on_the_seed_and_on_nothing_else(hotloop: Run, game: Path, tmp_path: Path) -> None:
    copy = tmp_path / "other" / "renamed"
    copy.mkdir(parents=True)
    for name in ("module.toml", "__init__.py"):
        (copy / name).write_bytes((game / name).read_bytes())

    def world_hash(*arguments: object) -> str:
        report = tmp_path / "r.json"
        done = hotloop(*arguments, "--headless", "--ticks", "40", "--report", report)
        assert done.returncode == 0, done.stderr
        return str(report_of(report)["world_hash"])

    first = world_hash("drifters", "--seed", 7)
    assert world_hash("--seed", 7, "run", "drifters") == first
    assert world_hash(copy, "--seed", 7, "--screenshot", "s.png@11", "--no-reload") == first
    assert world_hash("drifters", "--seed", 7, "--realtime") == first
    assert world_hash("drifters", "--seed", 7, "--with", "core.render=systems.null_render") == first
    assert world_hash("drifters", "--seed", 8) != first


def test_the_hash_is_the_same_with_a_window(game: Path) -> None:
    def world_hash(**options: Any) -> str:
        app = App(game, seed=7, reload=False, **options)
        try:
            app.run(40, realtime=False)
            return app.world.hash()
        finally:
            app.close()

    assert world_hash(headless=False) == world_hash(headless=True)


def test_a_picture_is_taken_at_its_tick(hotloop: Run, game: Path, tmp_path: Path) -> None:
    hotloop("drifters", "--headless", "--ticks", "60", "--screenshot", "early.png@5")
    hotloop("drifters", "--headless", "--ticks", "5", "--screenshot", "five.png")
    hotloop("drifters", "--headless", "--ticks", "60", "--screenshot", "late.png")
    early, five, late = ((tmp_path / f"{name}.png").read_bytes() for name in ("early", "five", "late"))
    assert early == five != late


def test_scripted_input_reaches_the_game(hotloop: Run, tmp_path: Path) -> None:
    hotloop("new", "game", "mine")
    (tmp_path / "right.json").write_text('[[1, ["key", "down", "right"]]]')
    hashes = set()
    for extra in ([], ["--input", "right.json"]):
        done = hotloop("mine", "--headless", "--ticks", "30", "--report", "r.json", *extra)
        assert done.returncode == 0, done.stderr
        hashes.add(report_of(tmp_path / "r.json")["world_hash"])
    assert len(hashes) == 2


# ---------------------------------------------------------------- no display


@pytest.mark.parametrize("arguments", [[], ["asteroids"]])
def test_without_a_display_a_run_plays_by_itself(arguments: list[str], hotloop: Run, tmp_path: Path) -> None:
    done = hotloop(*arguments)
    assert done.returncode == 0, done.stderr
    line = "hotloop: no usable display: neither DISPLAY nor WAYLAND_DISPLAY is set; going on headless\n"
    assert done.stderr == line
    assert " 600 ticks" in done.stdout
    assert size_of(tmp_path / "hotloop.png")[0] > 100


def test_without_a_display_the_given_end_holds(hotloop: Run, game: Path, tmp_path: Path) -> None:
    done = hotloop("drifters", "--ticks", "10", "--report", "r.json")
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert report_of(tmp_path / "r.json")["ticks"] == 10
    assert not (tmp_path / "hotloop.png").exists()


# ---------------------------------------------------------------- ending


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_with_its_report(number: signal.Signals, game: Path, tmp_path: Path) -> None:
    with started("drifters", "--headless", "--realtime", "--report", "r.json", cwd=tmp_path) as process:
        wait_for((game / "ready").exists)
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors == ""
    assert report_of(tmp_path / "r.json")["ticks"] >= 3


@pytest.mark.parametrize("hang", ["while True: pass", "__import__('time').sleep(60)"])
def test_a_signal_ends_a_system_that_hangs(hang: str, game: Path, tmp_path: Path) -> None:
    source = (game / "__init__.py").read_text()
    (game / "__init__.py").write_text(source + f"        {hang}\n")
    with started("drifters", "--headless", "--realtime", "--report", "r.json", cwd=tmp_path) as process:
        wait_for((game / "ready").exists)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 0
    assert (tmp_path / "r.json").exists()


def test_a_signal_ends_a_game_that_is_still_loading(game: Path, tmp_path: Path) -> None:
    (game / "__init__.py").write_text(
        "from pathlib import Path\nfrom time import sleep\nPath(__file__).with_name('ready').touch()\nsleep(60)\n"
    )
    with started("drifters", "--headless", cwd=tmp_path) as process:
        wait_for((game / "ready").exists)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors == ""


def test_the_report_follows_each_verdict(game: Path, tmp_path: Path) -> None:
    report = tmp_path / "r.json"
    with started("drifters", "--headless", "--realtime", "--report", report, cwd=tmp_path) as process:
        wait_for((game / "ready").exists)
        source = (game / "__init__.py").read_text()
        (game / "__init__.py").write_text(source.replace("SPEED = 10.0", "SPEED = 99.0"))
        wait_for(lambda: report.exists() and report_of(report)["reloads"])
        (game / "__init__.py").write_text(source.replace("SPEED = 10.0", "SPEED = = 1"))
        wait_for(lambda: len(report_of(report)["reloads"]) == 2)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 0
    first, second = report_of(report)["reloads"]
    assert first["outcome"] in ("current", "permanent")
    assert second["outcome"] == "refused"
    assert second["files"] == [str(game / "__init__.py")]
    assert second["line"] == 7
    assert second["error"]


# ---------------------------------------------------------------- what is broken


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("__init__.py", b"x = = 1\n", r"__init__.py:1"),
        ("__init__.py", b"import nosuchthing\n", "nosuchthing"),
        ("__init__.py", b"x = 1\n1 / 0\n", r"__init__.py:2"),
        ("__init__.py", b"x = 'caf\xe9'\n", "__init__.py"),
        ("__init__.py", b"from engine import *\n@system(Update)\ndef a(x: int) -> None: ...\n", "cannot be bound"),
        ("module.toml", b"version = 1\n", r"module.toml:1"),
        ("module.toml", b"version = '1.0'\nrequires = ['core.motion~=7.0']\n", "core.motion"),
        ("module.toml", b"version = '1.0'\nrequires = ['core.motoin~=1.0']\n", "did you mean 'core.motion'?"),
        ("module.toml", b"version = '1.0'\nrequires = ['core.motion[wings]~=1.0']\n", "wings"),
        ("module.toml", b"version = '1.0'\nrequires = ['systems.kinematics']\n", "nothing requires an implementation"),
        ("module.toml", b"version = '\xe9'\n", "not UTF-8"),
        ("modules/core/motion/module.toml", b"version = '1.0'\n", "two modules are called core.motion"),
    ],
)
def test_a_game_that_cannot_start_says_why(name: str, content: bytes, says: str, hotloop: Run, game: Path) -> None:
    (game / name).parent.mkdir(parents=True, exist_ok=True)
    (game / name).write_bytes(content)
    done = hotloop("run", "drifters", "--headless", "--ticks", "5", cwd=game.parent)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("hotloop: ")
    assert says in done.stderr


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ("core.render=systems.nul_render", "did you mean 'systems.null_render'?"),
        ("core.rendr=systems.null_render", "core.rendr"),
        ("core.render=systems.kinematics", "core.render"),
    ],
)
def test_a_wrong_choice_is_refused(choice: str, says: str, hotloop: Run, game: Path) -> None:
    done = hotloop("drifters", "--headless", "--ticks", "1", "--with", choice)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_folder_that_holds_no_game_is_refused(hotloop: Run, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "module.toml").write_text('version = "1.0"')
    assert "holds no app" in hotloop("run", "bare").stderr
    (tmp_path / "empty").mkdir()
    assert "no module.toml" in hotloop("run", "empty").stderr
    (tmp_path / "file").touch()
    assert "is a file" in hotloop("run", "./file").stderr
    assert hotloop("run", "./nowhere").returncode == 2
    (tmp_path / "odd" / "module.toml").mkdir(parents=True)
    assert "is not a file" in hotloop("run", "odd").stderr
    assert hotloop("run", "").returncode == 2


def test_modules_that_require_each_other_are_refused(hotloop: Run, game: Path) -> None:
    for name, other in (("rain", "wind"), ("wind", "rain")):
        folder = game / "modules" / "plugins" / name
        folder.mkdir(parents=True)
        (folder / "module.toml").write_text(f'version = "1.0"\nrequires = ["plugins.{other}"]\n')
    (game / "module.toml").write_text('version = "1.0"\nrequires = ["plugins.rain"]\n')
    for command in ("run", "graph"):
        done = hotloop(command, "drifters")
        assert done.returncode == 2
        assert "plugins.rain -> plugins.wind -> plugins.rain" in done.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of POSIX")
def test_what_is_no_plain_file_is_never_replaced(hotloop: Run, game: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = hotloop("drifters", "--headless", "--ticks", "1", "--report", "pipe")
    assert done.returncode == 2
    assert "not a plain file" in done.stderr


# ---------------------------------------------------------------- the launcher


def test_missing_packages_are_named_with_the_command_that_installs_them() -> None:
    done = subprocess.run(
        [sys.executable, "-S", str(LAUNCHER)], env=bare_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "missing numpy, pygame-ce" in done.stderr
    assert "pip install -e" in done.stderr
    assert done.stdout == ""


def test_an_old_python_is_told(tmp_path: Path) -> None:
    program = "import runpy, sys; sys.version_info = (3, 8, 1); runpy.run_path(sys.argv[1], run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", program, str(LAUNCHER)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "run_game.py: Python 3.8 is too old; Hotloop needs 3.11 or newer\n"


def test_the_launcher_works_from_any_folder(hotloop: Run, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    done = hotloop("asteroids", "--headless", "--ticks", "2", cwd=tmp_path / "deep")
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "deep").iterdir()) == []
    assert ROOT not in tmp_path.parents
