"""Children ride on their parents and leave with them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import Commands, Entity, Mut, PostUpdate, Query, World, system
from modules.core.motion import Local, Parent, Position, Rotation

Ids = NDArray[np.uint64]


@system(PostUpdate)
def carry(
    riders: Query[Entity, Parent, Local],
    places: Query[Mut[Position]],
    turns: Query[Mut[Rotation]],
) -> None:
    """Place each child by its parent's place and angle, parents before their own children."""
    steps = [(entity, parent.entity, np.stack([local.x, local.y, local.angle])) for entity, parent, local in riders]
    if not steps:
        return
    child, parent = (np.concatenate([step[i] for step in steps]) for i in (0, 1))
    local = np.concatenate([step[2] for step in steps], axis=1)
    for level in by_depth(child, parent):
        _place(child[level], parent[level], local[:, level], places, turns)


@system(PostUpdate)
def leave(children: Query[Entity, Parent], world: World, commands: Commands) -> None:
    """Despawn what rides on an entity that is gone, and what rides on that."""
    steps = [(entity, parent.entity) for entity, parent in children]
    if not steps:
        return
    child, parent = (np.concatenate([step[i] for step in steps]) for i in (0, 1))
    lost = ~world.alive(parent)
    if not lost.any():
        return
    while True:
        more = lost | np.isin(parent, child[lost])
        if more.sum() == lost.sum():
            break
        lost = more
    commands.despawn(child[lost])


def by_depth(child: Ids, parent: Ids) -> list[NDArray[np.intp]]:
    """Return the indices of the children level by level, from those whose parent rides on nothing.

    Children in a circle are on no level.
    """
    order = np.argsort(child, kind="stable")
    at = np.minimum(np.searchsorted(child[order], parent), child.size - 1)
    upper = np.where(child[order][at] == parent, order[at], -1)
    levels: list[NDArray[np.intp]] = []
    ready = upper < 0
    done = np.zeros(child.size, np.bool_)
    while ready.any():
        levels.append(np.flatnonzero(ready))
        done |= ready
        ready = ~done & np.where(upper >= 0, done[upper], False)
    return levels


def _place(child: Ids, parent: Ids, local: Any, places: Query[Position], turns: Query[Rotation]) -> None:
    """Write places and angles of one level of children; one whose parent has no place stays where it is."""
    held, above = places.at(parent)
    turned, pivots = turns.at(parent)
    angle = np.zeros(parent.size, np.float32)
    angle[turned] = pivots.angle
    child, angle, local = child[held], angle[held], local[:, held]
    cos, sin = np.cos(angle), np.sin(angle)
    xy = above.xy + np.stack([cos * local[0] - sin * local[1], sin * local[0] + cos * local[1]])
    mine, below = places.at(child)
    below.xy = xy[:, mine]
    turning, own = turns.at(child)
    own.angle = (angle + local[2])[turning]
