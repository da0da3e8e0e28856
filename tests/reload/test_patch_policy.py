"""What runs again, what keeps its live value, and what is said about it."""

from __future__ import annotations

import gc
import inspect
import traceback
from typing import Any

import pytest
from program import Program

from engine.errors import ReloadError


def test_a_program_that_runs_at_import_is_not_started_again(program: Program) -> None:
    program.write(
        main="""
        RUNS = []

        def step():
            return 1

        def main():
            RUNS.append(step())

        main()
        """
    )
    main = program.load("main")
    program.replace("main", ("return 1", "return 2"))
    assert main.RUNS == [1]
    assert main.step() == 2


def test_an_object_that_lives_keeps_its_state_when_its_class_changes(program: Program) -> None:
    program.write(
        main="""
        class World:
            def __init__(self):
                self.n = 0

            def step(self):
                self.n += 1
                return self.n

        WORLD = World()
        """
    )
    main = program.load("main")
    world = main.WORLD
    world.step()
    program.replace("main", ("self.n = 0", "self.n = 100"), ("return self.n", "return -self.n"))
    assert main.WORLD is world
    assert world.step() == -2


def test_an_object_nobody_has_touched_is_made_again(program: Program) -> None:
    program.write(main="class Config:\n    def __init__(self):\n        self.speed = 1\n\n\nCONFIG = Config()\n")
    main = program.load("main")
    program.replace("main", ("self.speed = 1", "self.speed = 2"))
    assert main.CONFIG.speed == 2


def test_a_value_made_by_a_changed_function_is_made_again_unless_it_has_changed(program: Program) -> None:
    program.write(main="def make():\n    return [1]\n\n\nA = make()\nB = make()\n")
    main = program.load("main")
    main.B.append("live")
    program.replace("main", ("[1]", "[2]"))
    assert main.A == [2]
    assert main.B == [1, "live"]


def test_a_value_derived_from_an_edited_constant_follows_in_any_case(program: Program) -> None:
    program.write(config="N = 2\n", main="from config import N\nGRID = [0] * N\n")
    main = program.load("main")
    main.GRID[0] = 7
    program.edit(config="N = 3\n")
    assert main.GRID == [0, 0, 0]


def test_a_statement_that_uses_a_name_of_further_down_is_refused(program: Program) -> None:
    program.write(main="A = 1\nB = A + 1\n")
    main = program.load("main")
    with pytest.raises(ReloadError, match="NameError") as caught:
        program.edit(main="B = A + 1\nC = B\nA = 5\n")
    assert caught.value.line == 1
    assert (main.A, main.B) == (1, 2)


def test_a_closure_that_lacks_a_variable_keeps_its_code_and_that_is_said(program: Program) -> None:
    program.write(main="def make(a, b):\n    def inner():\n        return a\n    return inner\n")
    main = program.load("main")
    live = main.make(1, 2)
    patch = program.replace("main", ("return a\n", "return a + b\n"))
    assert (live(), main.make(1, 2)()) == (1, 3)
    assert [note for note in patch.notes if "main.make.<locals>.inner" in note and "'b'" in note]
    assert program.replace("main", ("return a + b\n", "return -a\n")).notes == []
    assert live() == -1


def test_a_class_of_another_layout_is_a_new_one_and_that_is_said(program: Program) -> None:
    program.write(main="class Bag:\n    def f(self):\n        return 1\n")
    main = program.load("main")
    live = main.Bag()
    patch = program.edit(main="class Bag(dict):\n    def f(self):\n        return 2\n")
    assert main.Bag(a=1)["a"] == 1
    assert live.f() == 2
    assert not isinstance(live, main.Bag)
    assert any("main.Bag" in note for note in patch.notes)


def test_a_patch_names_what_it_did(program: Program) -> None:
    program.write(main="A = 1\n\n\ndef f():\n    return 1\n\n\ndef g():\n    return 1\n\n\nclass C:\n    pass\n")
    program.load("main")
    patch = program.edit(main="A = 2\nB = 3\n\n\ndef f():\n    return 2\n\n\nclass C:\n    x = 1\n")
    assert (patch.values, patch.added, patch.removed) == (["main.A"], ["main.B"], ["main.g"])
    assert (patch.functions, patch.classes) == (["main.f"], ["main.C"])
    assert patch.files == [program.folder / "main.py"]


def test_the_same_content_does_nothing(program: Program) -> None:
    program.write(main="import math\nA = []\n\n\ndef f():\n    return 1\n")
    main = program.load("main")
    before = dict(main.__dict__)
    patch = program.edit(main="import math\nA = []\n\n\ndef f():\n    return 1\n")
    assert dict(main.__dict__) == before
    assert [*patch.functions, *patch.values, *patch.added, *patch.removed] == []


