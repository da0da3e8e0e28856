"""What a statement reads while it is imported, followed through the functions it calls, and what it may change."""

from __future__ import annotations

import dis
import functools
import marshal
from abc import ABCMeta
from collections import deque
from collections.abc import Iterable, Iterator
from enum import EnumMeta
from itertools import islice
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from engine.reload.analyse import Unit
from engine.reload.reflect import ASKING, names_in, reflect
from engine.reload.registries import WEAK, Weakly, registry_of
from engine.reload.state import Key, State

CONTAINERS = (list, dict, set, deque)
_HOLDERS = (*CONTAINERS, *WEAK)
_LISTED = (list, tuple, dict, set, frozenset)
_FEW = 100
_DEFINING = ("def", "class")
VALUED = ("assign", "annotated", "augmented", "block")
_MOST = 600
_MOST_ITEMS = 50
_CONSTRUCTORS = ("__init__", "__new__", "__post_init__", "__call__", "__init_subclass__", "__set_name__")
_STORE_GLOBAL = dis.opmap["STORE_GLOBAL"]
SPECIAL = "__*__"
"""Stands for all attributes that Python itself looks for."""
_CALLS = ("call", "mark", "base")


class Trace:
    """One statement's reads.

    `direct` maps a key to the ways it is used, each with the attribute asked for; `named` are those of them that are
    read by name, not only by way of a class or container; `reached` are the keys that called functions read; `holders`
    are the containers, objects and classes within reach of the statement, `globals` the global variables that functions
    it calls assign to, `made` the classes that these mention or call. It `looks` if what makes a class or object may go
    through all attributes of it. `handed` is what functions read that it hands to others, or finds in a container, and
    which may be called therefore. `caches` are memoising functions on the way.
    """

    def __init__(self, ours: Ours) -> None:
        self.ours = ours
        self.direct: dict[Key, dict[tuple[str, str], None]] = {}
        self.named: set[Key] = set()
        self.reached: dict[Key, None] = {}
        self.holders: dict[int, Any] = {}
        self.globals: dict[tuple[str, str], ModuleType] = {}
        self.names: set[str] = set()
        self.made: dict[type, None] = {}
        self.looks = False
        self.handed: dict[Key, None] = {}
        self.caches: list[Any] = []
        self._classes: dict[type, None] = {}
        self._seen: set[int] = set()
        self._left = _MOST
        self._code, self._kind, self._is_far = b"", "", True

    # ---------------------------------------------------------------- the statement itself
    def unit(self, unit: Unit, module: ModuleType, *, is_far: bool = False) -> None:
        """Take in what a statement reads, as its module's namespace stands before it runs.

        A call for its effect alone is not repeated because of what objects of objects do, unless it `is_far` followed;
        what it may change there counts all the same.
        """
        self.imports(unit)
        self._code, self._kind = unit.code, unit.kind
        self._is_far = is_far or unit.kind != "expr"
        if not self._is_far:
            far = Trace(self.ours)
            far.unit(unit, module, is_far=True)
            self.holders.update(far.holders)
            self.globals.update(far.globals)
        for path, how in unit.reads:
            self._path(path, how, module, unit.acts)
        if unit.calls and unit.kind in VALUED:
            self._hand(unit, module)
        # What `setattr` is called with counts as stored to, where it is a class or module.
        given = [path for path, how in unit.reads if how == "hold"] if "setattr" in unit.calls else []
        for path in given:
            value = self.resolve(path, module.__dict__)
            is_class = isinstance(value, type) and self.ours.is_class(value)
            if is_class or (isinstance(value, ModuleType) and self.ours.is_module(value)):
                self.holders.setdefault(id(value), value)
        for path in unit.stores:
            value = self.resolve(path, module.__dict__)
            if isinstance(value, type | ModuleType | FunctionType):
                self.holders.setdefault(id(value), value)
            else:
                self.visit(value)
        if unit.kind in (*VALUED, *_DEFINING) and self._classes:
            self._asked(marshal.loads(unit.code))
        reflect(self, unit, module)

    def read(self, key: Key) -> None:
        """Take in what is read by its name in another way than by a path in the statement."""
        self._direct(key, "use", "")

    def _asked(self, code: CodeType) -> None:
        """Take in the methods of objects at hand that the code or a function it calls mentions."""
        words = {one for one in code.co_consts if isinstance(one, str) and one.isidentifier()}
        for name in self.names.union(names_in(code), words):
            for cls in self._classes:
                self._through(cls, name, "made")

    def note(self, state: State) -> None:
        """Keep with the statement what it reads."""
        state.direct = {key: tuple(ways) for key, ways in self.direct.items()}
        state.handed = frozenset(self.handed.keys() - self.direct.keys() - self.reached.keys())
        state.named, state.reached = frozenset(self.named), frozenset(self.reached)
        names = self.names.union(names_in(marshal.loads(state.unit.code)))
        state.mentions = None if self.looks or not names.isdisjoint(ASKING) else frozenset(names)

    def call(self, path: tuple[str, ...], module: ModuleType) -> None:
        """Take in what calling what a dotted path in a module leads to would read."""
        self._path(path, "call", module, False)

    def members(self, cls: EnumMeta) -> None:
        """Take in what the functions read that make an enum's members of their values."""
        for name in ("_new_member_", "__init__", "_generate_next_value_"):
            self.visit(attribute_of(cls, name))

    def imports(self, unit: Unit) -> None:
        """Take in what a statement imports."""
        for name, item, _ in unit.imports:
            self._import(name, item)

    def _import(self, name: str, item: str) -> None:
        self._direct((name, ""), "module", "")
        if item:
            self._direct((name, item), "import", "")
            if item != "*":
                self._direct((f"{name}.{item}", ""), "module", "")
                space = self.ours.space(name)
                if space is not None and item not in space:
                    self._missing(name, space)

    def _missing(self, module: str, space: dict[str, Any]) -> None:
        """Take in what answers for the names a module lacks."""
        if "__getattr__" in space:
            self._direct((module, "__getattr__"), "call", "")
            self.visit(space["__getattr__"])

    def _direct(self, key: Key, how: str, attribute: str) -> None:
        """Take in what is read by its name."""
        self.named.add(key)
        self._held(key, how, attribute)

    def _held(self, key: Key, how: str, attribute: str) -> None:
        """Take in what is read of something that was at hand, whatever its name is bound to by now."""
        self.direct.setdefault(key, {})[(how, attribute)] = None

    def _path(self, path: tuple[str, ...], how: str, module: ModuleType, acts: bool) -> None:
        space, owner = module.__dict__, module.__name__
        if how == "index":
            how = "call" if isinstance(self.resolve(path, space), type) else "use"
        value: Any = None
        for index, name in enumerate(path):
            after = path[index + 1] if index + 1 < len(path) else ""
            self._direct((owner, name), how, after)
            if name == "__dict__":
                self._direct((owner, "*"), how, "")
            value = space.get(name)
            if index and name not in space:
                self._missing(owner, space)
            if not isinstance(value, ModuleType) or not self.ours.is_module(value):
                rest = path[index + 1 :]
                break
            space, owner = value.__dict__, value.__name__
        else:
            if how == "use":
                self._direct((owner, "*"), how, "")
            return
        holder = owner_of = value
        if not rest or isinstance(value, _LISTED):
            self._objects(value, how)
        for name in rest:
            owner_of, value = value, attribute_of(value, name)
            self._through(owner_of, name, how)
        if how == "ask":
            self._asks(value)
        if how in ("use", "call") and self._code:
            self._look_into(value, owner_of, how)
        if acts and isinstance(owner_of, _HOLDERS):
            self._hold(owner_of)
        if how in _CALLS:
            self.visit(value)
            if isinstance(value, classmethod):
                self.visit(holder)
            if holder is not value and not isinstance(holder, ModuleType):
                self._hold(holder)
                self._register(holder)
                self._hold_class(holder if isinstance(holder, type) else type(holder))
        elif acts and isinstance(value, _HOLDERS):
            self._hold(value)
        elif how == "use" and (isinstance(value, FunctionType) or self.ours.is_instance(value)):
            self.visit(value)  # a key function of a sort, say

    def _hand(self, unit: Unit, module: ModuleType) -> None:
        """Take in what functions read that may be called: arguments, and those in containers."""
        call = Trace(self.ours)
        for path, how in unit.reads:
            value = self.resolve(path, module.__dict__) if how in ("hold", "use", "call", "index") else None
            owner = self.resolve(path[:-1], module.__dict__) if len(path) > 1 else None
            value = owner if isinstance(owner, _LISTED) else value  # as in `TABLE.items()`
            items = _objects_in(value) if isinstance(value, _LISTED) or how in ("hold", "use") else ()
            for item in items:
                if isinstance(item, FunctionType | functools.partial) or (isinstance(item, type) and item is not value):
                    call.visit(item)
                    for made in (item,) if isinstance(item, FunctionType | type) else ():
                        self.handed[key_of(made)] = None
        self.handed.update(call.reached)
        self.caches += call.caches

    def _asks(self, value: Any) -> None:
        """Take in what Python looks for in the objects that calling a value gives, or may give."""
        call = Trace(self.ours)
        call.visit(value)
        for cls in call.made:
            self._through(cls, SPECIAL, "made")

    def _objects(self, value: Any, how: str) -> None:
        """Note the classes of an object, or of those in a container, whose methods what follows may call."""
        for item in _objects_in(value):
            if how in ("use", "store"):
                self._through(item, SPECIAL, how)
            if not isinstance(item, type):
                self._classes[type(item)] = None
            elif how == "call":
                self._classes[item] = None

    def _through(self, value: Any, name: str, how: str) -> None:
        """Take in the class that an attribute is looked up in, and what the functions found there look up.

        They look that up in it and in the objects which these lookups give.
        """
        objects, names = [value], [name]
        todo = [(value, name)]
        while todo:
            for one in self._attribute(*todo.pop(), how if names == [name] or how != "hold" else "call"):
                if isinstance(one, FunctionType):
                    self.visit(one)
                    more = dict.fromkeys(one for one in names_in(one.__code__) if one not in names)
                    names += more
                    todo += [(item, one) for item in objects for one in more]
                elif len(objects) < _FEW and not any(one is item for item in objects):
                    objects.append(one)
                    todo += [(one, other) for other in names]

    def _attribute(self, value: Any, name: str, how: str) -> list[Any]:
        """Take in where an attribute is found; return the functions that run then, and the object it is if ours."""
        cls = value if isinstance(value, type) else type(value)
        if not self.ours.is_class(cls):
            return []
        if cls is not value and name in getattr(value, "__dict__", ()):
            item = value.__dict__[name]
            return [item] if isinstance(item, FunctionType) else self._ours_among([item])
        found: list[Any] = []
        meta: type = type(cls)
        for base in filter(self.ours.is_class, (*cls.__mro__, *meta.__mro__)):
            if name == SPECIAL:
                self._held(key_of(base), how, SPECIAL)
                members = [item for other, item in base.__dict__.items() if is_special(other)]
            elif name in base.__dict__:
                members = [base.__dict__[name]]
                computed = isinstance(members[0], property | functools.cached_property)
                self._held(key_of(base), "use" if computed and how == "hold" else how, name)
                found += self._ours_among(members)
            else:
                continue
            found += functions_in(members, how in (*_CALLS, "made") or name == SPECIAL)
            self._held(key_of(cls), how, name)  # which may come to have its own
        return found

    def _ours_among(self, values: list[Any]) -> list[Any]:
        """Return the objects among values, and what gives an attribute where they are descriptors."""
        found = [one for one in values if self._is_far and self.ours.is_instance(one)]
        getters = [attribute_of(type(one), "__get__") for one in found]
        return found + [one for one in getters if isinstance(one, FunctionType)]

    def _look_into(self, value: Any, owner: Any, how: str) -> None:
        """Take in what a statement may ask of the parts of a value that it uses or whose method it calls."""
        parts = [one for one in (owner, value)[owner is value :] if isinstance(one, _LISTED)]
        if how == "use" and owner is value and (isinstance(value, type) or self.ours.is_instance(value)):
            parts.append((value,))
        for part in parts:
            for key, way, attribute in self._found(part, frozenset(names_in(marshal.loads(self._code)))):
                (self._direct if not attribute and way == "use" else self._held)(key, way, attribute)
        if how == "call" and isinstance(owner, EnumMeta) and owner is not value:
            self._held(key_of(owner), "use", "")  # its members are found by iteration

    def _found(self, container: Any, names: frozenset[str], depth: int = 0) -> Iterator[tuple[Key, str, str]]:
        """Yield what is asked of the modules, classes, functions and objects that somebody finds in a container."""
        parts = [*container, *container.values()] if isinstance(container, dict) else container
        for item in parts if len(container) <= _FEW else ():
            cls = item if isinstance(item, type) else type(item)
            if isinstance(item, ModuleType) and self.ours.is_module(item):
                yield from (((item.__name__, name), "use", "") for name in names & item.__dict__.keys())
            elif isinstance(item, FunctionType):
                yield key_of(item), "call", ""
            elif self.ours.is_class(cls):
                if cls is item:
                    yield key_of(cls), "call", ""
                yield from ((key_of(cls), "use", name) for name in names if attribute_of(cls, name) is not None)
            elif isinstance(item, _LISTED) and depth < 2:
                yield from self._found(item, names, depth + 1)

    def resolve(self, path: tuple[str, ...], space: dict[str, Any]) -> Any:
        """Return what a dotted path leads to, without running any code; None if it leads nowhere."""
        value = space.get(path[0])
        for name in path[1:]:
            value = value.__dict__.get(name) if isinstance(value, ModuleType) else attribute_of(value, name)
        return value

    # ---------------------------------------------------------------- what is called
    def visit(self, value: Any, names: frozenset[str] = frozenset()) -> None:
        """Follow a value that is called: its code's global names, its class's constructors, what it captured."""
        if id(value) in self._seen or self._left <= 0 or value is None:
            return
        self._seen.add(id(value))
        self._left -= 1
        if isinstance(value, FunctionType):
            self._function(value)
        elif isinstance(value, type):
            self._class(value, names)
        elif isinstance(value, MethodType):
            self._hold(value.__self__)
            self.visit(value.__func__)
        elif isinstance(value, functools.partial):
            self.visit(value.func)
        elif isinstance(value, _HOLDERS) or self.ours.is_instance(value):
            self._hold(value)
            for name in (*names, "__call__"):
                self.visit(attribute_of(type(value), name))
        elif hasattr(value, "__wrapped__"):
            if hasattr(value, "cache_clear"):
                self.caches.append(value)
            self.visit(value.__wrapped__)
        elif hasattr(value, "__func__"):
            self.visit(value.__func__)

    def _function(self, function: FunctionType) -> None:
        if self.ours.is_file(function.__code__.co_filename):
            names = frozenset(names_in(function.__code__))
            self.names |= names
            space = function.__globals__
            module = str(space.get("__name__"))
            for name in names:
                if name in space:
                    self._reach(module, name, space[name], names)
            for name in stored_in(function.__code__):
                owner = self.ours.module(module)
                if owner is not None:
                    self.globals[module, name] = owner
        for cell in function.__closure__ or ():
            try:
                content = cell.cell_contents
            except ValueError:
                continue
            self.visit(content)
        for one in getattr(function, "registry", {}).values() if hasattr(function, "dispatch") else ():
            self.visit(one)
        wrapped = function.__dict__.get("__wrapped__")
        if wrapped is not None:
            self.visit(wrapped)

    def _reach(self, module: str, name: str, value: Any, names: frozenset[str]) -> None:
        self.reached[(module, name)] = None
        if isinstance(value, ModuleType):
            if self.ours.is_module(value):
                if not names.isdisjoint(ASKING):
                    self.reached[(value.__name__, "*")] = None
                for inner in names & value.__dict__.keys():
                    self._reach_once(value.__name__, inner, value.__dict__[inner], names)
        else:
            if self._kind in VALUED and isinstance(value, _LISTED):
                self.reached.update((key, None) for key, _, _ in self._found(value, names))
            self.visit(value, names)

    def _reach_once(self, module: str, name: str, value: Any, names: frozenset[str]) -> None:
        if (module, name) not in self.reached:
            self._reach(module, name, value, names)

    def _class(self, cls: type, names: frozenset[str]) -> None:
        self.made[cls] = None
        self.looks = self.looks or type(cls) not in (type, ABCMeta)
        meta = type(cls)
        if meta is not type and self.ours.is_class(meta):
            self.visit(meta)
        for base in cls.__mro__:
            if not self.ours.is_class(base):
                continue
            for name in (*_CONSTRUCTORS, *names):
                member = base.__dict__.get(name)
                if member is not None:
                    self.visit(getattr(member, "__func__", member))
        self._hold_class(cls)

    # ---------------------------------------------------------------- what may be changed
    def _register(self, value: Any) -> None:
        registry = registry_of(value)
        if registry is not None:
            self.holders.setdefault(id(value), registry)

    def _hold_class(self, cls: type) -> None:
        """Hold a class and its bases, and the containers that are attributes of these."""
        for base in filter(self.ours.is_class, cls.__mro__):
            self.holders.setdefault(id(base), base)
            for member in base.__dict__.values():
                if isinstance(member, _HOLDERS):
                    self._hold(member)

    def _hold(self, value: Any, depth: int = 0) -> None:
        if depth > 4 or id(value) in self.holders or self._left <= 0:
            return
        if isinstance(value, WEAK):
            self.holders[id(value)] = Weakly(value)
            return
        is_container = isinstance(value, CONTAINERS)
        if not is_container and not self.ours.is_instance(value):
            return
        self._left -= 1
        self.holders[id(value)] = value
        inner: Iterable[Any] = vars(value).values() if not is_container else value
        if isinstance(value, dict):
            inner = value.values()
        if not is_container or len(value) <= 500:
            for item in list(inner):
                self._hold(item, depth + 1)


