"""Messages: calls by name, checks of their arguments, what is filled in, and the list of handlers."""

from __future__ import annotations

import enum
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import BusError
from engine.reload.bus import Bus
from engine.reload.checks import check_of, type_text

T = TypeVar("T")


@dataclass(frozen=True)
class Mark:
    name: str


class Canvas:
    """Stands for something the engine fills in."""


class Color(enum.Enum):
    RED = 1


def entry(function: Callable[..., Any], name: str = "core.a.b", module: str = "core.a") -> tuple[Mark, Any, str]:
    return Mark(name), function, module


def bus_of(*entries: tuple[Mark, Any, str]) -> Bus:
    bus = Bus(lambda name, annotation, where: (lambda: "the canvas") if annotation is Canvas else None)
    bus.replace(entries)
    return bus


# ---------------------------------------------------------------- calls


def test_a_call_fills_in_what_is_no_argument() -> None:
    def save(canvas: Canvas, path: str, scale: int = 2, *, bus: Bus) -> tuple[object, ...]:
        return canvas, path, scale, bus

    bus = bus_of(entry(save))
    assert bus.call("core.a.b", path="x") == ("the canvas", "x", 2, bus)
    assert bus.call("core.a.b", path="x", scale=3)[2] == 3
    assert "core.a.b" in bus
    assert "core.a.c" not in bus


def test_arguments_that_do_not_fit() -> None:
    def save(path: str, sizes: list[int] | None = None) -> None: ...

    bus = bus_of(entry(save))
    for arguments, said in (
        ({}, "core.a.b needs the argument 'path'; pass path as str"),
        ({"pth": "x"}, "core.a.b has no argument 'pth'; did you mean 'path'? its arguments are path, sizes"),
        ({"path": 3}, "core.a.b: path is no str: it is 3 (int); pass path as str"),
        ({"path": "x", "sizes": ["a"]}, "core.a.b: sizes is no list[int] | None: it is ['a'] (list)"),
        ({"path": b"y" * 100}, "it is b'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy... (bytes)"),
    ):
        with pytest.raises(BusError) as caught:
            bus.call("core.a.b", **arguments)
        assert said in str(caught.value)
        assert caught.value.message == "core.a.b"  # type: ignore[attr-defined]


def test_what_is_filled_in_cannot_be_passed() -> None:
    def save(canvas: Canvas) -> None: ...

    with pytest.raises(BusError, match=r"has no argument 'canvas'; it takes no arguments"):
        bus_of(entry(save)).call("core.a.b", canvas=1)


def test_an_unknown_message() -> None:
    bus = bus_of(entry(lambda: 1, "core.render.save"))
    with pytest.raises(BusError, match=r"nothing handles the message 'core.render.safe'; did you mean 'core.render"):
        bus.call("core.render.safe")
    with pytest.raises(BusError, match=r"`bus.handlers\(\)` lists"):
        bus.call("zzz")


def test_what_a_handler_raises_comes_through() -> None:
    error = ZeroDivisionError("mine")

    def fail() -> None:
        raise error

    with pytest.raises(ZeroDivisionError) as caught:
        bus_of(entry(fail)).call("core.a.b")
    assert caught.value is error


# ---------------------------------------------------------------- the list


def test_handlers_are_described_as_json() -> None:
    def save(canvas: Canvas, path: Path | str, color: Color = Color.RED, at: NDArray[Any] | None = None) -> bool:
        """Write a picture.

        With more to say.
        """
        raise AssertionError

    def listing(limit: float = float("inf"), where: Path = Path("x")) -> list[dict[str, Any]]:
        raise AssertionError

    described = bus_of(entry(save, "b.save"), entry(listing, "a.list", "core.x")).handlers()
    assert described == [
        {
            "name": "a.list",
            "doc": "",
            "parameters": [
                {"name": "limit", "type": "float", "default": "inf"},
                {"name": "where", "type": "Path", "default": "x"},
            ],
            "returns": "list[dict[str, Any]]",
            "module": "core.x",
        },
        {
            "name": "b.save",
            "doc": "Write a picture.",
            "parameters": [
                {"name": "path", "type": "Path | str"},
                {"name": "color", "type": "Color", "default": "RED"},
                {"name": "at", "type": "array | None", "default": None},
            ],
            "returns": "bool",
            "module": "core.a",
        },
    ]
    assert json.loads(json.dumps(described)) == described


