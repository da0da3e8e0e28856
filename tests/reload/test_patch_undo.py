"""A patch that is refused or undone leaves nothing: namespaces, functions, classes and modules are as before."""

from __future__ import annotations

import linecache
import sys
from typing import Any

import pytest
from program import Program

from engine.errors import ReloadError
from engine.reload.undo import Undo

BEFORE = """
import os
from enum import Enum

X = 1
L = [1]


class C:
    v = 1

    def f(self):
        return 1


class E(Enum):
    A = 1


def deco(f):
    def w():
        return f()

    return w


@deco
def f():
    return X


def g():
    return 5


L.append(f)
"""

AFTER = """
import os
from enum import Enum

X = 2
L = [2]


class B:
    pass


class C(B):
    v = 2
    w = 3

    def f(self):
        return 2

    def n(self):
        return 2


class E(Enum):
    A = 3
    B = 2


def deco(f):
    def w(a=1):
        return f()

    return w


@deco
def f(b=2):
    return X


L.append(f)
"""

USER = """
from module import X, f, C, L

Y = X
"""

FAULTS = [
    "1 / 0",
    "raise SystemExit(3)",
    "raise KeyboardInterrupt",
    "raise BaseException('x')",
    "import there_is_no_such_module",
    "from module import nothing",
    "undefined",
    "assert False, 'no'",
    "exit()",
    "exec('1/0')",
    "g = lambda: g()\ng()",
    "class Z:\n    x = undefined",
    "@undefined\ndef z(): pass",
    "Z = later\nlater = 1",
]


def image(module: Any, user: Any) -> list[Any]:
    """Return all that a patch of the program may change."""
    return [
        dict(module.__dict__),
        list(module.__dict__),
        dict(user.__dict__),
        dict(module.C.__dict__),
        module.C.__bases__,
        dict(module.E.__dict__),
        dict(module.E._member_map_),
        module.E.A.value,
        (module.f.__code__, module.f.__defaults__),
        list(module.L),
        sorted(name for name in sys.modules if name in ("module", "user", "other")),
    ]


def start(program: Program) -> tuple[Any, Any]:
    program.write(module=BEFORE, user=USER)
    return program.load("module"), program.load("user")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_the_end_of_a_file_takes_everything_back(program: Program, fault: str) -> None:
    module, user = start(program)
    live, before = module.C(), image(module, user)
    with pytest.raises(ReloadError) as caught:
        program.edit(module=AFTER + fault + "\n")
    assert caught.value.path == program.folder / "module.py"
    assert caught.value.line is not None
    assert caught.value.line > AFTER.count("\n") - 1
    assert image(module, user) == before
    assert (live.f(), module.f(), module.g()) == (1, 1, 5)
    program.edit(module=AFTER)
    assert (live.f(), live.n(), module.f(), user.Y) == (2, 2, 2, 2)


def test_a_failure_at_any_step_takes_everything_back(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    module, user = start(program)
    before, push = image(module, user), Undo.push
    readers = len(program.code.readers._by_key)
    for step in range(1, 1_000):
        count = iter(range(1, 1_000_000))

        def failing(self: Undo, *arguments: Any, step: int = step, count: Any = count) -> None:
            if next(count) == step:
                raise RuntimeError("this step fails")
            push(self, *arguments)

        with monkeypatch.context() as patched:
            patched.setattr(Undo, "push", failing)
            try:
                program.edit(module=AFTER)
            except ReloadError:
                assert image(module, user) == before, step
                assert len(program.code.readers._by_key) == readers, step
                assert module.f() == 1
                continue
        break
    assert step > 30
    assert (module.f(), user.f(), user.Y, module.E.B.value) == (2, 2, 2, 2)


def test_undo_returns_to_what_was(program: Program) -> None:
    module, user = start(program)
    live, before = module.C(), image(module, user)
    sources = {path: record.source for path, record in program.code.files.items()}
    patch = program.edit(module="import other\n" + AFTER, other="Z = 1\n")
    assert (live.n(), user.Y, hasattr(module, "g"), module.other.Z) == (2, 2, False, 1)
    patch.undo()
    assert image(module, user) == before
    assert {path: record.source for path, record in program.code.files.items()} == sources
    assert linecache.getline(str(program.folder / "module.py"), 4) == "X = 1\n"
    program.edit(module=AFTER)
    assert (live.n(), user.Y) == (2, 2)


def test_patches_are_undone_one_after_the_other(program: Program) -> None:
    program.write(module="V = 1\n\n\ndef f():\n    return V\n")
    module = program.load("module")
    first = program.replace("module", ("V = 1", "V = 2"))
    second = program.replace("module", ("return V", "return -V"))
    assert module.f() == -2
    second.undo()
    assert module.f() == 2
    first.undo()
    assert module.f() == 1


def test_a_sealed_patch_stays(program: Program) -> None:
    program.write(module="V = 1\n")
    module = program.load("module")
    patch = program.edit(module="V = 2\n")
    patch.seal()
    patch.undo()
    assert module.V == 2


def test_registrations_with_other_modules_are_taken_back(program: Program) -> None:
    program.write(
        bus="""
        SUBS = []
        N = 0

        class B:
            pass

        def sub(f):
            global N
            N += 1
            SUBS.append(f)
            B.last = f
        """,
        sound="import bus\n\n\ndef a():\n    return 1\n\n\nbus.sub(a)\n",
    )
    sound, bus = program.load("sound"), program.load("bus")
    text = "import bus\n\n\ndef a(k=1):\n    return 2\n\n\ndef b():\n    return 3\n\n\nbus.sub(b)\nbus.sub(a)\n"
    with pytest.raises(ReloadError):
        program.edit(sound=text + "1 / 0\n")
    assert ([f() for f in bus.SUBS], bus.N, bus.B.last) == ([1], 1, sound.a)
    patch = program.edit(sound=text)
    assert [f() for f in bus.SUBS] == [3, 2], "in the order they are written in"
    patch.undo()
    assert ([f() for f in bus.SUBS], bus.N, bus.B.last) == ([1], 1, sound.a)


def test_a_class_gets_its_bases_back(program: Program) -> None:
    program.write(module="class Mob:\n    def drop(self):\n        return 'loot'\n\n\nclass Rat:\n    pass\n")
    module = program.load("module")
    live = module.Rat()
    patch = program.replace("module", ("class Rat:", "class Rat(Mob):"))
    assert live.drop() == "loot"
    patch.undo()
    assert not hasattr(live, "drop")
    assert module.Rat.__bases__ == (object,)
    assert module.Mob.__subclasses__() == []


def test_undo_restores_values_of_which_equality_says_nothing(program: Program) -> None:
    program.write(module="import numpy as np\nA = np.arange(3)\nB = 1\n")
    module = program.load("module")
    array = module.A
    patch = program.edit(module="import numpy as np\nA = np.arange(4)\nB = 2\n")
    assert len(module.A) == 4
    patch.undo()
    assert module.A is array
    assert module.B == 1
