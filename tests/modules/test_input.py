"""Raw events become devices and actions: edges last one tick, whatever else happens."""

from __future__ import annotations

from typing import Any

import pytest
from support import Call

from engine import HotloopError, World
from modules.core.input import Actions, Gamepads, Keyboard, Pointer, feed


@pytest.fixture
def tick(call: Call) -> Call:
    return lambda *events: call(feed, events=list(events))


def key(way: str, name: str) -> list[Any]:
    return ["key", way, name]


def test_a_key_is_hit_for_one_tick_and_held_until_it_is_let_go(world: World, tick: Call) -> None:
    tick(key("down", "space"))
    keyboard = world.resource(Keyboard)
    assert (keyboard.held("space"), keyboard.hit("space"), keyboard.let_go("space")) == (True, True, False)
    tick()
    assert (keyboard.held("space"), keyboard.hit("space"), keyboard.let_go("space")) == (True, False, False)
    tick(key("up", "space"))
    assert (keyboard.held("space"), keyboard.hit("space"), keyboard.let_go("space")) == (False, False, True)
    tick()
    assert not keyboard.let_go("space")


def test_a_tap_within_one_tick_is_seen(world: World, tick: Call) -> None:
    world.resource(Actions).bind("jump", "key:space")
    tick(key("down", "space"), key("up", "space"))
    keyboard, actions = world.resource(Keyboard), world.resource(Actions)
    assert (keyboard.held("space"), keyboard.hit("space"), keyboard.let_go("space")) == (False, True, True)
    assert (actions.held("jump"), actions.hit("jump"), actions.let_go("jump")) == (False, True, True)
    tick()
    assert not actions.hit("jump")
    assert not actions.let_go("jump")


def test_a_repeated_down_is_no_hit_and_names_are_sorted(world: World, tick: Call) -> None:
    tick(key("down", "w"), key("down", "a"))
    tick(key("down", "w"))
    keyboard = world.resource(Keyboard)
    assert keyboard.down == ["a", "w"]
    assert keyboard.pressed == []


def test_typed_text_lasts_one_tick(world: World, tick: Call) -> None:
    tick(["text", "h"], ["text", "é"])
    assert world.resource(Keyboard).text == "hé"
    tick()
    assert world.resource(Keyboard).text == ""


def test_the_pointer_moves_clicks_and_scrolls(world: World, tick: Call) -> None:
    tick(["pointer", 10, 20])
    tick(["pointer", 13, 24], ["pointer", 15, 20], ["button", "down", "left"], ["wheel", 0, 2], ["wheel", 1, -1])
    pointer = world.resource(Pointer)
    assert (pointer.x, pointer.y, pointer.dx, pointer.dy) == (15, 20, 5, 0)
    assert (pointer.left, pointer.right, pointer.hit(), pointer.wheel, pointer.wheel_x) == (True, False, True, 1, 1)
    tick(["button", "up", "left"])
    assert (pointer.left, pointer.let_go("left"), pointer.dx, pointer.wheel) == (False, True, 0, 0)


def test_gamepads_come_and_go(world: World, tick: Call) -> None:
    tick(["pad", "added", 0, "Pad"], ["pad", "added", 1, "Other"], ["padbutton", "down", 1, "a"])
    pads = world.resource(Gamepads)
    assert [(pad.index, pad.name) for pad in pads] == [(0, "Pad"), (1, "Other")]
    assert (pads.hit("a"), pads.held("a", 0), pads.held("a", 1)) == (True, False, True)
    tick(["padaxis", 0, "leftx", -0.4], ["padaxis", 1, "leftx", 0.9])
    assert (pads.axis("leftx"), pads.axis("leftx", 0), pads.axis("righty")) == (0.9, -0.4, 0.0)
    tick(["pad", "removed", 1, ""])
    assert (len(pads), pads.held("a"), pads.axis("leftx")) == (1, False, -0.4)


def test_a_pad_that_was_there_before_the_recording_is_plugged_in_by_its_events(world: World, tick: Call) -> None:
    tick(["padbutton", "down", 2, "x"])
    assert [pad.index for pad in world.resource(Gamepads)] == [2]
    assert world.resource(Gamepads).hit("x", 2)


