"""Edits of resources: their fields, their names, and Enum resources."""

from __future__ import annotations

from typing import Any

import pytest

from .game import RAISES, WATCH, Begin, Game


def options(*lines: str, mark: str = "@resource", more: str = "") -> str:
    """Return the source of the resource."""
    body = "\n".join(f"    {line}" for line in lines or ("pass",))
    return f"{mark}\nclass Options:\n{body}\n\n\n{more}"


V1 = options("volume: float = 1.0", 'name: str = "x"', "tags: list = field(factory=list)")
USES = """

@system(Update)
def louder(options: Mut[Options], seen: Seen) -> None:
    options.tags.append(seen.tick)
"""
LIVE = {"volume": 0.5, "name": "ann", "tags": ["a", "b"]}


def begun(begin: Begin, source: str, live: dict[str, Any], watch: str = WATCH) -> tuple[Game, Any]:
    """Return the game and its live resource, holding these values."""
    game = begin("X = 1")
    game.take(parts=source, watch=watch)
    value = game.world.resource(game.cls("parts.Options"))
    vars(value).update(live)
    return game, value


def state(game: Game, name: str = "parts.Options") -> dict[str, Any]:
    """Return the live values as a system sees them."""
    return dict(vars(game.world.read_resource(game.cls(name))))


FIELDS = {
    "added": (V1, LIVE, options("volume: float = 1.0", 'name: str = "x"', "tags: list = field(factory=list)",
                                "more: dict = field(factory=dict)"), {**LIVE, "more": {}}),
    "renamed": (V1, LIVE, V1.replace("volume: float = 1.0", 'loud: float = field(default=1, renamed_from="volume")'),
                {"loud": 0.5, "name": "ann", "tags": ["a", "b"]}),
    "reordered": (V1, LIVE, options(*map(str.strip, V1.splitlines()[:1:-1])), LIVE),
    "removed": (V1, LIVE, V1.replace('    name: str = "x"\n', ""), "Options drops field name without a migration"),
    "dropped": (V1, LIVE, V1.replace('    name: str = "x"\n', "").replace("@resource", '@resource(dropped=("name",))'),
                {"volume": 0.5, "tags": ["a", "b"]}),
    "to int with loss": (V1, LIVE, V1.replace("float = 1.0", "int = 1"), "field volume was float and now is int"),
    "to int": (V1, {"volume": 2.0}, V1.replace("float = 1.0", "int = 1"), {"volume": 2, "name": "x", "tags": []}),
    "to text": (V1, LIVE, V1.replace("float = 1.0", 'str = "1"'), "field volume was float and now is str"),
    "list to dict": (V1, LIVE, V1.replace("list = field(factory=list)", "dict = field(factory=dict)"), "was list"),
    "wider": (V1, LIVE, V1.replace("float = 1.0", "float | None = None"), LIVE),
    "parametrised": (V1, LIVE, V1.replace("tags: list =", "tags: list[str] ="), LIVE),
    "default changed": (V1, LIVE, V1.replace("1.0", "3.0"), LIVE),
    "array kept": (options("grid: np.ndarray = field(factory=lambda: np.zeros(3))"), {},
                   options("grid: np.ndarray = field(factory=lambda: np.ones(9))", "n: int = 1"), {"n": 1}),
    "engine type": (options("speed: f32 = 1.0"), {"speed": 0.1}, options("speed: f64 = 1.0"), {"speed": 0.1}),
    "engine type with loss": (options("speed: f32 = 1.0"), {"speed": 0.1}, options("speed: i32 = 1"), "now is int32"),
    "split": (V1, LIVE, options("left: float = 1.0", "right: float = 1.0", 'name: str = "x"', "tags: list[str]",
                                mark="@resource(version=2)",
                                more='@migrate(Options, to=2)\ndef split(old):\n'
                                     '    return {"left": old["volume"], "right": old["volume"] / 2}\n'),
              {"left": 0.5, "right": 0.25, "name": "ann", "tags": ["a", "b"]}),
    "migration raises": (V1, LIVE, V1 + '@migrate(Options, to=2)\ndef bad(old):\n    return {"volume": old["v"]}\n',
                         "app.parts.Options not migrated by bad: KeyError: 'v'"),
    "migration returns what is not plain": (V1, LIVE, V1 + "@migrate(Options, to=2)\ndef bad(old):\n"
                                            '    return {"volume": object()}\n', "a object cannot be part of a world"),
    "added without default": (V1, LIVE, V1.replace("class Options:\n", "class Options:\n    z: int\n"),
                              "Options needs a value for 'z'"),
}  # fmt: skip


@pytest.mark.parametrize("name", FIELDS)
def test_the_values_follow_the_edit(begin: Begin, name: str) -> None:
    before, live, after, want = FIELDS[name]
    game, value = begun(begin, before, live)  # type: ignore[arg-type]
    arrays = {key: item for key, item in vars(value).items() if key == "grid"}
    game.step(2)
    if isinstance(want, str):
        assert want in game.refuse(parts=after)
        assert state(game).items() >= live.items()  # type: ignore[attr-defined]
        return
    game.take(parts=after)
    assert {key: item for key, item in state(game).items() if key not in arrays} == want
    assert all((state(game)[key] == item).all() for key, item in arrays.items())
    assert game.world.resource(game.cls("parts.Options")) is value
    game.step(2)


@pytest.mark.parametrize("name", [name for name, case in FIELDS.items() if "removed" in name or "loss" in name])
def test_a_pasted_stub_is_taken(begin: Begin, name: str) -> None:
    before, live, after, _ = FIELDS[name]
    game, _ = begun(begin, before, live)  # type: ignore[arg-type]
    message = game.refuse(parts=after)
    game.take(parts=after + "\n\n" + message.partition("to paste:\n")[2].rpartition("\n (world")[0])
    game.step()