# ---------------------------------------------------------------- replacing


def test_replace_takes_the_place_of_all_that_were_scanned() -> None:
    bus = bus_of(entry(lambda: 1, "a.one"), entry(lambda: 2, "a.two"))
    bus.provide("core.modules.list", lambda: "own")
    bus.replace([entry(lambda: 3, "a.two")])
    assert "a.one" not in bus
    assert bus.call("a.two") == 3
    assert bus.call("core.modules.list") == "own"


def test_two_of_one_name_are_refused_and_nothing_changes() -> None:
    bus = bus_of(entry(lambda: 1))
    with pytest.raises(
        BusError, match=r"two handlers are called 'core\.a\.b': plugins\.x and plugins\.y both"
    ) as caught:
        bus.replace([entry(lambda: 2, module="plugins.x"), entry(lambda: 3, module="plugins.y")])
    assert "test_bus.py:" in str(caught.value)
    assert bus.call("core.a.b") == 1
    with pytest.raises(BusError, match="two handlers"):
        bus.replace([entry(lambda: 2, module="plugins.x"), entry(lambda: 3, module="plugins.x")])


def test_a_module_may_not_take_a_name_of_the_engine() -> None:
    bus = Bus()
    bus.provide("core.modules.list", lambda: 1)
    with pytest.raises(BusError, match=r"engine and plugins\.x both have one"):
        bus.replace([entry(lambda: 2, "core.modules.list", "plugins.x")])


def test_of_two_implementations_the_picked_one_answers() -> None:
    one, other = entry(lambda: 1, module="systems.one"), entry(lambda: 2, module="systems.other")
    bus = Bus()
    for entries in ([one, other], [other, one]):
        bus.replace(entries, {"core.a": "systems.other"})
        assert bus.call("core.a.b") == 2
    with pytest.raises(BusError, match="two handlers"):
        bus.replace([one, other], {"core.z": "systems.other"})


def test_a_patched_function_is_read_anew() -> None:
    def handle(x: int) -> int:
        return x

    def later(x: str, y: int = 1) -> str:
        return x * y

    bus = bus_of(entry(handle))
    for name in ("__code__", "__defaults__", "__annotations__"):
        setattr(handle, name, getattr(later, name))
    with pytest.raises(BusError):
        bus.call("core.a.b", x="a")
    bus.replace([entry(handle)])
    assert bus.call("core.a.b", x="a", y=2) == "aa"


def test_an_annotation_whose_words_mean_something_else_is_read_anew() -> None:
    space: dict[str, Any] = {"Word": int}
    exec("def handle(x: 'Word') -> None: ...", space)
    bus = bus_of(entry(space["handle"]))
    bus.call("core.a.b", x=1)
    space["Word"] = str
    bus.replace([entry(space["handle"])])
    bus.call("core.a.b", x="a")


def test_what_did_not_change_is_not_bound_again() -> None:
    bound = []

    def binder(name: str, annotation: Any, where: str) -> None:
        bound.append(name)

    def handle(x: Annotated[int, "meters"]) -> None: ...

    bus = Bus(binder)
    bus.replace([entry(handle)])
    bus.replace([entry(handle)])
    assert bound == ["x"]


# ---------------------------------------------------------------- handlers that cannot be


