"""Live functions: found by the code they run, and given other code.

A function's code can be exchanged only for code with as many free variables. Where the number differs the old
function becomes a trampoline: it keeps its identity and calls the new one.
"""

from __future__ import annotations

import functools
import gc
import sys
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import CellType, CodeType, FunctionType
from typing import Any

from engine.reload.undo import Undo

LRU = type(functools.lru_cache(lambda: None))
_REMEMBERING = ("cache", "memo")
_TARGET = "__target__"
_IS_GENERATOR, _IS_COROUTINE, _IS_ASYNC_GENERATOR = 0x20, 0x80, 0x200
_KINDS = _IS_GENERATOR | _IS_COROUTINE | _IS_ASYNC_GENERATOR
_VARARGS, _VARKEYWORDS = 0x04, 0x08


def code_tree(code: CodeType, prefix: str = "") -> dict[str, CodeType]:
    """Return the code objects inside a code object, keyed by their path of names; equal names are numbered."""
    found: dict[str, CodeType] = {}
    seen: dict[str, int] = {}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            number = seen[constant.co_name] = seen.get(constant.co_name, -1) + 1
            key = f"{prefix}{constant.co_name}#{number}"
            found[key] = constant
            found.update(code_tree(constant, key + "/"))
    return found


def same_code(one: CodeType, other: CodeType) -> bool:
    """Tell whether two code objects do the same, wherever they stand."""
    if one is other:
        return True
    if (
        one.co_code != other.co_code
        or one.co_names != other.co_names
        or one.co_varnames != other.co_varnames
        or one.co_freevars != other.co_freevars
        or one.co_cellvars != other.co_cellvars
        or one.co_flags != other.co_flags
        or one.co_name != other.co_name
        or one.co_argcount != other.co_argcount
        or one.co_posonlyargcount != other.co_posonlyargcount
        or one.co_kwonlyargcount != other.co_kwonlyargcount
        or one.co_exceptiontable != other.co_exceptiontable
        or len(one.co_consts) != len(other.co_consts)
    ):
        return False
    return all(map(_same_constant, one.co_consts, other.co_consts))


def _same_constant(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, CodeType):
        return same_code(one, other)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(_same_constant, one, other))
    return repr(one) == repr(other)


class Functions:
    """Weak record of the live functions by the code they run."""

    def __init__(self) -> None:
        self._by_code: dict[int, dict[int, weakref.ref[FunctionType]]] = {}
        self._most = 1_000
        self.given: weakref.WeakKeyDictionary[FunctionType, frozenset[str]] = weakref.WeakKeyDictionary()
        self.caches: weakref.WeakSet[Any] = weakref.WeakSet()

    def add(self, function: FunctionType) -> None:
        """Record a function under its present code."""
        if len(self._by_code) > self._most:
            self.sweep()
            self._most = 2 * len(self._by_code) + 1_000
        row = self._by_code.setdefault(id(function.__code__), {})
        if id(function) not in row or row[id(function)]() is None:
            row[id(function)] = weakref.ref(function)
            if function.__dict__:
                self.given.setdefault(function, frozenset(function.__dict__))

    def add_young(self, is_ours: Callable[[str], object]) -> list[FunctionType]:
        """Record the functions made since the last collection whose file is one of ours; return them."""
        found = []
        for item in gc.get_objects(0):
            if type(item) is FunctionType and is_ours(item.__code__.co_filename):
                found.append(item)
                self.add(item)
                if any(word in name for name in item.__code__.co_freevars for word in _REMEMBERING):
                    self.caches.add(item)
            elif type(item) is LRU:
                self.caches.add(item)
        return found

    def running(self, code: CodeType) -> list[FunctionType]:
        """Return the recorded functions that run this very code object."""
        row = self._by_code.get(id(code))
        if row is None:
            return []
        alive = [function for ref in row.values() if (function := ref()) is not None and function.__code__ is code]
        if len(alive) < len(row):
            self._by_code[id(code)] = {id(function): weakref.ref(function) for function in alive}
        return alive

    def forget(self, codes: Iterable[CodeType]) -> None:
        """Drop the rows of code objects that nothing runs any more."""
        for code in codes:
            if not self.running(code):
                self._by_code.pop(id(code), None)

    def sweep(self) -> None:
        """Drop the rows of functions that are gone."""
        for code, row in list(self._by_code.items()):
            alive = {key: ref for key, ref in row.items() if ref() is not None}
            if not alive:
                del self._by_code[code]
            elif len(alive) < len(row):
                self._by_code[code] = alive


def held_elsewhere(rows: Sequence[tuple[str, CodeType]], functions: Functions) -> list[CodeType]:
    """Return code objects that more functions may run than are recorded.

    What is known to hold a code object is the row, the tree it stems from, the constants of the code around it and
    the recorded functions; whatever counts beyond that is a closure made at run time, or a frame.
    """
    found = []
    for index in range(len(rows)):  # no variable may hold the code object: it would count
        known = 3 + ("/" in rows[index][0]) + len(functions.running(rows[index][1]))
        if sys.getrefcount(rows[index][1]) > known:
            found.append(rows[index][1])
    return found


def find_running(codes: Iterable[CodeType]) -> Iterator[FunctionType]:
    """Yield every function of the process that runs one of these, by one pass over the heap."""
    wanted = list(codes)
    if wanted:
        gc.unfreeze()  # what is frozen would not be found
        for item in gc.get_referrers(*wanted):
            if type(item) is FunctionType:
                yield item


