"""Make the sounds that the examples share: `python scripts/make_shared_sounds.py`, the same ones each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from asteroids_art.neon import Array
from asteroids_art.sounds import RATE, low_pass, seconds, tone, write

ASSETS = Path(__file__).resolve().parent.parent / "assets"
ROOTS = (110.0, 87.3, 130.8, 98.0)  # A minor, F, C, G
STEPS = ((0, 12, 15, 19, 24, 19, 15, 12), (0, 12, 16, 19, 24, 19, 16, 12), (0, 12, 16, 19, 24, 19, 16, 12))
BEAT = 0.125  # seconds of a note


def main() -> int:
    """Write every sound."""
    ASSETS.mkdir(exist_ok=True)
    t = seconds(0.45)
    bell = sum(
        tone(659.3 * part, t) * np.exp(-t * fall) / n for n, part, fall in ((1, 1, 8), (2, 2.01, 12), (4, 5.4, 30))
    )
    write(ASSETS / "chime.wav", np.asarray(bell))
    t = seconds(0.12)
    write(ASSETS / "tock.wav", tone(np.linspace(320, 190, t.size), t) * np.exp(-t * 38))
    t = seconds(0.7)
    write(ASSETS / "fall.wav", tone(np.geomspace(520, 90, t.size), t) * np.exp(-t * 3) * (1 + 0.3 * tone(23.0, t)))
    write(ASSETS / "neon_loop.wav", loop(), peak=0.6)
    (ASSETS / "ORIGIN.md").write_text("The sounds are made by `scripts/make_shared_sounds.py`.\n", encoding="utf-8")
    return 0


def loop() -> Array:
    """Bass and an arpeggio over four chords, as eight seconds that can be looped."""
    length = round(BEAT * 16 * len(ROOTS) * RATE)
    music = np.zeros(length)

    def play(at: float, notes: Array) -> None:
        where = (np.arange(notes.size) + round(at * RATE)) % length
        np.add.at(music, where, notes)

    for bar, root in enumerate(ROOTS):
        steps = STEPS[0] if bar == 0 else STEPS[1]
        for note in range(16):
            at = (bar * 16 + note) * BEAT
            t = seconds(0.5)
            pitch = 2 * root * 2 ** (steps[note % 8] / 12)
            pluck = (tone(pitch, t) + 0.4 * tone(2 * pitch, t)) * np.exp(-t * 9)
            play(at, pluck * (0.34 if note % 4 else 0.5))
            if note % 2 == 0:
                bass = tone(root / 2, t) + 0.5 * tone(root, t) + 0.25 * tone(1.5 * root, t)
                play(at, low_pass(bass, 600.0) * np.exp(-t * 7) * 1.1)
    return low_pass(music, 4200.0)


if __name__ == "__main__":
    raise SystemExit(main())
