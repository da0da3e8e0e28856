"""Every edit of the corpus, patched directly and by a running app; a sample of them found by the watcher."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from nursery import Nursery
from runner import all_cases

CASES = all_cases()
SAMPLE = random.Random(11).sample(CASES, 16)


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


@pytest.mark.parametrize("name", [case.id for case in CASES])
@pytest.mark.parametrize("adapter", ["direct", "hotloop"])
def test_edit(nurseries: dict[str, Nursery], adapter: str, name: str) -> None:
    check(nurseries, adapter, name)


@pytest.mark.parametrize("name", [case.id for case in SAMPLE])
def test_edit_found_by_the_watcher(nurseries: dict[str, Nursery], name: str) -> None:
    check(nurseries, "watched", name)


@pytest.mark.long
@pytest.mark.parametrize("name", [case.id for case in CASES])
def test_every_edit_found_by_the_watcher(nurseries: dict[str, Nursery], name: str) -> None:
    check(nurseries, "watched", name)
