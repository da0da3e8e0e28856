"""Flow: the states of a game (title, playing, game over), and what comes and goes with them.

    @state
    class Screen(Enum):
        TITLE = "title"
        PLAYING = "playing"

A parameter `screen: Screen` of a system is the present member; the first one is where the game begins.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

from engine import Events, component, event, field, resource, text

__all__ = ["Entered", "Flow", "Left", "Until", "entered", "state"]

S = TypeVar("S", bound=Enum)


def state(cls: type[S]) -> type[S]:
    """Mark an enum as a state of the game: one present member per world, changed by `Flow.go`."""
    return resource(cls)


@resource
class Flow:
    """Change states: take `flow: Mut[Flow]` and call `flow.go(Screen.PLAYING)`.

    `wanted` holds the moves asked for and `present` the members that `Entered` was sent for, both by the name of
    the state. The move happens at the start of the next tick.
    """

    wanted: dict[str, str] = field(factory=dict)
    present: dict[str, str] = field(factory=dict)

    def go(self, member: Enum) -> None:
        """Enter a state at the start of the next tick; the last call in a tick wins."""
        self.wanted[type(member).__name__] = member.name


@event
class Entered:
    """Tell that a state was entered, also the first one: `entered.state == Screen.PLAYING` is a mask."""

    state: text


@event
class Left:
    """Tell that a state was left; sent just before the `Entered` of the next one."""

    state: text


@component
class Until:
    """Despawn an entity when this state is left: `Until(Screen.PLAYING)`."""

    state: text


def entered(events: Events[Entered], member: Enum) -> bool:
    """Tell whether a state has just been entered: `if entered(events, Screen.PLAYING)`."""
    return any(bool((step.state == member).any()) for step in events)
