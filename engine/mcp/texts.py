"""Text and replies for a reader with little room: game text made harmless, lists cut where the room ends."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterable
from typing import Any

CHARACTERS_A_TOKEN = 3
"""Fewer than any tokenizer needs for JSON of numbers and names."""
LONGEST_LINE = 300


def tame(text: str, longest: int = LONGEST_LINE) -> str:
    """Return text of the game as data: in one line, without control and direction marks, cut if it is long."""
    cut = text[: longest + 1].replace("\n", " ⏎ ").replace("\t", " ")
    clean = "".join(one if not unicodedata.category(one).startswith("C") else "�" for one in cut)
    return clean if len(text) <= longest else f"{clean[:longest]}…"


def rounded(value: Any) -> Any:
    """Return a value of the game as it is told: floats at six digits, text tamed."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return tame(value)
    if isinstance(value, dict):
        return {str(key): rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return value


def shown(reply: Any) -> str:
    """Return a reply as it is sent."""
    return json.dumps(reply, ensure_ascii=False, separators=(",", ":"))


def page(reply: dict[str, Any], key: str, items: Iterable[Any], offset: int, room: int) -> dict[str, Any]:
    """Put as many items into a reply as there is room for, in characters; `next` is the cursor for the rest."""
    reply[key] = []
    left = room - len(shown(reply))
    for count, item in enumerate(items):
        left -= len(shown(item)) + 1
        if left < 0 and count:
            return {**reply, "next": str(offset + count)}
        reply[key].append(item)
    return reply


def fit(reply: Any, room: int) -> Any:
    """Cut the longest lists and texts of a reply until it has at most so many characters."""
    while len(shown(reply)) > room:
        holder, key = _longest(reply)
        if holder is None:
            return {"truncated": shown(reply)[: max(0, room - 40)]}
        value = holder[key]
        keep = max(1, len(value) // 2)
        if isinstance(value, dict):
            holder[key] = {**dict(list(value.items())[:keep]), "…": f"{len(value) - keep} more"}
        elif isinstance(value, list):
            holder[key] = [*value[:keep], f"… {len(value) - keep} more"]
        else:
            holder[key] = value[:keep] + "…"
    return reply


def _longest(value: Any) -> tuple[Any, Any]:
    """Return container and key of what to cut: the largest part, or inside of it what makes up most of it."""
    found: tuple[Any, Any] = (None, None)
    while True:
        parts = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
        sizes = {key: len(shown(part)) for key, part in parts if isinstance(part, str | list | dict) and len(part) > 2}
        if not sizes:
            return found
        key = max(sizes, key=lambda one: sizes[one])
        if sizes[key] < 40 or (found[0] is not None and sizes[key] * 2 < len(shown(value))):
            return found
        found = (value, key)
        value = value[key]
