"""What a program has put into a container, or taken out of it, goes on when the statements that fill it run anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from types import FunctionType
from typing import Any

from engine.reload.undo import MISSING
from engine.reload.values import same

_PLAIN = (type(None), bool, int, float, complex, str, bytes)


def is_flat(content: Any) -> bool:
    """Tell whether all that is in a container is a value or a function: nothing that could have changed inside."""
    items = content.values() if isinstance(content, dict) else content
    return all(_is_flat(item) for item in items)


def with_changes(made: Any, before: Any, live: Any) -> Any:
    """Return what statements have `made` with what the program did to what they had made `before`: `live` came of it.

    An entry that the statements set to something else by now is theirs.
    """
    if isinstance(made, dict):
        return _dict_with_changes(made, before, live)
    if isinstance(made, set):
        return (made | (live - before)) - (before - live)
    return _list_with_changes(made, before, live)


def _dict_with_changes(made: dict[Any, Any], before: dict[Any, Any], live: dict[Any, Any]) -> dict[Any, Any]:
    result = dict(made)
    for key, value in live.items():
        was = before.get(key, MISSING)
        if was is MISSING:
            result.setdefault(key, value)
        elif not same(was, value) and same(made.get(key, MISSING), was):
            result[key] = value
    for key, was in before.items():
        if key not in live and same(made.get(key, MISSING), was):
            del result[key]
    return result


def _list_with_changes(made: list[Any], before: list[Any], live: list[Any]) -> list[Any]:
    """Take out what the program has taken out, and put what it has put in after the item that it follows."""
    known, gone = Counter(map(_key, before)), Counter(map(_key, before))
    gone.subtract(map(_key, live))
    result = [item for item in made if not _takes(gone, item)]
    last = max((place for place, item in enumerate(live) if _key(item) in known), default=-1)
    for place, item in enumerate(live):
        if _takes(known, item):
            continue
        follows = [_key(one) for one in result]
        earlier = [_key(one) for one in reversed(live[:place])] if place < last else []
        found = next((one for one in earlier if one in follows), None)
        index = follows.index(found) + 1 if found is not None else 0
        result.insert(len(result) if place > last else index, item)
    return result


def _takes(left: Counter[Hashable], item: Any) -> bool:
    """Tell whether there is one more of an item, and take it."""
    key = _key(item)
    left[key] -= 1
    return left[key] >= 0


def _key(item: Any) -> Hashable:
    return (type(item), item) if _is_flat(item) and not isinstance(item, FunctionType | type) else id(item)


def _is_flat(item: Any) -> bool:
    if isinstance(item, tuple):
        return all(map(_is_flat, item))
    return isinstance(item, (*_PLAIN, FunctionType, type))
