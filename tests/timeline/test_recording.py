"""What a recording holds, what is done with it, and how a difference is named to the field."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from small_games import replace, save
from support import LAUNCHER

from engine.app import App
from engine.cli import main
from engine.errors import GameError
from engine.reload.containment import Patience
from engine.reload.saves import stage_now
from engine.timeline.parting import Parting, explain_parting
from engine.timeline.recorder import Recorder
from engine.timeline.recording import read_recording
from engine.timeline.replay import RecordedCode, Replay

from .fountain import SCRIPT, fountain, play


def record(folder: Path, path: Path, **more: Any) -> App:
    app = play(folder, **more)
    app.record(Recorder(path))
    return app


def replay(folder: Path, path: Path, *, explain: bool = False) -> tuple[Replay, Parting | None, str]:
    """Play a recording; return how it went, why not if it is to be explained, and the hash at the end."""
    recording = read_recording(path)
    with RecordedCode(recording, folder) as code, play(folder, inputs={}) as app:
        played = app.replay = Replay(recording, code.folders, code.foreign)
        app.run(realtime=False)
        parting = explain_parting(app, played) if explain else None
        return played, parting, app.world.hash()


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_what_came_from_outside_is_all_that_is_needed(tmp_path: Path) -> None:
    """Input, reloads, edits by hand, rewinds and paused systems: played again, each tick comes out the same."""
    folder, path = fountain(tmp_path), tmp_path / "run.rec"
    source = (folder / "__init__.py").read_text()
    with record(folder, path) as app:
        spring = sys.modules["modules.apps.fountain"].Spring
        app.step(30)
        replace(app, folder / "__init__.py", "GRAVITY = 6.0", "GRAVITY = 5.0")
        app.step(20)
        app.world.resource(spring).force = 1.5
        app.step(20)
        app.bus.call("time.rewind", tick=60)
        app.feed(["key", "down", "space"])
        app.step(20)
        save(app, folder / "wind.py", WIND)
        app.step(12)
        replace(app, folder / "wind.py", "vel.x += 1", "vel.x += 1 / 0")  # taken back
        app.step(40)
        (folder / "wind.py").unlink()
        app.submit([stage_now(app.code, folder / "wind.py")])
        replace(app, folder / "__init__.py", "drop.age > 50", "drop.age > 70")
        app.step(38)
        end = app.world.hash()
        assert app.world.tick == 170
    held = lines(path)
    assert [line[0] for line in held if isinstance(line, list)] == list(range(170))
    kinds = [next(iter(set(line) - {"tick"})) for line in held[1:] if isinstance(line, dict)]
    assert kinds.count("state") == 3  # the beginning, what Startup made of it, and the edit by hand
    assert kinds.count("code") == 3
    (folder / "__init__.py").write_text(source)
    played, _, hash_again = replay(folder, path)
    assert (played.equal, played.parted, hash_again) == (170, None, end)


def test_loops_and_ways_back_in_the_middle_of_probation_are_played_again(tmp_path: Path) -> None:
    folder, path = fountain(tmp_path), tmp_path / "run.rec"
    source = (folder / "__init__.py").read_text()
    with record(folder, path) as app:
        app.step(60)
        app.bus.call("time.loop", start=20, end=50)
        app.bus.call("time.resume")
        app.step(40)
        replace(app, folder / "__init__.py", "GRAVITY = 6.0", "GRAVITY = 5.0")
        app.step(10)
        app.bus.call("time.unloop")
        app.bus.call("time.rewind", tick=24)
        app.bus.call("time.resume")
        app.step(5)
        replace(app, folder / "__init__.py", "age: f32 = 0.0", "age: f32 = 0.0\n    hue: f32 = 1.0")
        app.step(5)
        app.bus.call("time.rewind", tick=31)
        app.bus.call("time.rewind", tick=22)
        app.bus.call("time.resume")
        app.step(40)
        assert [verdict.outcome for verdict in app.reloader.verdicts] == ["permanent", "permanent"]
        end, ticks = app.world.hash(), app.world.tick
    (folder / "__init__.py").write_text(source)
    played, _, hash_again = replay(folder, path)
    assert (played.equal, played.parted, hash_again) == (ticks, None, end)


WIND = """
from engine import Mut, Query, Update, system
from modules.core.motion import Velocity