LINES = """
import functools


def deco(f):
    @functools.wraps(f)
    def w(*a):
        return f(*a)

    return w


class A:
    def meth(self):
        raise ValueError("meth")

    @property
    def prop(self):
        raise ValueError("prop")

    class In:
        def inner(self):
            raise ValueError("inner")


@deco
def decorated():
    raise ValueError("decorated")


def make():
    def closure():
        raise ValueError("closure")

    return closure


TABLE = [lambda: int("lambda")]
"""


@pytest.mark.parametrize("above", ["# one line\n", "\n\n\n", '"""A docstring."""\nimport math\n'])
def test_lines_of_all_live_code_follow_the_layout(program: Program, above: str) -> None:
    program.write(main=LINES)
    main = program.load("main")
    live, inside, closure = main.A(), main.A.In(), main.make()
    program.edit(main=above + LINES)
    text = (program.folder / "main.py").read_text().splitlines()

    def line(call: Any) -> str:
        try:
            call()
        except ValueError as error:
            return text[traceback.extract_tb(error.__traceback__)[-1].lineno - 1]  # type: ignore[operator]
        return ""

    calls = {
        '"meth"': live.meth,
        '"prop"': lambda: live.prop,
        '"inner"': inside.inner,
        '"decorated"': main.decorated,
        '"closure"': closure,
        '"lambda"': main.TABLE[0],
    }
    for word, call in calls.items():
        assert word in line(call)
    assert inspect.getsource(main.A).startswith("class A:")
    assert inspect.getsource(main.make).startswith("def make():")
    assert inspect.getsource(main.decorated).startswith("@deco\ndef decorated")


def test_tracebacks_show_the_lines_that_run_while_the_file_is_broken(program: Program) -> None:
    program.write(main="def f():\n    raise ValueError('old')\n")
    main = program.load("main")
    with pytest.raises(ReloadError):
        program.edit(main="# broken\n\n\ndef f(:\n")
    with pytest.raises(ValueError, match="old") as caught:
        main.f()
    assert "raise ValueError('old')" in "".join(traceback.format_exception(caught.value))


def test_errors_name_file_line_and_text(program: Program) -> None:
    program.write(main="X = 1\n")
    program.load("main")
    for text, line in [
        ("X = 2\ndef f(:\n    pass\n", 2),
        ("X = 2\n\nreturn 5\n", 3),
        ("X = 2\nfrom __future__ import annotations\n", 2),
        ("def f():\n    x = 1\n  return x\n", 3),
    ]:
        with pytest.raises(ReloadError) as caught:
            program.edit(main=text)
        error = caught.value
        assert (error.path, error.line) == (program.folder / "main.py", line)
        assert error.source_line.strip() == text.splitlines()[line - 1].strip()  # type: ignore[attr-defined]
        assert f"main.py:{line}" in str(error)
        assert "world and code are as before" in str(error)


@pytest.mark.parametrize("content", [b"X = 2\n\0\n", b"X = '\xff'\n", b"# coding: nonsense\nX = 2\n", b"(" * 500])
def test_what_is_no_source_is_refused(program: Program, content: bytes) -> None:
    from engine.reload.loader import Change

    program.write(main="X = 1\n")
    main = program.load("main")
    with pytest.raises(ReloadError) as caught:
        program.code.apply([Change(program.folder / "main.py", "changed", content)])
    assert caught.value.path == program.folder / "main.py"
    assert main.X == 1


def test_nothing_is_left_of_hundreds_of_patches(program: Program) -> None:
    register = "REG = []\n\n\ndef reg(f):\n    REG.append(f)\n    return f\n\n\n"
    text = register + "@reg\ndef f(a={}):\n    return a\n\n\nclass C:\n    x = {}\n"
    program.write(main=text.format(0, 0))
    main = program.load("main")
    held = main.f

    def run(count: int) -> int:
        for number in range(1, count):
            program.edit(main=text.format(number, number)).seal()
        gc.collect()
        return len(gc.get_objects())

    few = run(50)
    many = run(400)
    assert many - few < 200
    assert (held(), main.REG, main.C.x) == (399, [held], 399)


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    return {}\n",
        "def f(a={}):\n    return a\n",
        "class C:\n    x = {}\n\n    def f(self):\n        return {}\n",
        "from engine import component, f32\n\n\n@component\nclass C:\n    x: f32 = {}\n",
    ],
)
def test_a_usual_edit_looks_through_no_heap(program: Program, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """It would take tens of milliseconds in a game, and thaw what garbage collection is spared."""
    program.write(main=text.replace("{}", "1"))
    program.load("main")
    passes: list[object] = []
    for name in ("get_objects", "get_referrers"):
        look = getattr(gc, name)
        monkeypatch.setattr(gc, name, lambda *a, look=look: (passes.append(a) if a != (0,) else None) or look(*a))
    for number in (2, 3):
        program.edit(main=text.replace("{}", str(number))).seal()
    assert not passes
