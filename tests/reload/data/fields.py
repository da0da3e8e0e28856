"""Pairs of declarations, the values that live when the one becomes the other, and what has to become of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """An edit of the component `Part`.

    `values` are spawned under `before`; `want` is what the fields hold under `after`, or `refusal` is part of the
    message. `back` says what undoing the edit has to lead to: the fields' values, or None if it has to be refused.
    """

    name: str
    before: str
    after: str
    values: dict[str, list[Any]]
    want: dict[str, list[Any]] = field(default_factory=dict)
    refusal: str | None = None
    back: dict[str, list[Any]] | None = None


def part(*lines: str, mark: str = "@component", more: str = "") -> str:
    """Return the source of the component."""
    body = "\n".join(f"    {line}" for line in lines or ("pass",))
    return f"{mark}\nclass Part:\n{body}\n\n\n{more}"


XS = [1.5, -2.0, 3.25, 0.0, 7.0]
NS = [3, -1, 0, 127, 5]
PLAIN = {"x": XS, "n": NS}
X, N = "x: f32 = 0.0", "n: i32 = 9"
MOOD = "class Mood(Enum):\n    CALM = 1\n    ANGRY = 2\n\n\n"
MOODS = "class Mood(Enum):\n    CALM = 1\n    ANGRY = 2\n    SAD = 3\n\n\n"
LEVEL = "class Level(IntEnum):\n    LOW = 1\n    HIGH = 2\n\n\n"
MOODY = ["CALM", "ANGRY", "CALM", "ANGRY", "ANGRY"]


def same(**values: list[Any]) -> dict[str, Any]:
    """Return the values as both the wanted ones and those after going back."""
    return {"want": values, "back": values}


CASES = [
    # Added
    Case("added", part(X), part(X, "y: f32 = 4.5"), {"x": XS}, {"x": XS, "y": [4.5] * 5}, back={"x": XS}),
    Case("added in front", part(X), part("y: f32 = 4.5", X), {"x": XS}, {"x": XS, "y": [4.5] * 5}, back={"x": XS}),
    Case("added without default", part(X), part(X, "k: i32"), {"x": XS}, {"x": XS, "k": [0] * 5}, back={"x": XS}),
    Case("first field", part(), part(N), {}, {"n": [9] * 5}, back={}),
    Case("added text", part(X), part(X, 's: text = "new"'), {"x": XS}, {"x": XS, "s": ["new"] * 5}, back={"x": XS}),
    Case("added entity", part(X), part(X, "who: entity"), {"x": XS}, {"x": XS, "who": [0] * 5}, back={"x": XS}),
    Case(
        "added enum",
        part(X),
        MOOD + part(X, "mood: Mood = Mood.ANGRY"),
        {"x": XS},
        {"x": XS, "mood": ["ANGRY"] * 5},
        back={"x": XS},
    ),
    Case(
        "added subarray",
        part(X),
        part(X, "w: f32 = array(f32, 3, default=[1, 2, 3])"),
        {"x": XS},
        {"x": XS, "w": [[1, 2, 3]] * 5},
        back={"x": XS},
    ),
    Case("added NaN", part(X), part(X, 'y: f32 = float("nan")'), {"x": XS}, {"x": XS}, back={"x": XS}),
    # Removed
    Case("removed", part(X, N), part(X), PLAIN, refusal="Part drops field n without a migration"),
    Case("removed default", part(X, N), part(X), {"x": XS}, refusal="Part drops field n without a migration"),
    Case("all removed", part(X, N), part(), PLAIN, refusal="drops field x without a migration and Part drops field n"),
    Case(
        "dropped",
        part(X, N),
        part(X, mark='@component(dropped=("n",))'),
        PLAIN,
        {"x": XS},
        back={"x": XS, "n": [9] * 5},
    ),
    Case(
        "one of two dropped",
        part(X, N),
        part(mark='@component(dropped=("n",))'),
        PLAIN,
        refusal="Part drops field x without a migration",
    ),
    # Renamed
    Case(
        "renamed",
        part(X, N),
        part(X, 'count: i32 = field(default=1, renamed_from="n")'),
        PLAIN,
        {"x": XS, "count": NS},
        back=PLAIN,
    ),
    Case(
        "renamed text",
        part('s: text = ""'),
        part('name: text = field(default="", renamed_from="s")'),
        {"s": list("abcde")},
        {"name": list("abcde")},
        back={"s": list("abcde")},
    ),
    Case("renamed silently", part(X, N), part(X, "count: i32 = 9"), PLAIN, refusal="drops field n without"),
    Case(
        "renamed and widened",
        part(N),
        part('count: i64 = field(default=1, renamed_from="n")'),
        {"n": NS},
        {"count": NS},
        back={"n": NS},
    ),
    Case(
        "renamed to one name that stays",
        part(X, "y: f32 = 0.0"),
        part('y: f32 = field(default=0.0, renamed_from="x")', X),
        {"x": XS, "y": XS[::-1]},
        **same(x=XS, y=XS[::-1]),
    ),
    # Reordered
    Case(
        "reordered",
        part(X, N, "y: f32 = 0.0"),
        part("y: f32 = 0.0", N, X),
        PLAIN | {"y": XS[::-1]},
        **same(x=XS, n=NS, y=XS[::-1]),
    ),
    Case(
        "reordered texts",
        part("a: text", "b: text", "c: handle"),
        part("c: handle", "b: text", "a: text"),
        {"a": list("abcde"), "b": list("vwxyz"), "c": list("12345")},
        **same(a=list("abcde"), b=list("vwxyz"), c=list("12345")),
    ),
    # Retyped
    Case(
        "widened",
        part(X, "n: u8 = 0"),
        part("x: f64 = 0.0", "n: i32 = 0"),
        {"x": XS, "n": [0, 9, 255, 1, 2]},
        **same(x=XS, n=[0, 9, 255, 1, 2]),
    ),
    Case(
        "narrowed, fitting",
        part("n: i64 = 0"),
        part("n: u8 = 0"),
        {"n": [0, 9, 255, 1, 2]},
        **same(n=[0, 9, 255, 1, 2]),
    ),
    Case(
        "narrowed, out of range",
        part("n: i64 = 0"),
        part("n: u8 = 0"),
        {"n": [0, 9, 256, 1, 2]},
        refusal="field n was i64 and now is u8, which loses values",
    ),
    Case("signed to unsigned", part("n: i32 = 0"), part("n: u32 = 0"), {"n": NS}, refusal="i32 and now is u32"),
    Case("unsigned to signed", part("n: u32 = 0"), part("n: i32 = 0"), {"n": [0, 1, 2**31, 3, 4]}, refusal="u32"),
    Case(
        "whole floats",
        part("x: f64 = 0.0"),
        part("x: i32 = 0"),
        {"x": [1.0, -2.0, 0.0, 4.0, 5.0]},
        **same(x=[1, -2, 0, 4, 5]),
    ),
    Case("fractions to ints", part(X), part("x: i32 = 0"), {"x": XS}, refusal="was f32 and now is i32"),
    Case("NaN to int", part(X), part("x: i32 = 0"), {"x": [1.0, float("nan"), 2.0, 3.0, 4.0]}, refusal="f32"),
    Case("2**63 to int", part("x: f64 = 0.0"), part("x: i64 = 0"), {"x": [2.0**63, 1, 2, 3, 4]}, refusal="f64"),
    Case("2**53 + 1 to float", part("n: i64 = 0"), part("n: f64 = 0.0"), {"n": [2**53 + 1, 1, 2, 3, 4]}, refusal="i64"),
    Case(
        "largest int to float",
        part("n: i64 = 0"),
        part("n: f64 = 0.0"),
        {"n": [2**63 - 1, 1, 2, 3, 4]},
        refusal="i64",
    ),
    Case("f64 to f32 exactly", part("x: f64 = 0.0"), part(X), {"x": XS}, **same(x=XS)),
    Case("f64 to f32", part("x: f64 = 0.0"), part(X), {"x": [0.1, 0.2, 0.3, 0.4, 0.5]}, refusal="f64"),
    Case(
        "f64 to f32, infinite",
        part("x: f64 = 0.0"),
        part(X),
        {"x": [float("inf"), 1, 2, 3, 4]},
        **same(x=[float("inf"), 1, 2, 3, 4]),
    ),
    Case("f64 to f32, too large", part("x: f64 = 0.0"), part(X), {"x": [1e300, 1, 2, 3, 4]}, refusal="f64"),
    Case(
        "int to bool", part("n: i32 = 0"), part("n: boolean = False"), {"n": [0, 1, 1, 0, 0]}, **same(n=[0, 1, 1, 0, 0])
    ),
    Case("more to bool", part("n: i32 = 0"), part("n: boolean = False"), {"n": [0, 1, 2, 0, 0]}, refusal="i32"),
    Case("number to text", part(N), part("n: text"), {"n": NS}, refusal="field n was i32 and now is text"),
    Case("text to number", part("n: text"), part(N), {"n": list("12345")}, refusal="was text and now is i32"),
    Case("text to handle", part("s: text"), part("s: handle"), {"s": list("abcde")}, **same(s=list("abcde"))),
    Case("number to entity", part("n: i64 = 0"), part("n: entity"), {"n": [0, 1, 2, 3, 4]}, refusal="now is entity"),
    Case(
        "u64 to entity",
        part("n: np.uint64 = 0"),
        part("n: entity"),
        {"n": [0, 1, 2, 2**64 - 1, 4]},
        **same(n=[0, 1, 2, 2**64 - 1, 4]),
    ),
    Case("scalar to subarray", part(X), part("x: f32 = array(f32, 2, default=0)"), {"x": XS}, refusal="now is f32[2]"),
    Case(
        "longer subarray",
        part("w: f32 = array(f32, 2, default=0)"),
        part("w: f32 = array(f32, 3, default=0)"),
        {"w": [[1, 2]] * 5},
        refusal="was f32[2] and now is f32[3]",
    ),
    Case(
        "subarray widened",
        part("w: f32 = array(f32, 2, default=0)"),
        part("w: f64 = array(f64, 2, default=0)"),
        {"w": [[1, 2], [3, 4], [5, 6], [7, 8], [9, 0]]},
        **same(w=[[1, 2], [3, 4], [5, 6], [7, 8], [9, 0]]),
    ),
    Case(
        "vec2 and its twin",
        part("w: vec2"),
        part("w: f32 = array(f32, 2, default=0)"),
        {"w": [[1, 2], [3, 4], [5, 6], [7, 8], [9, 0]]},
        **same(w=[[1, 2], [3, 4], [5, 6], [7, 8], [9, 0]]),
    ),
    # Vectors
    Case(
        "vector named",
        part(X, "y: f32 = 0.0"),
        part(X, "y: f32 = 0.0", 'xy: vec2 = vector("x", "y")'),
        {"x": XS, "y": XS[::-1]},
        **same(x=XS, y=XS[::-1]),
    ),
    Case(
        "vector turned",
        part(X, "y: f32 = 0.0", 'xy: vec2 = vector("x", "y")'),
        part("y: f32 = 0.0", X, 'yx: vec2 = vector("y", "x")'),
        {"x": XS, "y": XS[::-1]},
        **same(x=XS, y=XS[::-1]),
    ),
    Case(
        "vector grown",
        part(X, "y: f32 = 0.0", 'xy: vec2 = vector("x", "y")'),
        part(X, "y: f32 = 0.0", "z: f32 = 1.0", 'xyz: f32 = vector("x", "y", "z")'),
        {"x": XS, "y": XS[::-1]},
        {"x": XS, "y": XS[::-1], "z": [1.0] * 5},
        back={"x": XS, "y": XS[::-1]},
    ),
    Case(
        "scalars to vec2",
        part(X, "y: f32 = 0.0"),
        part("xy: vec2"),
        {"x": XS, "y": XS[::-1]},
        refusal="Part drops field x without a migration and Part drops field y",
    ),
    # Default changed
    Case("default changed", part("n: i32 = 1"), part("n: i32 = 2"), {}, **same(n=[1] * 5)),
    Case("default lost", part("n: i32 = 1"), part("n: i32"), {}, **same(n=[1] * 5)),
    # Enums
    Case("member added", MOOD + part("mood: Mood"), MOODS + part("mood: Mood"), {"mood": MOODY}, **same(mood=MOODY)),
    Case(
        "unused member removed",
        MOODS + part("mood: Mood"),
        MOOD + part("mood: Mood"),
        {"mood": MOODY},
        **same(mood=MOODY),
    ),
    Case(
        "used member removed",
        MOODS + part("mood: Mood"),
        MOOD + part("mood: Mood"),
        {"mood": ["SAD", *MOODY[1:]]},
        refusal="rows hold SAD in field mood, which Mood no longer has",
    ),
    Case(
        "members revalued",
        MOOD + part("mood: Mood"),
        MOOD.replace("2", "20") + part("mood: Mood"),
        {"mood": MOODY},
        **same(mood=MOODY),
    ),
    Case("enum to text", MOOD + part("mood: Mood"), MOOD + part("mood: text"), {"mood": MOODY}, **same(mood=MOODY)),
    Case("text to enum", MOOD + part("mood: text"), MOOD + part("mood: Mood"), {"mood": MOODY}, **same(mood=MOODY)),
    Case(
        "other text to enum",
        MOOD + part("mood: text"),
        MOOD + part("mood: Mood"),
        {"mood": ["x", *MOODY[1:]]},
        refusal="rows hold x in field mood",
    ),
    Case(
        "int to IntEnum",
        LEVEL + part("n: i32 = 1"),
        LEVEL + part("n: Level"),
        {"n": [1, 2, 1, 2, 2]},
        **same(n=[1, 2, 1, 2, 2]),
    ),
]
