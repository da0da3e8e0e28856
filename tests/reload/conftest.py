"""Fixtures of the tests that patch code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from program import Program


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """A program in a folder of its own, forgotten after the test."""
    made = Program(tmp_path)
    yield made
    made.close()
