"""What ends a hero besides enemies: thorns, and falling out of the world."""

import numpy as np

from engine import Entity, Mut, Query, Send, Update, system
from modules.core.collision import SOLID, Body, Walls
from modules.core.motion import Position, teleport
from modules.core.tiles import TileMap

from .hero import Hero, HeroHit
from .screens import playing

THORN_INSET = 9.0  # pixels of a hero's sides that thorns do not catch
DEEP = 60.0  # pixels below the map


@system(Update, when=playing)
def prick(heroes: Query[Entity, Position, Body, Hero], tiles: TileMap, hits: Send[HeroHit]) -> None:
    """End heroes that touch thorns."""
    for who, pos, body, _ in heroes:
        side, foot, head = body.w / 2 - THORN_INSET, body.h / 2 - 3, body.h / 2 - 8
        x = pos.x + np.stack([-side, side, -side, side])
        y = pos.y + np.stack([foot, foot, -head, -head])
        caught = tiles.is_class("thorn", x, y).any(axis=0)
        if caught.any():
            hits.send(hero=who[caught])


@system(Update, when=playing)
def drop_out(heroes: Query[Entity, Position, Hero], tiles: TileMap, hits: Send[HeroHit]) -> None:
    """End heroes that fell below the map."""
    for who, pos, _ in heroes:
        gone = pos.y > tiles.y + tiles.height + DEEP
        if gone.any() and tiles.height:
            hits.send(hero=who[gone])


@system(Update, when=playing)
def dig_out(heroes: Query[Mut[Position], Body, Hero], walls: Walls) -> None:
    """Lift heroes out of ground that was drawn over them while they played."""
    for pos, body, _ in heroes:
        buried = walls.at(pos.x, pos.y) == SOLID
        for _ in range(walls.cells.shape[0] if buried.any() else 0):
            pos.y = np.where(buried, walls.y + walls.row(pos.y) * walls.cell - body.h / 2, pos.y)
            teleport(pos, buried)
            buried = walls.at(pos.x, pos.y) == SOLID
            if not buried.any():
                break
