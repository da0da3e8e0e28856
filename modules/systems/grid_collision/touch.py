"""Which bodies touch: the pairs of this tick, and what is new about them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import Entity, Mut, Query, Send, Update, system
from modules.core.collision import Body, Met, Parted, Shapes, Touch, Touching, contacts, overlaps
from modules.core.motion import Position

Pair = tuple[NDArray[np.uint64], NDArray[np.uint64]]


@system(Update)
def touch(
    bodies: Query[Entity, Position, Body],
    touching: Mut[Touching],
    touches: Send[Touch],
    met: Send[Met],
    parted: Send[Parted],
) -> None:
    """Find all pairs of which one wants to hear of the other, and send what they do."""
    steps: list[Any] = [(entity, Shapes.of(pos, body), body.layers, body.mask) for entity, pos, body in bodies]
    before = (touching.one, touching.other)
    now: Pair = (np.zeros(0, np.uint64), np.zeros(0, np.uint64))
    if any(mask.any() for *_, mask in steps):
        entity, layers, mask = (np.concatenate([step[k] for step in steps]) for k in (0, 2, 3))
        shapes = Shapes.joined([step[1] for step in steps])
        one, other = _pairs(shapes, layers, mask)
        order = np.argsort(_key(entity[one], entity[other]))
        one, other = one[order], other[order]
        nx, ny, depth = contacts(shapes[one], shapes[other])
        now = entity[one], entity[other]
        if one.size:
            touches.send(one=now[0], other=now[1], nx=nx, ny=ny, depth=depth)
    if now[0].size or before[0].size:
        _tell(met, now, _found(now, before))
        _tell(parted, before, _found(before, now))
        touching.one, touching.other = now


def _pairs(shapes: Shapes, layers: Any, mask: Any) -> tuple[Any, Any]:
    """Return the rows (who wants to hear, of whom) that overlap."""
    asking = np.flatnonzero(mask)
    asked = np.flatnonzero(layers & np.bitwise_or.reduce(mask))
    i, j = overlaps(shapes[asking], shapes[asked])
    one, other = asking[i], asked[j]
    wanted = (mask[one] & layers[other] != 0) & (one != other)
    return one[wanted], other[wanted]


def _key(one: Any, other: Any) -> NDArray[np.uint64]:
    """Return one number for each pair of entities that are alive at the same time: both slots."""
    key: NDArray[np.uint64] = one << np.uint64(32) | other & np.uint64(0xFFFFFFFF)
    return key


def _found(pairs: Pair, among: Pair) -> NDArray[np.bool_]:
    """Return which pairs are among others; both are sorted by key, and slots that were used again are told apart."""
    if not among[0].size:
        return np.zeros(pairs[0].shape, np.bool_)
    place = np.minimum(np.searchsorted(_key(*among), _key(*pairs)), among[0].size - 1)
    found: NDArray[np.bool_] = (among[0][place] == pairs[0]) & (among[1][place] == pairs[1])
    return found


def _tell(send: Any, pairs: Pair, known: NDArray[np.bool_]) -> None:
    if not known.all():
        send.send(one=pairs[0][~known], other=pairs[1][~known])
