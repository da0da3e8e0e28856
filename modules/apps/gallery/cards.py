"""Dealing the cards: one for each game that there is."""

from __future__ import annotations

import os
import struct
import textwrap
import zlib
from pathlib import Path
from typing import Any

from engine import Bus, Commands, Entity, Mut, PreUpdate, Query, Time, With, system
from modules.core.assets import Assets
from modules.core.motion import Position
from modules.core.render import Box, Circle, Fixed, Sprite, Text, fade, mix, rgba

from .state import FRONT, INK, MIDDLE, MUTED, NIGHT, PLATE, WARM, Caption, Gallery, Mark, Pictures, Piece, Shown

LOOK_EVERY = 90
"""Ticks between two looks at which games there are: a folder that was just made appears by itself."""
PICTURE = (432, 243)
EDGE = 8
NO_GAME = {"title": "No games yet", "summary": "hotloop new game mine    makes one, and it appears here"}
PAPERS = [rgba(color) for color in ("#2d6a8f", "#7a4fa3", "#a34f6b", "#3f7f5f", "#9a6a34", "#4a5aa8")]


@system(PreUpdate)
def deal(
    gallery: Mut[Gallery],
    pictures: Mut[Pictures],
    time: Time,
    bus: Bus,
    commands: Commands,
    cards: Query[Entity, With[Piece]],
    captions: Query[Entity, With[Caption]],
    marks: Query[Entity, With[Mark]],
) -> None:
    """Look which games there are and lay out a card for each; nothing moves while they stay the same."""
    if time.tick % LOOK_EVERY and pictures.known:
        return
    pictures.known = True
    pictures.files.clear()
    games = [_as_plain(game, pictures) for game in bus.call("core.apps.list")]
    if games == gallery.games and captions:
        return
    for old in (cards, captions, marks):
        commands.despawn(old.entities())
    _keep_choice(gallery, games)
    for card, game in enumerate(games):
        _deal_card(commands, card, game)
        _deal_caption(commands, card, game, len(games))
    if not games:
        _deal_caption(commands, 0, NO_GAME, 0)


@system(PreUpdate)
def lend_pictures(pictures: Pictures, assets: Mut[Assets]) -> None:
    """Give each game's picture a name among the assets; the folders of the games are no roots of the gallery."""
    for name, (path, saved) in pictures.files.items():
        assets.files[asset_name(name)] = path
        assets.versions[path] = saved


def read_picture(path: Path) -> tuple[int, int, int] | None:
    """Return width and height of a PNG file in pixels and the time it was saved, or None for what is none."""
    try:
        with path.open("rb") as file:
            head = file.read(24)
            saved = os.fstat(file.fileno()).st_mtime_ns
    except OSError:
        return None
    if len(head) < 24 or not head.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    width, height = struct.unpack(">II", head[16:])
    return (width, height, saved) if width and height else None


def asset_name(game: str) -> str:
    """Return the name by which the gallery's sprites know a game's picture."""
    return f"gallery/{game}.png"


def _as_plain(game: dict[str, Any], pictures: Pictures) -> dict[str, Any]:
    """Keep what a card shows of a game, and note where its picture lies."""
    name, thumbnail = str(game["name"]), str(game.get("thumbnail") or "")
    picture = read_picture(Path(thumbnail)) if thumbnail else None
    if picture is not None:
        pictures.files[name] = (Path(thumbnail), picture[2])
    return {
        "name": name,
        "title": str(game.get("title") or name.replace("_", " ").title()),
        "summary": str(game.get("summary") or ""),
        "picture": list(picture[:2]) if picture else [],
    }


def _keep_choice(gallery: Gallery, games: list[dict[str, Any]]) -> None:
    """Let the chosen game stay chosen wherever it stands now."""
    names = [game["name"] for game in games]
    chosen = gallery.games[gallery.chosen]["name"] if gallery.chosen < len(gallery.games) else ""
    gallery.chosen = names.index(chosen) if chosen in names else min(gallery.chosen, max(0, len(games) - 1))
    gallery.at = float(gallery.chosen)
    gallery.games = games


def _deal_card(commands: Commands, card: int, game: dict[str, Any]) -> None:
    w, h = PICTURE
    for step in range(4):
        grow = EDGE + 12.0 * step
        _box(commands, Piece(card, y=12.0, w=w + grow, h=h + grow, layer=-4, color=fade(0x000000FF, 0.13)))
    _box(commands, Piece(card, w=w + EDGE, h=h + EDGE, layer=0, color=PLATE))
    if game["picture"]:
        scale = min(w / game["picture"][0], h / game["picture"][1])
        commands.spawn(Position(), Fixed(), Shown(), Piece(card, w=scale, layer=1), Sprite(asset_name(game["name"])))
    else:
        _draw_paper(commands, card, game["title"])
    _box(commands, Piece(card, w=w + EDGE, h=h + EDGE, layer=4, color=NIGHT, near=0.0, far=0.55))
    for out, width, share in ((11.0, 4.0, 0.07), (7.0, 4.0, 0.16), (3.0, 4.0, 0.34), (0.0, 2.5, 1.0)):
        grow = EDGE + 2 * out
        frame = Piece(card, w=w + grow, h=h + grow, layer=5, color=fade(WARM, share), far=-0.6)
        _box(commands, frame, width)


def _box(commands: Commands, piece: Piece, width: float = 0.0) -> None:
    commands.spawn(Position(), Fixed(), Shown(), piece, Box(1.0, 1.0, width=width))


def _draw_paper(commands: Commands, card: int, title: str) -> None:
    """Draw a picture for a game that has none: rings around its initial, on a paper its name chooses."""
    w, h = PICTURE
    paper = PAPERS[zlib.crc32(title.encode()) % len(PAPERS)]
    bands = 16
    for band in range(bands):
        # Each band reaches down to the lower edge, so that no rounding leaves a gap between two.
        rest = h * (1 - band / bands)
        color = int(mix(paper, NIGHT, 0.75 * band / bands))
        _box(commands, Piece(card, y=(h - rest) / 2, w=w, h=rest, layer=1, color=color))
    for ring in range(3):
        piece = Piece(card, w=46.0 + 26 * ring, layer=2, color=fade(INK, 0.34 - 0.1 * ring))
        commands.spawn(Position(), Fixed(), Shown(), piece, Circle(1.0, width=3.0))
    initial = Piece(card, w=56.0, layer=3, color=INK)
    commands.spawn(Position(), Fixed(), Shown(), initial, Text(title[:1].upper(), align="center"))


def _deal_caption(commands: Commands, card: int, game: dict[str, Any], count: int) -> None:
    lines = textwrap.wrap(game["summary"], 86)[:2]
    rows = [(game["title"], 30.0, 412.0, INK)]
    rows += [(line, 17.0, 445.0 + 21 * index, MUTED) for index, line in enumerate(lines)]
    for text, size, y, color in rows:
        written = Text(text, size, color, FRONT, "center")
        commands.spawn(Position(MIDDLE, y), Fixed(), Caption(card, color), written)
    if count > 1:
        gap = min(20.0, 600 / count)
        commands.spawn(
            Position(MIDDLE + (card - (count - 1) / 2) * gap, 489), Fixed(), Mark(card), Circle(3.0, layer=FRONT)
        )
