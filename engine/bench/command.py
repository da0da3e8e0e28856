"""`hotloop bench`: measure, and print figures beside their budgets."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.bench.cases import CASES, Case, cases_of
from engine.bench.charts import write_charts
from engine.bench.games import games_table, measure_games
from engine.bench.kernel_edits import measure_kernels
from engine.bench.machine import machine
from engine.bench.reloads import Figure, measure, to_json
from engine.bench.soak import soak
from engine.bench.suite import OURS, run_suite
from engine.bench.tables import aligned, markdown, notes, number, suite_table
from engine.bench.targets import Target, targets
from engine.bench.worker import NAMES
from engine.errors import HotloopError, did_you_mean
from engine.reload.places import examples, games


def bench_reload(saves: int, reloads: int, target: Path | None) -> int:
    """Measure what a reload costs, print the table and write JSON if asked to; return 1 if a budget is missed."""
    figures = measure(saves, tell=_tell)
    if reloads:
        _tell(f"{reloads} reloads, three of five with a fault")
        figures += soak(reloads, _tell).figures()
    print(table(figures))
    print(machine())
    _write(target, {"suite": "reload", "machine": machine(), "figures": to_json(figures)})
    return 0 if all(figure.is_met for figure in figures) else 1


def bench_kernels(target: Path | None) -> int:
    """Measure what compiling a kernel adds to a tick, print the table; return 1 if a budget is missed."""
    figures = measure_kernels(tell=_tell)
    print(table(figures))
    print(machine())
    _write(target, {"suite": "kernels", "machine": machine(), "figures": to_json(figures)})
    return 0 if all(figure.is_met for figure in figures) else 1


def bench_suite(
    suite: str, names: Sequence[str], peers: Sequence[str], *, quick: bool, target: Path | None, charts: Path | None
) -> int:
    """Run a suite, or the named cases of it, and print its tables; return 1 if a target is missed.

    `quick` takes small sizes only. JSON goes to `target`, pictures go to the folder `charts`.
    """
    report = run_suite(suite, _cases(suite, names), _peers(peers), quick=quick)
    held = targets(report)
    print(aligned(suite_table(report)))
    print(notes(report))
    if held:
        print("\n" + aligned(target_table(held)))
    _write(target, report.to_json())
    if charts is not None:
        write_charts(report, charts)
    return 0 if all(one.is_met for one in held) else 1


def bench_games(names: Sequence[str], *, quick: bool, target: Path | None) -> int:
    """Measure the example games, or the named ones, and print the table."""
    home = examples()
    known = {name: folder for name, folder in games().items() if folder.parent == home}
    for name in names:
        if name not in known:
            remedy = did_you_mean(name, known) or f"choose from {', '.join(known)}"
            raise HotloopError(f"there is no example {name!r}", remedy=remedy)
    figures = measure_games({name: known[name] for name in known if not names or name in names}, quick=quick)
    print(aligned(games_table(figures)))
    print(machine())
    _write(target, {"suite": "games", "machine": machine(), "figures": [vars(one) for one in figures]})
    return 0


def _cases(suite: str, names: Sequence[str]) -> list[Case]:
    known = [case.name for case in cases_of(suite)]
    for name in names:
        if name not in known:
            elsewhere = [case.suite for case in CASES if case.name == name]
            remedy = f"it is one of `hotloop bench {elsewhere[0]}`" if elsewhere else did_you_mean(name, known)
            raise HotloopError(
                f"suite {suite} has no case {name!r}", remedy=remedy or f"choose from {', '.join(known)}"
            )
    return [case for case in cases_of(suite) if not names or case.name in names]


def _peers(names: Sequence[str]) -> list[str]:
    for name in names:
        if name not in NAMES:
            remedy = did_you_mean(name, NAMES) or f"choose from {', '.join(NAMES)}"
            raise HotloopError(f"there is no peer {name!r}", remedy=remedy)
    return [name for name in NAMES if not names or name in names or name == OURS]


def _tell(line: str) -> None:
    print(f"... {line}", file=sys.stderr, flush=True)


def _write(target: Path | None, data: dict[str, Any]) -> None:
    if target is not None:
        target.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def table(figures: list[Figure]) -> str:
    """Return figures as a Markdown table."""
    lines = ["| figure | measured | budget | |", "|---|---:|---:|---|"]
    for figure in figures:
        budget = "" if figure.budget is None else f"{figure.budget:g} {figure.unit}"
        met = "" if figure.budget is None else ("met" if figure.is_met else "missed")
        lines.append(f"| {figure.name} | {figure.value:.3g} {figure.unit} | {budget} | {met} |")
    return "\n".join(lines)


def target_table(held: list[Target]) -> str:
    """Return targets as a Markdown table."""
    rows = [
        [one.says, "met" if one.is_met else "missed", f"{number(one.measured)} {one.unit}",
         f"{'at least' if one.more else 'at most'} {number(one.limit)}"]
        for one in held
    ]  # fmt: skip
    return markdown(["target", "", "measured", "wanted"], rows)