class Ours:
    """Tells what is managed: modules by name, classes by their module, code by its file."""

    def __init__(self, spaces: dict[str, ModuleType], files: set[str]) -> None:
        self._modules, self._files = spaces, files

    def is_module(self, value: ModuleType) -> bool:
        """Tell whether a module is managed."""
        return self._modules.get(value.__name__) is value

    def module(self, name: str) -> ModuleType | None:
        """Return a managed module."""
        return self._modules.get(name)

    def space(self, name: str) -> dict[str, Any] | None:
        """Return a managed module's namespace."""
        module = self._modules.get(name)
        return None if module is None else module.__dict__

    def modules(self) -> Iterable[str]:
        """Return the names of the managed modules."""
        return self._modules

    def is_file(self, name: str) -> bool:
        """Tell whether code of this file name is managed."""
        return name in self._files

    def is_class(self, cls: type) -> bool:
        """Tell whether a class was declared in a managed module."""
        return cls.__module__ in self._modules

    def is_instance(self, value: Any) -> bool:
        """Tell whether a value is an object with attributes of a managed class."""
        return self.is_class(type(value)) and isinstance(getattr(value, "__dict__", None), dict)


def _objects_in(value: Any, depth: int = 0) -> Iterator[Any]:
    """Yield a value, or what is in a container and in those in it."""
    if isinstance(value, (*CONTAINERS, tuple)) and depth < 3:
        for item in list(islice(value.values() if isinstance(value, dict) else value, _MOST_ITEMS)):
            yield from _objects_in(item, depth + 1)
    else:
        yield value


