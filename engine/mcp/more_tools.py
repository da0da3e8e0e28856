"""The tools of the further groups, which are switched on by name: replay, profile, project."""

from __future__ import annotations

import contextlib
import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import engine
from engine.control.handlers import RECORDING
from engine.ecs.fields import FieldType
from engine.ecs.terms import DataTerm
from engine.errors import GameError, did_you_mean
from engine.mcp import arguments as given
from engine.mcp.core_tools import Answer, Reply, offset, room
from engine.mcp.session import Session
from engine.mcp.texts import page, tame

TEST_SECONDS = 300
TEST_LINES = 60


def profile(session: Session, asked: given.Profile) -> Answer:
    """Run ticks and tell what each system cost; the state is as before afterwards."""
    session.call("control.save", name="profiled")
    before = _costs(session)
    told = session.call("control.run", ticks=asked.ticks)
    after = _costs(session)
    session.call("control.load", name="profiled")
    rows: list[list[Any]] = []
    for name, (calls, seconds) in after.items():
        was_calls, was_seconds = before.get(name, (0, 0.0))
        if calls > was_calls:
            spent = (seconds - was_seconds) * 1000
            rows.append([name, calls - was_calls, round(spent / (calls - was_calls), 4), round(spent, 2)])
    rows.sort(key=lambda row: -row[3])
    total = round(sum(row[3] for row in rows) / max(told["ran"], 1), 3)
    reply: Reply = {"ticks": told["ran"], "ms_a_tick": total, "columns": ["system", "calls", "ms_a_call", "ms"]}
    return Answer(page(reply, "systems", rows, 0, room(asked)))


def record(session: Session, asked: given.Record) -> Answer:
    """Write down the run from here on, edits and reloads included, so that it can be played again and compared."""
    return Answer(session.call("control.record", on=asked.do == "start"))


def replay(session: Session, asked: given.Replay) -> Answer:
    """Play the recording again in a process of its own; tell whether every tick came out the same, or what differs."""
    file = session.game.folder / RECORDING
    if not file.is_file():
        raise GameError("there is no recording", remedy="call record with start, run some ticks, and record with stop")
    command = [*session.game.launcher, "run", session.game.name, "--headless", "--replay", str(file)]
    status, lines = _run_beside([*command, *(["--verify"] if asked.verify else [])], session.game.folder)
    return Answer({"same": status == 0, "output": lines[-TEST_LINES:]})


def _run_beside(command: list[str], folder: Path) -> tuple[int, list[str]]:
    """Run a program to its end; return its exit status and what it says. Raises `GameError` if it takes too long."""
    silent = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TEST_SECONDS,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **silent},
        )
    except subprocess.TimeoutExpired as error:
        raise GameError(f"it takes longer than {TEST_SECONDS} s", remedy="ask for less") from error
    return done.returncode, [tame(line) for line in (done.stdout + done.stderr).splitlines()]


def _costs(session: Session) -> dict[str, tuple[int, float]]:
    return {name: (calls, seconds) for name, calls, seconds in session.call("control.costs")}


def new_module(session: Session, asked: given.NewModule) -> Answer:
    """Make a plugin or a system from its template in the game's folder; requiring it in module.toml loads it."""
    made = session.call("core.modules.create", kind=asked.kind, name=asked.name)
    return Answer({"folders": made, "next": f'add "{asked.kind}s.{asked.name}~=0.1" to requires of the game'})


def run_tests(session: Session, asked: given.RunTests) -> Answer:
    """Run the game's own tests in a process of their own."""
    folder = next(row["folder"] for row in session.call("core.modules.list") if row["room"] == "apps")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--rootdir", folder, folder]
    command += ["-k", asked.select] if asked.select else []
    status, lines = _run_beside(command, Path(folder))
    return Answer({"passed": status == 0, "status": status, "output": lines[-TEST_LINES:]})


def api(session: Session, asked: given.Api) -> Answer:
    """Explain a public name of the engine; without one, list them all with a line each."""
    if not asked.name:
        rows = [[name, _doc(getattr(engine, name)).partition("\n")[0]] for name in engine.__all__]
        start = offset(asked)
        return Answer(page({"columns": ["name", "what"]}, "names", rows[start:], start, room(asked)))
    if asked.name not in engine.__all__:
        remedy = did_you_mean(asked.name, engine.__all__) or "ask without a name for the list"
        raise GameError(f"engine has no public name {asked.name!r}", remedy=remedy)
    value: Any = getattr(engine, asked.name)
    reply: Reply = {"name": asked.name, "doc": _doc(value)}
    with contextlib.suppress(TypeError, ValueError):
        reply["signature"] = f"{asked.name}{inspect.signature(value)}"
    members = [name for name, _ in inspect.getmembers(value, callable) if not name.startswith("_")]
    return Answer(reply | ({"methods": members} if inspect.isclass(value) else {}))


def _doc(value: Any) -> str:
    """Return what a public name is: its docstring, or what its annotation stands for."""
    for mark in getattr(value, "__metadata__", ()):
        if isinstance(mark, DataTerm):
            return mark.doc
        if isinstance(mark, FieldType):
            several = f", {mark.shape[0]} numbers a row" if mark.shape else ""
            return f"The type of a field: {mark.dtype if mark.kind == 'number' else mark.kind}{several}."
    return inspect.getdoc(value) or ""


def game(session: Session, asked: given.Process) -> Answer:
    """Start, stop or restart the game's process; restart keeps the state, from_disk begins the game anew."""
    process = session.game
    process.wanted = asked.do != "stop"
    if asked.do == "stop":
        process.stop()
        return Answer({"process": process.how_it_ended})
    if asked.do == "from_disk":
        process.has_state = False
        session.changes.clear()
    if asked.do == "start":
        process.ensure()
    else:
        process.restart()
    session.call("core.app.status")
    return Answer({"process": process.how_it_ended})
