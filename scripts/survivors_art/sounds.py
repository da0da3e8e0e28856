"""The sounds and the music of Survivors, synthesised."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from asteroids_art.neon import Array
from asteroids_art.sounds import RATE, blast, fanfare, low_pass, room, seconds, tone, write

TEMPO = 126.0  # beats a minute
CHORDS = ((57, 60, 64, 69), (53, 57, 60, 65), (50, 57, 62, 65), (52, 56, 59, 64))  # A minor, F, D minor, E; MIDI notes
BARS = 8
MUSIC_RATE = 16_000


def sounds(folder: Path, rng: np.random.Generator) -> None:
    """Write every sound and the music into `folder`."""
    made = {
        "spark": zap(rng, 900, 2100, 0.13),
        "blade": swish(rng, 0.22),
        "shards": zap(rng, 1600, 3400, 0.16),
        "nova": boom(rng, 0.7),
        "meteor": blast(rng, 0.8, 620, 58),
        "hit": thud(rng),
        "die": pop(rng),
        "gem": chime(1318.5),
        "hurt": hurt(rng),
        "level": fanfare(rng, [440.0, 554.4, 659.3, 880.0, 1108.7], 0.075, 0.6),
        "choose": fanfare(rng, [659.3, 987.8], 0.08, 0.4),
        "heart": fanfare(rng, [523.3, 784.0], 0.09, 0.4),
        "boss": roar(rng),
        "over": fanfare(rng, [329.6, 311.1, 261.6, 196.0, 164.8], 0.24, 1.1),
    }
    for name, samples in made.items():
        write(folder / f"{name}.wav", samples)
    save_music(folder / "night.wav", music(rng))


def zap(rng: np.random.Generator, low: float, high: float, length: float) -> Array:
    """A bolt that leaves: a quick fall in pitch, with sparkle."""
    t = seconds(length)
    body = tone(low + (high - low) * np.exp(-t * 34), t) + 0.3 * tone(low * 2.01 + high * np.exp(-t * 50), t)
    grit = low_pass(rng.standard_normal(t.size), 6_000) * np.exp(-t * 70)
    return low_pass(body * np.exp(-t * 24) + 0.5 * grit, 5_200) * np.minimum(t * 700, 1)


def swish(rng: np.random.Generator, length: float) -> Array:
    """A blade through the air."""
    t = seconds(length)
    air = rng.standard_normal(t.size)
    shape = np.sin(np.pi * t / length) ** 2
    return (low_pass(air, 900 + 3_200 * shape) - low_pass(air, 500)) * shape


def boom(rng: np.random.Generator, length: float) -> Array:
    """A wave that leaves in all directions."""
    t = seconds(length)
    low = tone(46 + 130 * np.exp(-t * 14), t) * np.exp(-t * 5)
    shimmer = sum(tone(f * (1 + 0.3 * np.exp(-t * 6)), t) for f in (523.3, 659.3, 784.0)) * np.exp(-t * 7) * 0.14
    air = low_pass(rng.standard_normal(t.size), 1_800 * np.exp(-t * 4) + 200) * np.exp(-t * 6) * 0.7
    return room(np.tanh(1.6 * (low + shimmer + air)) * np.minimum(t * 500, 1), rng, 0.3, 0.2)


def thud(rng: np.random.Generator) -> Array:
    """Something soft is hit."""
    t = seconds(0.09)
    body = tone(150 + 260 * np.exp(-t * 60), t) * np.exp(-t * 42)
    return body + low_pass(rng.standard_normal(t.size), 2_400) * np.exp(-t * 90) * 0.8


def pop(rng: np.random.Generator) -> Array:
    """Something bursts into light."""
    t = seconds(0.2)
    body = tone(240 + 520 * np.exp(-t * 26), t) * np.exp(-t * 22)
    puff = low_pass(rng.standard_normal(t.size), 1_500) * np.exp(-t * 26) * 1.1
    return np.tanh(1.5 * (body + puff)) * np.minimum(t * 900, 1)


def chime(pitch: float) -> Array:
    """A gem rings."""
    t = seconds(0.26)
    parts = ((1.0, 1.0, 13), (2.76, 0.5, 22), (5.4, 0.2, 36))
    return sum(level * tone(pitch * ratio, t) * np.exp(-t * fall) for ratio, level, fall in parts) * np.minimum(
        t * 900, 1
    )


def hurt(rng: np.random.Generator) -> Array:
    """The hero is hit."""
    t = seconds(0.34)
    voice = low_pass(np.sign(tone(190 - 260 * t, t)) * (1 + 0.4 * tone(31, t)), 1_400)
    return np.tanh(1.8 * (voice + low_pass(rng.standard_normal(t.size), 900) * 1.4)) * np.exp(-t * 10)


def roar(rng: np.random.Generator) -> Array:
    """What rules the night arrives."""
    t = seconds(1.5)
    pitch = 62 + 26 * np.sin(np.pi * t / 1.5) + 3 * tone(17, t)
    throat = np.tanh(3 * (tone(pitch, t) + 0.6 * tone(pitch * 1.51, t) + 0.4 * tone(pitch * 2.02, t)))
    breath = low_pass(rng.standard_normal(t.size), 700) * 2.2
    shape = np.minimum(t * 7, 1) * np.exp(-np.maximum(t - 0.8, 0) * 4)
    return room(low_pass(throat + breath, 1_300) * shape, rng, 0.8, 0.35)


def music(rng: np.random.Generator) -> Array:
    """Eight bars that lead back into themselves: bass, a plucked figure, a drum, and a voice above it all."""
    beat = 60 / TEMPO
    total = round(BARS * 4 * beat * RATE)
    out = np.zeros(total)

    def put(samples: Array, at: float, level: float) -> None:
        where = (round(at * RATE) + np.arange(samples.size)) % total
        np.add.at(out, where, samples * level)

    melody = (
        76,
        0,
        74,
        72,
        0,
        71,
        72,
        0,
        69,
        0,
        72,
        74,
        76,
        0,
        0,
        0,
        77,
        0,
        76,
        74,
        0,
        72,
        74,
        0,
        71,
        0,
        68,
        71,
        76,
        0,
        0,
        0,
    )
    for bar in range(BARS):
        chord, start = CHORDS[bar % 4], bar * 4 * beat
        for step in range(16):
            note = chord[(0, 2, 1, 3, 2, 1, 3, 2)[step % 8]] + (12 if step % 8 == 3 else 0)
            put(pluck(note, 0.3), start + step * beat / 4, 0.20 if step % 4 else 0.27)
        for step in (0, 3, 6, 8, 11, 14):
            put(bass(chord[0] - 24, 0.26), start + step * beat / 4, 0.5)
        for step in range(4):
            put(kick(), start + step * beat, 0.75)
            put(hat(rng), start + (step + 0.5) * beat, 0.13)
        for step in (1, 3):
            put(snare(rng), start + step * beat, 0.3)
    for step, note in enumerate(melody):
        if note:
            put(lead(note, 0.9 * beat), (16 + step / 2) * beat, 0.16)
    return np.tanh(out * 1.1)


def pitch_of(note: int) -> float:
    """Return the frequency of a MIDI note."""
    return float(440 * 2 ** ((note - 69) / 12))


def pluck(note: int, length: float) -> Array:
    """A plucked string."""
    t, f = seconds(length), pitch_of(note)
    body = sum(tone(f * k, t) / k * np.exp(-t * (7 + 5 * k)) for k in (1, 2, 3, 4))
    return body * np.minimum(t * 400, 1)


def bass(note: int, length: float) -> Array:
    """A round bass with some growl."""
    t, f = seconds(length), pitch_of(note)
    return np.tanh(1.8 * (tone(f, t) + 0.35 * tone(2 * f, t))) * np.exp(-t * 7) * np.minimum(t * 300, 1)


def lead(note: int, length: float) -> Array:
    """A soft voice with vibrato."""
    t, f = seconds(length), pitch_of(note)
    wobble = f * (1 + 0.006 * np.sin(2 * np.pi * 5.5 * t) * np.minimum(t * 4, 1))
    body = tone(wobble, t) + 0.35 * tone(2 * wobble, t) + 0.15 * tone(3 * wobble, t)
    return body * np.minimum(t * 30, 1) * np.minimum((length - t) * 12, 1)


def kick() -> Array:
    """A drum."""
    t = seconds(0.2)
    return tone(46 + 150 * np.exp(-t * 40), t) * np.exp(-t * 17)


def snare(rng: np.random.Generator) -> Array:
    """A brush on a drum."""
    t = seconds(0.16)
    return (low_pass(rng.standard_normal(t.size), 5_000) * 1.3 + tone(185, t) * 0.5) * np.exp(-t * 26)


def hat(rng: np.random.Generator) -> Array:
    """A cymbal, just touched."""
    t = seconds(0.05)
    air = rng.standard_normal(t.size)
    return (air - low_pass(air, 5_000)) * np.exp(-t * 80)


def save_music(path: Path, samples: Array) -> None:
    """Write music at a lower rate than sounds, so that the file is small; its end meets its beginning."""
    count = round(samples.size * MUSIC_RATE / RATE)
    spectrum = np.fft.rfft(samples)[: count // 2 + 1]
    low = np.fft.irfft(spectrum, count)
    low = low / np.abs(low).max() * 0.8
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(MUSIC_RATE)
        file.writeframes(np.round(low * 32_767).astype("<i2").tobytes())
