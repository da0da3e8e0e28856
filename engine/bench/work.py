"""What a peer does in one case: set-up work that can be run, timed and looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat

DT = 0.25
"""Seconds a tick in the benchmarks: a power of two, so that float32 and float64 agree to the last bit."""

Rows = Sequence[Sequence[float]]


@dataclass
class Work:
    """A case that a peer has set up.

    `step` is one operation; `before`, where there is one, is run before each step and not timed. `state` returns the
    numbers that every peer must agree on, a row an entity, in any order of rows.
    """

    step: Callable[[], object]
    state: Callable[[], Rows]
    before: Callable[[], object] | None = None

    def seconds(self, times: int) -> float:
        """Run so many steps and return the seconds that they took."""
        clock, step = best_clock(), self.step
        if self.before is None:
            begin = clock()
            for _ in repeat(None, times):
                step()
            return clock() - begin
        total = 0.0
        for _ in repeat(None, times):
            self.before()
            begin = clock()
            step()
            total += clock() - begin
        return total


def best_clock() -> Callable[[], float]:
    """Return the clock of this thread's processor time, or a real one where that ticks too slowly."""
    fine = time.get_clock_info("thread_time").resolution < 1e-5
    return time.thread_time if fine else time.perf_counter
