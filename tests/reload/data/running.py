"""What many cases have in common: their rows, and what must be true of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .fields import Case
from .game import Game

ROWS = 5


def spawned(game: Game, case: Case) -> list[int]:
    """Spawn the rows of a case."""
    columns: dict[str, Any] = {}
    for name, values in case.values.items():
        large = isinstance(values[0], int) and max(values) >= 2**63
        found = values if isinstance(values[0], str) else np.array(values, np.uint64 if large else None)
        columns[name] = found.T if isinstance(found, np.ndarray) else found
    return game.spawn("parts.Part", ROWS, **columns)


def check(game: Game, ids: list[int], want: dict[str, list[Any]]) -> None:
    """Check values and the rows of the other components."""
    rows = game.rows("parts.Part")
    assert sorted(rows) == sorted(ids)
    for name, values in want.items():
        np.testing.assert_array_equal([rows[one][name] for one in ids], values, name)
    assert {row["name"] for row in game.rows("watch.Other").values()} == {"other"}
