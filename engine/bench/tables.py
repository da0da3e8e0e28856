"""Figures as Markdown tables: in the terminal and in the documentation."""

from __future__ import annotations

from collections.abc import Iterable

from engine.bench.cases import cases_of
from engine.bench.suite import OURS, Report


def suite_table(report: Report) -> str:
    """Return a row for each case and size, a column for each peer; in brackets how many times ours a figure is."""
    peers = report.peers()
    rows = []
    for case in cases_of(report.suite):
        for size in sorted({one.size for one in report.figures if one.case == case.name}):
            values = {peer: report.value(case.name, size, peer) for peer in peers}
            cells = [cell(values[peer], values.get(OURS) if peer != OURS else None) for peer in peers]
            rows.append([f"{case.name} {size:,}", case.unit, *cells])
    return markdown(["case and size", "unit", *peers], rows)


def cell(value: float | None, ours: float | None) -> str:
    """Return a figure, and in brackets how many times ours it is."""
    if value is None:
        return "-"
    ratio = f" ({number(value / ours)})" if ours else ""
    return number(value) + ratio


def number(value: float) -> str:
    """Return a number with about three digits, thousands with commas."""
    if value >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def markdown(head: list[str], rows: Iterable[list[str]]) -> str:
    """Return a table; all columns but the first two are numbers and stand to the right."""
    lines = ["| " + " | ".join(head) + " |", "|---|---|" + "---:|" * (len(head) - 2)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def aligned(table: str) -> str:
    """Return a Markdown table with its columns in line, for a terminal."""
    rows = [[one.strip() for one in line.strip("|").split("|")] for line in table.splitlines()]
    rows = [row for row in rows if not set("".join(row)) <= set("-:")]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]

    def line(row: list[str]) -> str:
        return "  ".join(
            one.ljust(width) if at < 2 else one.rjust(width)
            for at, (one, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()

    return "\n".join([line(rows[0]), "  ".join("-" * width for width in widths), *map(line, rows[1:])])


def notes(report: Report) -> str:
    """Return what a table needs below it: what a figure is, the machine, versions, and who is missing."""
    versions = ", ".join(f"{name} {version}".strip() for name, version in report.versions.items())
    lines = [
        f"Median of 7 rounds in turns; in brackets: times {OURS}. {report.machine}.",
        f"Versions: {versions}." if versions else "",
        *(f"Left out, {name}: {why}." for name, why in report.missing.items()),
    ]
    return "\n".join(filter(None, lines))
