"""Bars, clock and icons: what there is to know while a night is on."""

from typing import Any

import numpy as np

import engine
from engine import Commands, Entity, Events, Mut, Query, Update, With, Without, component, f32, i32, system, u32
from modules.core.flow import Entered, entered
from modules.core.motion import Local, Parent, Position
from modules.core.render import Box, Fixed, Sprite, Text, fade, rgba

from . import HEIGHT, HUD, NUMBERS, WIDTH
from .arms import Weapon
from .foes import BOSS, HEALTH, TOUGHER, Foe
from .gems import needed
from .hero import Hero
from .screens import Game, Night, Screen, clock

INK, FAINT, SHADE, DARK = rgba("#f3f0ff"), rgba("#c3cdea"), rgba("#070a16c0"), rgba("#070a16")
EDGING = 3.0  # pixels of DARK around words
GEM, LIFE, WOUND, CROWN = rgba("#4fd4ff"), rgba("#ff5d7a"), rgba("#2a0c18e0"), rgba("#e0559f")
TOP = 12.0  # pixels; height of the bar across the top
LIFE_WIDTH, LIFE_HEIGHT, BELOW = 34.0, 5.0, 23.0  # pixels; the bar below the hero
EDGE = 18.0  # pixels
ICON = 40.0  # pixels from one icon to the next
ICON_SCALE = 0.9
BOSS_WIDTH = 460.0
FILLS = 0.2  # share of the way to its value that a bar goes in a tick


@component
class Words:
    """A line that says one thing: "level", "clock" or "kills"."""

    says: engine.text


@component
class Bar:
    """A bar that fills from its left end: what it shows, how wide it is when full, its colour, how full it is."""

    shows: engine.text
    width: f32
    color: u32
    share: f32 = 0.0


@component
class ArmIcon:
    """A weapon's plate, picture or level: of which weapon, and at which level."""

    weapon: engine.text
    level: i32


@system(Update)
def put_up(events: Events[Entered], heroes: Query[Entity, With[Hero]], commands: Commands) -> None:
    """Put up labels and bars for a night; the systems below keep them right."""
    if not entered(events, Screen.PLAYING):
        return
    for says, x, y, size, color, align in (
        ("level", WIDTH - EDGE, TOP + 20, 20, INK, "right"),
        ("clock", WIDTH / 2, TOP + 26, 30, INK, "center"),
        ("kills", WIDTH - EDGE, TOP + 44, 16, FAINT, "right"),
    ):
        text = Text("", size=size, color=color, layer=HUD + 2, align=align, edge=EDGING, edge_color=DARK)
        commands.spawn(Position(x=x, y=y), text, Fixed(), Words(says), Night())
    back = Box(w=WIDTH, h=TOP, color=SHADE, layer=HUD)
    commands.spawn(Position(x=WIDTH / 2, y=TOP / 2), back, Fixed(), Night())
    front = Box(w=0, h=TOP - 4, color=GEM, layer=HUD + 1)
    commands.spawn(Position(x=0, y=TOP / 2), front, Fixed(), Bar("gems", WIDTH, GEM), Night())
    back = Box(w=0, h=14, color=SHADE, layer=HUD)
    commands.spawn(
        Position(x=WIDTH / 2, y=HEIGHT - 28), back, Fixed(), Bar("boss back", BOSS_WIDTH + 6, SHADE), Night()
    )
    front = Box(w=0, h=8, color=CROWN, layer=HUD + 1)
    commands.spawn(Position(x=WIDTH / 2, y=HEIGHT - 28), front, Fixed(), Bar("boss", BOSS_WIDTH, CROWN), Night())


