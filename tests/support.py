"""What tests share: where things are, and the environment of a machine on which nobody has set anything."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LAUNCHER = ROOT / "run_game.py"
DISPLAY = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "SDL_AUDIODRIVER", "SDL_VIDEO_DRIVER", "SDL_AUDIO_DRIVER")

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Call = Callable[..., Any]


def bare_environment() -> dict[str, str]:
    """Return the environment of a machine without display or sound, on which nobody has set anything."""
    return {name: value for name, value in os.environ.items() if name not in DISPLAY}
