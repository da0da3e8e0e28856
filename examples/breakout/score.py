"""Score and lives."""

import numpy as np

from engine import Commands, Events, Mut, Query, Startup, Update, With, component, resource, system, u8
from modules.core.flow import Entered, Flow, entered
from modules.core.motion import Position
from modules.core.render import Circle, Fixed, Text, fade, rgba

from . import WIDTH, Screen, playing
from .ball import Lost
from .bricks import DOWN, Broken

LIVES = 3
POINTS = 10  # for a brick of the lowest row; each row above is worth so much more
INK, WARM = rgba("#eafcff"), rgba("#fff3d6")


@resource
class Game:
    """One game, from start to game over."""

    score: int = 0
    lives: int = LIVES
    name: str = ""


@component
class ScoreLabel:
    """Shows the score."""


@component
class LifeIcon:
    """Shows one of the lives, 0 for the first."""

    number: u8


@system(Startup)
def put_up(commands: Commands) -> None:
    """Put up the score and the lives."""
    commands.spawn(Position(x=28, y=34), Text("0", size=30, color=INK), Fixed(), ScoreLabel())
    number = np.arange(LIVES)
    commands.spawn(Position(x=WIDTH - 30 - 24 * number, y=34), Circle(8, WARM), Fixed(), LifeIcon(number), count=LIVES)


@system(Update)
def count(broken: Events[Broken], lost: Events[Lost], game: Mut[Game]) -> None:
    """Count points for bricks, and lives for balls."""
    for brick in broken:
        game.score += int((POINTS * (DOWN - brick.row.astype(int))).sum())
    for ball in lost:
        game.lives -= len(ball.x)


@system(Update)
def show(game: Game, labels: Query[Mut[Text], With[ScoreLabel]], icons: Query[LifeIcon, Mut[Circle]]) -> None:
    """Show both."""
    for text in labels:
        text.text = f"{game.score}"
    for icon, circle in icons:
        circle.color = fade(WARM, np.where(icon.number < game.lives, 1.0, 0.15))


@system(Update)
def begin(events: Events[Entered], game: Mut[Game]) -> None:
    """Wipe the slate when a game begins."""
    if entered(events, Screen.PLAYING):
        game.score, game.lives = 0, LIVES


@system(Update, when=playing)
def end(game: Game, flow: Mut[Flow]) -> None:
    """End the game with its last life."""
    if game.lives <= 0:
        flow.go(Screen.OVER)
