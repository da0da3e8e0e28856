"""A gamepad that SDL itself believes in: plugged in, played and unplugged while the window is open."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pygame
import pytest
from support import Call

from engine import World
from modules.core.input import Gamepads, feed
from modules.systems import pygame_window

CONTROLLER, ARCADE_STICK = 1, 3


@pytest.fixture
def sdl() -> Any:
    """SDL as pygame's wheel brings it along; skip where it lies elsewhere."""
    found = sorted((Path(pygame.__file__).parent.parent / "pygame_ce.libs").glob("libSDL2-2*"))
    if not found:
        pytest.skip("SDL's library is not beside pygame's")
    library = ctypes.CDLL(str(found[0]))
    library.SDL_JoystickOpen.restype = ctypes.c_void_p
    return library


@pytest.fixture
def tick(world: World, call: Call) -> Iterator[Callable[[], list[Any]]]:
    """Hand what the window reports to a tick."""

    def run() -> list[Any]:
        events = call(pygame_window.poll)
        call(feed, events=events)
        return list(events)

    run()
    yield run
    call(pygame_window.close)


def plug_in(sdl: Any, kind: int, axes: int, buttons: int, hats: int) -> tuple[int, Any]:
    index = sdl.SDL_JoystickAttachVirtual(kind, axes, buttons, hats)
    if index < 0:
        pytest.skip("this SDL has no virtual joysticks")
    return index, ctypes.c_void_p(sdl.SDL_JoystickOpen(index))


def test_a_controller_is_plugged_in_played_and_unplugged(sdl: Any, world: World, tick: Any) -> None:
    pads = world.resource(Gamepads)
    index, device = plug_in(sdl, CONTROLLER, 6, 15, 0)
    assert [event[:3] for event in tick()] == [["pad", "added", 0]]
    sdl.SDL_JoystickSetVirtualButton(device, 0, 1)
    tick()
    assert pads.hit("a", 0)
    sdl.SDL_JoystickSetVirtualButton(device, 11, 1)
    sdl.SDL_JoystickSetVirtualAxis(device, 0, -32768)
    events = tick()
    assert events.count(["padbutton", "down", 0, "up"]) == 1, "once, though SDL reports it as joystick and controller"
    assert (pads.held("a"), pads.hit("a"), pads.held("up"), pads.axis("leftx")) == (True, False, True, -1.0)
    sdl.SDL_JoystickDetachVirtual(index)
    assert tick()[-1] == ["pad", "removed", 0, ""]
    assert len(pads) == 0


def test_a_stick_that_sdl_has_no_map_for_works_too(sdl: Any, world: World, tick: Any) -> None:
    pads = world.resource(Gamepads)
    index, device = plug_in(sdl, ARCADE_STICK, 2, 4, 1)
    tick()
    sdl.SDL_JoystickSetVirtualButton(device, 1, 1)
    sdl.SDL_JoystickSetVirtualHat(device, 0, 8)
    sdl.SDL_JoystickSetVirtualAxis(device, 1, 16384)
    tick()
    assert (pads.held("b"), pads.held("left")) == (True, True)
    assert pads.axis("lefty") == pytest.approx(0.5, abs=0.01)
    sdl.SDL_JoystickDetachVirtual(index)
    tick()
    assert len(pads) == 0
