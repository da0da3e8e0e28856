"""`hotloop check`: one line for each problem, with file and line; status 1 if there is one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support import Run

from engine.commands_check import examine

MANIFEST = 'version = "1.0"\nrequires = ["core.motion~=1.0"]\n'
HEAD = """from engine import *
from modules.core.motion import Position, Velocity

@component
class Hull:
    hits: i32 = 3
    name: text = ""

@resource
class Score:
    points: int = 0

"""
FIRST = HEAD.count("\n") + 1


@pytest.fixture
def game(tmp_path: Path) -> Path:
    """Make a game that is in order."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "module.toml").write_text(MANIFEST)
    (folder / "__init__.py").write_text(HEAD)
    return folder


def test_a_game_in_order_has_no_problems(hotloop: Run, game: Path) -> None:
    done = hotloop("check", "mine", cwd=game.parent)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "no problems in mine\n"
    assert done.stderr == ""


def test_problems_come_one_a_line_with_status_1(hotloop: Run, game: Path) -> None:
    bad = "@system(Update)\ndef move(rows: Query[Position], score: Score) -> None:\n    for pos in rows:\n"
    bad += "        pos.x += 1\n    score.points += 1\n"
    (game / "moves.py").write_text(
        "from . import Score\nfrom engine import *\nfrom modules.core.motion import *\n" + bad
    )
    done = hotloop("check", "mine", cwd=game.parent)
    assert done.returncode == 1
    first, second, last = done.stdout.splitlines()
    assert first == "mine/moves.py:7: move writes x of Position, which the query only reads; ask for Mut[Position]"
    assert second.startswith("mine/moves.py:8: move writes points of Score")
    assert last == "2 problems in mine"
    inside = hotloop("check", ".", cwd=game)
    assert inside.stdout.startswith("moves.py:7: ")


