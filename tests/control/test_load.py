"""What the port costs a game that is looked at all the time, and how soon one that hangs answers."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from playing import Game, connected
from support import bare_environment

pytestmark = pytest.mark.long

SECONDS = 60.0
CALLS, PICTURES = 50, 1
"""A second."""


def pressed(place: Path, process: subprocess.Popen[bytes], seconds: float) -> tuple[int, int, int]:
    """Look at a game for some seconds; return the ticks before and after, and how many calls there were."""
    client, other = connected(place, process), connected(place, process)
    first, end, calls = client.call("core.app.status")["tick"], time.monotonic() + seconds, 0

    def look() -> None:
        while time.monotonic() < end:
            other.call("control.picture")
            time.sleep(1 / PICTURES)

    thread = threading.Thread(target=look)
    thread.start()
    due = time.monotonic()
    while time.monotonic() < end:
        client.call("control.query", components=["Rock"], where="Position.x > 480", limit=20)
        calls, due = calls + 1, due + 1 / CALLS
        time.sleep(max(0.0, due - time.monotonic()))
    thread.join()
    last = client.call("core.app.status")["tick"]
    client.close()
    other.close()
    return first, last, calls


def test_looking_all_the_time_costs_next_to_nothing() -> None:
    place = Path(tempfile.mkdtemp(prefix="hotloop-test-"))
    report = place / "frames.json"
    environment = bare_environment() | {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    program = str(Path(__file__).with_name("loaded.py"))
    process = subprocess.Popen([sys.executable, program, "asteroids", str(place), str(report)], env=environment)
    with connected(place, process) as client:
        warm = client.call("core.app.status")["tick"] + 60
        while client.call("core.app.status")["tick"] < warm:
            pass
        time.sleep(SECONDS / 4)  # idle frames to compare with
        first, last, calls = pressed(place, process, SECONDS)
        client.call("core.apps.leave")
    process.wait(30)
    frames = np.array(json.loads(report.read_text()))
    ticks, frames = frames[:, 3], frames[:, :3] * 1000
    idle, loaded = frames[(ticks > warm + 5) & (ticks < first - 5)], frames[(ticks >= first) & (ticks < last)]
    assert len(idle) > 300
    added = loaded - np.median(idle, axis=0)
    shown = {
        "frames": len(loaded),
        "calls": calls,
        "added_cpu_ms": np.percentile(added[:, 2], [50, 99, 99.9]).round(3).tolist(),
        "added_wall_ms": np.percentile(added[:, 1], [50, 99, 99.9]).round(3).tolist(),
        "frame_ms_idle": np.percentile(idle[:, 0], [50, 99]).round(2).tolist(),
        "frame_ms_loaded": np.percentile(loaded[:, 0], [50, 99]).round(2).tolist(),
    }
    assert calls > 0.8 * CALLS * SECONDS, shown
    print(json.dumps(shown))
    assert shown["added_cpu_ms"][2] <= 2.0, shown


def test_a_game_that_hangs_tells_so_at_once(asteroids: Game) -> None:
    client, place = asteroids.client, asteroids.place
    hud = "apps.asteroids/hud.py"
    sha = client.call("control.read", path=hud)["sha"]
    hanging = '    """Write the score."""\n    while True: pass\n'
    change = {"path": hud, "sha": sha, "old": '    """Write the score."""\n', "new": hanging}
    thread = threading.Thread(target=lambda: client.call("control.write", files=[change], timeout=60.0))
    took = []
    with connected(place) as other:
        thread.start()
        while thread.is_alive() and len(took) < 100:
            begin = time.monotonic()
            running = other.call("control.status")["running"]
            if running == "app.hud.show_score":
                took.append(time.monotonic() - begin)
            time.sleep(0.01)
    thread.join()
    print(json.dumps({"status_ms": [round(1000 * one, 1) for one in sorted(took)]}))
    assert len(took) > 3
    assert np.median(took) < 0.2