@pytest.mark.parametrize("name", [name for name, case in FIELDS.items() if not isinstance(case[3], str)])
def test_a_rollback_brings_the_values_back(begin: Begin, name: str) -> None:
    before, live, after, _ = FIELDS[name]
    game, value = begun(begin, before, live)  # type: ignore[arg-type]
    game.world.resource(game.cls("watch.Seen")).tick = 0
    start = game.world.snapshot()
    game.step(6)
    unedited = game.world.hash()
    game.world.restore(start)
    game.take(parts=after, watch=WATCH + RAISES)
    game.step(6)
    assert game.app.reloader.verdicts[-1].outcome == "rolled back"
    assert game.world.hash() == unedited
    assert game.world.resource(game.cls("parts.Options")) is value


def test_an_added_field_may_be_taken_back_unless_something_was_written(begin: Begin) -> None:
    game, value = begun(begin, V1, LIVE)
    more = V1.replace("class Options:\n", "class Options:\n    best: int = 7\n")
    game.take(parts=more)
    game.take(parts=V1)
    game.take(parts=more)
    value.best = 8
    assert "Options drops field best" in game.refuse(parts=V1)
    assert state(game)["best"] == 8


@pytest.mark.parametrize("way", ["renamed", "moved"])
def test_a_resource_gets_another_name_and_back(begin: Begin, way: str) -> None:
    game, _ = begun(begin, V1, dict(LIVE, tags=[]), WATCH + USES)
    game.world.resource(game.cls("watch.Seen")).tick = 0
    game.step(2)
    if way == "renamed":
        after = V1.replace("class Options:\n", "class Settings:\n    more: int = 3\n")
        files = {
            "parts": after.replace("@resource", '@resource(renamed_from="app.parts.Options")'),
            "watch": (WATCH + USES).replace("Options", "Settings"),
        }
        name = "parts.Settings"
    else:
        files = {
            "parts": "from .more import Options",
            "more": V1.replace("class Options:\n", "class Options:\n    more: int = 3\n"),
        }
        name = "more.Options"
    game.take(**files)
    game.step(2)
    assert state(game, name) == {"volume": 0.5, "name": "ann", "tags": [1, 2, 3, 4], "more": 3}
    assert isinstance(game.world.resource(game.cls(name)), game.cls(name))
    game.take(parts=V1, watch=WATCH + USES, **({"more": None} if way == "moved" else {}))
    game.step()
    assert state(game) == {"volume": 0.5, "name": "ann", "tags": [1, 2, 3, 4, 5]}
    assert isinstance(game.world.resource(game.cls("parts.Options")), game.cls("parts.Options"))


def test_a_refusal_after_a_rename_undoes_it(begin: Begin) -> None:
    game, _ = begun(begin, V1, dict(LIVE, tags=[]), WATCH + USES)
    game.world.resource(game.cls("watch.Seen")).tick = 0
    after = V1.replace("class Options", "class Settings").replace(
        "@resource", '@resource(renamed_from="app.parts.Options")'
    )
    watch = (WATCH + USES).replace("Options", "Settings")
    game.step()
    error = game.save(parts=after, watch=watch + "\n\n@system(Update)\ndef unbound(nothing) -> None: ...\n").error
    assert error is not None
    assert "'nothing'" in error
    game.step()
    assert state(game) == {"volume": 0.5, "name": "ann", "tags": [1, 2]}
    game.take(parts=after, watch=watch)
    game.step()
    assert state(game, "parts.Settings") == {"volume": 0.5, "name": "ann", "tags": [1, 2, 3]}


def test_a_transient_resource_is_never_refused(begin: Begin) -> None:
    before = options("window: object = None", "size: int = 3", mark="@resource(transient=True)")
    game, value = begun(begin, before, {"window": object(), "size": 5})
    game.take(parts=options("window: object = None", "wide: float = 2.5", mark="@resource(transient=True)"))
    game.step()
    assert value.wide == 2.5
    assert game.world.resource(game.cls("parts.Options")) is value


MODE = "@resource\nclass Options(Enum):\n    TITLE = 1\n    PLAYING = 2\n    OVER = 3\n"


def test_a_member_that_a_resource_holds_is_not_deleted(begin: Begin) -> None:
    source = MODE.replace("@resource\n", "") + "\n\n@resource\nclass Choice:\n    mode: Options = Options.TITLE\n"
    game = begin("X = 1")
    game.take(parts=source)
    choice = game.world.resource(game.cls("parts.Choice"))
    choice.mode = type(choice.mode).PLAYING
    without = source.replace("    PLAYING = 2\n", "")
    assert "mode is PLAYING, which Options no longer has" in game.refuse(parts=without)
    choice.mode = type(choice.mode).OVER
    game.take(parts=without)
    assert choice.mode is type(choice.mode).OVER


def test_an_enum_resource_keeps_its_member(begin: Begin) -> None:
    game = begin("X = 1")
    game.take(parts=MODE)
    cls = game.cls("parts.Options")
    game.world.set_resource(cls, cls.PLAYING)
    assert "its present value is PLAYING, which Options no longer has" in game.refuse(
        parts=MODE.replace("    PLAYING = 2\n", "")
    )
    game.step()
    game.take(parts=MODE.replace("    OVER = 3\n", "    PAUSED = 4\n"))
    game.step()
    assert game.world.resource(cls) is cls.PLAYING
    renamed = MODE.replace("class Options", "class Mode").replace(
        "@resource", '@resource(renamed_from="app.parts.Options")'
    )
    game.take(parts=renamed)
    mode = game.cls("parts.Mode")
    assert game.world.resource(mode) is mode.PLAYING
