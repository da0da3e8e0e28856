"""Write engine/ecs/steps.py: the overloads that give every query its exact step type."""

from __future__ import annotations

import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "engine" / "ecs" / "steps.py"
DATA, FILTERS = 6, 3
NAMES = "ABCDEG"

HEAD = '''"""The exact type of a query's step, for every number of data terms and filters.

Written by scripts/generate_steps.py.

Each overload with a filter overlaps the one in which a data term stands in the filter's place. The one with the filter
comes first and wins, and no component is a `Filter`; hence the two checks that are off in this file.
"""

# mypy: disable-error-code="overload-overlap"
# pyright: reportOverlappingOverload=false

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, TypeVarTuple, overload

import numpy as np
from numpy.typing import NDArray

from engine.ecs.terms import Filter

Terms = TypeVarTuple("Terms")
{variables}

F: TypeAlias = Filter[Any]
Mask: TypeAlias = NDArray[np.bool_]


class Steps(Generic[*Terms]):
    """What iterating, `at` and `single` give; `Query` says what they do."""

    if TYPE_CHECKING:

'''

METHODS = (
    ("__iter__", "", "Iterator[{}]"),
    ("at", ", entities: Any", "tuple[Mask, {}]"),
    ("single", "", "{}"),
)


def signatures(name: str, extra: str, result: str) -> list[str]:
    """Return the overloads of one method, those with most filters first."""
    lines: list[str] = []
    for filters in reversed(range(FILTERS + 1)):
        for data in range(1, DATA + 1):
            terms = [*NAMES[:data], *["F"] * filters]
            step = NAMES[0] if data == 1 else f"tuple[{', '.join(NAMES[:data])}]"
            returned = result.format(step)
            lines.append("        @overload\n")
            lines.append(f"        def {name}(self: Steps[{', '.join(terms)}]{extra}) -> {returned}: ...\n")
    lines.append(f"        def {name}(self{extra}) -> Any: ...\n")
    return lines


def text() -> str:
    """Return the whole file."""
    variables = "\n".join(f'{name} = TypeVar("{name}")' for name in NAMES)
    body = "\n".join("".join(signatures(*method)) for method in METHODS)
    return HEAD.format(variables=variables) + body


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{TARGET}\n")
