"""Which edits of the engine's own files are patched, and which are not; and how a process is executed anew."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import ROOT

from engine.reload.sticky import STICKY, lasting_frames, sticky_reason, why_not_in_place

OLD = b'''"""A file."""

import math

LIMIT = 5


class Base:
    """A class."""

    size: int = 1

    def __init__(self) -> None:
        self.name = "a"

    def grow(self) -> int:
        return self.size


def helper(value: int) -> float:
    return math.sqrt(value)
'''
SAFE = {
    "a body": ("return self.size", "return self.size + 1"),
    "a function": ("math.sqrt(value)", "math.floor(value)"),
    "a parameter": ("helper(value: int)", "helper(value: int = 2)"),
    "an import": ("import math", "import math\nimport os"),
    "a new method": ("    def grow", "    def shrink(self) -> None: ...\n\n    def grow"),
    "a new function": ("def helper", "def other() -> None: ...\n\n\ndef helper"),
    "words": ('"""A class."""', '"""Another."""'),
    "no Python": ("def helper(", "def helper(("),
}
NOT_SAFE = {
    "a value": ("LIMIT = 5", "LIMIT = 6"),
    "a field": ("size: int = 1", "size: int = 2"),
    "a new field": ("size: int = 1", "size: int = 1\n    more: int = 1"),
    "slots": ("size: int = 1", "__slots__ = ('name',)"),
    "how objects are built": ('self.name = "a"', 'self.name = "b"'),
    "a base": ("class Base:", "class Base(dict):"),
    "a decorator": ("def helper", "@staticmethod\ndef helper"),
    "a name that goes": ("def helper", "def aide"),
    "a method that goes": ("def grow", "def swell"),
    "an import that goes": ("import math", "import cmath"),
}


def reason(old: str, new: str, file: str = "inputs.py") -> str | None:
    """Return why an edit of a file is not patched."""
    changed = OLD.replace(old.encode(), new.encode())
    assert changed != OLD
    return why_not_in_place(file, Path("/engine") / file, OLD, changed, [])


@pytest.mark.parametrize("edit", SAFE.values(), ids=SAFE)
def test_bodies_and_additions_are_patched(edit: tuple[str, str]) -> None:
    assert reason(*edit) is None


@pytest.mark.parametrize("edit", NOT_SAFE.values(), ids=NOT_SAFE)
def test_what_lives_in_objects_is_not(edit: tuple[str, str]) -> None:
    assert reason(*edit)


def test_a_deleted_file_is_not() -> None:
    assert why_not_in_place("inputs.py", Path("inputs.py"), OLD, None, [])


def test_a_function_that_goes_on_running_is_not() -> None:
    scope: dict[str, Any] = {}
    source = b"def loop(then):\n    then()\n"
    exec(compile(source, "/engine/here.py", "exec"), scope)
    found = []
    scope["loop"](lambda: found.extend(lasting_frames("loop", "/engine/here.py")))
    new = source.replace(b"    then()", b"    then() or 1")
    assert why_not_in_place("here.py", Path("/engine/here.py"), source, new, found) == "loop is running"
    assert why_not_in_place("here.py", Path("/engine/here.py"), source, new, []) is None


def test_a_function_whose_inner_functions_live_is_not() -> None:
    scope: dict[str, Any] = {}
    source = b"def make(one):\n    def inner():\n        return one\n    return inner\n"
    exec(compile(source, "/engine/here.py", "exec"), scope)
    new = source.replace(b"return one", b"return one + 1")
    assert why_not_in_place("here.py", Path("/engine/here.py"), source, new, []) is None
    kept = scope["make"](1)
    assert why_not_in_place("here.py", Path("/engine/here.py"), source, new, []) == "make made functions that live"
    assert kept() == 1


def test_the_sticky_files_are_few_and_there() -> None:
    assert len(STICKY) <= 10
    for file, why in STICKY.items():
        assert (ROOT / "engine" / file).exists()
        assert why
        assert sticky_reason(file + "loader.py" if file.endswith("/") else file) == why
        if not file.endswith("/"):
            assert reason("return self.size", "return 2", file) == why
    assert sticky_reason("app.py") is None


KEPT = """
import os, sys
from pathlib import Path
from engine.reload import reexec

reexec.CAN_REPLACE = False
launch = reexec.Launch.of_this_process()
count = int(Path("count").read_text()) + 1 if Path("count").exists() else 1
Path("count").write_text(str(count))
print(count, os.environ.get(reexec.VARIABLE), sys.stdin.readline().strip(), flush=True)
if count < 3:
    folder = Path(f"folder{count}")
    folder.mkdir()
    reexec.execute(launch, folder)
sys.exit(5)
"""


def test_where_a_process_cannot_be_replaced_the_first_one_starts_the_next_ones(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(KEPT)
    done = subprocess.run(
        [sys.executable, "-u", "program.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        input="",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 5, done.stderr
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["1", "None"],
        ["2", "folder1"],
        ["3", "folder2"],
    ]
    assert json.loads((tmp_path / "count").read_text()) == 3
