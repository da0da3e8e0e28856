"""Screens: the title, the pause, and game over with the best scores."""

from engine import Mut, Update, system
from modules.core.flow import Flow
from modules.plugins.screens import Menu, Scores

from . import Screen
from .score import Game


@system(Update)
def title(screen: Screen, menu: Mut[Menu], flow: Mut[Flow]) -> None:
    """Show the title."""
    if screen is Screen.TITLE:
        menu.title("Breakout", veil=True)
        if menu.button("Play"):
            flow.go(Screen.PLAYING)
        menu.link("Best scores", "scores")
        menu.link("Settings", "settings")


@system(Update)
def interrupt(screen: Screen, menu: Mut[Menu], flow: Mut[Flow]) -> None:
    """Pause on P or Start."""
    if screen is Screen.PLAYING and menu.pause("Give up"):
        flow.go(Screen.TITLE)


@system(Update)
def over(screen: Screen, menu: Mut[Menu], flow: Mut[Flow], game: Mut[Game], scores: Mut[Scores]) -> None:
    """Show the result, and take a name for a good one."""
    if screen is not Screen.OVER:
        return
    menu.title("Game over", veil=True)
    menu.label(f"{game.score} points", 1.5)
    if scores.takes(game.score):
        game.name = menu.entry("Your name", game.name)
        if menu.button("Note it"):
            scores.add(game.name, game.score)
            game.score = 0
            menu.open("scores")
    if menu.button("Play again"):
        flow.go(Screen.PLAYING)
    if menu.button("To the title"):
        flow.go(Screen.TITLE)
