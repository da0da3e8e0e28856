"""A long random run, and shrinkable ones, against esper as the oracle."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from oracle.parts import KINDS, Choose, Twin, some_values

import engine.ecs.table
from engine import Commands
from engine.ecs.table import PACKED_ROWS

RUNS, STEPS = 4, 3000


def one_step(twin: Twin, choose: Choose, done: Counter[str]) -> None:
    """Do one random thing to both worlds, now or through commands."""
    known = [*twin.twin, *twin.dead[-20:]]
    chosen = [known[choose(len(known))] for _ in range(choose(6))] if known else []
    living = [entity for entity in dict.fromkeys(chosen) if entity in twin.twin]
    what = choose(20)
    commands = Commands(twin.world) if choose(3) == 0 else None
    if what < 5 and len(twin.twin) < 150:
        count = choose(5)
        twin.spawn(some_values(choose, count, empty=True), count, commands)
        name = "spawn"
    elif what < 8:
        twin.despawn(chosen, commands)
        name = "despawn"
    elif what < 11:
        ids = living if commands is None else list(dict.fromkeys(chosen))
        twin.insert(ids, some_values(choose, len(ids), empty=False), commands)
        name = "insert"
    elif what < 13:
        kinds = [kind for kind in KINDS if choose(2)]
        twin.remove(living if commands is None else chosen, kinds, commands)
        name = "remove"
    elif what < 15:
        twin.write(KINDS[choose(3)], KINDS[choose(4)], bool(choose(2)))
        name = "write"
    elif what == 15:
        twin.write_at(chosen)
        name = "at"
    elif what == 16 and living:
        twin.write_one(living[0])
        name = "get"
    elif what == 17:
        twin.snapshot(reuse=bool(choose(2)))
        name = "snapshot"
    elif what == 18 and twin.shots:
        twin.restore(choose(len(twin.shots)))
        name = "restore"
    else:
        mixed = [kind for kind in KINDS if choose(2)]
        twin.compare(mixed, [kind for kind in KINDS if kind not in mixed and choose(2)][:3])
        name = "query"
    if commands is not None:
        commands.apply()
        done["through commands"] += 1
    done[name] += 1


@pytest.mark.parametrize("seed", range(RUNS))
def test_a_long_run_of_random_steps(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # Every other run takes the path of large tables already with a few rows.
    monkeypatch.setattr(engine.ecs.table, "PACKED_ROWS", 3 if seed % 2 else PACKED_ROWS)
    random = np.random.default_rng(seed)
    numbers = iter(())

    def choose(below: int) -> int:
        nonlocal numbers
        number = next(numbers, None)
        if number is None:
            numbers = iter(random.integers(0, 2**31, 5000).tolist())
            number = next(numbers)
        return int(number) % below

    twin, done = Twin("long"), Counter[str]()
    for step in range(STEPS):
        one_step(twin, choose, done)
        if step % 20 == 0:
            twin.compare_all()
    twin.compare_all()
    kinds = {"spawn", "despawn", "insert", "remove", "write", "at", "get", "snapshot", "restore", "query"}
    assert all(done[kind] > STEPS / 100 for kind in kinds), done
    assert sum(done[kind] for kind in kinds) == STEPS
    assert done["through commands"] > STEPS / 10


def test_the_long_runs_are_long_enough() -> None:
    assert RUNS * STEPS >= 10_000


class Machine(RuleBasedStateMachine):
    """The same steps chosen by hypothesis, which finds a short way to a failure."""

    @initialize()
    def begin(self) -> None:
        self.twin = Twin("machine")
        self.done = Counter[str]()

    @rule(numbers=st.lists(st.integers(0, 2**16), min_size=30, max_size=30))
    def step(self, numbers: list[int]) -> None:
        source = iter(numbers)
        one_step(self.twin, lambda below: next(source, 1) % below, self.done)

    @precondition(lambda self: hasattr(self, "twin"))
    @invariant()
    def agree(self) -> None:
        self.twin.compare_all()


TestMachine: Any = Machine.TestCase
TestMachine.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