@system(Update)
def blow(moving: Query[Mut[Velocity]]) -> None:
    for vel in moving:
        vel.x += 1
"""


def test_what_startup_reads_from_outside_is_that_of_the_recording(tmp_path: Path) -> None:
    folder, path, setting = fountain(tmp_path), tmp_path / "run.rec", tmp_path / "setting.txt"
    (folder / "settings.py").write_text(SETTINGS.format(path=str(setting)))
    setting.write_text("1.5")
    with record(folder, path) as app:
        app.step(30)
        end = app.world.hash()
    setting.write_text("0.5")
    played, _, hash_again = replay(folder, path)
    assert (played.equal, played.parted, hash_again) == (30, None, end)


SETTINGS = """
from pathlib import Path

from engine import Mut, Startup, system

from . import Spring


@system(Startup)
def recall(spring: Mut[Spring]) -> None:
    spring.force = float(Path({path!r}).read_text())
"""


def test_a_paused_system_is_paused_again(tmp_path: Path) -> None:
    folder, path = fountain(tmp_path), tmp_path / "run.rec"
    file = folder / "__init__.py"
    file.write_text(
        file.read_text().replace("vel.y += GRAVITY", "vel.y += GRAVITY\n        assert drop.age.max() < 40")
    )
    with record(folder, path) as app:
        app.step(60)
        assert app.schedule.systems["app.fall"].fault is not None
        end = app.world.hash()
    assert [line for line in lines(path)[1:] if "paused" in line] == [{"tick": 41, "paused": ["app.fall"]}]
    played, _, hash_again = replay(folder, path)
    assert (played.equal, hash_again) == (60, end)


def test_an_edit_on_disk_is_named_to_system_field_and_rows(tmp_path: Path) -> None:
    folder, path = fountain(tmp_path), tmp_path / "run.rec"
    with record(folder, path) as app:
        app.step(60)
    file = folder / "__init__.py"
    file.write_text(file.read_text().replace("vel.y += GRAVITY", "vel.y += np.where(drop.age == 40, 7.0, GRAVITY)"))
    played, parting, _ = replay(folder, path, explain=True)
    assert played.foreign == ["apps.fountain/__init__.py"]
    assert played.equal == 41
    assert parting is not None
    assert (parting.tick, parting.system) == (41, "app.fall")
    (difference,) = parting.differences
    assert (difference.kind, difference.name, difference.field) == ("field", "core.motion.Velocity", "y")
    assert difference.rows == (1 << 32, 1 << 32 | 1)
    assert "#0, #1" in str(parting)
    assert "apps.fountain/__init__.py is not as recorded" in str(parting)


def test_what_hangs_on_the_order_of_a_set_is_named(tmp_path: Path) -> None:
    """On the command line, in processes with different hash seeds."""
    folder, path = fountain(tmp_path), tmp_path / "run.rec"
    file = folder / "__init__.py"
    chance = "drop.age += 1.0 if spring.sent < 60 else hash('drop') % 997 / 100"
    text = file.read_text().replace("drop.age += 1.0", chance)
    file.write_text(text.replace("Mut[Velocity], Mut[Drop]])", "Mut[Velocity], Mut[Drop]], spring: Spring)"))

    def run(*arguments: str, seed: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        program = [sys.executable, str(LAUNCHER), "run", *arguments]
        return subprocess.run(program, env=environment, capture_output=True, text=True, timeout=120, check=False)

    script = tmp_path / "input.json"
    script.write_text(json.dumps([[tick, event] for tick, events in SCRIPT.items() for event in events]))
    made = run(str(folder), "--headless", "--ticks", "40", "--input", str(script), "--record", str(path), seed="11")
    assert made.returncode == 0, made.stderr
    other = run("--replay", str(path), "--verify", "--headless", seed="12")
    assert other.returncode == 1
    assert "tick 23 is not as it was recorded" in other.stdout
    assert "after     app.fall\n" in other.stdout
    assert "differs   field app.Drop.age, rows of #0, #1, #2, #3 and 54 more" in other.stdout
    assert "something outside the world decides" in other.stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("[]\n", "format 1"),
        ('{"hotloop": 1}\n', "tells no game"),
        ('GOOD\n[1]\n[2,"x"]\n', ":2: this is no recording: neither a tick"),
        ('GOOD\n{}\n[2,"x"]\n', "neither a tick"),
        ("\xe9", "it is no text"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_line(text: str, says: str, tmp_path: Path) -> None:
    header = '{"hotloop":1,"game":"x","seed":0,"modules":{},"choose":{},"sources":""}'
    path = tmp_path / "bad.rec"
    path.write_text(text.replace("GOOD", header), encoding="latin-1")
    with pytest.raises(GameError) as caught:
        read_recording(path)
    assert says in str(caught.value)


def test_a_recording_that_was_cut_off_is_played_as_far_as_it_goes(tmp_path: Path) -> None:
    folder, path = fountain(tmp_path), tmp_path / "run.rec"
    with record(folder, path) as app:
        app.step(20)
    path.write_text(path.read_text()[:-10])
    assert replay(folder, path)[0].equal == 19


def test_a_renamed_copy_of_the_game_plays_the_recording(tmp_path: Path) -> None:
    folder, path = fountain(tmp_path), tmp_path / "run.rec"
    with record(folder, path) as app:
        app.step(30)
    copy = folder.rename(tmp_path / "geyser")
    assert replay(copy, path)[0].equal == 30


def test_the_person_plays_on_after_a_replay(tmp_path: Path) -> None:
    folder, path = fountain(tmp_path), tmp_path / "run.rec"
    with record(folder, path) as app:
        app.step(30)
    recording = read_recording(path)
    with RecordedCode(recording, folder) as code, play(folder, inputs={}) as app:
        app.replay = Replay(recording, code.folders, code.foreign, verify=False, ends_run=False)
        app.feed(["key", "down", "a"])  # whatever is pressed meanwhile
        app.step(30)
        keyboard = sys.modules["modules.core.input"].Keyboard
        assert app.world.resource(keyboard).down == ["space"]
        assert [toast.text for toast in app.overlay.toasts] == ["the recording is over: you play on"]
        app.feed(["key", "down", "b"])
        app.step()
        assert app.world.resource(keyboard).down == ["b", "space"]


def test_a_key_that_is_down_when_a_replay_ends_is_that_of_the_person(tmp_path: Path) -> None:
    folder, path = fountain(tmp_path), tmp_path / "run.rec"
    with record(folder, path) as app:
        app.step(30)
    recording = read_recording(path)
    with RecordedCode(recording, folder) as code, play(folder, inputs={}) as app:
        app.headless = False  # as with a window: what is held there counts
        app.replay = Replay(recording, code.folders, code.foreign, verify=False, ends_run=False)
        keyboard = sys.modules["modules.core.input"].Keyboard
        app.step(30)
        assert app.world.resource(keyboard).down == ["space"], "by the recording"
        app.step()
        assert app.world.resource(keyboard).down == [], "nobody holds it"


def test_a_replay_takes_its_time(tmp_path: Path) -> None:
    """What was in time when it was recorded is, on however busy a machine."""
    folder, path = fountain(tmp_path), tmp_path / "run.rec"
    with record(folder, path) as app:
        app.step(30)
    recording, none = read_recording(path), Patience(1e-6, 1e-6, 1e-6)
    with RecordedCode(recording, folder) as code, play(folder, inputs={}) as app:
        app.simulation.deadline.patience = none
        played = app.replay = Replay(recording, code.folders, code.foreign, ends_run=False)
        app.step(30)
        assert (played.equal, app.replay) == (30, None)
        assert app.simulation.deadline.patience is none


def test_a_disk_that_is_full_ends_the_recording_and_not_the_game(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no disk that is always full")
    with record(fountain(tmp_path), Path("/dev/full")) as app:
        app.step(40)
        assert app.world.tick == 40
    assert "the recording /dev/full ends at tick" in caplog.text
    app = record(tmp_path / "fountain", tmp_path / "missing" / "run.rec")
    with app, pytest.raises(GameError, match=r"--record: .*cannot be written"):
        app.step()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--verify"], "--verify compares a replay"),
        (["--replay", "missing.rec"], "the recording missing.rec cannot be read"),
        (["--replay", "x", "--record", "y"], "--record does not go with --replay"),
        (["asteroids", "--record", "missing/run.rec"], "missing/run.rec cannot be written"),
    ],
)
def test_the_command_line_refuses_what_makes_no_sense(
    arguments: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run", *arguments]) == 2
    assert says in capsys.readouterr().err