@system(Update)
def hang_life(heroes: Query[Entity, Hero], bars: Query[Bar, With[Parent]], commands: Commands) -> None:
    """Hang the bar of its health below a hero that has none yet."""
    if heroes and not bars:
        hero = heroes.entities()
        back = Box(w=LIFE_WIDTH + 2, h=LIFE_HEIGHT + 2, color=WOUND, layer=NUMBERS)
        commands.spawn(Position(), back, Parent(hero), Local(y=BELOW), Night())
        front = Box(w=LIFE_WIDTH, h=LIFE_HEIGHT, color=LIFE, layer=NUMBERS + 1)
        commands.spawn(Position(), front, Parent(hero), Local(y=BELOW), Bar("life", LIFE_WIDTH, LIFE, 1.0), Night())


@system(Update)
def write(game: Game, words: Query[Mut[Text], Words]) -> None:
    """Write what the labels say."""
    lines = {"level": f"Level {game.level}", "clock": clock(game.seconds), "kills": f"{game.kills:,} slain"}
    for text, word in words:
        text.text = np.array([lines.get(str(says), "") for says in word.says])


@system(Update)
def fill(
    game: Game,
    heroes: Query[Hero],
    foes: Query[Foe],
    fixed: Query[Mut[Position], Mut[Box], Mut[Bar], With[Fixed]],
    riding: Query[Mut[Local], Mut[Box], Mut[Bar], Without[Fixed]],
) -> None:
    """Fill the bars."""
    boss = _boss(foes, game)
    life = max((float((hero.hp / hero.most).max()) for hero in heroes), default=0.0)
    shares = {"gems": game.gems / needed(game.level), "life": life, "boss": boss, "boss back": float(boss > 0)}
    for pos, box, bar in fixed:
        _fill(box, bar, shares)
        pos.x = np.where(bar.shows == "gems", box.w / 2, WIDTH / 2 - (bar.width - box.w) / 2)
    for local, box, bar in riding:
        _fill(box, bar, shares)
        local.x = (box.w - bar.width) / 2


def _fill(box: Any, bar: Any, shares: dict[str, float]) -> None:
    goal = np.clip([shares.get(str(shows), 0.0) for shows in bar.shows], 0, 1)
    bar.share += (goal - bar.share) * np.where(bar.shows == "boss back", 1.0, FILLS)
    box.w = bar.width * bar.share
    box.color = fade(bar.color, bar.share > 0.002)


def _boss(foes: Query[Foe], game: Game) -> float:
    """Return the share of its health that the boss still has, 0 without one."""
    hp = [float(foe.hp[foe.kind == BOSS].max()) for foe in foes if (foe.kind == BOSS).any()]
    return max(hp) / (float(HEALTH[BOSS]) * (1 + TOUGHER * game.seconds)) if hp else 0.0


@system(Update)
def show_arms(screen: Screen, weapons: Query[Weapon], icons: Query[Entity, ArmIcon], commands: Commands) -> None:
    """Show the weapons that the hero has, with their levels."""
    held: list[tuple[str, str, int]] = []
    for weapon in weapons if screen is not Screen.TITLE else ():
        held += zip(weapon.name.tolist(), weapon.icon.tolist(), weapon.level.tolist(), strict=True)
    held = sorted(row for row in held if row[2] > 0)
    shown = {pair for _, icon in icons for pair in zip(icon.weapon.tolist(), icon.level.tolist(), strict=True)}
    if shown == {(name, level) for name, _, level in held}:
        return
    commands.despawn(icons.entities())
    for column, (name, icon, level) in enumerate(held):
        x, y, mark = EDGE + 16 + ICON * column, TOP + 26, ArmIcon(name, level)
        plate = Box(w=34, h=34, color=SHADE, layer=HUD)
        commands.spawn(Position(x=x, y=y), plate, Fixed(), mark, Night())
        commands.spawn(Position(x=x, y=y), Sprite(icon, layer=HUD + 1, scale=ICON_SCALE), Fixed(), mark, Night())
        text = Text(str(level), size=14, color=INK, layer=HUD + 2, align="right", edge=EDGING, edge_color=DARK)
        commands.spawn(Position(x=x + 16, y=y + 12), text, Fixed(), mark, Night())