def test_an_action_has_one_value_from_keys_and_stick(world: World, tick: Call) -> None:
    actions = world.resource(Actions)
    actions.bind("turn", "-key:left", "key:right", "pad:leftx")
    tick(key("down", "left"))
    assert (actions.value("turn"), actions.held("turn"), actions.hit("turn")) == (-1, True, True)
    tick(key("down", "right"))
    assert actions.value("turn") == 0
    assert actions.let_go("turn") is True
    tick(key("up", "left"), key("up", "right"), ["padaxis", 0, "leftx", 0.1])
    assert actions.value("turn") == 0, "inside the dead zone"
    tick(["padaxis", 0, "leftx", 0.7])
    assert actions.value("turn") == pytest.approx(0.625)
    assert actions.hit("turn")
    tick(["padaxis", 0, "leftx", -1.0])
    assert actions.value("turn") == -1


def test_half_an_axis_is_a_button_too(world: World, tick: Call) -> None:
    actions = world.resource(Actions)
    actions.bind("left", "pad:leftx-")
    actions.bind("right", "pad:leftx+")
    tick(["padaxis", 0, "leftx", -0.9])
    assert (actions.hit("left"), actions.hit("right"), actions.value("right")) == (True, False, 0)
    assert actions.value("left") > 0.8


def test_the_mouse_and_several_devices_share_an_action(world: World, tick: Call) -> None:
    actions = world.resource(Actions)
    actions.bind("fire", "key:space", "mouse:left", "pad:a")
    for event in (["button", "down", "left"], ["padbutton", "down", 0, "a"]):
        tick(event)
        assert actions.hit("fire")
        assert actions.value("fire") == 1
    tick(["button", "up", "left"])
    assert actions.held("fire"), "the other one is still down"


def test_a_person_rebinds_an_action_and_the_game_does_not_undo_it(world: World, tick: Call) -> None:
    actions = world.resource(Actions)
    actions.bind("fire", "key:space")
    actions.rebind("fire", "key:x")
    actions.bind("fire", "key:space", "pad:a")
    tick(key("down", "space"))
    assert not actions.held("fire")
    tick(key("down", "x"))
    assert actions.hit("fire")
    actions.rebind("fire")
    tick(["padbutton", "down", 0, "a"])
    assert actions.bindings["fire"] == ["key:space", "pad:a"]


def test_new_defaults_count_where_nobody_rebound(world: World, tick: Call) -> None:
    actions = world.resource(Actions)
    actions.bind("fire", "key:space")
    actions.bind("fire", "key:f")
    tick(key("down", "f"))
    assert actions.hit("fire")


def test_a_wrong_binding_says_how_to_write_one(world: World) -> None:
    with pytest.raises(HotloopError, match=r"'space' is no binding.*key:space"):
        world.resource(Actions).bind("fire", "space")


@pytest.mark.parametrize(
    "event",
    [
        [],
        "key",
        ["keys", "down", "a"],
        ["key", "press", "a"],
        ["key", "down"],
        ["pointer", 1],
        ["pointer", float("nan"), 0],
        ["pointer", float("inf"), 0],
        ["padbutton", "down", -1, "a"],
        ["padaxis", 0, "leftx", "far"],
        ["pad", "plugged", 0],
    ],
)
def test_what_is_no_raw_event_is_refused_and_nothing_is_applied(world: World, tick: Call, event: Any) -> None:
    with pytest.raises(HotloopError, match="is no raw event"):
        tick(key("down", "a"), event)
    assert not world.resource(Keyboard).held("a")


def test_the_same_events_give_the_same_hash() -> None:
    from engine.binding import binder
    from engine.reload.bus import Bus

    hashes = []
    for _ in range(2):
        world = World(seed=1)
        bus = Bus(binder(world))
        bus.replace([(feed.__mark__, feed, "core.input")])  # type: ignore[attr-defined]
        world.resource(Actions).bind("turn", "-key:left", "pad:leftx")
        for events in ([key("down", "left")], [["padaxis", 0, "leftx", 0.7]], [["pointer", 3.5, 4]], []):
            bus.call("core.input.feed", events=events)
        hashes.append(world.hash())
    assert hashes[0] == hashes[1]


def test_input_survives_a_snapshot(world: World, tick: Call) -> None:
    world.resource(Actions).bind("fire", "key:space", "pad:a")
    tick(key("down", "space"), ["pad", "added", 0, "Pad"], ["padbutton", "down", 0, "a"], ["padaxis", 0, "l2", 0.5])
    kept, digest = world.snapshot(), world.hash()
    tick(key("up", "space"), ["pad", "removed", 0, ""])
    assert world.hash() != digest
    world.restore(kept)
    assert world.hash() == digest
    assert world.resource(Gamepads).held("a")
    assert world.resource(Actions).held("fire")
