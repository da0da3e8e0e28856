"""Record docs/time.gif: in a copy of Asteroids time goes back, a stretch is looped, and the ship is tuned meanwhile.

    python scripts/make_time_gif.py [--out FILE]

The upper part is what the game's window shows, with the bar and the ghost; the lower part is the file as it lies on
disk, with the edits being typed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from make_gif import GAME, ROOT, TICKS_A_FRAME, Edit, Recorder, write

from engine import Entity
from engine.inputs import Script

INPUT: Script = {
    5: [["key", "down", "space"]],
    8: [["key", "up", "space"]],
    150: [["key", "down", "right"]],
    164: [["key", "up", "right"], ["key", "down", "up"]],
    196: [["key", "down", "right"]],
    216: [["key", "up", "right"]],
    250: [["key", "up", "up"], ["key", "down", "space"]],
    254: [["key", "up", "space"]],
}
LOOP = (152, 254)
BEFORE = 264
SCENES = (
    Edit("THRUST = 380.0", "THRUST = 640.0", before=1.7, after=1.9),
    Edit("TURN = 4.4", "TURN = 7.5", before=0.1, after=2.1),
)
LINE = SCENES[0].old


class TimeRecorder(Recorder):
    """Runs the game, and does to its time what a person at the window would."""

    def frame(self, line: str, near: str) -> None:
        """Give the ghost the slices of the frames that are left out here, then do as for any frame."""
        for _ in range(TICKS_A_FRAME - 1):
            self.app.timeline.work()
        super().frame(line, near)

    def press(self, what: str, seconds: float, *values: float) -> None:
        """Press a key of time and watch."""
        self.app.host_event(what, *values)
        line = next(text for text in self.file.read_text(encoding="utf-8").splitlines() if LINE in text)
        self.watch(seconds, line, LINE)

    def ship(self) -> int:
        """Return the id of the ship."""
        kind = sys.modules[f"modules.apps.{self.app.name}.ship"].Ship
        return int(next(iter(self.app.world.query(Entity, kind)))[0][0])


def main() -> None:
    """Record and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "time.gif")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        game = Path(home) / GAME.name
        shutil.copytree(GAME, game, ignore=shutil.ignore_patterns("__pycache__"))
        recorder = TimeRecorder(game, "ship.py", INPUT)
        app = recorder.app
        try:
            app.step(BEFORE)
            recorder.next_frame = perf_counter()
            recorder.press("f4", 1.0)
            recorder.press("f4 up", 0.3)
            app.timeline.set_loop(*LOOP)
            app.paused = False
            app.bus.call("time.ghost", entities=[recorder.ship()])
            for edit in SCENES:
                recorder.play(edit)
        finally:
            app.close()
        write(recorder.pictures, options.out)
    print(f"{options.out}: {len(recorder.pictures)} frames, {options.out.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
