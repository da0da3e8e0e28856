"""Labels: what can be done, and how many are about."""

from __future__ import annotations

from engine import Commands, Mut, Query, Startup, Update, component, system
from modules.core.motion import Position
from modules.core.render import Fixed, Text, fade, rgba

from .lanterns import Lantern
from .moths import Moth

PALE = rgba("#c9d2ea")


@component
class Count:
    """Tell how many lanterns and moths there are."""


@system(Startup)
def write(commands: Commands) -> None:
    """Write the help at the bottom and an empty count at the top."""
    words = "left click: light a lantern     right click: blow one out     space: all out"
    commands.spawn(Position(24, 520), Fixed(), Text(words, 14.0, fade(PALE, 0.55), layer=9))
    commands.spawn(Position(24, 22), Fixed(), Text("", 14.0, fade(PALE, 0.55), layer=9), Count())


@system(Update)
def count(texts: Query[Mut[Text], Count], lanterns: Query[Lantern], moths: Query[Moth]) -> None:
    """Keep the count."""
    for text, _ in texts:
        text.text = f"{len(lanterns)} lanterns by esper, {len(moths)} moths by numpy"
