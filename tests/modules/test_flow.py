"""States of a game: changed at the start of the next tick, with events, and what was to stay until then goes."""

from __future__ import annotations

from enum import Enum

import pytest
from support import Call

from engine import HotloopError, World
from modules.core.flow import Entered, Flow, Left, Until, state
from modules.core.motion import Position
from modules.systems import flow


@state
class Screen(Enum):
    TITLE = "title"
    PLAYING = "playing"
    OVER = "over"


@state
class Weather(Enum):
    SUN = 1
    RAIN = 2


@pytest.fixture
def game(world: World) -> World:
    world.register(Screen, Weather)
    return world


def seen(world: World) -> list[tuple[str, str]]:
    """Return what was left and entered since the last look."""
    gone = [("left", text) for step in world.events(Left, reader="test") for text in step.state]
    come = [("entered", text) for step in world.events(Entered, reader="test") for text in step.state]
    return gone + come


def test_the_first_member_is_where_the_game_begins(game: World, call: Call) -> None:
    assert game.resource(Screen) is Screen.TITLE
    seen(game)
    call(flow.change)
    assert seen(game) == [("entered", "Screen.TITLE"), ("entered", "Weather.SUN")]
    call(flow.change)
    assert seen(game) == []


def test_a_move_happens_at_the_start_of_the_next_tick(game: World, call: Call) -> None:
    call(flow.change)
    seen(game)
    game.resource(Flow).go(Screen.PLAYING)
    assert game.resource(Screen) is Screen.TITLE
    call(flow.change)
    assert game.resource(Screen) is Screen.PLAYING
    assert seen(game) == [("left", "Screen.TITLE"), ("entered", "Screen.PLAYING")]
    assert game.resource(Weather) is Weather.SUN


def test_events_compare_with_members(game: World, call: Call) -> None:
    game.events(Entered, reader="test").read()
    call(flow.change)
    (step,) = list(game.events(Entered, reader="test"))
    assert (step.state == Screen.TITLE).tolist() == [True, False]
    assert (step.state == Weather.SUN).tolist() == [False, True]


def test_the_last_wish_of_a_tick_wins_and_going_where_one_is_does_nothing(game: World, call: Call) -> None:
    call(flow.change)
    seen(game)
    game.resource(Flow).go(Screen.PLAYING)
    game.resource(Flow).go(Screen.OVER)
    call(flow.change)
    assert seen(game)[-1] == ("entered", "Screen.OVER")
    game.resource(Flow).go(Screen.OVER)
    call(flow.change)
    assert seen(game) == []


def test_what_was_to_stay_until_a_state_ends_is_despawned(game: World, call: Call) -> None:
    call(flow.change)
    titles = game.spawn(Position(), Until(Screen.TITLE), count=3)
    others = game.spawn(Position(), Until(Screen.PLAYING), count=2)
    game.resource(Flow).go(Screen.PLAYING)
    call(flow.change)
    assert not game.alive(titles).any()
    assert game.alive(others).all()


def test_an_unknown_state_says_what_to_do(game: World, call: Call) -> None:
    class Unmarked(Enum):
        ONE = 1

    game.resource(Flow).go(Unmarked.ONE)
    with pytest.raises(HotloopError, match=r"Unmarked\.ONE cannot be entered.*@state"):
        call(flow.change)


def test_the_state_is_part_of_a_snapshot(game: World, call: Call) -> None:
    call(flow.change)
    kept = game.snapshot()
    game.resource(Flow).go(Screen.PLAYING)
    call(flow.change)
    game.restore(kept)
    assert game.resource(Screen) is Screen.TITLE
    seen(game)
    call(flow.change)
    assert seen(game) == []
