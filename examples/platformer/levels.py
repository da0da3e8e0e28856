"""Levels: one after the other, and from the last flower again after a mishap."""

from engine import Commands, Entity, Events, Mut, Query, Time, Update, resource, system
from modules.core.collision import Body, Slide
from modules.core.flow import Entered, Flow, Until, entered
from modules.core.motion import Position, Velocity
from modules.core.render import Camera, Canvas, Pose, Sheet, Sprite, look_at
from modules.core.tiles import Placed, TileMap, of_kind
from modules.plugins.animation import Clip
from modules.plugins.camera import Follow

from . import TOUCHABLE
from .hero import HEIGHT, WIDTH, Hero, HeroLost
from .screens import LIVES, Game, Screen, playing

LEVELS = ("level_1.tmx", "level_2.tmx", "level_3.tmx")
SAFE = 0.8  # seconds in which a new hero cannot be hurt
MOURNING = 0.9  # seconds without a hero
CHEER = 1.7  # seconds of joy at the end of a level
CURTAIN = 2.2  # of the curtain's way in a second
PAN = 40.0  # pixels a second that the title looks around
HEROES = 20  # layer
CAMERA = {"dead_w": 50.0, "dead_h": 90.0, "ease": 0.14, "ahead": 0.34, "dy": -24.0}  # see plugins.camera


@resource
class Journey:
    """Where the game is: the level, where its hero begins, and the waits on the way.

    `wait` is the time until a hero appears, `home` counts up from the moment the level is done, `curtain` is how far
    the picture is covered: 0 is clear, 1 is dark.
    """

    level: int = 0
    x: float = 0.0
    y: float = 0.0
    wait: float = 0.0
    home: float = 0.0
    curtain: float = 1.0


@system(Update)
def open_screen(events: Events[Entered], tiles: Mut[TileMap], game: Mut[Game], journey: Mut[Journey]) -> None:
    """Show the first level behind the title, and begin a game in it."""
    began = entered(events, Screen.PLAYING)
    if began or not tiles.file:
        enter(journey, tiles, 0)
    if began:
        game.coins, game.lives, game.seconds = 0, LIVES, 0.0


@system(Update)
def find_start(placed: Events[Placed], journey: Mut[Journey]) -> None:
    """Begin where the map says, as soon as it is there or the place is moved."""
    for start in of_kind(placed, "start"):
        journey.x, journey.y = float(start.x[0]), float(start.y[0])


@system(Update, when=playing)
def launch(
    heroes: Query[Entity, Hero],
    journey: Mut[Journey],
    game: Game,
    tiles: TileMap,
    cameras: Query[Entity, Follow],
    time: Time,
    commands: Commands,
) -> None:
    """Send out a hero when there is none."""
    if heroes or game.lives <= 0 or journey.home > 0:
        return
    journey.wait -= float(time.dt)
    if journey.wait > 0 or tiles.anew:
        return
    (hero,) = commands.spawn(
        Position(journey.x, journey.y),
        Velocity(),
        Body(w=WIDTH, h=HEIGHT, mask=TOUCHABLE),
        Slide(),
        Hero(safe=SAFE),
        Sprite("hero.png", layer=HEROES),
        Sheet(columns=8, rows=3),
        Clip(),
        Pose(),
        Until(Screen.PLAYING),
    )
    commands.despawn(cameras.entities())
    commands.spawn(Follow(hero, **CAMERA), Until(Screen.PLAYING))


@system(Update)
def keep_inside(cameras: Query[Mut[Follow]], tiles: TileMap) -> None:
    """Let the camera see nothing beyond the map, also when the map grows."""
    for leash in cameras:
        leash.left, leash.top = tiles.x, tiles.y
        leash.right, leash.bottom = tiles.x + tiles.width, tiles.y + tiles.height


@system(Update, when=playing)
def lose_life(lost: Events[HeroLost], game: Mut[Game], journey: Mut[Journey], flow: Mut[Flow], time: Time) -> None:
    """Take a life, and begin again at the last flower or not at all."""
    for step in lost:
        game.lives -= len(step.x)
        journey.wait = MOURNING
    if game.lives <= 0:
        journey.wait -= float(time.dt)
        if journey.wait <= 0:
            flow.go(Screen.OVER)


@system(Update, when=playing)
def go_on(
    journey: Mut[Journey],
    tiles: Mut[TileMap],
    flow: Mut[Flow],
    heroes: Query[Entity, Hero],
    time: Time,
    commands: Commands,
    game: Mut[Game],
) -> None:
    """After the joy of coming home, go to the next level, or be home for good."""
    game.seconds += float(time.dt)
    if journey.home <= 0:
        return
    journey.home += float(time.dt)
    if journey.home < CHEER:
        return
    if journey.level + 1 < len(LEVELS):
        commands.despawn(heroes.entities())
        enter(journey, tiles, journey.level + 1)
    else:
        journey.home = 0.0
        flow.go(Screen.HOME)


@system(Update)
def draw_curtain(journey: Mut[Journey], screen: Screen, time: Time) -> None:
    """Darken at the end of a level and when a hero is gone, clear up at the beginning."""
    leaves = screen is Screen.PLAYING and (journey.home > CHEER - 0.5 or 0 < journey.wait < 0.3)
    goal = 1.0 if leaves else 0.0
    step = CURTAIN * float(time.dt)
    journey.curtain += min(step, max(-step, goal - journey.curtain))


@system(Update)
def look_around(screen: Screen, camera: Mut[Camera], canvas: Canvas, tiles: TileMap, time: Time) -> None:
    """Let the title look over the level."""
    if screen is Screen.TITLE and tiles.height:
        room = max(1.0, tiles.width - canvas.width)
        x = abs((float(time.elapsed) * PAN + room) % (2 * room) - room)
        look_at(camera, canvas, tiles.x + canvas.width / 2 + x, tiles.y + tiles.height - canvas.height / 2)


def enter(journey: Journey, tiles: TileMap, level: int) -> None:
    """Go to a level, from behind the curtain."""
    journey.level, journey.wait, journey.home, journey.curtain = level, 0.15, 0.0, 1.0
    tiles.go(LEVELS[level])