def set_code(function: FunctionType, code: CodeType, undo: Undo, functions: Functions) -> None:
    """Exchange a function's code for one with the same free variables."""
    undo.push(functions.add, function)  # taken after the next, when the function runs its old code again
    undo.push(assign_code, function, function.__code__)
    assign_code(function, code)
    functions.add(function)


def assign_code(function: FunctionType, code: CodeType) -> None:
    """Exchange a function's code, also for that of a generator or coroutine, which newer Pythons frown upon."""
    if (function.__code__.co_flags ^ code.co_flags) & _KINDS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            function.__code__ = code
    else:
        function.__code__ = code


def give_code(function: FunctionType, code: CodeType, cls: type | None, undo: Undo, functions: Functions) -> str:
    """Let a live function run other code; return the name of a variable it would need and does not have, or "".

    Free variables are matched by name, so that a closure keeps its captured state. `cls` fills `__class__`.
    """
    if function.__code__.co_freevars == code.co_freevars:
        set_code(function, code, undo, functions)
        return ""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    if cls is not None:
        cells.setdefault("__class__", CellType(cls))
    for name in code.co_freevars:
        if name not in cells:
            return name
    closure = tuple(cells[name] for name in code.co_freevars)
    made = FunctionType(code, function.__globals__, function.__name__, function.__defaults__, closure)
    made.__kwdefaults__, made.__qualname__ = function.__kwdefaults__, function.__qualname__
    functions.add(made)
    undo.push(functions.add, function)
    redirect(function, made, undo)
    return ""


def redirect(function: FunctionType, target: Callable[..., Any], undo: Undo) -> None:
    """Make a function a trampoline that calls a target."""
    undo.function(function)
    assign_code(function, _trampoline(function.__code__.co_freevars, target, function.__name__))
    inner = target if isinstance(target, FunctionType) else None
    function.__defaults__ = inner.__defaults__ if inner else None
    function.__kwdefaults__ = inner.__kwdefaults__ if inner else None


def target_of(function: FunctionType) -> Any:
    """Return what a trampoline calls, the function itself if it is none."""
    code = function.__code__
    if _TARGET in code.co_varnames:
        for constant in code.co_consts:
            if callable(constant):
                return constant
    return function


def _trampoline(free: tuple[str, ...], target: Callable[..., Any], name: str) -> CodeType:
    model = target.__code__ if isinstance(target, FunctionType) else None
    head, passed = _signature(model)
    call = f"{_TARGET}({passed})"
    flags = model.co_flags if model else 0
    kind, body = "def", f"return {call}"
    if flags & _IS_GENERATOR:
        body = f"return (yield from {call})"
    elif flags & _IS_COROUTINE:
        kind, body = "async def", f"return await {call}"
    elif flags & _IS_ASYNC_GENERATOR:
        kind, body = "async def", f"async for __item__ in {call}: yield __item__"
    keep = f"if 0: {', '.join(free)}" if free else "pass"
    lines = [
        f"def outer({', '.join(free)}):",
        f"  {kind} {name if name.isidentifier() else 'call'}({head}):",
        f"    {_TARGET} = '{_TARGET}'",
        f"    {keep}",
        f"    {body}",
    ]
    outer = compile("\n".join(lines), "<trampoline>", "exec", dont_inherit=True)
    maker = next(constant for constant in outer.co_consts if isinstance(constant, CodeType))
    code = next(constant for constant in maker.co_consts if isinstance(constant, CodeType))
    constants = tuple(target if constant == _TARGET else constant for constant in code.co_consts)
    changes: dict[str, Any] = {"co_consts": constants}
    if model is not None:
        changes |= {"co_filename": model.co_filename, "co_firstlineno": model.co_firstlineno}
        changes |= {"co_qualname": model.co_qualname}
    return code.replace(**changes)


def _signature(model: CodeType | None) -> tuple[str, str]:
    """Return the parameters as in the model's `def`, and how they are passed on.

    A default is written as `...`; which parameters have one is settled by the function that gets the code.
    """
    if model is None or any(not name.isidentifier() for name in model.co_varnames):
        return "*args, **kwargs", "*args, **kwargs"
    names = model.co_varnames
    count, only = model.co_argcount, model.co_kwonlyargcount
    head, passed = list(names[:count]), list(names[:count])
    if model.co_posonlyargcount:
        head.insert(model.co_posonlyargcount, "/")
    rest = count + only
    if model.co_flags & _VARARGS:
        head.append("*" + names[rest])
        passed.append("*" + names[rest])
        rest += 1
    elif only:
        head.append("*")
    head += names[count : count + only]
    passed += [f"{name}={name}" for name in names[count : count + only]]
    if model.co_flags & _VARKEYWORDS:
        head.append("**" + names[rest])
        passed.append("**" + names[rest])
    return ", ".join(head), ", ".join(passed)


def empty_cache(cache: Any, undo: Undo) -> None:
    """Let a memoising function forget its results: they are those of the code before."""
    if type(cache) is LRU:
        cache.cache_clear()
        return
    for name, cell in zip(cache.__code__.co_freevars, cache.__closure__ or (), strict=True):
        if any(word in name for word in _REMEMBERING):
            try:
                content = cell.cell_contents
            except ValueError:
                continue
            if type(content) is dict and content:
                undo.push(content.update, dict(content))
                content.clear()
