"""What the game has to say while it is on: drops, lives, the level's name, hints on the way."""

from engine import Commands, Events, Mut, Query, Startup, Time, Update, With, Without, component, f32, system, u8
from modules.core.motion import Position
from modules.core.render import Fixed, Sheet, Sprite, Text, fade, rgba
from modules.core.tiles import FromMap, Placed, TileMap, of_kind
from modules.plugins.animation import Clip

from . import WIDTH
from .levels import Journey
from .screens import LIVES, Game, Screen

INK, EDGE = rgba("#fff6e0"), rgba("#3a2438")
WORDS = 100  # layer
BANNER = 2.6  # seconds that the level's name is shown
BESIDE = 26.0  # pixels between the writing and the edge of the canvas
HINTS = -3  # layer


@component
class DropCount:
    """Shows the drops."""


@component
class Leaf:
    """Shows one of the lives, the first, second, ..."""

    number: u8


@component
class Hint:
    """Says something on the way."""


@component
class Banner:
    """Shows the level's name for `left` more seconds; `level` is the one it shows."""

    left: f32 = 0.0
    level: u8 = 255


@system(Startup)
def put_up_labels(commands: Commands) -> None:
    """Put up everything once; the systems below keep it right."""
    drop = (Sprite("", layer=WORDS, scale=0.9), Sheet(columns=6), Clip(count=6, rate=9))
    commands.spawn(Position(BESIDE + 8, 34), Fixed(), DropCount(), *drop)
    count = Text("", size=26, color=INK, layer=WORDS, edge=2.5, edge_color=EDGE)
    commands.spawn(Position(BESIDE + 30, 33), Fixed(), DropCount(), count)
    for number in range(LIVES):
        place = Position(WIDTH - BESIDE - 30 * number, 34)
        commands.spawn(place, Fixed(), Leaf(number), Sprite("", layer=WORDS))
    text = Text("", size=46, color=INK, layer=WORDS, align="center", edge=3, edge_color=EDGE)
    commands.spawn(Position(WIDTH / 2, 150), Fixed(), Banner(), text)


@system(Update)
def show_counts(
    texts: Query[Mut[Text], With[DropCount]],
    icons: Query[Mut[Sprite], With[DropCount]],
    leaves: Query[Leaf, Mut[Sprite], Without[DropCount]],
    game: Game,
    screen: Screen,
) -> None:
    """Show drops and lives while a game is on."""
    on = screen is not Screen.TITLE
    for text in texts:
        text.text = str(game.coins) if on else ""
    for sprite in icons:
        sprite.image = "drop.png" if on else ""
    for leaf, sprite in leaves:
        sprite.image = "life.png" if on else ""
        sprite.tint = fade(0xFFFFFFFF, [1.0 if number < game.lives else 0.25 for number in leaf.number.tolist()])


@system(Update)
def announce(
    banners: Query[Mut[Banner], Mut[Text]], journey: Journey, tiles: TileMap, screen: Screen, time: Time
) -> None:
    """Show the name of a level when it begins."""
    for banner, text in banners:
        there = screen is Screen.PLAYING and not tiles.anew
        new = there & (banner.level != journey.level)
        banner.left = (banner.left - time.dt) if not new.any() else BANNER
        banner.level = journey.level if there else 255
        text.text = str(tiles.properties.get("title", "")) if there else ""
        text.color = fade(INK, banner.left * 1.4)


@system(Update)
def place_hints(placed: Events[Placed], commands: Commands) -> None:
    """Write hints where the map has them."""
    for hint in of_kind(placed, "hint"):
        words = hint.value("text", "?")
        text = Text(words, size=18, color=INK, align="center", edge=2.5, edge_color=EDGE, layer=HINTS)
        commands.spawn(Position(hint.x, hint.y), text, Hint(), FromMap(hint.id))


@system(Update)
def show_hints(hints: Query[Mut[Text], With[Hint]], screen: Screen) -> None:
    """Keep hints out of the title's way."""
    share = 1.0 if screen is Screen.PLAYING else 0.0
    for text in hints:
        text.color = fade(INK, share)
