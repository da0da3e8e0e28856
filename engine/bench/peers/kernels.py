"""Hotloop with compiled kernels: the systems that go through rows call one; everything else is as in `ours`."""

from __future__ import annotations

from typing import Any

from engine import Mut, Query, Time, Update, World, system
from engine.bench.peers import ours
from engine.bench.peers.ours import A, B, C, D, Data, E, Position, Position3, Velocity, Velocity3
from engine.bench.work import Work
from engine.kernels.kernel import Kernel, kernel
from engine.kernels.native import is_available


@kernel
def drift(pos: Mut[Position], vel: Velocity, dt: float) -> None:
    """Position += velocity * dt."""
    pos.x += vel.dx * dt
    pos.y += vel.dy * dt


@kernel
def drift3(pos: Mut[Position3], vel: Velocity3) -> None:
    """Position += velocity."""
    pos.x += vel.dx
    pos.y += vel.dy
    pos.z += vel.dz


@kernel
def minus_a(row: Mut[A]) -> None:
    """Negate A."""
    row.a *= -1.0


@kernel
def minus_b(row: Mut[B]) -> None:
    """Negate B."""
    row.b *= -1.0


@kernel
def minus_c(row: Mut[C]) -> None:
    """Negate C."""
    row.c *= -1.0


@kernel
def minus_d(row: Mut[D]) -> None:
    """Negate D."""
    row.d *= -1.0


@kernel
def minus_e(row: Mut[E]) -> None:
    """Negate E."""
    row.e *= -1.0


@kernel
def minus_data(row: Mut[Data]) -> None:
    """Negate what all tables have."""
    row.data *= -1.0


@kernel
def swap_a(one: Mut[A], other: Mut[B]) -> None:
    """Swap A and B."""
    one.a, other.b = other.b, one.a


@kernel
def swap_d(one: Mut[C], other: Mut[D]) -> None:
    """Swap C and D."""
    one.c, other.d = other.d, one.c


@kernel
def swap_e(one: Mut[C], other: Mut[E]) -> None:
    """Swap C and E."""
    one.c, other.e = other.e, one.c


def calling(one: Kernel, *terms: Any) -> Any:
    """Return a system that calls a kernel without scalars."""

    def call(rows: Query[*tuple[Any, ...]]) -> None:
        one(rows)

    call.__annotations__["rows"] = Query[terms]  # type: ignore[valid-type]
    call.__qualname__ = f"call_{one.function.__name__}"
    return system(Update)(call)


@system(Update)
def move(rows: Query[Mut[Position], Velocity], time: Time) -> None:
    """Position += velocity * dt."""
    drift(rows, time.dt)


WARM: tuple[Any, ...] = (
    (drift, Mut[Position], Velocity),
    (drift3, Mut[Position3], Velocity3),
    (minus_a, Mut[A]),
    (minus_b, Mut[B]),
    (minus_c, Mut[C]),
    (minus_d, Mut[D]),
    (minus_e, Mut[E]),
    (minus_data, Mut[Data]),
    (swap_a, Mut[A], Mut[B]),
    (swap_d, Mut[C], Mut[D]),
    (swap_e, Mut[C], Mut[E]),
)
"""The kernels, and the queries that they are called with."""


class _Ours(ours.Peer):
    """The engine, its systems through rows exchanged."""

    move = staticmethod(move)
    move3 = staticmethod(calling(*WARM[1]))
    negate_data = staticmethod(calling(*WARM[7]))
    negate_five = tuple(calling(*one) for one in WARM[2:7])
    swap_three = tuple(calling(*one) for one in WARM[8:])


class Peer:
    """The engine with the extra `kernels`; its machine code is there before anything is timed."""

    package = "llvmlite"
    most = ours.Peer.most

    def __init__(self) -> None:
        if not is_available():
            raise ImportError(name="llvmlite")
        for one, *terms in WARM:
            one.how(World().query(*terms))
            one.wait()
        self._ours = _Ours()

    def movement(self, size: int) -> Work:
        """Move rows."""
        return self._ours.movement(size)

    def simple_iter(self, size: int) -> Work:
        """Move rows in space."""
        return self._ours.simple_iter(size)

    def packed_5(self, size: int) -> Work:
        """Negate five components in five systems."""
        return self._ours.packed_5(size)

    def frag_iter(self, size: int) -> Work:
        """Negate a component that many tables share."""
        return self._ours.frag_iter(size)

    def schedule(self, size: int) -> Work:
        """Swap components in three systems."""
        return self._ours.schedule(size)

    def churn(self, size: int) -> Work:
        """Move all, replace the oldest two of a hundred."""
        return self._ours.churn(size)

    def replace_one(self, size: int) -> Work:
        """Move all, replace the oldest."""
        return self._ours.replace_one(size)
