"""Mistakes that both type checkers must find; the comment on a line names what is wrong there."""

from __future__ import annotations

from typing import assert_type

from engine import Mut, Query, Update, With, component, f32, system


@component
class Position:
    x: f32
    y: f32 = 0.0


@component
class Boid: ...


Position()  # ERROR: x is required
Position(x=1, z=2)  # ERROR: z is no field
Position(1, 2, 3)  # ERROR: too many


@system(Update)
def misspelt(a: Query[Position], b: Query[Mut[Position], With[Boid]], c: Query[Position, Boid]) -> None:
    for p in a:
        print(p.xx)  # ERROR: no such field
    for m in b:
        m.vx += 1  # ERROR: no such field
    for q, boid in c:
        print(q.z)  # ERROR: no such field
        print(boid.x)  # ERROR: no such field
    for one in c:
        assert_type(one, Position)  # ERROR: it is a tuple
