"""What every test can use: a quiet machine without display, and the command line in a process of its own."""

from __future__ import annotations

import functools
import gc
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from support import LAUNCHER, Run, bare_environment

from engine.reload import loader

# Tests draw off screen and make no sound, also on a machine with both.
os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["SDL_AUDIODRIVER"] = "dummy"
# What games keep is kept nowhere near what the person at this machine has kept.
os.environ["HOTLOOP_DATA"] = tempfile.mkdtemp(prefix="hotloop-tests-")
# Hundreds of apps load the same modules in one process; what a file's statements are hangs on its text alone.
loader.analyse = functools.lru_cache(maxsize=1024)(loader.analyse)


@pytest.fixture(autouse=True, scope="module")
def small_heap() -> None:
    """Spare garbage collection what earlier test files have left, as a game does with what its start has made."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def hotloop(tmp_path: Path) -> Run:
    """Run the command line: `hotloop("list", cwd=folder)`. It runs in an empty folder unless told otherwise."""

    def run(*arguments: object, cwd: Path = tmp_path, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(LAUNCHER), *map(str, arguments)]
        return subprocess.run(
            command,
            cwd=cwd,
            env=bare_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    return run
