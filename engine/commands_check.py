"""`hotloop check`: find what is wrong without playing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from engine.check.problem import Problem
from engine.errors import GameError
from engine.reload.manifest import FILE_NAME, ROOMS
from engine.reload.places import builtin_modules, engine_folder, examples, find_game

PATIENCE = 60.0
"""Seconds that loading all files of a game may take."""


def check(path: str | None) -> int:
    """Check a game, or all built-in modules and every example; print a line for each problem, return 1 if any."""
    folders = [_game_of(path)] if path else [None, *_examples()]
    count = 0
    for folder in folders:
        for problem in examine(folder):
            print(problem)
            count += 1
    what = "1 problem" if count == 1 else f"{count or 'no'} problems"
    print(f"{what} in {path or 'the built-in modules and examples'}")
    return 1 if count else 0


def _game_of(path: str) -> Path | None:
    """Return the game to check for a path: of a module inside a game that game, of a built-in one None."""
    folder = Path(os.path.abspath(path))
    if folder.parent.name in ROOMS and (folder / FILE_NAME).is_file():
        if folder.parent.parent == builtin_modules():
            return None
        if folder.parent.parent.name == "modules":
            return find_game(folder.parents[2])
    return find_game(path)


def _examples() -> list[Path]:
    home = examples()
    return [folder for folder in sorted(home.iterdir()) if (folder / FILE_NAME).is_file()] if home.is_dir() else []


def examine(folder: Path | None, patience: float = PATIENCE) -> list[Problem]:
    """Examine a game's folder in another process and return the problems found."""
    with tempfile.TemporaryDirectory(prefix="hotloop-check-") as home:
        result = Path(home, "result")
        arguments = [str(result), *([str(folder)] if folder else [])]
        why = _run_helper(arguments, patience)
        lines = result.read_text(encoding="utf-8").splitlines() if result.exists() else []
    answers = [json.loads(line) for line in lines]
    if answers and isinstance(answers[-1], list):
        return [Problem(*fields) for fields in answers[-1]]
    if not answers:
        raise GameError("the check could not be made", why=why, remedy="run it again with more memory and time")
    return [Problem(answers[-1], 0, f"{why} while this file was loaded")]


def _run_helper(arguments: list[str], patience: float) -> str:
    """Run the helper process and say how it ended."""
    paths = [str(engine_folder().parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    # -P: nothing in the working directory may take the place of an installed package.
    command = [sys.executable, "-P", "-m", "engine.check.process", *arguments]
    try:
        # What the examined code prints is shown, but apart from the list of problems.
        done = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=patience)
    except subprocess.TimeoutExpired:
        return f"{patience:.0f} seconds passed"
    return f"the process ended with status {done.returncode}"