def containers_read(state: State) -> Iterator[int]:
    """Yield the identities of the containers whose names a statement reads."""
    for path, _ in state.unit.reads:
        value = state.record.space.get(path[0])
        if isinstance(value, CONTAINERS):
            yield id(value)


def attribute_of(value: Any, name: str) -> Any:
    """Return an attribute without running any code, None if there is none."""
    if not isinstance(value, type):
        inner = getattr(value, "__dict__", None)
        if isinstance(inner, dict) and name in inner:
            return inner[name]
        value = type(value)
    for base in value.__mro__:
        if name in base.__dict__:
            return base.__dict__[name]
    return None


def key_of(made: type | FunctionType) -> Key:
    """Return the module and the name in it that a class or function is part of."""
    return made.__module__, made.__qualname__.partition(".")[0]


def is_special(name: str) -> bool:
    """Tell whether Python itself looks for an attribute."""
    return name.startswith("__") and name.endswith("__")


def functions_in(members: Iterable[Any], is_called: bool) -> Iterator[FunctionType]:
    """Yield the functions of attributes of a class that run when these are asked for, or called."""
    for member in members:
        if isinstance(member, FunctionType | staticmethod | classmethod):
            function = getattr(member, "__func__", member)
            if is_called and isinstance(function, FunctionType):
                yield function
        elif isinstance(member, property | functools.cached_property):
            function = member.fget if isinstance(member, property) else member.func
            if isinstance(function, FunctionType):
                yield function


def stored_in(code: CodeType) -> Iterator[str]:
    """Yield the names of globals that code and the code inside it assign to."""
    if _STORE_GLOBAL in code.co_code[::2]:
        yield from (item.argval for item in dis.get_instructions(code) if item.opcode == _STORE_GLOBAL)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from stored_in(constant)
