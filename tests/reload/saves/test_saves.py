"""Every save of a running game arrives once, whole, and soon, whatever program makes it."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from saves.desk import PROGRAMS, STYLES, UNTOLD, Desk
from saves.game import Play, make_game

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the tools and links are those of POSIX systems")

GOOD = ("current", "permanent")
NOT_TIMED = frozenset(("git stash",))
"""Styles that show a version, take it away and bring it back: no moment is that of the save."""


@dataclass
class Outcome:
    """What became of the saves of one run."""

    saves: int
    styles: Counter[str]
    transactions: int
    bad: list[Any] = field(default_factory=list)
    duplicates: list[Any] = field(default_factory=list)
    missed: dict[int, int] = field(default_factory=dict)
    latency: dict[str, list[float]] = field(default_factory=dict)
    excused: list[Any] = field(default_factory=list)

    def figures(self) -> str:
        """Return the figures as lines of text."""
        told = [value for style, values in self.latency.items() if style not in UNTOLD for value in values]
        untold = [value for style in UNTOLD for value in self.latency.get(style, [])]
        lines = [f"{self.saves} saves in {len(self.styles)} styles, {self.transactions} transactions"]
        lines.append(f"bad {len(self.bad)}, duplicate {len(self.duplicates)}, missed {len(self.missed)}")
        for name, values in (("told by events", told), ("found by sweeps", untold)):
            if values:
                p50, p99, most = np.percentile(values, [50, 99, 100]) * 1000
                lines.append(f"{name}: {len(values)}, p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {most:.0f} ms")
        return "\n".join(lines)


def play_saves(home: Path, styles: list[str], seed: int) -> Outcome:
    """Save in these styles while the game runs, and judge what it made of them."""
    paths = make_game(home)
    desk = Desk(home, paths, seed)
    chance = Random(seed)
    with Play(home) as play:
        for style in styles:
            desk.save(style)
            time.sleep(chance.choice([0, 0, 0.01, 0.03, 0.06, 0.12]))
        play.wait("every module runs as saved last", lambda: play.running() == desk.latest or settled(play))
    return judge(play, desk, styles)


def settled(play: Play, quiet: float = 10.0) -> bool:
    """Tell whether nothing has happened for so long that nothing will."""
    return time.monotonic() - max(one["at"] for one in play.told) > quiet


def judge(play: Play, desk: Desk, styles: list[str]) -> Outcome:
    batches, verdicts = list(play.of("batch")), list(play.of("verdict"))
    runs, (ended,) = list(play.of("runs")), list(play.of("ended"))
    outcome = Outcome(desk.saves, Counter(styles), sum(batch["made"] for batch in batches))
    for one in runs:
        if not one["whole"]:
            (outcome.excused if desk.slow and one["version"] is None else outcome.bad).append(one)
    for verdict in verdicts:
        if verdict["outcome"] not in GOOD:
            (outcome.excused if desk.slow and is_away(verdict) else outcome.bad).append(verdict)
    outcome.bad += ended["paused"] + ended["pending"]
    for batch in batches:
        if not batch["made"] or any(digest == running for _, _, digest, running in batch["files"]):
            outcome.duplicates.append(batch)
    now = play.running()
    outcome.missed = {part: version for part, version in desk.latest.items() if now[part] != version}
    first = {(one["part"], one["version"]): one["at"] for one in reversed(runs)}
    for key, (style, at) in desk.saved.items():
        if key in first and style not in NOT_TIMED:
            outcome.latency.setdefault(style, []).append(max(0.0, first[key] - at))
    return outcome


def is_away(verdict: dict[str, Any]) -> bool:
    """Tell whether a verdict only says that a file was away, as on a machine too busy to put it back in time.

    Where nothing needs the file, it says nothing: then a module is gone for a moment, which has no version.
    """
    return "deleted" in (verdict["error"] or "") or "is gone" in (verdict["error"] or "")


def expect_all_good(outcome: Outcome) -> None:
    assert outcome.bad == []
    assert outcome.duplicates == []
    assert outcome.missed == {}


def chosen(count: int, seed: int) -> list[str]:
    """Return so many styles at random, each about as often."""
    chance = Random(seed)
    styles = [style for _ in range(count // len(STYLES) + 1) for style in STYLES]
    chance.shuffle(styles)
    return styles[:count]


def test_there_are_styles_enough() -> None:
    assert len(STYLES) >= 20
    assert PROGRAMS.issubset(STYLES)


def test_saves_at_random(tmp_path: Path, record_property: Any) -> None:
    outcome = play_saves(tmp_path, chosen(100, 1), seed=1)
    record_property("figures", outcome.figures())
    print(outcome.figures())
    expect_all_good(outcome)


@pytest.mark.long
def test_ten_thousand_saves_of_a_running_game(tmp_path: Path, record_property: Any) -> None:
    outcome = play_saves(tmp_path, chosen(10_000, 2), seed=2)
    record_property("figures", outcome.figures())
    print(outcome.figures())
    expect_all_good(outcome)
