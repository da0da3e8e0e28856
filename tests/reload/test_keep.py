"""What a program has changed in a container, on top of what the statements that fill it make by now."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as some

from engine.reload.keep import is_flat, with_changes

NUMBERS = some.lists(some.integers(0, 9), max_size=8)
SETS = some.sets(some.integers(0, 9))
DICTS = some.dictionaries(some.integers(0, 9), some.integers(0, 3), max_size=8)


@given(NUMBERS, NUMBERS)
def test_a_list_that_the_program_left_alone_is_as_it_was_made(made: list[int], before: list[int]) -> None:
    assert with_changes(made, before, list(before)) == made


@given(NUMBERS, NUMBERS)
def test_a_list_that_is_made_as_before_holds_what_the_program_left_in_it(before: list[int], live: list[int]) -> None:
    assert Counter(with_changes(before, before, live)) == Counter(live)


@given(some.lists(some.integers(0, 99), unique=True), some.data())
def test_what_was_put_into_a_list_stands_where_it_was_put(before: list[int], data: some.DataObject) -> None:
    live = list(before)
    for number in range(100, 100 + data.draw(some.integers(0, 4))):
        live.insert(data.draw(some.integers(0, len(live))), number)
    assert with_changes(before, before, live) == live


def test_what_was_put_at_an_end_stays_at_that_end() -> None:
    assert with_changes(["A", "b", "c"], ["a", "b"], ["first", "a", "b", "last"]) == ["first", "A", "b", "c", "last"]


@given(SETS, SETS, SETS)
def test_a_set_takes_over_what_was_added_and_taken_out(made: set[int], before: set[int], live: set[int]) -> None:
    result = with_changes(made, before, live)
    assert with_changes(made, before, before) == made
    assert with_changes(before, before, live) == live
    assert live - before <= result
    assert not result & (before - live)


@given(DICTS, DICTS, DICTS)
def test_a_dict_takes_over_changes_where_the_statements_say_what_they_said(
    made: dict[int, int], before: dict[int, int], live: dict[int, int]
) -> None:
    result = with_changes(made, before, live)
    assert with_changes(made, before, before) == made
    assert with_changes(before, before, live) == live
    for key in {*made, *before, *live}:
        says_the_same = made.get(key) == before.get(key)
        assert result.get(key) == (live.get(key) if says_the_same else made.get(key, result.get(key)))


def test_only_what_cannot_change_inside_is_flat() -> None:
    assert is_flat([1, "a", (2, None), len.__class__, test_only_what_cannot_change_inside_is_flat])
    assert not is_flat({"a": []})
    assert not is_flat([object()])
