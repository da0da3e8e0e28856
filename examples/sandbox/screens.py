"""Screens: the title, painting, the garden game, and how one leads to the other."""

from enum import Enum

from engine import Mut, PreUpdate, Update, resource, system
from modules.core.flow import Flow, state
from modules.core.input import Actions
from modules.core.render import rgba
from modules.core.time import Pause
from modules.plugins.screens import Menu, Theme

CONTROLS = {  # action: what it is bound to
    "brush_x": ("-key:left", "key:right", "-key:a", "key:d", "pad:leftx", "-pad:left", "pad:right"),
    "brush_y": ("-key:up", "key:down", "-key:w", "key:s", "pad:lefty", "-pad:up", "pad:down"),
    "paint": ("key:space", "mouse:left", "pad:a", "pad:r2"),
    "wipe": ("key:x", "mouse:right", "pad:x", "pad:l2"),
    "next": ("key:e", "pad:r1"),
    "previous": ("key:q", "pad:l1"),
    "larger": ("key:2", "pad:y"),
    "smaller": ("key:1", "pad:b"),
}
ACCENT = rgba("#ffb347")


@state
class Screen(Enum):
    """What the program is showing."""

    TITLE = "title"
    PAINT = "paint"
    GARDEN = "garden"
    OVER = "over"


@resource
class Wishes:
    """What the title was asked for: a new world at the next start."""

    fresh: bool = True


def running(pause: Pause) -> bool:
    """Tell whether materials move: always, but in a pause; behind the title too."""
    return not pause.on


def painting(screen: Screen, pause: Pause) -> bool:
    """Tell whether the person paints."""
    return screen in (Screen.PAINT, Screen.GARDEN) and not pause.on


def on_title(screen: Screen) -> bool:
    """Tell whether the title is shown."""
    return screen is Screen.TITLE


@system(PreUpdate)
def bind_controls(actions: Mut[Actions], theme: Mut[Theme]) -> None:
    """Say what every action is bound to, and how menus look; at every tick, so that an edit holds at once."""
    for action, bindings in CONTROLS.items():
        actions.bind(action, *bindings)
    theme.accent = ACCENT
    theme.x, theme.y = 0.555, 0.44


@system(Update, when=on_title)
def title(menu: Mut[Menu], flow: Mut[Flow], wishes: Mut[Wishes]) -> None:
    """Show the title over a world that lives."""
    menu.title("Sandbox", veil=True)
    if menu.button("Paint"):
        flow.go(Screen.PAINT)
    if menu.button("Garden: one minute"):
        wishes.fresh = True
        flow.go(Screen.GARDEN)
    if menu.button("A new world"):
        wishes.fresh = True
    menu.link("Saved worlds", "saves")
    menu.link("Best gardens", "scores")
    menu.link("Settings", "settings")


@system(Update)
def interrupt(screen: Screen, menu: Mut[Menu], flow: Mut[Flow]) -> None:
    """Pause on P or the pad's start button."""
    if screen in (Screen.PAINT, Screen.GARDEN) and menu.pause("To the title", links=[("Save", "saves")]):
        flow.go(Screen.TITLE)
