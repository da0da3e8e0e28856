"""Screens: the title, playing, the pause, and game over, and how one leads to the next."""

from enum import Enum

import numpy as np

from engine import Commands, Events, Mut, PreUpdate, Query, Time, Update, With, component, resource, system
from modules.core.flow import Entered, Flow, Until, state
from modules.core.input import Actions
from modules.core.motion import Position
from modules.core.render import Box, Fixed, Sprite, Text, fade, rgba
from modules.core.time import Pause
from modules.plugins.screens import Menu, Theme

from . import HEIGHT, WIDTH

LIVES = 3
REST = 1.2  # seconds in which game over cannot be clicked away
BACK_TO_TITLE = 14.0  # seconds until game over gives way to the title
CONTROLS = {  # action: what it is bound to
    "turn": ("-key:left", "key:right", "-key:a", "key:d", "pad:leftx", "-pad:left", "pad:right"),
    "thrust": ("key:up", "key:w", "mouse:right", "pad:r2", "pad:b", "pad:up"),
    "fire": ("key:space", "mouse:left", "pad:a", "pad:r1"),
    "start": ("key:space", "key:return", "mouse:left", "pad:a", "pad:start"),
}
HELP = (
    ("\u2190 \u2192  or  A D", "turn", "mouse  or  stick"),
    ("\u2191  or  W", "push", "right button  or  R2"),
    ("space", "fire", "left button  or  A"),
)
FONT = "vector.ttf"
BRIGHT, DIM, WARM = rgba("#d8fbff"), rgba("#93a4e6"), rgba("#ffb45e")
VEIL, PLATE, DARK = rgba("#05061299"), rgba("#93a4e62e"), rgba("#070917")
BLINK = 2.4  # radians a second
MENU = 100  # layer


@state
class Screen(Enum):
    """What the game is showing."""

    TITLE = "title"
    PLAYING = "playing"
    OVER = "over"


@resource
class Game:
    """One game, from start to game over, and the best one so far."""

    score: int = 0
    best: int = 0
    lives: int = LIVES
    wave: int = 0
    new_best: bool = False
    seconds: float = 0.0  # on this screen


@component
class Prompt:
    """Text that breathes."""


def playing(screen: Screen, pause: Pause) -> bool:
    """Tell whether a game is on, and not paused."""
    return screen is Screen.PLAYING and not pause.on


def entered(events: Events[Entered], screen: Screen) -> bool:
    """Tell whether a screen has just been entered."""
    return any(bool((step.state == screen).any()) for step in events)


@system(PreUpdate)
def bind_controls(actions: Mut[Actions]) -> None:
    """Say what every action is bound to; at every tick, so that an edit of CONTROLS holds at once."""
    for action, bindings in CONTROLS.items():
        actions.bind(action, *bindings)


@system(PreUpdate)
def dress_menus(theme: Mut[Theme]) -> None:
    """Say how the pause and its settings look."""
    theme.font = theme.title_font = FONT
    theme.ink, theme.muted, theme.accent, theme.dark, theme.plate = BRIGHT, DIM, WARM, DARK, PLATE


@system(Update)
def interrupt(screen: Screen, menu: Mut[Menu], flow: Mut[Flow]) -> None:
    """Pause on P or the pad's start button."""
    if screen is Screen.PLAYING and menu.pause("Give up"):
        flow.go(Screen.TITLE)


@system(Update)
def count_seconds(events: Events[Entered], game: Mut[Game], time: Time) -> None:
    """Measure how long the present screen has been there."""
    changed = sum(len(step.state) for step in events) > 0
    game.seconds = 0.0 if changed else game.seconds + float(time.dt)


@system(Update)
def start(screen: Screen, actions: Actions, game: Game, flow: Mut[Flow]) -> None:
    """Begin a game when asked to, and go back to the title after a while."""
    waited = screen is Screen.TITLE or game.seconds > REST
    if screen is not Screen.PLAYING and waited and actions.hit("start"):
        flow.go(Screen.PLAYING)
    elif screen is Screen.OVER and game.seconds > BACK_TO_TITLE:
        flow.go(Screen.TITLE)


@system(Update)
def begin(events: Events[Entered], game: Mut[Game]) -> None:
    """Wipe the slate when a game begins."""
    if entered(events, Screen.PLAYING):
        game.score, game.lives, game.wave, game.new_best = 0, LIVES, 0, False


@system(Update, when=playing)
def end(game: Mut[Game], flow: Mut[Flow]) -> None:
    """End the game with its last life."""
    if game.lives <= 0:
        flow.go(Screen.OVER)


@system(Update)
def show_title(events: Events[Entered], commands: Commands) -> None:
    """Put up the title and what there is to know."""
    if not entered(events, Screen.TITLE):
        return
    veil(commands, Screen.TITLE)
    commands.spawn(Position(x=WIDTH / 2, y=168), Sprite("title.png", layer=MENU), Fixed(), Until(Screen.TITLE))
    write(commands, Screen.TITLE, "Press space, click, or A to start", 288, 24, BRIGHT, Prompt())
    for row, (keys, action, others) in enumerate(HELP):
        y = 372 + 30 * row
        write(commands, Screen.TITLE, keys, y, 17, DIM, x=WIDTH / 2 - 70, align="right")
        write(commands, Screen.TITLE, action, y, 19, WARM)
        write(commands, Screen.TITLE, others, y, 17, DIM, x=WIDTH / 2 + 70, align="left")
    write(commands, Screen.TITLE, "P or start: pause     edit rocks.py while you play", HEIGHT - 30, 14, DIM)


@system(Update)
def show_game_over(events: Events[Entered], commands: Commands, game: Game) -> None:
    """Put up the result over a veil."""
    if not entered(events, Screen.OVER):
        return
    veil(commands, Screen.OVER)
    write(commands, Screen.OVER, "Game over", 190, 64, BRIGHT)
    write(commands, Screen.OVER, f"{game.score}", 268, 40, WARM)
    write(commands, Screen.OVER, "a new best" if game.new_best else f"best {game.best}", 312, 18, DIM)
    write(commands, Screen.OVER, "Press space, click, or A to play again", 388, 22, BRIGHT, Prompt())


@system(Update)
def breathe(prompts: Query[Mut[Text], With[Prompt]], time: Time) -> None:
    """Let prompts come and go."""
    for text in prompts:
        text.color = fade(BRIGHT, 0.62 + 0.38 * np.sin(BLINK * time.elapsed))


def veil(commands: Commands, screen: Screen) -> None:
    """Dim the field, so that what is written over it can be read, until the screen goes."""
    dim = Box(w=WIDTH, h=HEIGHT, color=VEIL, layer=MENU - 1)
    commands.spawn(Position(x=WIDTH / 2, y=HEIGHT / 2), dim, Fixed(), Until(screen))


def write(
    commands: Commands,
    screen: Screen,
    words: str,
    y: float,
    size: float,
    color: int,
    *more: object,
    x: float = WIDTH / 2,
    align: str = "center",
) -> None:
    """Write a line on the canvas that goes when the screen does."""
    text = Text(words, size=size, color=color, layer=MENU, align=align, font=FONT)
    commands.spawn(Position(x=x, y=y), text, Fixed(), Until(screen), *more)
