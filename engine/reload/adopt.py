"""Take over a module that was loaded without us: find what each of its statements made."""

from __future__ import annotations

import marshal
import weakref
from types import CodeType, FunctionType
from typing import Any

from engine.reload.functions import Functions, code_tree
from engine.reload.merge import inner_functions
from engine.reload.state import FileRecord, State, weak
from engine.reload.trace import Ours, Trace


def take_over(
    record: FileRecord, ours: Ours, functions: Functions, shapes: weakref.WeakKeyDictionary[type, frozenset[str]]
) -> None:
    """Fill in a record's statements from its analysis and its module's namespace."""
    assert record.analysis is not None
    record.states = [State(unit, record, index) for index, unit in enumerate(record.analysis.units)]
    live = _functions_of(record)
    last = {name: state for state in record.states for name in state.unit.binds}
    for state in record.states:
        state.ran = True
        state.tree = code_tree(marshal.loads(state.unit.code))
        for key, code in list(state.tree.items()):
            found = live.get((code.co_qualname, code.co_firstlineno))
            if found is not None:
                state.tree[key] = found
                _put_inner(state.tree, key, found)
        trace = Trace(ours)
        trace.unit(state.unit, record.module)
        trace.note(state)
        for name in state.unit.binds:
            value = record.space.get(name)
            if last[name] is state and (ref := weak(value)) is not None:
                state.made[name] = ref
            if isinstance(value, type) and value.__module__ == record.name:
                shapes.setdefault(value, frozenset(value.__dict__))
    for function in _all_functions(record):
        functions.add(function)


def _all_functions(record: FileRecord) -> list[FunctionType]:
    found: dict[int, FunctionType] = {}

    def take(value: Any, depth: int) -> None:
        if isinstance(value, type):
            if value.__module__ == record.name and depth < 4:
                for item in list(value.__dict__.values()):
                    take(item, depth + 1)
            return
        for function in inner_functions(value):
            if function.__code__.co_filename == str(record.path):
                found[id(function)] = function

    for value in list(record.space.values()):
        take(value, 0)
    return list(found.values())


def _functions_of(record: FileRecord) -> dict[tuple[str, int], CodeType]:
    return {(f.__code__.co_qualname, f.__code__.co_firstlineno): f.__code__ for f in _all_functions(record)}


def _put_inner(tree: dict[str, CodeType], key: str, code: CodeType) -> None:
    tree.update(code_tree(code, key + "/"))
