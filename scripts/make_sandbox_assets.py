"""Make the sounds of examples/sandbox: `python scripts/make_sandbox_assets.py`, the same ones each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from asteroids_art.neon import Array
from asteroids_art.sounds import RATE, blast, low_pass, seconds, tone, write

ASSETS = Path(__file__).resolve().parent.parent / "examples/sandbox/assets"
CHORDS = ((220.0, 329.6, 493.9), (174.6, 261.6, 440.0), (196.0, 293.7, 392.0), (164.8, 246.9, 415.3))
CHORD_SECONDS = 3.0


def main() -> int:
    """Write every sound."""
    rng = np.random.default_rng(288)
    t = seconds(0.09)
    drop = tone(np.linspace(420, 950, t.size), t) * np.exp(-t * 45)
    write(ASSETS / "drop.wav", drop)
    write(ASSETS / "grain.wav", low_pass(rng.normal(0, 1, t.size), 2600.0) * np.exp(-t * 30))
    write(ASSETS / "knock.wav", tone(180.0, t) * np.exp(-t * 70) + 0.2 * rng.normal(0, 1, t.size) * np.exp(-t * 200))
    write(ASSETS / "crackle.wav", crackle(rng))
    t = seconds(0.5)
    noise = rng.normal(0, 1, t.size)
    write(ASSETS / "hiss.wav", (noise - low_pass(noise, 2200.0)) * np.exp(-t * 8) * np.minimum(1, t * 30), peak=0.6)
    t = seconds(2.2)
    gong = sum(tone(f, t) * np.exp(-t * d) / n for n, (f, d) in enumerate(((196, 1.5), (294, 2.2), (523, 3.5)), 1))
    write(ASSETS / "gong.wav", np.asarray(gong))
    write(ASSETS / "bang.wav", blast(rng, 0.9, 700, 58))
    write(ASSETS / "drift.wav", drift(), peak=0.6)
    return 0


def crackle(rng: np.random.Generator) -> Array:
    """A handful of tiny bursts."""
    t = seconds(0.22)
    sound = np.zeros(t.size)
    for start in rng.uniform(0, 0.17, 9):
        at = np.maximum(t - start, 0)
        sound += rng.uniform(0.3, 1) * rng.normal(0, 1, t.size) * (t >= start) * np.exp(-at * rng.uniform(150, 500))
    return low_pass(sound, 5200.0)


def drift() -> Array:
    """Four soft chords that flow into each other and back into the first, as 12 seconds that can be looped."""
    length = round(CHORD_SECONDS * len(CHORDS) * RATE)
    music = np.zeros(length)
    for number, chord in enumerate(CHORDS):
        t = seconds(CHORD_SECONDS * 1.6)
        swell = np.sin(np.pi * t / t[-1]) ** 1.2
        for voice, pitch in enumerate(chord):
            vibrato = pitch * (1 + 0.002 * np.sin(2 * np.pi * (0.7 + 0.2 * voice) * t))
            notes = (tone(vibrato, t) + 0.35 * tone(vibrato * 2, t) + 0.4 * tone(vibrato / 2, t)) * swell
            at = (np.arange(t.size) + round(number * CHORD_SECONDS * RATE)) % length
            np.add.at(music, at, notes / (1 + voice))
    return low_pass(music, 1500.0)


if __name__ == "__main__":
    raise SystemExit(main())
