"""A kernel row by row: the function itself, called with one row at a time. Slow, but it may do anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def row_class(name: str, fields: Sequence[tuple[str, bool]], mut: bool) -> type:
    """Return the class of a component's row: attributes read, and if `mut` write, one place of each column.

    `fields` tells of each whether a row of it is several numbers.
    """

    def place(at: int, several: bool) -> property:
        def get(self: Any) -> Any:
            return self.columns[at][..., self.at] if several else self.columns[at][self.at]

        def put(self: Any, value: Any) -> None:
            self.columns[at][(..., self.at) if several else self.at] = value

        return property(get, put if mut else None)

    body: dict[str, Any] = {one: place(at, several) for at, (one, several) in enumerate(fields)}
    return type(name, (), {**body, "__slots__": ("at", "columns")})


def run_rows(function: Callable[..., object], rows: Sequence[Any], count: int, scalars: Sequence[Any]) -> None:
    """Call a kernel's function `count` times, its rows standing at one place after another."""
    with np.errstate(all="ignore"):
        for at in range(count):
            for row in rows:
                row.at = at
            function(*rows, *scalars)
