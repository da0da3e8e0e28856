"""The game whose modules are saved: each version of a module can tell whether it runs whole."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from support import ROOT, bare_environment

PARTS = 20
LINKS = 3
"""How many of the modules are links to files outside the game's folder."""
PATIENCE = 60.0
"""Seconds after which a condition that does not come true has failed; how long it takes is no matter."""

APP = '''"""Twenty modules that are saved again and again."""

from engine import Update, system


@system(Update)
def live() -> None:
    pass
'''
PART = '''"""A module that knows its own sum."""

from engine import Update, system

NUMBER = {number}
VERSION = {version}


def whole() -> int:
    """Add up what this version is made of."""
    return VERSION + {calls}

{functions}
@system(Update)
def verify() -> None:
    if whole() != CHECK:
        raise AssertionError(f"half a file runs: {{NUMBER}} {{VERSION}}")


CHECK = {check}
'''


def content_of(number: int, version: int) -> bytes:
    """Return one version of a module: a sum over functions, and at the end what it must come to."""
    chance = Random(version * 100 + number)
    values = [chance.randrange(10**6) for _ in range(chance.randint(1, 12))]
    functions = "".join(f"\ndef f{number}_{at}() -> int:\n    return {value}\n\n" for at, value in enumerate(values))
    calls = " + ".join(f"f{number}_{at}()" for at in range(len(values)))
    check = version + sum(values)
    return PART.format(number=number, version=version, calls=calls, functions=functions, check=check).encode()


def make_game(home: Path) -> list[Path]:
    """Write the game and return the file of each of its modules."""
    game, outside = home / "saved", home / "outside"
    outside.mkdir(parents=True)
    names = [f"part_{number:02}" for number in range(PARTS)]
    for number, name in enumerate(names):
        folder = game / "modules" / "plugins" / name
        folder.mkdir(parents=True)
        (folder / "module.toml").write_text('version = "1.0.0"\n')
        if number >= PARTS - LINKS:
            (outside / f"{name}_0.py").write_bytes(content_of(number, 0))
            (folder / "__init__.py").symlink_to(outside / f"{name}_0.py")
        else:
            (folder / "__init__.py").write_bytes(content_of(number, 0))
    requires = ", ".join(f'"plugins.{name}~=1.0"' for name in names)
    (game / "module.toml").write_text(f'version = "0.1.0"\nrequires = [{requires}]\n')
    (game / "__init__.py").write_text(APP)
    return [game / "modules" / "plugins" / name / "__init__.py" for name in names]


class Play:
    """The game in a process of its own, and what that process tells line by line."""

    def __init__(self, home: Path) -> None:
        self.home, self.lines = home, home / "told.jsonl"
        self.lines.touch()
        self._read = 0
        self.told: list[dict[str, Any]] = []
        driver = Path(__file__).with_name("driver.py")
        command = [sys.executable, str(driver), str(home / "saved"), str(self.lines)]
        self.log = (home / "log.txt").open("w")
        environment = dict(bare_environment(), PYTHONPATH=str(ROOT))
        self.process = subprocess.Popen(
            command, cwd=home, env=environment, stdin=subprocess.PIPE, stdout=self.log, stderr=subprocess.STDOUT
        )

    def __enter__(self) -> Play:
        self.wait("the game runs", lambda: any(self.of("started")))
        return self

    def __exit__(self, *exc: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.read()

    def read(self) -> None:
        """Take in the whole lines that were written since."""
        with self.lines.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        self.told += [json.loads(line) for line in whole.splitlines()]

    def of(self, kind: str) -> Iterator[dict[str, Any]]:
        """Return what was told of one kind so far."""
        self.read()
        return (one for one in self.told if one["kind"] == kind)

    def running(self) -> dict[int, int]:
        """Return which version of each module runs."""
        return {one["part"]: one["version"] for one in self.of("runs")}

    def wait(self, what: str, condition: Callable[[], Any]) -> Any:
        """Return the first true value of a condition; fail when it does not come."""
        end = time.monotonic() + PATIENCE
        while not (value := condition()):
            assert self.process.poll() is None, f"the game ended: {self.output()}"
            assert time.monotonic() < end, f"not in time: {what}\n{self.output()}"
            time.sleep(0.01)
        return value

    def output(self) -> str:
        """Return what the process has printed."""
        return (self.home / "log.txt").read_text()[-3000:]
