"""The sounds and tunes of the platformer: plucks, thumps, a marimba and a soft pad."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RATE = 22_050
TUNE_RATE = 11_025
SEED = 5
A4 = 440.0


def sounds(folder: Path) -> None:
    """Write every sound as 16-bit mono WAV."""
    rng = np.random.default_rng(SEED)
    made = {
        "jump": jump(),
        "land": land(rng),
        "step": step(rng),
        "coin": coin(),
        "squash": squash(rng),
        "spring": spring(),
        "lost": lost(rng),
        "bloom": arpeggio([0, 4, 7, 12], 0.07),
        "home": arpeggio([0, 4, 7, 12, 7, 12, 16], 0.11),
        "over": arpeggio([7, 3, 0, -5], 0.2),
    }
    for name, samples in made.items():
        write(folder / f"{name}.wav", samples, RATE)
    write(folder / "tune_day.wav", tune(DAY_CHORDS, DAY_MELODY, 132, bright=True), TUNE_RATE)
    write(folder / "tune_night.wav", tune(NIGHT_CHORDS, NIGHT_MELODY, 104, bright=False), TUNE_RATE)


def write(path: Path, samples: Array, rate: int, peak: float = 0.8) -> None:
    """Scale to a peak and write the file; sounds that are no loops are faded out at their end."""
    samples = samples / max(float(np.abs(samples).max()), 1e-9) * peak
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(samples * 32_767).astype("<i2").tobytes())


def seconds(length: float, rate: int = RATE) -> Array:
    """Return the time of every sample."""
    return np.arange(round(length * rate)) / rate


def sine(frequency: Array | float, t: Array, rate: int = RATE) -> Array:
    """Return a sine whose frequency may change."""
    return np.sin(2 * np.pi * np.cumsum(np.broadcast_to(frequency, t.shape)) / rate)


def fade(samples: Array, rate: int = RATE) -> Array:
    """Let the beginning and the end be silent."""
    n = min(len(samples) // 2, rate // 100)
    samples = samples.copy()
    samples[:n] *= np.linspace(0, 1, n)
    samples[-2 * n :] *= np.linspace(1, 0, 2 * n) if 2 * n <= len(samples) else 1
    return samples


def low_pass(samples: Array, cutoff: float, rate: int = RATE) -> Array:
    """Take away what is higher, by a smooth slope in the spectrum."""
    spectrum = np.fft.rfft(samples)
    frequency = np.fft.rfftfreq(len(samples), 1 / rate)
    return np.fft.irfft(spectrum / (1 + (frequency / cutoff) ** 2), len(samples))


def note(step: float) -> float:
    """Return the frequency of a note so many half-tones above the a."""
    return A4 * 2 ** (step / 12)


def jump() -> Array:
    """A springy rise."""
    t = seconds(0.2)
    pitch = 240 + 420 * (t / 0.2) ** 0.7
    return fade((sine(pitch, t) + 0.3 * sine(2 * pitch, t)) * np.exp(-t * 9) * np.minimum(t * 300, 1))


def land(rng: np.random.Generator) -> Array:
    """A soft thump in grass."""
    t = seconds(0.16)
    thump = sine(130 * np.exp(-t * 14) + 45, t) * np.exp(-t * 24)
    grass = low_pass(rng.standard_normal(t.size), 1900) * np.exp(-t * 34) * 0.9
    return fade(thump + grass)


def step(rng: np.random.Generator) -> Array:
    """A footstep."""
    t = seconds(0.07)
    return fade(low_pass(rng.standard_normal(t.size), 1400) * np.exp(-t * 70) + 0.5 * sine(160, t) * np.exp(-t * 60))


def pluck(frequency: float, t: Array, rate: int, bright: float = 1.0) -> Array:
    """A bar of wood, struck: its tone and the two overtones that tuning leaves it."""
    body = np.sin(2 * np.pi * frequency * t) * np.exp(-t * 5.5)
    body += 0.35 * bright * np.sin(2 * np.pi * 3.93 * frequency * t) * np.exp(-t * 17)
    body += 0.12 * bright * np.sin(2 * np.pi * 9.2 * frequency * t) * np.exp(-t * 40)
    return body * np.minimum(t * rate / 40, 1)


def coin() -> Array:
    """A drop of dew, bright and short."""
    t = seconds(0.42)
    second = np.where(t > 0.06, 1.0, 0.0)
    first_part = pluck(note(10), t, RATE, 0.6) * np.exp(-t * 6)
    return fade(first_part + second * np.roll(pluck(note(15), t, RATE, 0.6), round(0.06 * RATE)))


def squash(rng: np.random.Generator) -> Array:
    """Something soft gives way."""
    t = seconds(0.28)
    pitch = 520 * np.exp(-t * 11) + 70
    body = np.tanh(2 * sine(pitch, t)) * np.exp(-t * 12)
    return fade(low_pass(body, 1800) + 0.5 * low_pass(rng.standard_normal(t.size), 2600) * np.exp(-t * 40))


def spring() -> Array:
    """A boing: a rise with a wobble that dies down."""
    t = seconds(0.5)
    pitch = (190 + 520 * (1 - np.exp(-t * 7))) * (1 + 0.12 * np.sin(2 * np.pi * 19 * t) * np.exp(-t * 7))
    return fade((sine(pitch, t) + 0.35 * sine(2 * pitch, t)) * np.exp(-t * 5) * np.minimum(t * 200, 1))


def lost(rng: np.random.Generator) -> Array:
    """A fall, and leaves scattering."""
    t = seconds(0.85)
    fall = sine(90 + 560 * np.exp(-t * 4.2), t) * np.exp(-t * 4) * (1 + 0.3 * np.sin(2 * np.pi * 13 * t))
    leaves = low_pass(rng.standard_normal(t.size), 4200) * np.exp(-t * 6) * (0.4 + 0.6 * (np.sin(60 * t) > 0.2))
    return fade(fall + 0.5 * leaves)


def arpeggio(steps: Sequence[int], every: float) -> Array:
    """A few notes one after the other, each ringing on."""
    t = seconds(every * len(steps) + 0.9)
    whole = np.zeros(t.size)
    for index, half_tones in enumerate(steps):
        start = round(index * every * RATE)
        rest = t[: t.size - start]
        whole[start:] += pluck(note(half_tones - 5), rest, RATE) + 0.4 * pluck(note(half_tones + 7), rest, RATE, 0.4)
    return fade(whole)


# ------------------------------------------------------------------ tunes

# Half-tones above the a, None for a rest; a melody has eight notes a bar, as long as the next one is a rest.
DAY_CHORDS = ((3, 7, 10), (8, 12, 15), (0, 3, 7), (10, 14, 17), (3, 7, 10), (8, 12, 15), (5, 8, 12), (10, 14, 17))
DAY_MELODY = (
    (15, None, 19, 22, None, 19, 15, None),
    (20, None, 19, 17, None, 15, 12, None),
    (15, None, 12, 15, 19, None, 15, None),
    (17, None, 14, None, 10, None, None, None),
    (15, None, 19, 22, None, 24, 22, None),
    (20, None, 24, 27, None, 24, 20, None),
    (19, 17, 15, None, 17, None, 20, None),
    (22, None, 17, None, 15, None, None, None),
)
NIGHT_CHORDS = ((0, 3, 7), (-4, 0, 3), (3, 7, 10), (-2, 2, 5), (0, 3, 7), (5, 8, 12), (-4, 0, 3), (-5, -1, 2))
NIGHT_MELODY = (
    (12, None, None, 15, None, None, 19, None),
    (17, None, 15, None, 12, None, None, None),
    (15, None, None, 19, None, None, 22, None),
    (20, None, 19, None, 14, None, None, None),
    (12, None, None, 15, None, 19, None, 24),
    (None, None, 20, None, 17, None, None, None),
    (15, None, 12, None, 8, None, 12, None),
    (11, None, None, None, 7, None, None, None),
)


def tune(
    chords: Sequence[tuple[int, ...]], melody: Sequence[Sequence[int | None]], beats: float, bright: bool
) -> Array:
    """Play chords, bass and melody as a loop: what rings on at the end is heard at the beginning."""
    eighth = 60 / beats / 2
    total = round(eighth * 8 * len(chords) * TUNE_RATE)
    whole = np.zeros(total)

    def put(sound: Array, start: float, loud: float) -> None:
        at = (round(start * TUNE_RATE) + np.arange(sound.size)) % total
        np.add.at(whole, at, sound * loud)

    ring = seconds(1.6, TUNE_RATE)
    for bar, (chord, line) in enumerate(zip(chords, melody, strict=True)):
        start = bar * 8 * eighth
        pad = seconds(eighth * 8 + 0.5, TUNE_RATE)
        swell = np.minimum(pad / 0.35, 1) * np.clip((pad[-1] - pad) / 0.5, 0, 1)
        for half_tones in chord:
            tone = np.sin(2 * np.pi * note(half_tones - 24) * pad) + 0.4 * np.sin(
                2 * np.pi * note(half_tones - 12) * pad
            )
            put(tone * swell, start, 0.10 if bright else 0.15)
        for beat in (0, 3, 4, 6) if bright else (0, 4):
            put(np.sin(2 * np.pi * note(chord[0] - 36) * ring) * np.exp(-ring * 5), start + beat * eighth, 0.42)
        for beat in range(8) if bright else range(0, 8, 2):
            put(pluck(note(chord[(beat * 2) % 3] - 12), ring, TUNE_RATE, 0.5), start + beat * eighth, 0.10)
        for beat, half_tones in enumerate(line):
            if half_tones is not None:
                put(pluck(note(half_tones - 12), ring, TUNE_RATE), start + beat * eighth, 0.34)
    return np.tanh(whole * 1.1)
