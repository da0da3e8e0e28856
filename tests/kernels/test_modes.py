"""Kernels give the same bits in every way of running them: row by row, as numpy calls, as machine code."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Mut, World, boolean, component, f32, f64, i32, i64, u8
from engine.kernels.kernel import Kernel
from engine.kernels.native import Compiler, is_available
from engine.kernels.variant import Bound

FLOATS, WHOLES = ("single", "double"), ("short", "long", "byte")
ROWS = 17


@component
class Numbers:
    """Fields of every dtype that kernels compute with."""

    single: f32 = 0.0
    double: f64 = 0.0
    short: i32 = 0
    long: i64 = 0
    byte: u8 = 0
    flag: boolean = False


@component
class Given:
    """The same, only read."""

    single: f32 = 0.0
    double: f64 = 0.0
    short: i32 = 0
    long: i64 = 0
    byte: u8 = 0
    flag: boolean = False


def terms(depth: int, *, whole: bool = False) -> st.SearchStrategy[str]:
    """Return expressions of the exact operations; `whole` ones never leave the integers."""
    fields = WHOLES if whole else (*FLOATS, *WHOLES)
    leaves = [f"{row}.{name}" for row in ("own", "given") for name in fields]
    constants = ["2", "3"] if whole else ["scale", "0.5", "3", "-1.25", "1e-3", "scale * 0.3"]
    leaf = st.sampled_from(leaves) | st.sampled_from(constants)
    if not depth:
        return leaf
    inner = terms(depth - 1, whole=whole)
    pairs = st.tuples(inner, st.sampled_from("+-*" if whole else "+-*/"), inner)
    found = leaf | pairs.map(lambda three: f"({' '.join(three)})") | inner.map(lambda one: f"(-{one})")
    if whole:
        return found
    calls = st.one_of(
        inner.map(lambda one: f"np.sqrt(abs({one}) + given.single)"),
        st.tuples(inner, inner).map(lambda two: f"max({two[0]}, {two[1]})"),
        inner.map(lambda one: f"np.floor({one} + own.double)"),
    )
    return found | calls


@st.composite
def kernels(draw: st.DrawFn) -> str:
    """Return the source of a kernel: assignments, some of them inside branches."""
    lines = ["def made(own: Mut[Numbers], given: Given, scale: float) -> None:"]
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from((*FLOATS, *FLOATS, "long")))
        value = draw(terms(2, whole=name == "long"))
        sign = draw(st.sampled_from(["=", "+=", "-="]))
        line = f"own.{name} {sign} {value}"
        match draw(st.integers(0, 3)):
            case 0:
                mark = draw(st.sampled_from(["<", ">=", "==", "!="]))
                lines += [f"    if {draw(terms(1))} {mark} {draw(terms(1))}:", f"        {line}"]
            case 1:
                lines += [f"    if own.flag and {draw(terms(0))} > 1:", f"        {line}", "    else:"]
                lines += ["        own.flag = not own.double <= given.single"]
            case _:
                lines.append("    " + line)
    return "\n".join(lines)


def filled(seed: int) -> World:
    """Return a world of rows with every kind of number, extremes among them."""
    rng = np.random.default_rng(seed)
    special = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-40, 3e38])
    world = World()
    for rows in (ROWS, 1):
        floats = [rng.choice(np.concatenate([special, rng.normal(0, 50, 20)]), rows) for _ in range(4)]
        whole = [rng.integers(-(2**31), 2**31, rows), rng.integers(-(2**62), 2**62, rows), rng.integers(0, 256, rows)]
        flags = rng.random(rows) < 0.5
        own = Numbers(floats[0], floats[1], *whole, flags)
        given = Given(floats[2], floats[3], *[column[::-1] for column in whole], ~flags)
        extra = [] if rows > 1 else [Extra()]
        world.spawn(own, given, *extra)
    return world


@component
class Extra:
    """Parts the rows into two tables."""


def made(source: str) -> Kernel:
    """Return the kernel of a source."""
    space: dict[str, Any] = {"np": np, "Mut": Mut, "Numbers": Numbers, "Given": Given, "__name__": __name__}
    exec(source, space)
    return Kernel(space["made"])


def results(kernel: Kernel, seed: int, scale: float, way: str) -> dict[str, Any]:
    """Run a kernel in one way and return the columns it leaves."""
    world = filled(seed)
    rows = world.query(Mut[Numbers], Given)
    bound = kernel._bind(rows, rows.steps())
    if way == "row by row":
        bound.variant.program = None
    elif way == "compiled":
        bound.variant.compile(True, Compiler())
        assert bound.variant.native is not None
        assert not bound.variant.native.why
    bound = Bound(bound.variant, rows.steps(), [0, 1], compiled=way == "compiled")
    assert bound.how == way
    with np.errstate(all="ignore"):
        bound.run(scale)
    return world.columns(f"{Numbers.__module__}.Numbers")


def bits(columns: dict[str, Any]) -> dict[str, Any]:
    """Return columns as bytes; all that are no number are alike."""
    return {
        name: np.where(column == column, column, column.dtype.type(0)).tobytes() for name, column in columns.items()
    }


def agree(source: str, seed: int, scale: float) -> None:
    rows = filled(seed).query(Mut[Numbers], Given)
    how = made(source).how(rows)
    if "out of range" in how or "too many ways" in how:
        return  # a byte and a negative constant, where numpy raises too; or a tangle
    try:
        by_numpy = results(made(source), seed, scale, "numpy")
    except ZeroDivisionError:
        return
    by_row = results(made(source), seed, scale, "row by row")
    assert bits(by_row) == bits(by_numpy), source
    if is_available():
        assert bits(results(made(source), seed, scale, "compiled")) == bits(by_numpy), source


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(source=kernels(), seed=st.integers(0, 5), scale=st.sampled_from([0.1, -3.0, 1 / 60]))
def test_all_ways_give_the_same_bits(source: str, seed: int, scale: float) -> None:
    agree(source, seed, scale)


def test_a_kernel_that_changes_nothing_runs_in_all_ways() -> None:
    agree(
        "def made(own: Mut[Numbers], given: Given, scale: float) -> None:\n"
        "    if 0.5 < 0.5:\n        own.single = own.single",
        seed=0,
        scale=0.1,
    )


@pytest.mark.long
@settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(source=kernels(), seed=st.integers(0, 50), scale=st.floats(-10, 10))
def test_all_ways_give_the_same_bits_at_length(source: str, seed: int, scale: float) -> None:
    agree(source, seed, scale)
