"""What every test can use: a quiet machine without display, and the command line in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# Tests draw off screen and make no sound, also on a machine with both.
os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["SDL_AUDIODRIVER"] = "dummy"

ROOT = Path(__file__).parent.parent
LAUNCHER = ROOT / "run_game.py"
DISPLAY = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "SDL_AUDIODRIVER", "SDL_VIDEO_DRIVER", "SDL_AUDIO_DRIVER")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def bare_environment() -> dict[str, str]:
    """Return the environment of a machine without display or sound, on which nobody has set anything."""
    return {name: value for name, value in os.environ.items() if name not in DISPLAY}


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
