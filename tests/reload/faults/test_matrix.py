"""Every kind of fault in every room: refused or taken back without a trace, named, and mended by a save."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.reload.transaction import Verdict

from .kinds import CASES, Kind
from .playing import ROLES, SOURCES, Playing, Unedited, line_of, write_game

SEED = int(os.environ.get("HOTLOOP_SEED", "7"))
SAMPLE = 110
LATE = (0, 1, 3, 11, 28)
"""Ticks after the commit at which faults on probation strike."""


TICKS = 2500
"""How long the games run; then a new one begins."""


@pytest.fixture(scope="module")
def unedited(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return Unedited(tmp_path_factory.mktemp("unedited") / "clock").through(TICKS)


@pytest.fixture(scope="module")
def held() -> Iterator[list[Playing]]:
    games: list[Playing] = []
    yield games
    for playing in games:
        playing.app.close()


@pytest.fixture
def playing(held: list[Playing], unedited: list[str], tmp_path: Path) -> Playing:
    """One game that all faults strike in turn: what one of them leaves behind, the next ones show."""
    if held and (held[0].errors() or held[0].tick > TICKS - 100 or held[0].hash != unedited[held[0].tick]):
        held.pop().app.close()
    if not held:
        held.append(Playing(write_game(tmp_path / "clock")))
        held[0].impatient()
        held[0].step()
    return held[0]


def strike(playing: Playing, kind: Kind, role: str) -> tuple[Verdict, bytes]:
    """Save a fault and let it strike; return the verdict and what was saved."""
    late = random.Random(f"{SEED} {kind.name} {role}").choice(LATE)
    content = kind.content(role).replace(b"AT", str(playing.tick + late).encode())
    playing.drawn = kind.marker == "render"
    verdict = playing.save(role, content)
    assert verdict is not None
    if kind.stage == "probation":
        assert verdict.outcome == "current", verdict.error
        playing.step(late + 3)  # a condition may be asked every other tick only
    return verdict, content


def check(playing: Playing, kind: Kind, role: str, unedited: list[str]) -> None:
    assert not playing.errors()
    before = playing.runs(role)
    verdict, content = strike(playing, kind, role)
    assert verdict.outcome == ("rolled back" if kind.stage == "probation" else "refused"), verdict
    assert playing.hash == unedited[playing.tick], "the world is not what it would have been"
    playing.step(2)
    assert playing.runs(role) == before, "the old code runs"
    assert playing.hash == unedited[playing.tick], "the world goes on as it would have"
    assert kind.says in (verdict.error or ""), verdict.error
    assert verdict.file == str(playing.path(role)), verdict
    if kind.line:
        here = line_of(content)
        assert here is None or verdict.line == here, (verdict.line, here, verdict.error)
        assert verdict.line
    assert len(verdict.error or "") < 2000
    [panel] = playing.errors()
    assert panel["message"]
    assert panel["state"]
    assert not playing.paused
    mended = playing.fix(role)
    assert mended is not None
    assert mended.good, mended.error
    playing.step()
    assert playing.runs(role) == playing.edition, "the fix runs"
    assert not playing.errors()
    assert playing.hash == unedited[playing.tick]


def sample() -> list[tuple[Kind, str]]:
    """Return a part of the cases: every kind at least once."""
    draw = random.Random(SEED)
    kinds: dict[str, list[tuple[Kind, str]]] = {}
    for kind, role in CASES:
        kinds.setdefault(f"{kind.stage} {kind.name}", []).append((kind, role))
    return [draw.choice(cases) for cases in kinds.values()]


def name_of(case: object) -> str:
    return f"{case.stage}-{case.name}".replace(" ", "_") if isinstance(case, Kind) else str(case)


CHOSEN = sample()


@pytest.mark.parametrize(("kind", "role"), CHOSEN, ids=name_of)
def test_a_fault_leaves_no_trace_and_its_fix_is_taken(
    playing: Playing, unedited: list[str], kind: Kind, role: str
) -> None:
    check(playing, kind, role, unedited)


@pytest.mark.long
@pytest.mark.parametrize(("kind", "role"), [case for case in CASES if case not in CHOSEN], ids=name_of)
def test_the_other_combinations(playing: Playing, unedited: list[str], kind: Kind, role: str) -> None:
    check(playing, kind, role, unedited)


def test_there_are_many_kinds_in_every_room() -> None:
    assert len({kind.name for kind, _ in CASES}) >= 40
    assert {role for _, role in CASES} == set(ROLES) == set(SOURCES)
    assert {kind.stage for kind, _ in CASES} >= {"staging", "commit", "probation"}
