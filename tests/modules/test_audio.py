"""Sounds and music through the real mixer without a device to hear them, and as the headless twin writes them down."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pygame
import pytest
from support import Call

from engine import World
from modules.core.audio import PlayMusic, PlaySound, StopMusic, Volume
from modules.systems import files, null_audio, pygame_audio
from modules.systems.pygame_audio.mixer import VOICES_OF_ONE, Mixer

Frame = Callable[[], None]


def tone(path: Path, seconds: float = 0.5, pitch: float = 440.0) -> Path:
    """Write a tone as a WAV file."""
    import wave

    samples = (8000 * np.sin(np.arange(int(44100 * seconds)) * 2 * np.pi * pitch / 44100)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(44100)
        file.writeframes(samples.tobytes())
    return path


@pytest.fixture
def frame(world: World, call: Call) -> Iterator[Frame]:
    """Play what was sent since the last frame."""
    world.resource(Mixer).open()

    def run() -> None:
        call(pygame_audio.play)

    run()
    yield run
    call(pygame_audio.close)


def deck(world: World) -> int:
    """Return the channel of the music that was asked for last."""
    return int(world.resource(Mixer).music.present)


def playing() -> list[Any]:
    channels = [pygame.mixer.Channel(index) for index in range(pygame.mixer.get_num_channels())]
    return [channel for channel in channels if channel.get_busy()]


def test_a_sound_is_played_with_volume_and_pan(world: World, folder: Path, frame: Frame) -> None:
    tone(folder / "shot.wav")
    world.resource(Volume).sounds = 0.5
    world.send(PlaySound("shot.wav", volume=0.8, pan=-1.0))
    frame()
    (channel,) = playing()
    assert channel.get_sound().get_length() == pytest.approx(0.5, abs=0.01)
    frame()
    assert len(playing()) == 1, "each is played once"


def test_pitch_changes_the_length_and_is_kept(world: World, folder: Path, frame: Frame) -> None:
    tone(folder / "shot.wav")
    world.send(PlaySound, sound="shot.wav", pitch=[2.0, 0.5, 1.0, 2.0])
    frame()
    lengths = sorted(channel.get_sound().get_length() for channel in playing())
    assert lengths == pytest.approx([0.25, 0.25, 0.5, 1.0], abs=0.01)
    assert len(world.resource(Mixer).pitched) == 2


def test_one_sound_has_few_voices_and_all_of_them_are_bounded(world: World, folder: Path, frame: Frame) -> None:
    for name in ("a.wav", "b.wav"):
        tone(folder / name, 5.0)
    for _ in range(10):
        world.send(PlaySound, sound=["a.wav"] * 50)
        frame()
    assert len(playing()) <= VOICES_OF_ONE
    world.send(PlaySound("b.wav"))
    frame()
    assert any(
        channel.get_sound() is world.resource(Mixer).sounds[key]
        for channel in playing()
        for key in world.resource(Mixer).sounds
        if key[0].name == "b.wav"
    )


def test_strange_numbers_do_no_harm(world: World, folder: Path, frame: Frame) -> None:
    tone(folder / "a.wav", 0.1)
    nan, inf = float("nan"), float("inf")
    world.send(PlaySound, sound="a.wav", volume=[nan, inf, -1, 1], pitch=[nan, inf, 0, -2], pan=[nan, inf, 5, -5])
    frame()
    world.send(PlayMusic("a.wav", volume=nan, fade=nan))
    frame()


def test_music_starts_stops_and_follows_its_file(world: World, call: Call, folder: Path, frame: Frame) -> None:
    world.send(PlayMusic("theme.wav", volume=0.5))
    frame()
    assert not pygame.mixer.Channel(deck(world)).get_busy()
    path = tone(folder / "theme.wav", 2.0)
    call(files.changed, paths=[str(path)])
    frame()
    channel = pygame.mixer.Channel(deck(world))
    assert channel.get_busy()
    world.resource(Volume).master = 0.5
    frame()
    assert channel.get_volume() == pytest.approx(0.25, abs=0.02)
    world.send(StopMusic())
    frame()
    assert not channel.get_busy()


def test_a_track_fades_into_the_next(world: World, folder: Path, frame: Frame) -> None:
    for name in ("a.wav", "b.wav"):
        tone(folder / name, 2.0)
    world.send(PlayMusic("a.wav"))
    frame()
    first = pygame.mixer.Channel(deck(world))
    assert first.get_volume() == 1.0
    world.send(PlayMusic("b.wav", fade=0.4))
    frame()
    second = pygame.mixer.Channel(deck(world))
    loud = []
    end = monotonic() + 20
    while first.get_busy() and monotonic() < end:
        loud.append((first.get_volume(), second.get_volume()))
        frame()
    assert second.get_volume() > 0.95
    before, after = zip(*loud, strict=True)
    assert list(before) == sorted(before, reverse=True)
    assert list(after) == sorted(after)
    assert any(0.2 < one < 0.8 and 0.2 < other < 0.8 for one, other in loud)


def test_a_bus_has_a_volume_and_voices_are_limited(world: World, folder: Path, frame: Frame) -> None:
    for number in range(6):
        tone(folder / f"{number}.wav", 5.0)
    volume = world.resource(Volume)
    volume.buses, volume.master, volume.voices = {"speech": 0.5}, 0.5, 3
    world.send(PlaySound("0.wav", bus="speech"))
    frame()
    assert [voice[3] for voice in world.resource(Mixer).voices] == [0.25]
    world.send(PlaySound, sound=[f"{number}.wav" for number in range(1, 6)])
    frame()
    assert len(playing()) == 3
    heard = {name for name, *_ in world.resource(Mixer).voices}
    assert heard == {"3.wav", "4.wav", "5.wav"}  # the oldest gave way


def test_pitch_and_pan_vary_by_a_chance_that_is_no_part_of_the_world(world: World, folder: Path, frame: Frame) -> None:
    tone(folder / "a.wav", 1.0)
    digest = world.hash()
    mixer = world.resource(Mixer)
    for _ in range(12):
        mixer.hush()
        world.send(PlaySound, sound=["a.wav"] * 4, vary_pitch=0.2, vary_pan=1.0)
        frame()
    lengths = [sound.get_length() for (_, _, _), sound in mixer.pitched.items()]
    assert len(lengths) > 3
    assert 0.8 < min(lengths) < 0.95 < 1.05 < max(lengths) < 1.27
    for _ in range(3):
        world.end_tick()
    assert world.hash() == digest


def test_missing_and_broken_sounds_are_told_once_and_heard_when_they_are_there(
    world: World, call: Call, folder: Path, frame: Frame, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "broken.wav").write_bytes(b"RIFF no")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            world.send(PlaySound, sound=["gone.wav", "broken.wav"])
            frame()
    assert sorted("is missing;" in record.message for record in caplog.records) == [False, True]
    assert playing() == []
    for name in ("gone.wav", "broken.wav"):
        tone(folder / name)
    call(files.changed, paths=[])
    world.send(PlaySound, sound=["gone.wav", "broken.wav"])
    frame()
    assert len(playing()) == 2


def test_a_changed_sound_is_heard(world: World, call: Call, folder: Path, frame: Frame) -> None:
    path = tone(folder / "a.wav", 0.5)
    world.send(PlaySound("a.wav"))
    frame()
    tone(path, 1.5)
    call(files.changed, paths=[str(path)])
    pygame.mixer.stop()
    world.send(PlaySound("a.wav"))
    frame()
    (channel,) = playing()
    assert channel.get_sound().get_length() == pytest.approx(1.5, abs=0.01)


def test_leaving_a_game_ends_what_it_plays(world: World, call: Call, folder: Path, frame: Frame) -> None:
    tone(folder / "a.wav", 5.0)
    world.send(PlaySound("a.wav"))
    world.send(PlayMusic("a.wav"))
    frame()
    call(pygame_audio.hush)
    assert playing() == []


def test_without_a_device_that_is_told_once_and_files_are_still_read(
    world: World, call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    init = pygame.mixer.init

    def only_silent(*arguments: Any) -> None:
        if os.environ.get("SDL_AUDIODRIVER") != "dummy":
            raise pygame.error("no device")
        init(*arguments)

    monkeypatch.setattr(pygame.mixer, "init", only_silent)
    monkeypatch.delenv("SDL_AUDIODRIVER")
    (folder / "broken.wav").write_bytes(b"RIFF no")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            world.send(PlaySound, sound=["gone.wav", "broken.wav"])
            call(pygame_audio.play)
    said = [record.message for record in caplog.records]
    assert said[0] == "no sound is heard, as there is no sound device: no device"
    assert sorted("is missing;" in message for message in said[1:]) == [False, True]
    assert "SDL_AUDIODRIVER" not in os.environ
    call(pygame_audio.close)


def test_where_no_device_can_be_opened_at_all_nothing_fails(
    world: World, call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise pygame.error("no device")

    monkeypatch.setattr(pygame.mixer, "init", refuse)
    tone(folder / "a.wav")
    call(pygame_audio.play)
    world.send(PlaySound("a.wav"))
    call(pygame_audio.play)
    call(pygame_audio.hush)
    call(pygame_audio.close)
    assert not world.resource(Mixer).ready


def test_the_headless_twin_writes_down_what_was_asked_for(world: World, call: Call) -> None:
    call(null_audio.listen)
    world.send(PlaySound, sound=["a.wav", "b.wav"], volume=[1.0, 0.5])
    world.send(PlayMusic("theme.ogg", fade=2.0))
    call(null_audio.listen)
    world.send(StopMusic(1.0))
    call(null_audio.listen)
    heard = world.resource(null_audio.Heard)
    assert [(one["sound"], one["volume"]) for one in heard.sounds] == [("a.wav", 1.0), ("b.wav", 0.5)]
    assert [one["track"] for one in heard.music] == ["theme.ogg", None]
