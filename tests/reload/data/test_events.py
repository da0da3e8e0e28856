"""Edits of events while some are in flight."""

from __future__ import annotations

import pytest

from .game import RAISES, WATCH, Begin, Game

V1 = "@event\nclass Hit:\n    n: i32 = 0\n    by: text\n"
READS = """

@resource
class Heard:
    hits: list = field(factory=list)


@system(PreUpdate)
def hear(hits: Events[Hit], heard: Mut[Heard]) -> None:
    for step in hits:
        heard.hits.extend(zip(step.n.tolist(), step.by.tolist()))


@system(Update)
def strike(hits: Send[Hit], seen: Seen) -> None:
    hits.send(n=seen.tick, by="us")
"""
WATCHES = WATCH + READS


def begun(begin: Begin, source: str = V1, watch: str = WATCHES) -> Game:
    """Return the game with one event in flight that nobody has read."""
    game = begin("X = 1")
    game.take(parts=source, watch=watch)
    game.world.resource(game.cls("watch.Heard")).hits.clear()
    game.step(3)
    return game


def heard(game: Game) -> list[tuple[int, str]]:
    """Return what the reader has heard."""
    found: list[tuple[int, str]] = game.world.resource(game.cls("watch.Heard")).hits
    return found


EDITS = {
    "added": (V1 + "    force: f32 = 2.0\n", WATCHES),
    "added in front": (V1.replace("    n:", "    force: f32 = 2.0\n    n:"), WATCHES),
    "widened": (V1.replace("i32", "i64"), WATCHES),
    "reordered": ("@event\nclass Hit:\n    by: text\n    n: i32 = 0\n", WATCHES),
    "renamed field": (
        V1.replace("    n: i32 = 0", '    m: i64 = field(default=0, renamed_from="n")'),
        WATCHES.replace("step.n", "step.m").replace("send(n=", "send(m="),
    ),
    "renamed": (
        V1.replace("@event", '@event(renamed_from="app.parts.Hit")').replace("class Hit", "class Blow"),
        WATCHES.replace("Hit", "Blow"),
    ),
    "migrated": (
        V1.replace("@event", "@event(version=2)").replace("n: i32 = 0", "m: text")
        + '\n\n@migrate(Hit, to=2)\ndef text_of(old):\n    return {"m": [str(n) for n in old["n"]]}\n',
        WATCHES.replace("step.n.tolist()", "[int(m) for m in step.m]").replace(
            "send(n=seen.tick", "send(m=str(seen.tick)"
        ),
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_events_in_flight_reach_their_reader_once(begin: Begin, name: str) -> None:
    parts, watch = EDITS[name]
    game = begun(begin)
    assert heard(game) == [(1, "us"), (2, "us")]
    game.take(parts=parts, watch=watch)
    game.step(2)
    assert heard(game) == [(n, "us") for n in range(1, 5)]
    game.step(2)
    assert heard(game) == [(n, "us") for n in range(1, 7)]


def test_events_move_to_another_file(begin: Begin) -> None:
    game = begun(begin)
    game.take(parts="from .more import Hit", more=V1)
    game.step(2)
    game.take(parts=V1, more=None)
    game.step(2)
    assert heard(game) == [(n, "us") for n in range(1, 7)]


@pytest.mark.parametrize("name", EDITS)
def test_a_rollback_brings_events_back(begin: Begin, name: str) -> None:
    parts, watch = EDITS[name]
    game = begun(begin)
    game.world.resource(game.cls("watch.Seen")).tick = 0
    start = game.world.snapshot()
    game.step(6)
    unedited, told = game.world.hash(), heard(game)[:]
    game.world.restore(start)
    game.take(parts=parts, watch=watch + RAISES)
    game.step(6)
    assert game.app.reloader.verdicts[-1].outcome == "rolled back"
    assert heard(game) == told
    assert game.world.hash() == unedited


def test_a_field_of_events_in_flight_is_not_lost(begin: Begin) -> None:
    game = begun(begin)
    message = game.refuse(parts=V1.replace("    by: text\n", ""), watch=WATCHES.replace("step.by", "step.n"))
    assert "Hit drops field by without a migration" in message
    game.step()
    assert heard(game) == [(1, "us"), (2, "us"), (3, "us")]
    game.take(
        parts=V1.replace("    by: text\n", "").replace("@event", '@event(dropped=("by",))'),
        watch=WATCHES.replace("step.by.tolist()", "'abcd'").replace(', by="us"', ""),
    )
    game.step(2)
    assert heard(game)[2:] == [(3, "us"), (4, "a"), (5, "a")]


def test_without_events_in_flight_nothing_is_refused(begin: Begin) -> None:
    game = begin(V1)
    game.step(3)
    game.take(parts=V1.replace("    by: text\n", ""))
    game.take(parts=V1.replace("n: i32 = 0", "n: text"))
    game.step()


@pytest.mark.parametrize("fails", ["refused", "rolled back"])
def test_an_event_that_is_deleted_in_vain_still_reaches_its_reader(begin: Begin, fails: str) -> None:
    game = begun(begin)
    game.world.resource(game.cls("watch.Seen")).tick = 0
    told = heard(game)[:]
    more = RAISES if fails == "rolled back" else "\n\n@system(Update)\ndef unbound(nothing) -> None: ...\n"
    verdict = game.save(parts="X = 1", watch=WATCH + more)
    game.step(5)
    assert verdict.outcome == fails
    assert heard(game) == [*told, (3, "us"), *((n, "us") for n in range(1, 5))]
