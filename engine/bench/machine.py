"""What figures were measured on."""

from __future__ import annotations

import os
import platform
from datetime import date
from pathlib import Path

import numpy as np


def machine() -> str:
    """Describe processor, system and versions in a line."""
    python, system = platform.python_version(), platform.platform(terse=True)
    cores = os.cpu_count() or 1
    return (
        f"{processor()}, {cores} core{'s' * (cores > 1)}, {system}, Python {python}, numpy {np.__version__}, "
        f"{date.today().isoformat()}"
    )


def processor() -> str:
    """Return the name of the processor, as far as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    return platform.processor() or platform.machine()