def test_fields_of_events_are_checked_also_of_those_of_the_engine(game: Path) -> None:
    source = HEAD + (
        "@event\nclass Met:\n    one: entity\n    other: entity\n\n"
        "@system(Update)\ndef hear(met: Events[Met], new: Events[Added[Hull]]) -> None:\n"
        "    for pair in met:\n        print(pair.one, pair.two)\n"
        "    for one in new:\n        print(one.entity, one.entities)\n"
    )
    (game / "__init__.py").write_text(source)
    texts = [str(problem) for problem in examine(game)]
    assert len(texts) == 2, texts
    assert f"__init__.py:{FIRST + 8}: hear uses 'two', but Met has no such field" in texts[0]
    assert "uses 'entities', but Added[Hull] has no such field; did you mean 'entity'?" in texts[1]


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        ("x = = 1\n", 0, "invalid syntax"),
        ("import nosuchthing\n", 0, "nosuchthing"),
        ("x = 1\n1 / 0\n", 1, "division by zero"),
        ("import sys\nsys.exit(3)\n", 1, "SystemExit"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_told_with_its_line(source: str, line: int, says: str, game: Path) -> None:
    (game / "__init__.py").write_text(HEAD + source)
    problems = examine(game)
    assert any(says in problem.text for problem in problems), problems
    found = next(problem for problem in problems if says in problem.text)
    assert (Path(found.path), found.line) == (game / "__init__.py", FIRST + line)


MISTAKES = [  # source, how many lines below its first the problem is, what is said of it
    ("@system(Update)\ndef a(x: int) -> None: ...\n", 0, "cannot be bound"),
    ("@system(Update)\ndef b(x) -> None: ...\n", 0, "has no annotation"),
    ("@system(Update)\ndef c(q: Query[int]) -> None: ...\n", 0, "no term of a query"),
    ("@system(Update)\ndef d(q: Query[Position, Position]) -> None: ...\n", 0, "twice"),
    ("@system(Render)\ndef e(q: Query[Mut[Position]]) -> None: ...\n", 0, "may not write the simulation"),
    ("@system(Update)\ndef f(s: 'Nothing') -> None: ...\n", 0, "cannot be read"),
    ("@component\nclass Bad:\n    y: f32\n    x: list\n", 3, "Bad"),
    ("@system(Update)\ndef g(q: Query[Position]) -> None:\n    for p in q:\n        p.x = 1\n", 3, "ask for Mut"),
    ("@system(Update)\ndef h(q: Query[Position]) -> None:\n    for p in q:\n        print(p.z)\n", 3, "no such field"),
    ("@system(Update)\ndef i(q: Query[Mut[Hull]]) -> None:\n    for h in q:\n        h.hits /= 2\n", 3, "whole"),
    ("@system(Update)\ndef j(q: Query[Mut[Hull]]) -> None:\n    for h in q:\n        h.name = 3\n", 3, "text"),
    ("from engine.ecs.world import World\n", 0, "the engine's own business"),
    ("from modules.core.input import Pointer\n", 0, "without requiring it"),
    ("from modules.apps.mine import Score\n", 0, "import relatively"),
    ("import pygame\n", 0, "only the room 'systems'"),
]


def test_all_mistakes_of_a_file_are_told_at_once_each_at_its_line(game: Path) -> None:
    source, wanted = HEAD, []
    for mistake, offset, says in MISTAKES:
        wanted.append((source.count("\n") + 1 + offset, says))
        source += mistake
    (game / "__init__.py").write_text(source)
    problems = examine(game)
    for line, says in wanted:
        assert [p for p in problems if p.line == line and says in p.text], (line, says, problems)
    assert len(problems) == len(MISTAKES)


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        ("version = 1\n", "version is not a string"),
        ('version = "1.0"\nrequires = ["core.motoin~=1.0"]\n', "did you mean 'core.motion'?"),
        ('version = "1.0"\nrequires = ["core.motion~=7.0"]\n', "core.motion"),
        ('version = "1.0"\nrequires = ["systems.kinematics"]\n', "nothing requires an implementation"),
        ('version = "1.0"\n', "without requiring it"),
    ],
)
def test_a_manifest_that_does_not_fit_is_a_problem(manifest: str, says: str, game: Path) -> None:
    (game / "module.toml").write_text(manifest)
    assert says in "\n".join(problem.text for problem in examine(game))


def test_modules_of_the_game_are_checked_even_if_nothing_requires_them(hotloop: Run, game: Path) -> None:
    hotloop("new", "plugin", "glow", cwd=game)
    assert examine(game) == []
    (game / "modules" / "plugins" / "glow" / "__init__.py").write_text("import nosuchthing\n")
    (problem,) = examine(game)
    assert problem.path.endswith("glow/__init__.py")
    by_module = hotloop("check", "modules/plugins/glow", cwd=game)
    assert by_module.stdout.startswith("modules/plugins/glow/__init__.py:1: ")


def test_a_file_that_never_finishes_loading_is_named(game: Path) -> None:
    (game / "stuck.py").write_text("while True: pass\n")
    (problem,) = examine(game, patience=5)
    assert (Path(problem.path), problem.text) == (game / "stuck.py", "5 seconds passed while this file was loaded")


def test_a_file_that_ends_the_process_is_named(game: Path) -> None:
    (game / "stuck.py").write_text("import os\nos._exit(9)\n")
    (problem,) = examine(game)
    assert Path(problem.path) == game / "stuck.py"
    assert "status 9" in problem.text


def test_what_the_game_prints_does_not_mix_with_the_problems(hotloop: Run, game: Path) -> None:
    (game / "loud.py").write_text("print('hello from the game')\n")
    done = hotloop("check", "mine", cwd=game.parent)
    assert done.stdout == "no problems in mine\n"
    assert "hello from the game" in done.stderr


@pytest.mark.long  # scripts/check.py looks at it each time
def test_everything_shipped_is_in_order(hotloop: Run) -> None:
    done = hotloop("check")
    assert done.returncode == 0, done.stdout
    assert re.fullmatch(r"no problems in .*\n", done.stdout)
