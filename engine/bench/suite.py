"""Run cases with all peers in turns, so that whatever else the machine does falls on all alike."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from engine.bench.cases import CASES, Case
from engine.bench.machine import machine
from engine.bench.progress import Progress
from engine.bench.worker import Worker
from engine.errors import HotloopError

ROUNDS = 7
ROUND_SECONDS = 0.02
"""How long a round of one peer takes, at least one step."""
OURS = "hotloop"
YARDSTICKS = {"interpreter": ("movement", 1_000, "esper", 77.0), "numpy": ("movement", 10_000, "numpy", 0.40)}
"""What is measured beside every suite: case, size, peer, and the figure on the machine the targets were set on."""


@dataclass
class Figure:
    """What one peer needs in one case at one size: the median of its rounds, in the case's unit."""

    case: str
    size: int
    peer: str
    unit: str
    value: float
    rounds: list[float] = field(default_factory=list)


@dataclass
class Report:
    """The figures of a run; `versions` names the peers that took part, `missing` says why others did not."""

    suite: str
    machine: str
    figures: list[Figure] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def value(self, case: str, size: int, peer: str = OURS) -> float | None:
        """Return a figure, or None where there is none."""
        same = (f.value for f in self.figures if (f.case, f.size, f.peer) == (case, size, peer))
        return next(same, None)

    def pace(self, yardstick: str) -> float:
        """Return how slow this machine was, compared with the one that the targets were set on; 1 if unknown."""
        case, size, peer, then = YARDSTICKS[yardstick]
        now = self.value(case, size, peer)
        return 1.0 if now is None else now / then

    def peers(self) -> list[str]:
        """Return the peers that have figures, ours first."""
        having = {one.peer for one in self.figures}
        return [name for name in self.versions if name in having]

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON-able data."""
        return {
            "suite": self.suite,
            "machine": self.machine,
            "versions": self.versions,
            "missing": self.missing,
            "figures": [vars(one) for one in self.figures],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Report:
        """Read what `to_json` gave."""
        figures = [Figure(**one) for one in data["figures"]]
        return cls(data["suite"], data["machine"], figures, data["versions"], data["missing"])


def run_suite(suite: str, cases: Sequence[Case], names: Iterable[str], *, quick: bool = False) -> Report:
    """Measure cases with the named peers; those that are not installed are left out, and the report says so."""
    report = Report(suite, machine())
    with ExitStack() as stack:
        workers = []
        for name in names:
            try:
                workers.append(stack.enter_context(Worker(name)))
            except HotloopError as error:
                report.missing[name] = f"{error.why or error.what}"
                continue
            report.versions[name] = workers[-1].version
        todo = [(case, size) for case in cases for size in case.chosen(quick)]
        progress = Progress(len(todo) * len(workers))
        for case, size in todo:
            measure = _memory if case.name == "memory" else _times
            report.figures += measure(case, size, workers, progress)
        for case, size, peer in _yardsticks(cases, quick):
            by_name = [worker for worker in workers if worker.name == peer]
            report.figures += _times(case, size, by_name, progress)
        progress.end()
    return report


def _yardsticks(cases: Sequence[Case], quick: bool) -> list[tuple[Case, int, str]]:
    """Return the yardsticks that the cases do not measure themselves."""
    measured = {(case.name, size) for case in cases for size in case.chosen(quick)}
    known = {case.name: case for case in CASES}
    return [(known[name], size, peer) for name, size, peer, _ in YARDSTICKS.values() if (name, size) not in measured]


def _times(case: Case, size: int, workers: list[Worker], progress: Progress) -> list[Figure]:
    """Set a case up everywhere, then time rounds of each peer in turn."""
    label = f"{case.name} {size:,}"
    running: list[tuple[Worker, int, list[float]]] = []
    for worker in workers:
        progress.step(label, worker.name)
        if worker.open(case.name, size):
            running.append((worker, _calibrate(worker), []))
    for _ in range(ROUNDS):
        for worker, times, rounds in running:
            rounds.append(worker.run(times) / times / case.count(size) * 1e9)
    return [
        Figure(case.name, size, worker.name, case.unit, statistics.median(rounds), rounds)
        for worker, _, rounds in running
    ]


def _calibrate(worker: Worker) -> int:
    """Warm a case up and return how many steps fill a round."""
    times = 1
    while True:
        seconds = worker.run(times)
        if seconds >= ROUND_SECONDS / 2:
            return max(1, round(times * ROUND_SECONDS / seconds))
        times *= 2 if seconds > ROUND_SECONDS / 20 else 8


def _memory(case: Case, size: int, workers: list[Worker], progress: Progress) -> list[Figure]:
    """Measure memory once, each peer in a fresh process: it does not vary."""
    figures = []
    for worker in workers:
        progress.step(f"{case.name} {size:,}", worker.name)
        with Worker(worker.name) as fresh:
            taken = fresh.memory(case.name, size)
        if taken:
            figures.append(Figure(case.name, size, worker.name, case.unit, taken / case.count(size)))
    return figures
