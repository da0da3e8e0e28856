"""Screens: the title, a night, and its end."""

from enum import Enum

from engine import (
    Commands,
    Entity,
    Events,
    Mut,
    PreUpdate,
    Query,
    Time,
    Update,
    With,
    component,
    resource,
    system,
)
from modules.core.flow import Entered, Flow, Until, entered, state
from modules.core.input import Actions
from modules.core.motion import Position
from modules.core.render import Fixed, Gradient, Sprite, Text, rgba
from modules.core.time import Pause
from modules.plugins.screens import Menu, Scores, Theme

from . import HEIGHT, HUD, WIDTH

CONTROLS = {  # action: what it is bound to
    "walk_x": ("-key:left", "key:right", "-key:a", "key:d", "-pad:left", "pad:right", "pad:leftx"),
    "walk_y": ("-key:up", "key:down", "-key:w", "key:s", "-pad:up", "pad:down", "pad:lefty"),
}
HINTS = (
    "Walk with arrows, W A S D or a stick; weapons fire by themselves; P or Start pauses",
    "Edit foes.py or weapons/spark.py while you play",
)
POINTS_PER_KILL, POINTS_PER_SECOND = 10, 25
CLEAR, DUSK, SHADE_HIGH = rgba("#06081200"), rgba("#060812ff"), 130.0
MENU_WIDTH, CHOICE_WIDTH = 340.0, 500.0  # pixels
ACCENT, PLATE, VEIL, FAINT = rgba("#ffb45e"), rgba("#1a2340e0"), rgba("#060812c0"), rgba("#aab6dc")


@state
class Screen(Enum):
    """What the game is showing."""

    TITLE = "title"
    PLAYING = "playing"
    OVER = "over"


@resource
class Game:
    """One night: how long it has lasted in seconds, what was killed, and how far the hero has come.

    While `choosing` is not 0 the game waits for so many choices.
    """

    seconds: float = 0.0
    kills: int = 0
    level: int = 1
    gems: int = 0
    choosing: int = 0
    bosses: int = 0
    name: str = ""

    @property
    def score(self) -> int:
        """The points of this night."""
        return self.kills * POINTS_PER_KILL + int(self.seconds) * POINTS_PER_SECOND


@component
class Night:
    """Marks what goes when a new night begins."""


def playing(screen: Screen, pause: Pause, game: Game) -> bool:
    """Tell whether a night is on and nothing holds it."""
    return screen is Screen.PLAYING and not pause.on and not game.choosing


def moving(pause: Pause, game: Game) -> bool:
    """Tell whether nothing holds what there is to see, whichever screen it is."""
    return not pause.on and not game.choosing


def just_entered(events: Events[Entered]) -> Screen | None:
    """Return the screen that was just entered, if one was."""
    found = [screen for step in events for screen in Screen if (step.state == screen).any()]
    return found[-1] if found else None


@system(PreUpdate)
def bind_controls(actions: Mut[Actions]) -> None:
    """Say what every action is bound to; at every tick, so that an edit of CONTROLS holds at once."""
    for action, bindings in CONTROLS.items():
        actions.bind(action, *bindings)


@system(PreUpdate)
def dress_menus(theme: Mut[Theme], screen: Screen, game: Game) -> None:
    """Say how menus look."""
    theme.width = CHOICE_WIDTH if game.choosing else MENU_WIDTH
    theme.accent, theme.plate, theme.veil = ACCENT, PLATE, VEIL
    theme.y = 0.66 if screen is Screen.TITLE else 0.5


@system(PreUpdate)
def hold(pause: Mut[Pause], game: Game) -> None:
    """Hold whatever moves by its velocity while a choice is made."""
    pause.on = pause.on or game.choosing > 0


@system(Update)
def begin(events: Events[Entered], old: Query[Entity, With[Night]], game: Mut[Game], commands: Commands) -> None:
    """Clear the meadow for a new night, or for the title."""
    if just_entered(events) in (Screen.TITLE, Screen.PLAYING):
        commands.despawn(old.entities())
        game.seconds, game.kills, game.level, game.gems, game.choosing, game.bosses = 0.0, 0, 1, 0, 0, 0


@system(Update, when=playing)
def count(game: Mut[Game], time: Time) -> None:
    """Let the clock run."""
    game.seconds += float(time.dt)


@system(Update)
def show_title(screen: Screen, menu: Mut[Menu], flow: Mut[Flow]) -> None:
    """Offer a night."""
    if screen is not Screen.TITLE:
        return
    menu.title("")
    if menu.button("Into the night"):
        flow.go(Screen.PLAYING)
    menu.link("High scores", "scores")
    menu.link("Settings", "settings")


@system(Update)
def hang_title(events: Events[Entered], commands: Commands) -> None:
    """Hang the name of the game over the meadow."""
    if entered(events, Screen.TITLE):
        sprite = Sprite("title.png", layer=HUD)
        commands.spawn(Position(x=WIDTH / 2, y=HEIGHT * 0.25), sprite, Fixed(), Until(Screen.TITLE))
        shade = Gradient(w=WIDTH, h=SHADE_HIGH, color=CLEAR, end=DUSK, layer=HUD - 1)
        commands.spawn(Position(x=WIDTH / 2, y=HEIGHT - SHADE_HIGH / 2), shade, Fixed(), Until(Screen.TITLE))
        for line, text in enumerate(HINTS):
            words = Text(text, size=17, color=FAINT, layer=HUD, align="center", edge=3, edge_color=DUSK)
            commands.spawn(Position(x=WIDTH / 2, y=HEIGHT - 58 + 24 * line), words, Fixed(), Until(Screen.TITLE))


@system(Update)
def interrupt(screen: Screen, menu: Mut[Menu], flow: Mut[Flow], game: Game) -> None:
    """Pause on P or the pad's start button."""
    if screen is Screen.PLAYING and not game.choosing and menu.pause("Give up"):
        flow.go(Screen.OVER)


@system(Update)
def show_end(screen: Screen, menu: Mut[Menu], flow: Mut[Flow], game: Mut[Game], scores: Mut[Scores]) -> None:
    """Say what came of the night, and take down who it was."""
    if screen is not Screen.OVER:
        return
    menu.title("The night is over", veil=True)
    menu.table(
        ("Lasted", clock(game.seconds)),
        ("Level", game.level),
        ("Slain", f"{game.kills:,}"),
        ("Points", f"{game.score:,}"),
    )
    menu.space()
    if scores.takes(game.score):
        game.name = menu.entry("Your name", game.name, most=12)
    again, leave = menu.button("Another night"), menu.button("Title")
    if again or leave:
        scores.add(game.name, game.score)
        flow.go(Screen.PLAYING if again else Screen.TITLE)


def clock(seconds: float) -> str:
    """Return seconds as minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
