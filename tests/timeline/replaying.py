"""Play recordings again in a process of its own, and tell how each went: arguments are files, the answer is JSON.

What a recording was made of decides how it is played: those whose name ends in `.shown` are drawn in a window, at the
pace of play.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from engine.app import App
from engine.timeline.recording import read_recording
from engine.timeline.replay import RecordedCode, Replay


def replayed(path: Path) -> dict[str, Any]:
    """Play a recording to its end."""
    recording = read_recording(path)
    folder = Path(recording.header["folder"])
    shown = path.suffix == ".shown"
    with RecordedCode(recording, folder) as code:
        app = App(folder, headless=not shown, seed=recording.header["seed"], reload=False)
        with app:
            replay = app.replay = Replay(recording, code.folders, code.foreign)
            app.run(realtime=shown)
            reloads = [verdict.outcome for verdict in app.reloader.verdicts]
            return {"steps": len(recording.steps), "equal": replay.equal, "reloads": reloads, "hash": app.world.hash()}


if __name__ == "__main__":
    print(json.dumps({name: replayed(Path(name)) for name in sys.argv[1:]}))
