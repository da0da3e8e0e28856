"""Screens: title, playing, the end, and how one leads to the next."""

from enum import Enum

from engine import Mut, PreUpdate, Update, resource, system
from modules.core.flow import Flow, state
from modules.core.input import Actions
from modules.core.render import rgba
from modules.core.time import Pause
from modules.plugins.screens import Menu, Scores, Theme

from . import TITLE

LIVES = 5
CONTROLS = {  # action: what it is bound to
    "run": ("-key:left", "key:right", "-key:a", "key:d", "pad:leftx", "-pad:left", "pad:right"),
    "jump": ("key:space", "key:up", "key:w", "pad:a"),
    "drop": ("key:down", "key:s", "pad:down", "pad:lefty+"),
}
COIN_POINTS, LIFE_POINTS, SECOND_POINTS, PAR_SECONDS = 100, 500, 10, 240
INK, ACCENT = rgba("#fff6e0"), rgba("#ffd166")


@state
class Screen(Enum):
    """What the game is showing."""

    TITLE = "title"
    PLAYING = "playing"
    HOME = "home"
    OVER = "over"


@resource
class Game:
    """One game: what was won, what is left of it, and who plays."""

    coins: int = 0
    lives: int = LIVES
    seconds: float = 0.0
    name: str = ""

    @property
    def points(self) -> int:
        """What the game is worth."""
        quick = max(0, PAR_SECONDS - int(self.seconds)) if self.lives > 0 else 0
        return COIN_POINTS * self.coins + LIFE_POINTS * max(0, self.lives) + SECOND_POINTS * quick


def going(pause: Pause) -> bool:
    """Tell whether the world moves: at all times but in a pause."""
    return not pause.on


def playing(screen: Screen, pause: Pause) -> bool:
    """Tell whether a game goes on."""
    return screen is Screen.PLAYING and not pause.on


@system(PreUpdate)
def bind_controls(actions: Mut[Actions], theme: Mut[Theme]) -> None:
    """Say what every action is bound to, and how menus look; at every tick, so that an edit holds at once."""
    for action, bindings in CONTROLS.items():
        actions.bind(action, *bindings)
    theme.ink, theme.accent, theme.dark = INK, ACCENT, rgba("#3a2438")
    theme.muted, theme.veil = rgba("#e6d9c8"), rgba("#24142cb8")
    theme.plate, theme.title_size = rgba("#24142c88"), 84.0


@system(Update)
def show_title(screen: Screen, menu: Mut[Menu], flow: Mut[Flow]) -> None:
    """Offer a game."""
    if screen is not Screen.TITLE:
        return
    menu.title(TITLE)
    menu.space(0.7)
    if menu.button("Play"):
        flow.go(Screen.PLAYING)
    menu.link("High scores", "scores")
    menu.link("Controls", "controls")
    menu.link("Settings", "settings")


@system(Update)
def show_pause(screen: Screen, menu: Mut[Menu], flow: Mut[Flow]) -> None:
    """Pause on P or the pad's start button."""
    if screen is Screen.PLAYING and menu.pause("Give up"):
        flow.go(Screen.TITLE)


@system(Update)
def show_end(screen: Screen, menu: Mut[Menu], flow: Mut[Flow], game: Mut[Game], scores: Mut[Scores]) -> None:
    """Show what came of a game."""
    if screen not in (Screen.HOME, Screen.OVER):
        return
    menu.title("Home at last" if screen is Screen.HOME else "Withered", veil=True)
    menu.label(f"{game.coins} dew drops   \u00b7   {game.points} points", 1.2)
    menu.space(0.3)
    takes = scores.takes(game.points)
    if takes:
        game.name = menu.entry("Your name", game.name)
    if menu.button("Go on"):
        if takes:
            scores.add(game.name, game.points)
            menu.open("scores")
        flow.go(Screen.TITLE)
