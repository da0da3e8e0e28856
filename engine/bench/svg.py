"""A small writer of SVG charts: lines over logarithmic axes, and rows of dots on one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape

Points = Sequence[tuple[float, float]]

WIDTH = 760
LEFT, RIGHT, TOP, BOTTOM = 64, 110, 64, 52
STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #424a53; }
.title { font-size: 16px; font-weight: 600; fill: #1f2328; }
.note { font-size: 12px; fill: #6e7781; }
.grid { stroke: #d8dee4; stroke-width: 1; }
.one { stroke: #8c959f; stroke-width: 1.5; }
.back { fill: #ffffff; }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.ours { stroke-width: 3.2; }
.label-ours { font-weight: 600; }
@media (prefers-color-scheme: dark) {
  text { fill: #c9d1d9; } .title { fill: #f0f6fc; } .note { fill: #8b949e; } .back { fill: #0d1117; }
  .grid { stroke: #30363d; } .one { stroke: #6e7681; }
}
"""


def line_chart(
    title: str, note: str, series: Mapping[str, Points], colours: Mapping[str, str], *, bold: str, x_label: str
) -> str:
    """Draw a line for each series over logarithmic axes, named at its right end; `bold` is drawn thicker."""
    height = 440
    points = [point for line in series.values() for point in line if point[0] > 0 and point[1] > 0]
    x_low, x_high = min(x for x, _ in points), max(x for x, _ in points)
    y_low, y_high = _decades(min(y for _, y in points), max(y for _, y in points))
    to_x = _scale(x_low, x_high, LEFT, WIDTH - RIGHT)
    to_y = _scale(y_low, y_high, height - BOTTOM, TOP)
    parts = [
        *(_level(to_y(tick), tick) for tick in _ticks(y_low, y_high)),
        *(_upright(to_x(tick), height - BOTTOM, tick) for tick in _ticks(x_low, x_high)),
        _text((LEFT + WIDTH - RIGHT) / 2, height - 12, x_label, anchor="middle", style="note"),
    ]
    ends = []
    for name, line in series.items():
        placed = [(to_x(x), to_y(y)) for x, y in line]
        path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in placed)
        kind = "line ours" if name == bold else "line"
        parts.append(f'<path class="{kind}" fill="none" stroke="{colours[name]}" d="{path}"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{colours[name]}"/>' for x, y in placed]
        ends.append((placed[-1][1], name, placed[-1][0]))
    for y, name, x in _apart(ends, 15):
        style = "label-ours" if name == bold else ""
        parts.append(_text(x + 8, y + 4, name, style=style, colour=colours[name]))
    return _document(title, note, height, parts)


def dot_chart(
    title: str, note: str, rows: Mapping[str, Mapping[str, float]], colours: Mapping[str, str], *, unit: str
) -> str:
    """Draw a dot for each value of a row on one logarithmic axis; a legend below names the colours."""
    left, step = 150, 26
    values = [value for row in rows.values() for value in row.values()]
    low, high = _decades(min(values), max(values))
    bottom = TOP + step * len(rows) + 4
    to_x = _scale(low, high, left, WIDTH - 30)
    parts = []
    for tick in _ticks(low, high):
        kind = "one" if tick == 1 else "grid"
        x = to_x(tick)
        parts.append(f'<line class="{kind}" x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{bottom}"/>')
        parts.append(_text(x, bottom + 18, _short(tick), anchor="middle", style="note"))
    parts.append(_text((left + WIDTH - 30) / 2, bottom + 38, unit, anchor="middle", style="note"))
    for at, (name, row) in enumerate(rows.items()):
        y = TOP + step * (at + 0.5)
        parts.append(_text(left - 12, y + 4, name, anchor="end"))
        for peer, value in row.items():
            title_of = f"<title>{escape(peer)}: {value:.3g}</title>"
            colour = colours[peer]
            parts.append(f'<circle cx="{to_x(value):.1f}" cy="{y:.1f}" r="5.5" fill="{colour}">{title_of}</circle>')
    named = [name for name in colours if any(name in row for row in rows.values())]
    x = float(left)
    for name in named:
        parts.append(f'<circle cx="{x:.0f}" cy="{bottom + 62}" r="5" fill="{colours[name]}"/>')
        parts.append(_text(x + 10, bottom + 66, name))
        x += 34 + 7.2 * len(name)
    return _document(title, note, bottom + 84, parts)


def _scale(low: float, high: float, start: float, stop: float) -> Callable[[float], float]:
    """Return the map from a logarithmic range to pixels."""
    span = math.log10(high / low) or 1.0
    return lambda value: start + (stop - start) * math.log10(value / low) / span


def _decades(low: float, high: float) -> tuple[float, float]:
    """Widen a range to whole powers of ten, or to halves of them where it is nearly one."""
    return 10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(high))


def _ticks(low: float, high: float) -> list[float]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    return [float(10**power) for power in range(first, last + 1)]


def _short(value: float) -> str:
    if value < 1_000:
        return f"{value:g}"
    return f"{value / 1_000_000:g}M" if value >= 1_000_000 else f"{value / 1_000:g}k"


def _level(y: float, tick: float) -> str:
    line = f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>'
    return line + _text(LEFT - 8, y + 4, _short(tick), anchor="end", style="note")


def _upright(x: float, bottom: float, tick: float) -> str:
    line = f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}"/>'
    return line + _text(x, bottom + 18, _short(tick), anchor="middle", style="note")


def _apart(ends: list[tuple[float, str, float]], gap: float) -> list[tuple[float, str, float]]:
    """Move labels that are at the same height apart, keeping their order."""
    placed: list[tuple[float, str, float]] = []
    for y, name, x in sorted(ends):
        placed.append((max(y, placed[-1][0] + gap) if placed else y, name, x))
    return placed


def _text(x: float, y: float, text: str, *, anchor: str = "start", style: str = "", colour: str = "") -> str:
    kind = f' class="{style}"' if style else ""
    fill = f' style="fill:{colour}"' if colour else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kind}{fill}>{escape(text)}</text>'


def _document(title: str, note: str, height: float, parts: list[str]) -> str:
    head = _text(20, 28, title, style="title") + _text(20, 47, note, style="note")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" role="img">\n<style>{STYLE}</style>\n'
        f'<rect class="back" width="{WIDTH}" height="{height:.0f}" rx="8"/>\n{head}\n' + "\n".join(parts) + "\n</svg>\n"
    )
