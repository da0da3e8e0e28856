"""The report of a run: counts, times, reloads and the world's hash, as JSON."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from engine.app import App

FRAMES_KEPT = 36_000


@dataclass
class Meter:
    """How long frames took, in milliseconds: of a headless run, ticks."""

    milliseconds: deque[float] = field(default_factory=lambda: deque(maxlen=FRAMES_KEPT))
    frames: int = 0

    def add(self, seconds: float) -> None:
        """Count one frame."""
        self.frames += 1
        self.milliseconds.append(seconds * 1000)

    def summary(self) -> dict[str, float]:
        """Return the median, the 99th percentile and the maximum."""
        if not self.milliseconds:
            return {"p50": 0.0, "p99": 0.0, "max": 0.0}
        p50, p99, most = np.percentile(np.array(self.milliseconds), [50, 99, 100])
        return {"p50": round(float(p50), 3), "p99": round(float(p99), 3), "max": round(float(most), 3)}


def statistics(app: App) -> dict[str, Any]:
    """Return the report of an app as it stands."""
    world = app.world
    return {
        "game": app.name,
        "ticks": world.tick,
        "frames": app.meter.frames,
        "world_hash": world.hash(),
        "entities": len(world),
        "tables": world.table_count,
        "reloads": [verdict.to_json() for verdict in app.reloader.verdicts] if app.reloader else [],
        "systems": app.schedule.statistics(),
        "frame_ms": app.meter.summary(),
        "peak_rss_mb": peak_rss_mb(),
    }


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun, `many` being the plural of `one` where that takes more than an s."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def peak_rss_mb() -> float:
    """Return the most memory the process has held so far, in MiB; 0 where the platform does not tell."""
    try:
        import resource
    except ImportError:  # Windows has no such module
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def write_report(path: Path, report: dict[str, Any]) -> None:
    """Write a report so that a reader sees the old file or the new one, never half of it."""
    path = path.absolute()
    handle, temporary = tempfile.mkstemp(prefix=path.name, suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
