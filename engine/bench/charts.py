"""The pictures of a report, for the documentation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.bench.cases import cases_of
from engine.bench.suite import OURS, Report
from engine.bench.svg import dot_chart, line_chart

COLOURS = {
    "hotloop": "#0969da",
    "kernels": "#00a3a3",
    "numpy": "#8c959f",
    "objects": "#7d6e57",
    "esper": "#cf222e",
    "snecs": "#8250df",
    "tcod-ecs": "#bf3989",
    "ecs-pattern": "#bc4c00",
    "microecs": "#3fa34d",
    "bitecs": "#d4920c",
}
"""One colour a peer, the same in every picture, readable on light and on dark."""
CURVES = ("movement",)


def write_charts(report: Report, folder: Path) -> list[Path]:
    """Draw what a report has figures for and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, picture in charts(report):
        written.append(folder / f"{name}.svg")
        written[-1].write_text(picture, encoding="utf-8")
    return written


def charts(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the name and text of each picture."""
    if len(_sizes(report, "movement")) > 2:
        yield "movement", _movement(report)
    rows = _ratios(report)
    if rows:
        title = "Time of the others, in times of Hotloop's"
        note = "right of 1: slower than Hotloop. Logarithmic; the exact sizes are in the table"
        yield f"{report.suite}_cases", dot_chart(title, note, rows, COLOURS, unit="times the time of Hotloop")
    if len(_sizes(report, "empty_systems")) > 2:
        yield "growth", _growth(report)


def _sizes(report: Report, case: str) -> list[int]:
    return sorted({one.size for one in report.figures if (one.case, one.peer) == (case, OURS)})


def _movement(report: Report) -> str:
    series = {}
    for peer in report.peers():
        points = [(float(size), report.value("movement", size, peer)) for size in _sizes(report, "movement")]
        series[peer] = [(size, value) for size, value in points if value is not None]
    title = "One system that moves N entities: nanoseconds for each"
    note = "position += velocity * dt; lower is better. Both axes are logarithmic"
    drawn = {peer: line for peer, line in series.items() if len(line) > 1}
    return line_chart(title, note, drawn, COLOURS, bold=OURS, x_label="entities")


def _ratios(report: Report) -> dict[str, dict[str, float]]:
    """Return, for each case at its largest size that several can do, every peer's time by ours."""
    rows: dict[str, dict[str, float]] = {}
    for case in cases_of(report.suite):
        for size in _sizes(report, case.name):
            ours = report.value(case.name, size)
            others = {peer: report.value(case.name, size, peer) for peer in report.peers() if peer != OURS}
            row = {peer: value / ours for peer, value in others.items() if ours and value}
            if case.name not in CURVES and row:
                rows[f"{case.name} {size:,}" if len(_sizes(report, case.name)) > 1 else case.name] = row
    return rows


def _growth(report: Report) -> str:
    """Draw what a tick costs as systems or entities become more."""
    series = {}
    systems = [(size, report.value("empty_systems", size)) for size in _sizes(report, "empty_systems")]
    series["empty systems"] = [(float(size), value * size / 1000) for size, value in systems if value]
    beside = [(size, report.value("bystanders", size)) for size in _sizes(report, "bystanders")]
    series["entities beside"] = [(float(size), value) for size, value in beside if value and size]
    drawn = {name: line for name, line in series.items() if len(line) > 1}
    title = "Microseconds a tick"
    note = "as systems that match nothing, or entities that no query matches, become more. Both axes are logarithmic"
    colours = {"empty systems": COLOURS["hotloop"], "entities beside": COLOURS["kernels"]}
    return line_chart(title, note, drawn, colours, bold="empty systems", x_label="how many")
