"""What `hotloop check` sees in the body of a system."""

from __future__ import annotations

import ast
import textwrap

import pytest

from engine.check.writes import Parameters, Viewed, write_problems, writing_methods

POSITION = Viewed("Position", False, {"x": False, "y": False}, known=frozenset({"x", "y", "xy"}))
VELOCITY = Viewed("Velocity", True, {"x": False, "y": False}, known=frozenset({"x", "y", "xy"}))
HULL = Viewed("Hull", True, {"hits": True}, texts=frozenset({"name"}), known=frozenset({"hits", "name"}))
SCORE = Viewed("Score", False, {"points": True}, known=frozenset({"points"}), is_resource=True)
MINE = Viewed("Mine", True, {"points": True}, known=frozenset({"points"}), is_resource=True)
MET = Viewed("Met", False, {}, known=frozenset({"one", "other"}), is_event=True)
PARAMETERS = Parameters(
    queries={"moving": (POSITION, VELOCITY), "hulls": HULL, "places": POSITION, "met": MET},
    resources={"score": SCORE, "mine": MINE},
)


def problems(body: str) -> list[tuple[int, str]]:
    """Check a system with this body; line 2 is its first line."""
    source = "def one(moving, hulls, places, met, score, mine):\n" + textwrap.indent(
        textwrap.dedent(body).strip(), "    "
    )
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    return write_problems(function, PARAMETERS)


@pytest.mark.parametrize(
    "write",
    [
        "pos.x = 1",
        "pos.x += vel.x",
        "pos.x[mask] = 0",
        "pos.xy[0][mask] = 0",
        "np.add(pos.x, 1, out=pos.x)",
        "if True:\n    pos.x = 1",
        "try:\n    pass\nexcept OSError:\n    pos.x = 1",
        "match 1:\n    case 1:\n        pos.x = 1",
        "pos.x, a = 1, 2",
    ],
)
def test_a_write_to_a_component_that_is_only_read_is_found(write: str) -> None:
    found = problems("for pos, vel in moving:\n" + textwrap.indent(write, "    "))
    assert [text for _, text in found if "ask for Mut[Position]" in text], found


@pytest.mark.parametrize(
    "body",
    [
        "for pos, vel in moving:\n    vel.x += pos.x\n    vel.xy[:] = 0\n    np.add(vel.x, 1, out=vel.x)",
        "for pos, vel in moving:\n    pos = pos.xy.copy()\n    pos.x = 1",
        "for pos in other:\n    pos.x = 1",
        "def inner(pos):\n    pos.x = 1",
        "mine.points += 1",
        "for hull in hulls:\n    hull.hits += 1\n    hull.hits[:] = 2.0\n    hull.name = 'x'",
        "for pos, vel in moving:\n    vel.x = 1\n    vel.y = 0.5",
    ],
)
def test_what_is_allowed_is_left_alone(body: str) -> None:
    assert problems(body) == []


def test_single_at_and_enumerate_are_followed() -> None:
    assert problems("pos = places.single()\npos.x = 1")
    assert problems("found, pos = places.at(ids)\npos.x = 1")
    assert problems("for i, (pos, vel) in enumerate(moving):\n    pos.x = 1")


def test_the_line_is_that_of_the_write() -> None:
    assert [line for line, _ in problems("for pos, vel in moving:\n    vel.x = 1\n    pos.y = 1")] == [4]


def test_a_resource_that_is_only_read_is_found() -> None:
    assert "ask for Mut[Score]" in problems("score.points += 1")[0][1]


def test_a_misspelt_field_is_found_with_a_guess() -> None:
    places = Viewed("Health", True, {"points": True}, known=frozenset({"points"}))
    tree = ast.parse("def one(q):\n    for h in q:\n        h.pionts += 1\n        print(h.pionts)").body[0]
    assert isinstance(tree, ast.FunctionDef)
    found = write_problems(tree, Parameters({"q": places}, {}))
    assert [line for line, _ in found] == [3, 4]
    assert found[0][1] == "uses 'pionts', but Health has no such field; did you mean 'points'?"


@pytest.mark.parametrize(
    ("write", "says"),
    [
        ("hull.hits = 'many'", "holds numbers"),
        ("hull.hits /= 2", "cannot divide in place"),
        ("hull.hits += 0.5", "whole numbers"),
        ("hull.hits = 0.5", "whole numbers"),
        ("hull.name = 3", "holds text"),
    ],
)
def test_a_wrong_type_that_is_plain_to_see_is_found(write: str, says: str) -> None:
    found = problems(f"for hull in hulls:\n    {write}")
    assert len(found) == 1
    assert says in found[0][1]


def test_a_method_that_writes_counts_as_a_write() -> None:
    timer = """
        class Timer:
            def advance(self, dt):
                self.left -= dt
            def read(self):
                left = self.left
                return left
            def clear(self):
                np.maximum(self.left, 0, out=self.left)
            @classmethod
            def make(cls):
                cls.left = 1
    """
    declaration = ast.parse(textwrap.dedent(timer)).body[0]
    assert isinstance(declaration, ast.ClassDef)
    writers = writing_methods(declaration)
    assert writers == {"advance", "clear"}
    viewed = Viewed("Timer", False, {"left": False}, writers=writers)
    tree = ast.parse("def one(q):\n    for t in q:\n        due = t.advance(1)\n        t.read()").body[0]
    assert isinstance(tree, ast.FunctionDef)
    assert [line for line, _ in write_problems(tree, Parameters({"q": viewed}, {}))] == [3]


def test_a_misspelt_field_of_an_event_is_found() -> None:
    found = problems("for pair in met:\n    print(pair.one, pair.othr)")
    assert found == [(3, "uses 'othr', but Met has no such field; did you mean 'other'?")]


def test_a_write_to_an_event_is_found() -> None:
    [(line, text)] = problems("for pair in met:\n    pair.one[:] = 0")
    assert line == 3
    assert "events are facts" in text
    assert "Mut" not in text


def test_a_comprehension_has_names_of_its_own() -> None:
    source = (
        "for step in met:\n    pass\nprint([step.x for step in places], lambda step: step.x, {step.z for step in met})"
    )
    assert problems(source) == [(4, "uses 'z', but Met has no such field")]
