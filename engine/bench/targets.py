"""What the figures are held against. Every target is a ratio of figures of one run.

Where a target was set as a time, it is multiplied by how slow this machine is: by esper's loop for what the
interpreter limits, by a bare numpy call for what memory and arithmetic limit (`Report.pace`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.bench.cases import TABLES
from engine.bench.suite import Report

PYTHON_ECS = ("esper", "snecs", "tcod-ecs", "ecs-pattern", "microecs")
RAW = 16
"""Bytes of the columns of the memory case: two components of two floats."""


@dataclass
class Target:
    """A target: what was measured, the limit, and whether more is better."""

    says: str
    measured: float
    limit: float
    unit: str
    more: bool = False

    @property
    def is_met(self) -> bool:
        """Tell whether the target is met."""
        return self.measured >= self.limit if self.more else self.measured <= self.limit


def targets(report: Report) -> list[Target]:
    """Return the targets that a report has the figures for."""
    return [*_movement(report), *_overhead(report), *_structure(report), *_frames(report), *_snapshots(report)]


def _movement(report: Report) -> Iterator[Target]:
    for size in (10, 30, 100, 1_000, 10_000, 100_000, 1_000_000):
        ours = report.value("movement", size)
        others = [value for peer in PYTHON_ECS if (value := report.value("movement", size, peer))]
        if ours and others:
            yield Target(f"movement of {size:,}: the fastest Python ECS", min(others) / ours, 1, "times ours", True)
    for size, times in ((100, 5), (1_000, 50), (10_000, 100), (100_000, 100), (1_000_000, 100)):
        yield from _ratio(report, "movement", size, "esper", times)
    for size in (10_000, 100_000):
        ours, bare = report.value("movement", size), report.value("movement", size, "numpy")
        if ours and bare:
            yield Target(f"movement of {size:,}: beside the bare numpy calls", ours / bare, 1.25, "times numpy")


def _overhead(report: Report) -> Iterator[Target]:
    pace = report.pace("interpreter")
    ours, bare = report.value("movement", 1), report.value("movement", 1, "numpy")
    if ours and bare:
        yield Target("a system's own cost a tick, beside its numpy calls", ours - bare, 2_000 * pace, "ns")
    empty = report.value("empty_systems", 100)
    if empty:
        yield Target("a tick of 100 empty systems", empty * 100 / 1e6, 0.15 * pace, "ms")
    yield from _ratio(report, "frag_iter", 20, "esper", 1)
    if kernels := report.value("frag_iter", 20, "kernels"):
        yield Target("a kernel over 26 tables of 20", kernels * 20 * TABLES / 1e3, 1.5 * pace, "us")
    if kernels := report.value("movement", 100_000, "kernels"):
        yield Target("a kernel that moves 100,000", kernels, 0.2 * report.pace("numpy"), "ns/entity")


def _structure(report: Report) -> Iterator[Target]:
    interpreter, numpy = report.pace("interpreter"), report.pace("numpy")
    for name, limit in (("batch_spawn", 12), ("batch_despawn", 50), ("batch_insert", 25), ("batch_remove", 25)):
        if ours := report.value(name, 10_000):
            yield Target(f"{name} of 10,000", ours, limit * numpy, "ns/entity")
    for name, limit in (("spawn", 400), ("despawn", 350), ("insert", 550), ("remove", 550)):
        case = f"single_{name}"
        if ours := report.value(case, 10_000):
            yield Target(case, ours, limit * interpreter, "ns")
        yield from _ratio(report, case, 10_000, "esper", 1)
    ours, esper = report.value("single_access", 10_000), report.value("single_access", 10_000, "esper")
    if ours and esper:
        yield Target("single_access, beside esper's", ours / esper, 3, "times esper's")
    if ours := report.value("memory", 1_000_000):
        yield Target("memory over the raw columns at 1,000,000", ours - RAW, 12, "bytes/entity")


def _ratio(report: Report, case: str, size: int, peer: str, times: float) -> Iterator[Target]:
    ours, theirs = report.value(case, size), report.value(case, size, peer)
    if ours and theirs:
        yield Target(f"{case} of {size:,}: {peer}", theirs / ours, times, "times ours", True)


def _frames(report: Report) -> Iterator[Target]:
    pace = report.pace("numpy")
    for case, size, limit, says in (
        ("churn", 100_000, 0.3, "a tick that replaces 2 % of 100,000"),
        ("replace_one", 10_000, 0.015, "a tick that replaces one of 10,000"),
        ("random_access", 10_000, 0.2, "10,000 rows of 100,000 picked at random"),
        ("events", 100_000, 0.5, "100,000 events"),
    ):
        if ours := report.value(case, size):
            yield Target(says, ours * size / 1e6, limit * pace, "ms")


def _snapshots(report: Report) -> Iterator[Target]:
    for size in (100_000, 1_000_000):
        for case in ("snapshot", "restore"):
            ours, bare = report.value(case, size), report.value(case, size, "numpy")
            if ours and bare:
                yield Target(f"{case} of {size:,} rows: beside copying the same bytes", ours / bare, 1.3, "times")
        if ours := report.value("hash", size):
            yield Target(f"hash of {size:,} rows", 48 / ours, 5, "GB/s", True)
