"""The common edits and samples of the others: patched directly, by a running app, by its watcher, upon an edit.

All in all ways: `pytest -m "long or not long" tests/reload/corpus`.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from nursery import Nursery
from runner import all_cases

CASES = all_cases()
COMMON = [case.id for case in CASES if not case.id.startswith("more/")]
DIRECT = {*COMMON, *random.Random(5).sample([case.id for case in CASES if case.id not in COMMON], 120)}
BY_APP = {case.id for case in random.Random(7).sample(CASES, 24)}
WATCHED = {case.id for case in random.Random(11).sample(CASES, 10)}
ARRIVED = {case.id for case in random.Random(13).sample(CASES, 24)}


def parameters(sample: set[str]) -> list[Any]:
    """Return every case, those outside the sample for long runs only."""
    return [pytest.param(case.id, marks=() if case.id in sample else pytest.mark.long) for case in CASES]


@pytest.fixture(scope="module")
def nurseries() -> Iterator[dict[str, Nursery]]:
    made: dict[str, Nursery] = {}
    yield made
    for nursery in made.values():
        nursery.close()


def check(nurseries: dict[str, Nursery], adapter: str, name: str) -> None:
    if adapter not in nurseries:
        nurseries[adapter] = Nursery(adapter)
    result = nurseries[adapter].run(next(case for case in CASES if case.id == name))
    assert result["pass"], "\n".join([*result["fails"], str(result["crash"]), *map(str, result["reports"])])


@pytest.mark.parametrize("name", parameters(DIRECT))
def test_edit(nurseries: dict[str, Nursery], name: str) -> None:
    check(nurseries, "direct", name)


@pytest.mark.parametrize("name", parameters(BY_APP))
def test_edit_of_a_running_app(nurseries: dict[str, Nursery], name: str) -> None:
    check(nurseries, "hotloop", name)


@pytest.mark.parametrize("name", parameters(ARRIVED))
def test_edit_of_what_came_by_an_edit(nurseries: dict[str, Nursery], name: str) -> None:
    check(nurseries, "arrived", name)


@pytest.mark.parametrize("name", parameters(WATCHED))
def test_edit_found_by_the_watcher(nurseries: dict[str, Nursery], name: str) -> None:
    check(nurseries, "watched", name)
