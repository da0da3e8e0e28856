"""`hotloop bench`: measure, and print figures beside their budgets."""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path

import numpy as np

from engine.bench.reloads import Figure, measure, to_json
from engine.bench.soak import soak


def bench(suite: str, saves: int, reloads: int, target: Path | None) -> int:
    """Run a suite, print its table and write JSON if asked to; return 1 if a budget is missed."""
    figures = measure(saves, tell=_tell)
    if reloads:
        _tell(f"{reloads} reloads, three of five with a fault")
        figures += soak(reloads, _tell).figures()
    print(table(figures))
    print(machine())
    if target is not None:
        data = {"suite": suite, "machine": machine(), "figures": to_json(figures)}
        target.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return 0 if all(figure.is_met for figure in figures) else 1


def _tell(line: str) -> None:
    print(f"... {line}", file=sys.stderr, flush=True)


def table(figures: list[Figure]) -> str:
    """Return figures as a Markdown table."""
    lines = ["| figure | measured | budget | |", "|---|---:|---:|---|"]
    for figure in figures:
        budget = "" if figure.budget is None else f"{figure.budget:g} {figure.unit}"
        met = "" if figure.budget is None else ("met" if figure.is_met else "missed")
        lines.append(f"| {figure.name} | {figure.value:.3g} {figure.unit} | {budget} | {met} |")
    return "\n".join(lines)


def machine() -> str:
    """Describe what the figures were measured on."""
    python, system = platform.python_version(), platform.platform(terse=True)
    return f"Python {python}, numpy {np.__version__}, {system}, {platform.machine()}"
