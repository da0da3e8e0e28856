"""Thousands of reloads, most of them with a fault, leave nothing behind."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from engine.bench.soak import Soak, soak, versions


@pytest.fixture(autouse=True)
def unheard() -> Iterator[None]:
    """Let no message be logged: pytest keeps each of them until the end of a test."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def expect_nothing_left(result: Soak, kilobytes: float) -> None:
    assert result.surprises == []
    assert result.threads == 0
    assert result.handles <= 0
    assert {name: more for name, more in result.generations.items() if more > 1} == {}
    assert result.kilobytes < kilobytes
    assert result.tick_ratio < 1.5


def test_three_of_five_versions_have_a_fault() -> None:
    assert sum(not good for _, good in versions(1_000)) == 600


def test_soak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.reload.transaction.VERDICTS_KEPT", 20)
    result = soak(60, modules=3)
    expect_nothing_left(result, kilobytes=10.0)  # so few reloads leave it to chance what the allocator gives back


@pytest.mark.long
def test_soak_of_ten_thousand_reloads(record_property: Any) -> None:
    result = soak(10_000)
    for figure in result.figures():
        record_property(figure.name, figure.value)
        print(f"{figure.name}: {figure.value:.3g} {figure.unit}")
    expect_nothing_left(result, kilobytes=1.0)
