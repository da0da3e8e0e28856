"""Every edit of a component's fields: forwards, without rows, undone, and rolled back."""

from __future__ import annotations

import numpy as np
import pytest

from .fields import CASES, Case
from .game import RAISES, WATCH, Begin
from .running import check, spawned

EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@EACH
def test_the_rows_follow_the_edit_and_the_way_back(begin: Begin, case: Case) -> None:
    game = begin(case.before)
    ids = spawned(game, case)
    game.step(2)
    if case.refusal is not None:
        assert case.refusal in game.refuse(parts=case.after)
        check(game, ids, case.values)
        game.step()
        return
    game.take(parts=case.after)
    check(game, ids, case.want)
    assert set(game.rows("parts.Part")[ids[0]]) >= set(case.want)
    game.step(2)
    if case.back is None:
        game.refuse(parts=case.before)
        check(game, ids, case.want)
    else:
        game.take(parts=case.before)
        check(game, ids, case.back)
    game.step()


@EACH
def test_without_rows_no_edit_is_refused(begin: Begin, case: Case) -> None:
    game = begin(case.before)
    ids = spawned(game, case)
    game.step()
    game.world.despawn(np.array(ids, np.uint64))
    game.take(parts=case.after)
    game.step()
    game.take(parts=case.before)
    ids = spawned(game, case)
    check(game, ids, case.values)


@EACH
def test_a_rollback_leads_to_the_world_that_was_never_edited(begin: Begin, case: Case) -> None:
    game = begin(case.before)
    if case.refusal is not None:
        return
    ids = spawned(game, case)
    start = game.world.snapshot()
    game.step(8)
    unedited = game.world.hash()
    game.world.restore(start)
    game.take(parts=case.after, watch=WATCH + RAISES)
    game.step(8)
    assert game.app.reloader.verdicts[-1].outcome == "rolled back"
    assert game.world.hash() == unedited
    check(game, ids, case.values)
