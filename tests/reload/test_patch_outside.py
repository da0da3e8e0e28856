"""What code changes outside the modules while it is executed: put back when it is refused or undone, else named."""

from __future__ import annotations

import math
import os
import random
import signal
import sys

import numpy as np
import pytest
from program import Program

from engine.errors import ReloadError

MEDDLING = """
import math, os, random, signal, sys
import numpy as np
os.chdir("/")
os.environ["HOTLOOP_MEDDLED"] = "1"
random.seed(5)
np.random.seed(5)
math.meddled = 1
sys.path.append("/nowhere")
sys.setrecursionlimit(1234)
signal.signal(signal.SIGTERM, lambda *a: None)
"""


def surroundings() -> list[object]:
    return [
        os.getcwd(),
        os.environ.get("HOTLOOP_MEDDLED"),
        random.getstate(),
        np.random.get_state()[1].tobytes(),  # type: ignore[union-attr, index]
        hasattr(math, "meddled"),
        list(sys.path),
        sys.getrecursionlimit(),
        signal.getsignal(signal.SIGTERM),
    ]


def test_a_refused_edit_changes_nothing_outside(program: Program) -> None:
    program.write(module="X = 1\n")
    program.load("module")
    before = surroundings()
    with pytest.raises(ReloadError):
        program.edit(module=MEDDLING + "1 / 0\n")
    assert surroundings() == before


def test_an_edit_names_what_it_changed_outside_and_undo_puts_it_back(program: Program) -> None:
    program.write(module="X = 1\n")
    program.load("module")
    before = surroundings()
    patch = program.edit(module=MEDDLING)
    notes = "\n".join(patch.notes)
    for word in ("working directory", "HOTLOOP_MEDDLED", "random state", "math.meddled", "sys.path", "recursion limit"):
        assert word in notes
    assert f"signal {int(signal.SIGTERM)}" in notes
    patch.undo()
    assert surroundings() == before


def test_a_started_thread_is_named(program: Program) -> None:
    program.write(module="X = 1\n")
    module = program.load("module")
    start = (
        "import threading\n"
        "DONE = threading.Event()\n"
        "T = threading.Thread(target=DONE.wait, args=(0.5,), name='worker-7', daemon=True)\n"
        "T.start()\n"
    )
    patch = program.edit(module=start)
    assert any("worker-7" in note for note in patch.notes)
    module.T.join()
    with pytest.raises(ReloadError, match="worker-8"):
        program.edit(module=start.replace("worker-7", "worker-8") + "1 / 0\n")


def test_an_edit_of_a_body_looks_at_nothing_outside(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program.write(module="def f():\n    return 1\n")
    module = program.load("module")
    monkeypatch.setattr("engine.reload.batch.Outside", None)
    assert program.edit(module="def f():\n    return 2\n").notes == []
    assert module.f() == 2
