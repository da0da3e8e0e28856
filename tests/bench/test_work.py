"""How much is done, counted and not timed: it grows with systems, not with rows or with what a query does not match."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType
from typing import Any

from engine.bench.peers import ours
from engine.bench.work import Work


def calls(work: Work) -> int:
    """Return how many functions a step calls, of Python and of C, once everything has been made."""
    for _ in range(3):
        work.step()
    counted = 0

    def count(frame: FrameType, event: str, arg: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work.step()
    finally:
        sys.setprofile(before)
    return counted


def case(name: str, size: int) -> Work:
    work: Work = getattr(ours.Peer(), name)(size)
    return work


def test_a_tick_does_the_same_for_ten_rows_and_for_a_hundred_thousand() -> None:
    assert calls(case("movement", 10)) == calls(case("movement", 100_000))
    assert calls(case("packed_5", 10)) == calls(case("packed_5", 10_000))


def test_rows_that_no_query_matches_cost_nothing() -> None:
    assert calls(case("bystanders", 0)) == calls(case("bystanders", 100_000))


def test_a_tick_grows_evenly_with_its_systems() -> None:
    one, two, three = (calls(case("empty_systems", size)) for size in (10, 20, 30))
    assert three - two == two - one > 0


def test_replacing_rows_does_the_same_however_many_there_are() -> None:
    assert calls(case("replace_one", 100)) == calls(case("replace_one", 10_000))
    assert calls(case("churn", 1_000)) == calls(case("churn", 10_000))


def test_small_tables_are_gone_through_together() -> None:
    small, one = calls(case("frag_iter", 20)), calls(case("packed_5", 20)) / 5
    assert small < one + 26, "26 tables of 20 rows are not 26 steps"


def allocated(step: Callable[[], object]) -> int:
    """Return the most bytes that a step holds beyond what it holds before and after."""
    for _ in range(5):
        step()
    tracemalloc.start()
    try:
        step()
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        step()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def test_a_steady_tick_allocates_nothing_large() -> None:
    assert allocated(case("packed_5", 10_000).step) < 4096, "the systems write in place, so this is the engine's own"
