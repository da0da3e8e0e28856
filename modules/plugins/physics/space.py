"""pymunk's space and the bodies in it, in the order of the rows they stand for."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import field, resource
from modules.core.collision import SOLID, Walls

from ._pymunk import batch, pymunk
from .rigid import Physics

THIN = 0.5
"""Half of the least width and height of a box, which pymunk wants to have an area."""
CONTACT = batch.ArbiterFields.BODY_A_ID | batch.ArbiterFields.BODY_B_ID
CONTACT |= batch.ArbiterFields.TOTAL_IMPULSE | batch.ArbiterFields.POINT_A_1
MOTION = batch.BodyFields.POSITION | batch.BodyFields.ANGLE
MOTION |= batch.BodyFields.VELOCITY | batch.BodyFields.ANGULAR_VELOCITY


@resource(transient=True)
class Space:
    """Hold pymunk's objects; all they know is written into them anew in every tick.

    A space remembers contacts and counts shapes, and what it does hangs on both, so that each tick has a new one.
    `place` says for each body, in the order in which pymunk lists them, the row it stands for, the last one the walls.
    """

    space: Any = None
    ids: Any = field(factory=lambda: np.zeros(0, np.uint64))
    kinds: Any = None
    bodies: list[Any] = field(factory=list)
    shapes: list[Any] = field(factory=list)
    by_id: dict[int, int] = field(factory=dict)
    place: Any = None
    ground: Any = field(factory=lambda: pymunk.Body(body_type=pymunk.Body.STATIC))
    blocks: list[Any] = field(factory=list)
    walls: Any = None

    def hold(self, ids: Any, kinds: Any) -> None:
        """Have a body for each entity, of the kind that (w, h, radius, mass, friction, bounce, turns) say."""
        if np.array_equal(ids, self.ids) and np.array_equal(kinds, self.kinds, equal_nan=True):
            return
        known = dict(zip(self._keys(), zip(self.bodies, self.shapes, strict=True), strict=True))
        self.ids, self.kinds = ids.copy(), kinds.copy()
        pairs = [known.get(key) or _made(*key[1:]) for key in self._keys()]
        self.bodies, self.shapes = [body for body, _ in pairs], [shape for _, shape in pairs]
        self.by_id = {body.id: row for row, body in enumerate(self.bodies)}

    def _keys(self) -> list[tuple[Any, ...]]:
        if not self.ids.size:
            return []
        return list(zip(self.ids.tolist(), *np.asarray(self.kinds, np.float64).tolist(), strict=True))

    def hold_walls(self, walls: Walls) -> None:
        """Have a block for each stretch of solid cells in a row of the grid."""
        now = (walls.cells, walls.cell, walls.x, walls.y)
        if self.walls is not None and all(np.array_equal(a, b) for a, b in zip(now, self.walls, strict=True)):
            return
        self.walls = (walls.cells.copy(), walls.cell, walls.x, walls.y)
        edges = np.diff((walls.cells == SOLID).astype(np.int8), axis=1, prepend=0, append=0)
        rows, starts = np.nonzero(edges == 1)
        _, ends = np.nonzero(edges == -1)
        places = zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True)
        self.blocks = [_block(self.ground, walls, *place) for place in places]

    def move(self, motion: Any, physics: Physics, dt: float) -> tuple[Any, tuple[Any, ...]]:
        """Simulate `dt` seconds from the (x, y, angle, vx, vy, spin) of every row.

        Return the same after it, and columns of who touched whom, where and how hard, each pair once.
        """
        space, steps = pymunk.Space(), max(1, int(physics.steps))
        self.space = space
        space.gravity = (float(physics.gravity_x), float(physics.gravity_y))
        space.damping, space.iterations = float(physics.keep), max(1, int(physics.iterations))
        space.add(self.ground, *self.bodies)
        self._write(motion)
        space.add(*self.blocks, *self.shapes)  # which lie where their bodies now are
        told = []
        for _ in range(steps):
            space.step(dt / steps)
            told.append(self._contacts())
        velocity = self._read()[3:]
        space.remove(*self.blocks, *self.shapes)
        # Bodies that overlapped are to be pushed apart in the next step, which nothing but pymunk knows. One without
        # speed, forces and contacts does that and no more.
        self._stop()
        space.gravity = (0.0, 0.0)
        space.step(dt / steps)
        place = self._read()[:3]
        space.remove(self.ground, *self.bodies)
        return np.concatenate((place, velocity)), self._hardest(*np.concatenate(told, axis=1))

    def _write(self, motion: Any) -> None:
        buffer = batch.Buffer()
        batch.get_space_bodies(self.space, batch.BodyFields.BODY_ID, buffer)
        listed = np.frombuffer(buffer.int_buf(), np.int64).tolist()
        self.place = np.array([self.by_id.get(number, self.ids.size) for number in listed], np.intp)
        rows = np.concatenate((motion, np.zeros((6, 1))), axis=1)[:, self.place].T
        buffer = batch.Buffer()
        buffer.set_float_buf(np.ascontiguousarray(rows, np.float64).tobytes())
        batch.set_space_bodies(self.space, MOTION, buffer)

    def _stop(self) -> None:
        buffer = batch.Buffer()
        buffer.set_float_buf(bytes(8 * 3 * (self.ids.size + 1)))
        batch.set_space_bodies(self.space, batch.BodyFields.VELOCITY | batch.BodyFields.ANGULAR_VELOCITY, buffer)

    def _read(self) -> Any:
        buffer = batch.Buffer()
        batch.get_space_bodies(self.space, MOTION, buffer)
        motion = np.empty((6, self.ids.size + 1))
        motion[:, self.place] = np.frombuffer(buffer.float_buf(), np.float64).reshape(-1, 6).T
        return motion[:, :-1]

    def _contacts(self) -> Any:
        """Return who touches whom, as rows, one past the last for a wall, then where and how hard: (5, n)."""
        buffer = batch.Buffer()
        batch.get_space_arbiters(self.space, CONTACT, buffer)
        numbers = np.frombuffer(buffer.int_buf(), np.int64).tolist()
        values = np.frombuffer(buffer.float_buf(), np.float64).reshape(-1, 4)
        rows = np.array([self.by_id.get(one, self.ids.size) for one in numbers], np.float64)
        rows = np.sort(rows.reshape(-1, 2), axis=1)
        return np.stack((*rows.T, values[:, 2], values[:, 3], np.hypot(values[:, 0], values[:, 1])))

    def _hardest(self, one: Any, other: Any, x: Any, y: Any, impulse: Any) -> tuple[Any, ...]:
        """Return every pair once, as entities in the order of their rows, where and when it was the hardest."""
        order = np.lexsort((-impulse, other, one))
        pair = np.stack((one, other), axis=1)[order].astype(np.intp)
        kept = np.flatnonzero(np.any(pair != np.roll(pair, 1, axis=0), axis=1) | (np.arange(order.size) == 0))
        who = np.append(self.ids, np.uint64(0))[pair[kept]]
        return (*who.T, *(column[order][kept] for column in (x, y, impulse)))


def _made(w: float, h: float, radius: float, mass: float, friction: float, bounce: float, turns: float) -> Any:
    """Return a body and its shape."""
    is_round = w <= 0 and h <= 0
    half_w, half_h, radius = max(w / 2, THIN), max(h / 2, THIN), max(radius, THIN if is_round else 0.0)
    corners = [(-half_w, -half_h), (half_w, -half_h), (half_w, half_h), (-half_w, half_h)]
    if not (np.isfinite(mass) and mass > 0):
        body = pymunk.Body(body_type=pymunk.Body.KINEMATIC)
    else:
        if is_round:
            moment = pymunk.moment_for_circle(mass, 0, radius)
        else:
            moment = pymunk.moment_for_box(mass, (2 * half_w + 2 * radius, 2 * half_h + 2 * radius))
        body = pymunk.Body(mass, moment if turns else float("inf"))
    shape = pymunk.Circle(body, radius) if is_round else pymunk.Poly(body, corners, radius=radius)
    shape.friction, shape.elasticity = max(0.0, friction), max(0.0, bounce)
    return body, shape


def _block(ground: Any, walls: Walls, row: int, start: int, end: int) -> Any:
    left, right = walls.x + start * walls.cell, walls.x + end * walls.cell
    top = walls.y + row * walls.cell
    corners = [(left, top), (right, top), (right, top + walls.cell), (left, top + walls.cell)]
    block = pymunk.Poly(ground, corners)
    block.friction = block.elasticity = 1.0
    return block
