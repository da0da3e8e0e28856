"""The real window under SDL's dummy driver: posted events come out as raw events, pictures are fitted and shown."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pygame
import pytest
from support import Call

from engine import HotloopError, World
from modules.core.assets import Assets
from modules.core.input import Actions, Fingers, Gamepads, Keyboard, Rumble, feed
from modules.core.render import Canvas, Picture
from modules.core.window import Window
from modules.systems import null_window, pygame_window
from modules.systems.pygame_window import Display
from modules.systems.pygame_window import events as events_file
from modules.systems.pygame_window.display import fit, unusable

Poll = Callable[..., list[Any]]
NOTHING: dict[str, Any] = {"toasts": [], "error": None, "debug": None, "paused": False, "hint": None}


@pytest.fixture
def poll(world: World, call: Call) -> Iterator[Poll]:
    """Post events of SDL and return the raw events that the window makes of them."""
    call(pygame_window.poll)

    def run(*events: pygame.event.Event) -> list[Any]:
        pygame.event.clear()
        for event in events:
            pygame.event.post(event)
        return list(call(pygame_window.poll))

    yield run
    call(pygame_window.close)


def event(kind: int, **values: Any) -> pygame.event.Event:
    return pygame.event.Event(kind, **values)


def press(key: int, **values: Any) -> pygame.event.Event:
    return event(pygame.KEYDOWN, key=key, **values)


def test_keys_have_their_names(poll: Poll) -> None:
    keys = [pygame.K_SPACE, pygame.K_a, pygame.K_LEFT, pygame.K_RETURN, pygame.K_LSHIFT, pygame.K_F8]
    names = ["space", "a", "left", "return", "left shift", "f8"]
    assert poll(*(press(key) for key in keys)) == [["key", "down", name] for name in names]
    assert poll(press(pygame.K_SPACE)) == [], "a repeat is no press"
    assert poll(event(pygame.KEYUP, key=pygame.K_SPACE)) == [["key", "up", "space"]]
    assert poll(event(pygame.KEYUP, key=pygame.K_SPACE)) == []


def test_what_is_for_the_program_is_marked_so(poll: Poll) -> None:
    keys = [pygame.K_ESCAPE, pygame.K_F1, pygame.K_F2, pygame.K_F3, pygame.K_F5]
    names = ["escape", "f1", "f2", "f3", "f5"]
    assert poll(*(press(key) for key in keys), event(pygame.QUIT)) == [["host", name] for name in [*names, "quit"]]
    assert poll(event(pygame.KEYUP, key=pygame.K_ESCAPE)) == []


def test_keys_are_let_go_when_the_window_loses_the_focus(poll: Poll) -> None:
    poll(press(pygame.K_w), press(pygame.K_a))
    assert poll(event(pygame.WINDOWFOCUSLOST)) == [["key", "up", "a"], ["key", "up", "w"]]


def test_the_pointer_comes_in_canvas_coordinates(poll: Poll, world: World, call: Call) -> None:
    window, canvas = world.resource(Window), world.resource(Canvas)
    call(pygame_window.close)
    window.width, window.height = 800, 600
    canvas.width, canvas.height = 400, 200
    call(pygame_window.poll)
    assert poll(event(pygame.MOUSEMOTION, pos=(400, 300), rel=(0, 0), buttons=(0, 0, 0)))[-1] == ["pointer", 200, 100]
    assert world.resource(Display).view == (0, 100, 800, 400)
    events = poll(
        event(pygame.MOUSEBUTTONDOWN, pos=(0, 100), button=1), event(pygame.MOUSEBUTTONUP, pos=(8, 100), button=3)
    )
    assert events == [["pointer", 0, 0], ["button", "down", "left"], ["pointer", 4, 0], ["button", "up", "right"]]
    assert poll(event(pygame.MOUSEWHEEL, x=0, y=2, flipped=False)) == [["wheel", 0, 2]]
    assert poll(event(pygame.MOUSEBUTTONDOWN, pos=(0, 0), button=4)) == [], "old wheel buttons are no buttons"


def test_text_is_typed(poll: Poll) -> None:
    assert poll(event(pygame.TEXTINPUT, text="é")) == [["text", "é"]]


def test_posted_events_reach_actions(poll: Poll, world: World, call: Call) -> None:
    actions = world.resource(Actions)
    actions.bind("fire", "key:space", "mouse:left", "pad:a")
    actions.bind("turn", "-key:left", "key:right", "pad:leftx")

    def tick(*events: pygame.event.Event) -> None:
        call(feed, events=poll(*events))

    tick(press(pygame.K_SPACE))
    assert actions.hit("fire")
    tick()
    assert actions.held("fire")
    assert not actions.hit("fire")
    tick(event(pygame.KEYUP, key=pygame.K_SPACE))
    assert actions.let_go("fire")
    tick(event(pygame.MOUSEBUTTONDOWN, pos=(1, 1), button=1))
    assert actions.hit("fire")
    tick(event(pygame.MOUSEBUTTONUP, pos=(1, 1), button=1))
    tick(event(pygame.CONTROLLERBUTTONDOWN, instance_id=3, button=pygame.CONTROLLER_BUTTON_A))
    assert actions.hit("fire")
    tick(event(pygame.CONTROLLERAXISMOTION, instance_id=3, axis=pygame.CONTROLLER_AXIS_LEFTX, value=-32768))
    assert actions.value("turn") == -1
    assert world.resource(Keyboard).down == []


def test_a_controller_comes_is_played_with_and_goes(poll: Poll, world: World, call: Call) -> None:
    added = poll(event(pygame.CONTROLLERDEVICEADDED, device_index=99, instance_id=7))
    assert added == [["pad", "added", 0, "gamepad"]]
    names = ["a", "b", "x", "y", "back", "guide", "start", "l3", "r3", "l1", "r1", "up", "down", "left", "right"]
    downs = poll(*(event(pygame.CONTROLLERBUTTONDOWN, instance_id=7, button=index) for index in range(15)))
    assert downs == [["padbutton", "down", 0, name] for name in names]
    axes = poll(*(event(pygame.CONTROLLERAXISMOTION, instance_id=7, axis=index, value=16384) for index in range(6)))
    assert [axis[2] for axis in axes] == ["leftx", "lefty", "rightx", "righty", "l2", "r2"]
    assert all(axis[3] == pytest.approx(0.5, abs=0.001) for axis in axes)
    double = poll(
        event(pygame.JOYBUTTONDOWN, instance_id=7, button=0),
        event(pygame.JOYAXISMOTION, instance_id=7, axis=0, value=1.0),
    )
    assert double == [], "a controller's events as a joystick say nothing new"
    call(feed, events=[*added, *downs])
    assert world.resource(Gamepads).held("start", 0)
    gone = poll(event(pygame.CONTROLLERDEVICEREMOVED, instance_id=7), event(pygame.JOYDEVICEREMOVED, instance_id=7))
    assert gone == [["pad", "removed", 0, ""]]
    call(feed, events=gone)
    assert len(world.resource(Gamepads)) == 0
    assert not world.resource(Gamepads).held("start")


def test_a_plain_joystick_is_read_like_the_most_common_pad(poll: Poll) -> None:
    assert poll(event(pygame.JOYDEVICEADDED, device_index=98)) == [], "SDL knows no such device"
    assert poll(event(pygame.JOYDEVICEADDED, device_index=98, instance_id=4)) == [["pad", "added", 0, "gamepad"]]
    assert poll(event(pygame.JOYBUTTONDOWN, instance_id=4, button=7)) == [["padbutton", "down", 0, "start"]]
    assert poll(event(pygame.JOYBUTTONUP, instance_id=4, button=7)) == [["padbutton", "up", 0, "start"]]
    assert poll(event(pygame.JOYBUTTONDOWN, instance_id=4, button=40)) == []
    assert poll(event(pygame.JOYAXISMOTION, instance_id=4, axis=1, value=-0.5)) == [["padaxis", 0, "lefty", -0.5]]
    assert poll(event(pygame.JOYAXISMOTION, instance_id=4, axis=2, value=-1.0)) == [["padaxis", 0, "l2", 0.0]]
    assert poll(event(pygame.JOYHATMOTION, instance_id=4, hat=0, value=(1, 1))) == [
        ["padbutton", "down", 0, "right"],
        ["padbutton", "down", 0, "up"],
    ]
    assert poll(event(pygame.JOYHATMOTION, instance_id=4, hat=0, value=(0, -1))) == [
        ["padbutton", "up", 0, "right"],
        ["padbutton", "up", 0, "up"],
        ["padbutton", "down", 0, "down"],
    ]


def test_two_pads_keep_their_numbers_and_a_third_takes_the_free_one(poll: Poll) -> None:
    first = poll(
        event(pygame.JOYBUTTONDOWN, instance_id=10, button=0), event(pygame.JOYBUTTONDOWN, instance_id=11, button=1)
    )
    assert first == [
        ["pad", "added", 0, "gamepad"],
        ["padbutton", "down", 0, "a"],
        ["pad", "added", 1, "gamepad"],
        ["padbutton", "down", 1, "b"],
    ]
    assert poll(event(pygame.JOYDEVICEREMOVED, instance_id=10)) == [["pad", "removed", 0, ""]]
    assert poll(event(pygame.JOYBUTTONDOWN, instance_id=11, button=0)) == [["padbutton", "down", 1, "a"]]
    assert poll(event(pygame.JOYDEVICEADDED, device_index=98, instance_id=12)) == [["pad", "added", 0, "gamepad"]]


def test_a_world_that_takes_the_window_over_hears_which_pads_there_are(poll: Poll, world: World) -> None:
    from engine.binding import binder
    from engine.reload.bus import Bus

    poll(event(pygame.JOYDEVICEADDED, device_index=98, instance_id=4))
    other = World()
    other.set_resource(Display, world.resource(Display))
    bus = Bus(binder(other))
    bus.replace([(pygame_window.poll.__mark__, pygame_window.poll, "systems.pygame_window")])  # type: ignore[attr-defined]
    assert bus.call("core.window.poll")[:1] == [["pad", "added", 0, "gamepad"]]
    assert bus.call("core.window.poll") == []


def test_the_window_outlives_a_look_at_it_and_opens_only_once(poll: Poll, world: World) -> None:
    screen = world.resource(Display).screen
    poll()
    assert world.resource(Display).screen is screen


def present(call: Call, **overlay: Any) -> Any:
    call(pygame_window.present, overlay={**NOTHING, **overlay})
    return pygame.surfarray.array3d(pygame.display.get_surface()).transpose(1, 0, 2).astype(int)


@pytest.mark.parametrize("smooth", [True, False])
def test_the_picture_is_fitted_with_black_bars(poll: Poll, world: World, call: Call, smooth: bool) -> None:
    call(pygame_window.close)
    window, canvas, picture = world.resource(Window), world.resource(Canvas), world.resource(Picture)
    window.width, window.height, window.title = 300, 200, "Rocks"
    canvas.width, canvas.height, canvas.smooth = 50, 50, smooth
    picture.surface = pygame.Surface((50, 50), 0, 32)
    picture.surface.fill((200, 100, 50))
    shown = present(call)
    assert shown.shape == (200, 300, 3)
    assert shown[100, 150].tolist() == [200, 100, 50]
    assert shown[100, 20].tolist() == shown[100, 280].tolist() == [0, 0, 0]
    assert pygame.display.get_caption()[0] == "Rocks"
    window.title = "Pebbles"
    present(call)
    assert pygame.display.get_caption()[0] == "Pebbles"


def test_a_window_is_opened_at_an_even_multiple_of_the_canvas(poll: Poll, world: World) -> None:
    width, height = world.resource(Display).screen.get_size()
    canvas = world.resource(Canvas)
    assert width / canvas.width == height / canvas.height


def test_the_overlay_lies_on_top_and_the_picture_stays_clean(poll: Poll, world: World, call: Call) -> None:
    plain = present(call)
    toast = {"text": "reloaded", "kind": "ok", "age": 1.0, "life": 3.0}
    assert not np.array_equal(plain, present(call, toasts=[toast]))
    assert np.array_equal(plain, present(call))


def test_the_bar_of_the_timeline_covers_nothing_of_the_picture(poll: Poll, world: World, call: Call) -> None:
    bar = {"first": 0, "last": 60, "tick": 30, "rate": 60, "state": "paused", "spawned": [], "marks": [], "loop": None}
    plain = present(call)
    display = world.resource(Display)
    whole = display.view
    present(call, timeline={"bar": bar, "ghost": []})
    assert display.track is not None
    _, top, width, height = display.view
    assert top + height <= display.track[1]
    assert width / height == pytest.approx(whole[2] / whole[3], rel=0.01)
    assert np.array_equal(present(call), plain)
    assert display.view == whole


def test_what_is_wrong_with_an_asset_is_told_in_the_window_for_a_while(poll: Poll, world: World, call: Call) -> None:
    display, assets = world.resource(Display), world.resource(Assets)
    plain = present(call)
    assets.complain("rock.png", "rock.png cannot be read")
    shown = []
    for seconds in (0.0, 1.0, 100.0):
        present(call)
        display.told = {complaint: born - seconds for complaint, born in display.told.items()}
        shown.append(np.abs(present(call) - plain).sum(axis=2) > 60)
    assert shown[1][-90:, :200].any()
    assert not shown[1][: -(len(plain) // 2)].any()
    assert not shown[2].any()
    present(call)
    assets.complaints.clear()  # it was mended
    present(call)
    assert not display.told


def test_an_icon_and_fullscreen_are_followed(poll: Poll, world: World, call: Call, folder: Path) -> None:
    pygame.image.save(pygame.Surface((16, 16)), folder / "icon.png")
    window = world.resource(Window)
    window.icon = "icon.png"
    present(call)
    window.fullscreen = True
    present(call)
    assert world.resource(Display).fullscreen
    poll(press(pygame.K_F11))
    assert not world.resource(Display).fullscreen, "the person has the last word"
    present(call)
    assert not world.resource(Display).fullscreen


def test_c_copies_an_error_only_while_there_is_one(poll: Poll, world: World, call: Call, monkeypatch: Any) -> None:
    copied: list[str] = []
    monkeypatch.setattr(events_file, "copy", copied.append)
    assert poll(press(pygame.K_c)) == [["key", "down", "c"]]
    poll(event(pygame.KEYUP, key=pygame.K_c))
    error = {"title": "Edit refused", "file": "rocks.py", "line": 2, "source": [[1, "a"], [2, "b("]], "message": "bad"}
    present(call, error=error)
    assert poll(press(pygame.K_c)) == [["host", "copy"]]
    assert poll(press(pygame.K_ESCAPE)) == [["host", "escape"]]
    assert copied == ["Edit refused\nrocks.py:2\n      1 | a\n>     2 | b(\nbad\n"]
    present(call)
    assert poll(press(pygame.K_c)) == [["key", "down", "c"]]


def test_the_dummy_driver_is_no_usable_window() -> None:
    assert unusable() == "SDL_VIDEODRIVER is dummy"


def test_fitting_keeps_the_proportions() -> None:
    assert fit((1920, 1080), (960, 540)) == (0, 0, 1920, 1080)
    assert fit((1000, 540), (960, 540)) == (20, 0, 960, 540)
    assert fit((1, 1), (960, 540))[2:] == (1, 1)


def test_libraries_write_nothing_to_standard_error_on_a_bare_machine(tmp_path: Path) -> None:
    code = (
        "from modules.systems.pygame_window.display import unusable\n"
        "from modules.systems.pygame_audio.mixer import Mixer\n"
        "print(unusable())\nmixer = Mixer()\nprint(mixer.open() in (True, False))\nmixer.close()\n"
    )
    bare = {
        k: v
        for k, v in os.environ.items()
        if k not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "SDL_AUDIODRIVER")
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=bare, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0
    assert [line for line in done.stderr.splitlines() if "no sound device" not in line] == []
    assert done.stdout.splitlines()[1] == "True"
    assert "pygame" not in done.stdout, "no greeting"


def test_the_headless_twin_hands_on_events_and_keeps_overlays(world: World, call: Call) -> None:
    shown = world.resource(null_window.Shown)
    shown.events = [["key", "down", "a"]]
    assert call(null_window.poll) == [["key", "down", "a"]]
    assert call(null_window.poll) == []
    call(null_window.present, overlay=NOTHING)
    call(null_window.present, overlay={**NOTHING, "paused": True})
    call(null_window.present, overlay={**NOTHING, "paused": True})
    assert (shown.presented, [overlay["paused"] for overlay in shown.overlays]) == (3, [False, True])


def test_fingers_come_in_canvas_coordinates(poll: Poll, world: World, call: Call) -> None:
    canvas = world.resource(Canvas)
    finger = {"touch_id": 1, "finger_id": 4, "dx": 0.0, "dy": 0.0, "pressure": 1.0}
    call(feed, events=poll(event(pygame.FINGERDOWN, x=0.5, y=0.25, **finger)))
    fingers = world.resource(Fingers)
    (one,) = fingers
    assert fingers.pressed == [4]
    assert (one.x, one.y) == pytest.approx((canvas.width / 2, canvas.height / 4))
    call(feed, events=poll(event(pygame.FINGERMOTION, x=0.75, y=0.25, **finger)))
    assert (one.x, one.from_x) == pytest.approx((canvas.width * 0.75, canvas.width / 2))
    call(feed, events=poll(event(pygame.FINGERUP, x=0.75, y=0.25, **finger)))
    assert (len(fingers), fingers.pressed, fingers.released) == (0, [], [4])
    with pytest.raises(HotloopError, match="no raw event"):
        call(feed, events=[["finger", "tap", 0, 1, 1]])


def test_rumble_reaches_the_pads_it_is_for(poll: Poll, world: World, call: Call) -> None:
    class Motor:
        """A device that writes down how it was to shake."""

        def __init__(self) -> None:
            self.felt: list[tuple[float, float, int]] = []

        def rumble(self, low: float, high: float, milliseconds: int) -> bool:
            self.felt.append((low, high, milliseconds))
            return True

        def quit(self) -> None: ...

    pads, motors = world.resource(Display).pads, [Motor(), Motor()]
    for instance, motor in zip((3, 8), motors, strict=True):
        poll(event(pygame.CONTROLLERBUTTONDOWN, instance_id=instance, button=0))
        pads.devices[instance] = motor
    call(pygame_window.rumble)
    call(null_window.rumble)
    world.send(Rumble(0.25, 2.0, 0.5, pad=1))
    world.send(Rumble(0.5, float("nan"), 99.0))
    call(pygame_window.rumble)
    assert motors[0].felt == [(0.5, 0.0, 5000)]
    assert motors[1].felt == [(0.25, 1.0, 500), (0.5, 0.0, 5000)]
    call(null_window.rumble)
    felt = world.resource(null_window.Shown).rumbles
    assert [row["pad"] for row in felt] == [1, -1]
    assert felt[0]["seconds"] == 0.5
