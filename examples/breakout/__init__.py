"""Breakout: a paddle, a ball and a wall of bricks."""

from enum import Enum

from engine import Commands, Mut, Startup, system
from modules.core.flow import state
from modules.core.motion import Position
from modules.core.render import Canvas, Fixed, Gradient, rgba
from modules.core.time import Pause
from modules.core.window import Window

WIDTH, HEIGHT = 960, 540  # pixels
ABOVE, BELOW = rgba("#241a55"), rgba("#08060f")


@state
class Screen(Enum):
    """What the game is showing."""

    TITLE = "title"
    PLAYING = "playing"
    OVER = "over"


def playing(screen: Screen, pause: Pause) -> bool:
    """Tell whether the game goes on."""
    return screen is Screen.PLAYING and not pause.on


@system(Startup)
def set_up(commands: Commands, canvas: Mut[Canvas], window: Mut[Window]) -> None:
    """Name the window and hang up the sky."""
    canvas.width, canvas.height = WIDTH, HEIGHT
    window.title = "Breakout"
    sky = Gradient(w=WIDTH, h=HEIGHT, color=ABOVE, end=BELOW, layer=-10)
    commands.spawn(Position(x=WIDTH / 2, y=HEIGHT / 2), sky, Fixed())
