"""Score, lives and banners: what the game has to say while it is on."""

import numpy as np

from engine import Commands, Events, Mut, Query, Send, Startup, Update, With, component, event, i32, system, u8
from modules.core.input import Pointer
from modules.core.motion import Position, Velocity
from modules.core.render import Fixed, Sprite, Text, rgba
from modules.core.time import Pause
from modules.core.window import Window

from . import HEIGHT, WIDTH
from .effects import ROCK_COLORS, Fading
from .rocks import RockBroken, WaveStarted
from .screens import BRIGHT, DIM, FONT, MENU, WARM, Game, Screen, playing
from .ship import Ship

POINTS = np.array([100, 50, 20])  # for a small, a medium, a large rock
EXTRA_LIFE = 5_000  # points
MOST_LIVES = 6
POPUP = 0.9  # seconds that points are shown where they were won
BANNER = 2.2  # seconds
EDGE = 22.0  # pixels between the writing and the edge of the canvas
SHOWN, HIDDEN = rgba("#ffffff"), rgba("#ffffff00")
WORDS = 80  # layer


@component
class ScoreLabel:
    """Shows the score."""


@component
class BestLabel:
    """Shows the best score so far."""


@component
class WaveLabel:
    """Shows the number of the wave."""


@component
class LifeIcon:
    """Shows one of the lives, the first, second, ..."""

    number: u8


@component
class Crosshair:
    """Shows where the mouse aims."""


@event
class LifeWon:
    """The score earned another life."""

    lives: i32


@system(Startup)
def put_up_labels(commands: Commands) -> None:
    """Put up the labels once; the systems below keep them right."""
    for label, x, y, size, color, align in (
        (ScoreLabel(), EDGE, 30, 30, BRIGHT, "left"),
        (WaveLabel(), WIDTH / 2, 26, 18, DIM, "center"),
        (BestLabel(), WIDTH - EDGE, 26, 18, DIM, "right"),
    ):
        text = Text("", size=size, color=color, layer=WORDS, align=align, font=FONT)
        commands.spawn(Position(x=x, y=y), text, Fixed(), label)
    number = np.arange(MOST_LIVES)
    icons = Sprite("life.png", layer=WORDS)
    commands.spawn(Position(x=EDGE + 10 + 24 * number, y=64), icons, Fixed(), LifeIcon(number), count=MOST_LIVES)
    commands.spawn(Position(), Sprite("aim.png", layer=WORDS, tint=HIDDEN), Fixed(), Crosshair())


@system(Update, when=playing)
def win_points(broken: Events[RockBroken], game: Mut[Game], commands: Commands, won: Send[LifeWon]) -> None:
    """Count points for broken rocks, show them on the spot, and give a life every EXTRA_LIFE points."""
    for rock in broken:
        points, before = POINTS[rock.size], game.score
        game.score += int(points.sum())
        rise = game.score // EXTRA_LIFE - before // EXTRA_LIFE
        if rise and game.lives < MOST_LIVES:
            game.lives += 1
            won.send(lives=game.lives)
        color = ROCK_COLORS[rock.size]
        commands.spawn(
            Position(x=rock.x, y=rock.y),
            Velocity(x=0, y=-55),
            Text(points.astype(str), size=17, color=color, layer=WORDS, align="center", font=FONT),
            Fading(life=POPUP, left=POPUP, color=color),
        )


@system(Update, when=playing)
def keep_best(game: Mut[Game]) -> None:
    """Remember the best score."""
    if game.score > game.best:
        game.best, game.new_best = game.score, True


@system(Update)
def show_score(game: Game, labels: Query[Mut[Text], With[ScoreLabel]]) -> None:
    """Write the score."""
    for text in labels:
        text.text = f"{game.score:05d}"


@system(Update)
def show_best(game: Game, labels: Query[Mut[Text], With[BestLabel]]) -> None:
    """Write the best score."""
    for text in labels:
        text.text = f"best {game.best:05d}"


@system(Update)
def show_wave(game: Game, screen: Screen, labels: Query[Mut[Text], With[WaveLabel]]) -> None:
    """Write the number of the wave."""
    for text in labels:
        text.text = f"wave {game.wave}" if screen is Screen.PLAYING and game.wave else ""


@system(Update)
def show_lives(game: Game, screen: Screen, icons: Query[LifeIcon, Mut[Sprite]]) -> None:
    """Show as many little ships as there are lives in reserve."""
    reserve = game.lives - 1 if screen is Screen.PLAYING else 0
    for icon, sprite in icons:
        sprite.tint = np.where(icon.number < reserve, SHOWN, HIDDEN)


@system(Update)
def aim(
    marks: Query[Mut[Position], Mut[Sprite], With[Crosshair]],
    ships: Query[Ship],
    pointer: Pointer,
    pause: Pause,
    window: Mut[Window],
) -> None:
    """Show the crosshair instead of the cursor while the ship turns to the mouse."""
    aiming = not pause.on and any(bool(ship.aiming.any()) for ship in ships)
    window.cursor = not aiming
    for pos, sprite in marks:
        pos.x, pos.y = pointer.x, pointer.y
        sprite.tint = SHOWN if aiming else HIDDEN


@system(Update, when=playing)
def announce(waves: Events[WaveStarted], lives: Events[LifeWon], commands: Commands) -> None:
    """Announce waves and extra lives across the field."""
    for wave in waves:
        banner(commands, f"Wave {int(wave.number[-1])}", 0.36 * HEIGHT, 46, BRIGHT)
    for _ in lives:
        banner(commands, "Extra life", 0.50 * HEIGHT, 26, WARM)


def banner(commands: Commands, words: str, y: float, size: float, color: int) -> None:
    """Show words in the middle for a while."""
    commands.spawn(
        Position(x=WIDTH / 2, y=y),
        Text(words, size=size, color=color, layer=MENU, align="center", font=FONT),
        Fading(life=BANNER, left=BANNER, color=color),
        Fixed(),
    )
