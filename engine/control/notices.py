"""What has gone wrong lately, each thing once: warnings and errors of the engine, with how often and in which ticks."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MOST_NOTICES = 200
LONGEST = 600
_PLACE = re.compile(r"(?P<file>[^\n:]+\.(?:py|toml)):(?P<line>\d+): (?P<text>.*)", re.DOTALL)


@dataclass
class Notice:
    """One message: how often it was said, in which tick first and last, and in which epoch first.

    `number` counts all messages up to its latest, `began` up to its first.
    """

    level: str
    text: str
    file: str | None
    line: int | None
    epoch: int
    first: int
    last: int
    number: int
    began: int
    count: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return the notice as plain data."""
        return dict(vars(self))


class Notices(logging.Handler):
    """Hears the engine's log. `facts` tells tick and epoch; each notice has a number that rises when it is said."""

    def __init__(self, facts: Callable[[], dict[str, Any]]) -> None:
        super().__init__(logging.WARNING)
        self.facts = facts
        self.number = 0
        self._known: dict[str, Notice] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Count a message; what cannot be shown is left out."""
        try:
            said = record.getMessage()[:LONGEST]
            facts = self.facts()
        except Exception:
            return
        self.number += 1
        known = self._known.pop(said, None)
        if known is None:
            place = _PLACE.fullmatch(said)
            file, line = (place["file"], int(place["line"])) if place else (None, None)
            text = place["text"] if place else said
            tick = facts["tick"]
            known = Notice(
                record.levelname.lower(), text, file, line, facts["epoch"], tick, tick, self.number, self.number
            )
        else:
            known.count, known.last, known.number = known.count + 1, facts["tick"], self.number
        self._known[said] = known
        if len(self._known) > MOST_NOTICES:
            del self._known[next(iter(self._known))]

    def since(self, number: int) -> list[Notice]:
        """Return what was said after the notice of this number, the latest last."""
        return [notice for notice in self._known.values() if notice.number > number]
