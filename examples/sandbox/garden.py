"""The garden: in one minute, grow as much as you can."""

from engine import Commands, Events, Mut, Query, Time, Update, With, component, resource, system
from modules.core.flow import Entered, Flow, Until, entered
from modules.core.motion import Position
from modules.core.render import Fixed, Text, rgba
from modules.core.time import Pause
from modules.plugins.screens import Menu, Scores

from .grid import Grid
from .picture import LEFT_EDGE
from .screens import Screen, Wishes

SECONDS = 60.0
HURRY = 10.0  # seconds before the end from which the clock turns red
CALM, HOT = rgba("#eef3ff"), rgba("#ff6b57")
LAYER = 50


@resource
class Garden:
    """One garden: the seconds left, the cells that grew, and who grew them."""

    left: float = SECONDS
    before: int = 0
    grown: int = 0
    name: str = ""
    noted: bool = False


@component
class Clock:
    """Shows what is left of the minute, and what has grown."""


def gardening(screen: Screen, pause: Pause) -> bool:
    """Tell whether the minute runs."""
    return screen is Screen.GARDEN and not pause.on


@system(Update)
def begin(events: Events[Entered], garden: Mut[Garden], grid: Grid, commands: Commands) -> None:
    """Wind up the clock."""
    if entered(events, Screen.GARDEN):
        garden.left, garden.before, garden.grown, garden.noted = SECONDS, grid.count("plant"), 0, False
        words = Text("", size=26, color=CALM, layer=LAYER)
        commands.spawn(Position(x=LEFT_EDGE + 20, y=28), words, Fixed(), Clock(), Until(Screen.GARDEN))


@system(Update, when=gardening)
def run_down(
    garden: Mut[Garden], grid: Grid, time: Time, flow: Mut[Flow], clocks: Query[Mut[Text], With[Clock]]
) -> None:
    """Let the minute pass, count what grows, and end."""
    garden.grown = max(0, grid.count("plant") - garden.before)
    garden.left -= float(time.dt)
    for text in clocks:
        text.text = f"{max(0.0, garden.left):4.1f} s    {garden.grown} grown"
        text.color = HOT if garden.left < HURRY else CALM
    if garden.left <= 0:
        flow.go(Screen.OVER)


@system(Update)
def over(
    screen: Screen,
    menu: Mut[Menu],
    garden: Mut[Garden],
    scores: Mut[Scores],
    flow: Mut[Flow],
    wishes: Mut[Wishes],
) -> None:
    """Show what grew, and note it among the best."""
    if screen is not Screen.OVER:
        return
    menu.title("Time is up", veil=True)
    menu.label(f"{garden.grown} cells of green", 1.4)
    menu.space(0.3)
    if not garden.noted and scores.takes(garden.grown):
        garden.name = menu.entry("Your name", garden.name)
        if menu.button("Note it"):
            scores.add(garden.name, garden.grown)
            garden.noted = True
            menu.open("scores")
    if menu.button("Once more"):
        wishes.fresh = True
        flow.go(Screen.GARDEN)
    if menu.button("To the title"):
        flow.go(Screen.TITLE)