def test_handlers_that_cannot_be_bound() -> None:
    def untyped(x) -> None: ...  # type: ignore[no-untyped-def]
    def many(*xs: int) -> None: ...
    def keywords(**xs: int) -> None: ...
    def positional(x: int, /) -> None: ...
    def unknown(x: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821

    bus = Bus()
    for function, said in (
        (untyped, "parameter x has no type; write x: int"),
        (many, r"cannot have the parameter \*xs"),
        (keywords, r"cannot have the parameter \*\*xs"),
        (positional, "cannot have the parameter x"),
        (unknown, "the types of this handler cannot be read: name 'Nowhere' is not defined"),
    ):
        with pytest.raises(BusError, match=said) as caught:
            bus.replace([entry(function)])
        assert f"core.a: test_handlers_that_cannot_be_bound.<locals>.{function.__name__}" in str(caught.value)


# ---------------------------------------------------------------- checks


@pytest.mark.parametrize(
    ("annotation", "good", "bad"),
    [
        (int, [1, np.int32(1)], [True, 1.0, "1", None, np.bool_(True)]),
        (float, [1, 1.5, np.float32(1), np.int64(1)], [True, "1", 1j]),
        (bool, [True, np.bool_(False)], [1, None]),
        (str, ["a"], [b"a", 1]),
        (None, [None], [0, False]),
        (Any, [None, 1, object()], []),
        (object, [None, 1], []),
        (Path, [Path("a")], ["a"]),
        (Optional[int], [1, None], ["1"]),  # noqa: UP045
        (int | str | None, [1, "1", None], [1.5, []]),
        (list, [[], [1]], [(), "a"]),
        (list[int], [[], [1, 2]], [[1, "a"], (1,), [True]]),
        (list[list[str]], [[["a"]]], [["a"]]),
        (dict[str, int], [{}, {"a": 1}], [{"a": "b"}, {1: 1}, []]),
        (Mapping[str, Any], [{"a": None}], [{1: 1}, []]),
        (tuple[int, str], [(1, "a")], [(1,), (1, 2), [1, "a"]]),
        (tuple[int, ...], [(), (1, 2)], [(1, "a")]),
        (tuple[()], [()], [(1,)]),
        (set[str], [{"a"}], [{1}, ["a"]]),
        (Sequence[int], [[1], (1,)], [["a"], 1]),
        (Iterable[int], [[1], (n for n in (1,)), {1: 2}], [1]),
        (Literal["up", "down"], ["up"], ["left", 1]),
        (Literal[1], [1], [True, 2]),
        (Color, [Color.RED], [1]),
        (Annotated[int, "pixels"], [1], ["a"]),
        (NDArray[np.float32], [np.zeros(3)], [[1.0]]),
        (np.ndarray, [np.zeros(3)], [None]),
        (Callable[[int], str], [len], [3]),
        (T, [1, None], []),
    ],
    ids=lambda value: str(value) if not isinstance(value, list) else "",
)
def test_checks(annotation: Any, good: list[Any], bad: list[Any]) -> None:
    check = check_of(annotation)
    assert [value for value in good if not check(value)] == []
    assert [value for value in bad if check(value)] == []


@pytest.mark.skipif(sys.version_info < (3, 12), reason="has no `type` statement")
def test_names_made_by_a_type_statement() -> None:
    space: dict[str, Any] = {}
    exec("type Names = list[str]\ntype Pair[T] = tuple[T, T]\ntype Deep = Pair[int]", space)
    for alias, good, bad, text in (
        (space["Names"], ["a"], [1], "list[str]"),
        (space["Pair"][int], (1, 2), (1, "a"), "tuple[int, int]"),
        (space["Deep"] | None, (1, 2), (1, "a"), "tuple[int, int] | None"),
    ):
        assert check_of(alias)(good)
        assert not check_of(alias)(bad)
        assert type_text(alias) == text


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (int, "int"),
        (Optional[list[str]], "list[str] | None"),  # noqa: UP045
        (Annotated[float, "seconds"], "float"),
        (dict[str, Any], "dict[str, Any]"),
        (tuple[int, ...], "tuple[int, ...]"),
        (NDArray[np.uint8], "array"),
        (Literal["up", 2], "Literal['up', 2]"),
        (Color, "Color"),
        (None, "None"),
    ],
    ids=str,
)
def test_types_as_a_reader_writes_them(annotation: Any, text: str) -> None:
    assert type_text(annotation) == text
