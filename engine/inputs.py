"""Scripted input: a file of `[tick, event]` pairs, as a JSON list or one pair a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine.errors import GameError

FORM = 'write pairs like [60, ["key", "down", "space"]], in one JSON list or one a line'

Script = dict[int, list[list[Any]]]


def read_inputs(path: Path) -> Script:
    """Return the raw input events of a file by tick; raise `GameError` naming the place of a mistake."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror or str(error)
        raise GameError(f"the input {path} cannot be read", why=why, remedy="name a file of scripted input") from error
    script: Script = {}
    for where, pair in _pairs(text, path):
        tick, event = _checked(pair, where)
        script.setdefault(tick, []).append(event)
    return script


def _pairs(text: str, path: Path) -> list[tuple[str, object]]:
    """Return each pair with its place; a list of pairs is told from a single pair by what it begins with."""
    try:
        whole = json.loads(text)
    except ValueError:
        whole = None
    if isinstance(whole, list) and (not whole or isinstance(whole[0], list)):
        return [(f"{path}: pair {number}", pair) for number, pair in enumerate(whole, 1)]
    pairs = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                pairs.append((f"{path}:{number}", json.loads(line)))
            except ValueError as error:
                raise GameError("this is not JSON", where=f"{path}:{number}", why=str(error), remedy=FORM) from error
    return pairs


def _checked(pair: object, where: str) -> tuple[int, list[Any]]:
    match pair:
        case [int(tick), [str(), *_] as event] if tick >= 0 and not isinstance(tick, bool):
            return tick, list(event)
    raise GameError("this is not a tick and an event", where=where, why=f"it is {pair!r:.80}", remedy=FORM)
