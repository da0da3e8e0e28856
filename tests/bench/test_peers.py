"""Every case, tiny, with every library: the figures mean nothing unless all compute the same."""

from __future__ import annotations

import warnings
from functools import cache

import pytest

from engine.bench import peers
from engine.bench.cases import CASES, cases_of
from engine.bench.suite import OURS, Report, run_suite
from engine.bench.targets import targets
from engine.bench.work import Rows
from engine.bench.worker import NAMES, Worker, node_command
from engine.errors import HotloopError

SIZE, STEPS = 20, 3


def states(name: str) -> dict[str, list[list[float]]]:
    """Run every case that a peer can do and return what it computed."""
    peer = peers.load(name)
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in CASES:
            work = peers.open_case(peer, case.name, SIZE)
            if work is not None:
                assert work.seconds(STEPS) >= 0
                found[case.name] = rounded(work.state())
    return found


def rounded(rows: Rows) -> list[list[float]]:
    """Return rows in one order, as numbers that float32 and float64 agree on."""
    return sorted([round(float(value), 4) for value in row] for row in rows)


@cache
def ours() -> dict[str, list[list[float]]]:
    return states(OURS)


def test_the_engine_can_do_every_case() -> None:
    assert set(ours()) == {case.name for case in CASES}
    assert all(rows for rows in ours().values())


@pytest.mark.parametrize("name", [name for name in peers.FILES if name != OURS])
def test_a_peer_computes_what_the_engine_does(name: str) -> None:
    try:
        theirs = states(name)
    except ImportError as error:
        pytest.skip(f"{error.name} is not installed")
    assert len(theirs) >= 5
    assert {case: rows for case, rows in theirs.items() if rows != ours()[case]} == {}


def test_bitecs_computes_what_the_engine_does() -> None:
    try:
        node_command()
    except HotloopError as error:
        pytest.skip(str(error))
    with Worker("bitecs") as bitecs:
        for case in CASES:
            if bitecs.open(case.name, SIZE):
                assert bitecs.run(STEPS) >= 0
                assert rounded(bitecs.state()) == ours()[case.name], case.name


def test_a_suite_runs_its_peers_in_processes_and_holds_figures_against_targets() -> None:
    cases = [case for case in cases_of("ecs") if case.name in ("packed_5", "memory")]
    report = run_suite("ecs", cases, [OURS, "objects", "bitecs"] if "bitecs" in NAMES else [OURS], quick=True)
    assert report.value("packed_5", 1_000) is not None
    assert report.value("memory", 100_000, "objects") or 0 > 16
    assert all(len(one.rounds) >= 7 for one in report.figures if one.case != "memory")
    assert Report.from_json(report.to_json()) == report
    assert all(one.limit > 0 for one in targets(report))
