"""Labels: what can be done, and how many are about."""

from __future__ import annotations

from engine import Commands, Mut, Query, Startup, Update, component, system
from modules.core.motion import Position
from modules.core.render import Fixed, Text, rgba

from .lanterns import Lantern
from .moths import Moth

PALE, NIGHT = rgba("#c9d2ea"), rgba("#080b16")


@component
class Count:
    """Tell how many lanterns and moths there are."""


@system(Startup)
def write(commands: Commands) -> None:
    """Write the help at the bottom and an empty count at the top."""
    words = "left click: light a lantern     right click: blow one out     space: all out     P: pause"
    commands.spawn(Position(24, 518), Fixed(), Text(words, 16.0, PALE, layer=9, edge=3.0, edge_color=NIGHT))
    commands.spawn(Position(24, 24), Fixed(), Text("", 16.0, PALE, layer=9, edge=3.0, edge_color=NIGHT), Count())


@system(Update)
def count(texts: Query[Mut[Text], Count], lanterns: Query[Lantern], moths: Query[Moth]) -> None:
    """Keep the count."""
    for text, _ in texts:
        text.text = f"{len(lanterns)} lanterns by esper, {len(moths)} moths by numpy"
