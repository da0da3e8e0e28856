"""The sounds of Asteroids, synthesised: bolts, blasts, engine, heartbeat and small fanfares."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .neon import Array

RATE = 22_050


def sounds(folder: Path, rng: np.random.Generator) -> None:
    """Write every sound into `folder` as 16-bit mono WAV."""
    made = {
        "fire": fire(rng),
        "bang_large": blast(rng, 0.95, 520, 62),
        "bang_medium": blast(rng, 0.65, 900, 86),
        "bang_small": blast(rng, 0.42, 1500, 120),
        "ship_lost": lost(rng),
        "thrust": engine(rng),
        "beat_low": thump(49.0),
        "beat_high": thump(58.3),
        "start": fanfare(rng, [220.0, 329.6, 440.0, 659.3], 0.085, 0.55),
        "wave": fanfare(rng, [392.0, 587.3], 0.12, 0.5),
        "extra_life": fanfare(rng, [523.3, 659.3, 784.0, 1046.5, 1318.5], 0.07, 0.45),
        "game_over": fanfare(rng, [440.0, 392.0, 329.6, 220.0], 0.2, 0.9),
    }
    for name, samples in made.items():
        write(folder / f"{name}.wav", samples)


def write(path: Path, samples: Array, *, peak: float = 0.85) -> None:
    """Scale to `peak`, fade the last hundredth of a second and write the file."""
    samples = samples / max(float(np.abs(samples).max()), 1e-9) * peak
    tail = min(len(samples), RATE // 100)
    samples[-tail:] *= np.linspace(1, 0, tail)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(samples * 32_767).astype("<i2").tobytes())


def seconds(length: float) -> Array:
    """The time of every sample."""
    return np.arange(round(length * RATE)) / RATE


def tone(frequency: Array | float, t: Array) -> Array:
    """A sine whose frequency may change."""
    return np.sin(2 * np.pi * np.cumsum(np.broadcast_to(frequency, t.shape)) / RATE)


def low_pass(samples: Array, cutoff: Array | float) -> Array:
    """Two one-pole filters in a row, with a cutoff in Hz that may change."""
    share = 1 - np.exp(-2 * np.pi * np.broadcast_to(cutoff, samples.shape) / RATE)
    for _ in range(2):
        held, out = 0.0, np.empty_like(samples)
        for i, (sample, part) in enumerate(zip(samples.tolist(), share.tolist(), strict=True)):
            held += part * (sample - held)
            out[i] = held
        samples = out
    return samples


def room(samples: Array, rng: np.random.Generator, length: float, wet: float) -> Array:
    """Let the samples end softly and add the echo of a large dark room."""
    t = seconds(length)
    samples = samples * np.minimum(np.arange(samples.size, 0, -1) / (0.02 * RATE), 1)
    echo = low_pass(rng.standard_normal(t.size) * np.exp(-t * 5.5 / length), 2_600)
    total = samples.size + t.size
    wide = np.fft.irfft(np.fft.rfft(samples, total) * np.fft.rfft(echo, total), total)
    dry = np.pad(samples, (0, t.size))
    return dry + wet * wide / max(float(np.abs(wide).max()), 1e-9) * float(np.abs(samples).max())


def fire(rng: np.random.Generator) -> Array:
    """A bolt: a fast fall in pitch with a little grit at its start."""
    t = seconds(0.2)
    pitch = 210 + 1_250 * np.exp(-t * 26)
    body = tone(pitch, t) + 0.35 * np.sign(tone(pitch * 0.501, t)) * np.exp(-t * 30)
    grit = low_pass(rng.standard_normal(t.size), 5_000) * np.exp(-t * 90) * 0.8
    return room((low_pass(body, 4_200) + grit) * np.exp(-t * 17) * np.minimum(t * 900, 1), rng, 0.12, 0.12)


def blast(rng: np.random.Generator, length: float, cutoff: float, thud: float) -> Array:
    """A rock bursting: noise growing darker over a falling thud, with a crackle of splinters."""
    t = seconds(length)
    noise = low_pass(rng.standard_normal(t.size), cutoff * (0.25 + 1.6 * np.exp(-t * 9 / length)))
    noise = np.tanh(noise / np.abs(noise).max() * 2.4) * np.exp(-t * 4.6 / length)
    low = tone(thud * (0.55 + 1.1 * np.exp(-t * 22)), t) * np.exp(-t * 6.5 / length)
    ticks = (rng.random(t.size) < 0.006 * np.exp(-t * 3 / length)) * rng.standard_normal(t.size)
    crackle = low_pass(ticks, 3_200) * np.exp(-t * 5 / length)
    body = np.tanh(1.5 * (noise + 0.9 * low + crackle)) * np.minimum(t * 1_200, 1)
    return room(body, rng, 0.3, 0.22)


def lost(rng: np.random.Generator) -> Array:
    """The ship breaking up: a long blast under a tone that gives way."""
    t = seconds(1.25)
    wail = tone(70 + 520 * np.exp(-t * 3.4) * (1 + 0.05 * np.sin(2 * np.pi * 17 * t)), t)
    wail = low_pass(np.tanh(2.2 * wail), 1_700) * np.exp(-t * 3.1) * 0.5
    bang = blast(rng, 1.25, 700, 55)
    return np.tanh(1.4 * (np.pad(wail, (0, bang.size - wail.size)) + bang))


def engine(rng: np.random.Generator) -> Array:
    """0.4 s of engine under a bell curve: started every 0.2 s, it burns evenly."""
    t = seconds(0.4)
    roar = low_pass(rng.standard_normal(t.size), 480)
    hiss = low_pass(rng.standard_normal(t.size), 2_400) * 0.12
    return (roar / np.abs(roar).max() + hiss) * np.sin(np.pi * t / 0.4) ** 2


def thump(pitch: float) -> Array:
    """One heartbeat, with an overtone that small loudspeakers can play."""
    t = seconds(0.24)
    body = tone(pitch * (1 + 0.9 * np.exp(-t * 38)), t) + 0.45 * tone(pitch * 2.01 * (1 + 0.5 * np.exp(-t * 38)), t)
    return np.tanh(1.6 * body) * np.exp(-t * 15) * np.minimum(t * 400, 1)


def fanfare(rng: np.random.Generator, notes: Sequence[float], step: float, ring: float) -> Array:
    """Notes one after another on a glassy synthesiser, left to ring."""
    out = np.zeros(round((step * (len(notes) - 1) + ring) * RATE) + 1)
    t = seconds(ring)
    for index, note in enumerate(notes):
        voice = sum(tone(note * k * detune, t) / k**1.7 for k in (1, 2, 3) for detune in (0.9985, 1.0015))
        voice = voice + 0.4 * tone(note + 2.2 * note * np.exp(-t * 30) * np.sin(2 * np.pi * note * 2 * t) * 0.2, t)
        start = round(index * step * RATE)
        fade = np.exp(-t * 4.2 / ring) * np.minimum(t * 250, 1)
        out[start : start + t.size] += low_pass(voice, 900 + 4_000 * np.exp(-t * 9)) * fade
    return room(out, rng, 0.5, 0.3)
