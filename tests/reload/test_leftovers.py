"""What a module leaves with others is taken back when that version of it goes, or named in the verdict."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support import ROOT, bare_environment

from engine.app import App
from engine.reload.saves import stage_now
from engine.reload.transaction import Verdict

APP = """
from engine import Update, system
from modules.plugins.shelf import Shape, told


@system(Update)
def live() -> None:
    pass
"""
SHELF = """
import abc
import functools


class Shape(abc.ABC):
    pass


@functools.singledispatch
def told(value):
    return "object"


SUBSCRIBERS = []
TABLE = {}


def subscribe(function):
    SUBSCRIBERS.append(function)
    return function
"""
LEAVES = """
from engine import handler
from modules.plugins.shelf import SUBSCRIBERS, TABLE, Shape, subscribe, told

NUMBER = {number}
{code}
"""


class Game:
    """A game with a module that leaves things with others, `leaves`, and one with which it does, `shelf`."""

    def __init__(self, app: App, path: Path) -> None:
        self.app, self.path, self.number = app, path, 0

    def save(self, code: str) -> Verdict:
        self.number += 1
        self.path.write_text(LEAVES.format(number=self.number, code=code))
        verdict = self.app.submit([stage_now(self.app.code, self.path)])
        self.app.step()
        assert verdict is not None
        return verdict

    def module(self, name: str) -> ModuleType:
        module = self.app.code.module(f"modules.plugins.{name}")
        assert module is not None
        return module

    def __getattr__(self, name: str) -> Any:
        return getattr(self.module("leaves"), name)


def make_game(home: Path) -> Path:
    folder = home / "leaving"
    texts = {"shelf": SHELF, "leaves": LEAVES.format(number=0, code="")}
    for name, text in texts.items():
        (folder / "modules" / "plugins" / name).mkdir(parents=True)
        requires = '["plugins.shelf~=1.0"]' if name == "leaves" else "[]"
        manifest = f'version = "1.0.0"\nrequires = {requires}\n'
        (folder / "modules" / "plugins" / name / "module.toml").write_text(manifest)
        (folder / "modules" / "plugins" / name / "__init__.py").write_text(text)
    (folder / "module.toml").write_text('version = "0.1.0"\nrequires = ["plugins.shelf~=1.0", "plugins.leaves~=1.0"]\n')
    (folder / "__init__.py").write_text(APP)
    return folder


@pytest.fixture
def game(tmp_path: Path) -> Iterator[Game]:
    folder = make_game(tmp_path)
    with App(folder, headless=True, reload=False) as app:
        app.step()
        yield Game(app, folder / "modules" / "plugins" / "leaves" / "__init__.py")
    logging.getLogger("hotloop.test.leftovers").handlers.clear()


def test_handlers_of_the_bus(game: Game) -> None:
    game.save("@handler('plugins.leaves.one')\ndef one() -> int:\n    return 1\n")
    assert game.app.bus.call("plugins.leaves.one") == 1
    game.save("@handler('plugins.leaves.two')\ndef two() -> int:\n    return 2\n")
    assert "plugins.leaves.one" not in game.app.bus
    assert game.app.bus.call("plugins.leaves.two") == 2


def test_entries_in_lists_and_tables_of_others(game: Game) -> None:
    shelf = game.module("shelf")
    for _ in range(3):
        assert game.save("@subscribe\ndef heard():\n    return NUMBER\n\n\nTABLE['heard'] = heard\n").good
        assert [one() for one in shelf.SUBSCRIBERS] == [game.number]
        assert list(shelf.TABLE) == ["heard"]
    assert game.save("").good
    assert shelf.SUBSCRIBERS == []
    assert shelf.TABLE == {}


def test_singledispatch(game: Game) -> None:
    told = game.module("shelf").told
    for _ in range(3):
        verdict = game.save("@told.register\ndef _(value: int):\n    return f'int {NUMBER}'\n")
        assert verdict.good
        assert told(1) == f"int {game.number}"
        assert len(told.registry) == 2
    assert game.save("").good
    assert told(1) == "object"


def test_registration_with_an_abstract_class(game: Game) -> None:
    shape = game.module("shelf").Shape
    for _ in range(3):
        assert game.save("class Round:\n    pass\n\n\nShape.register(Round)\n").good
        assert isinstance(game.Round(), shape)
    old = game.Round()
    assert game.save("class Round:\n    pass\n").good
    assert not isinstance(old, shape)


EXITING = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from engine.app import App
from engine.reload.saves import stage_now
from test_leftovers import Game, make_game

folder = Path(sys.argv[1])
with App(make_game(folder), headless=True, reload=False) as app:
    app.step()
    game = Game(app, folder / "leaving" / "modules" / "plugins" / "leaves" / "__init__.py")
    for code in eval(sys.stdin.read()):
        print(game.save(code).outcome)
"""
BYE = "def bye(word='bye'):\n    print(word, NUMBER)\n"


@pytest.mark.parametrize(
    ("codes", "last"),
    [
        (["import atexit\n" + BYE + "atexit.register(bye)\n"] * 3, ["bye 3"]),
        (["import atexit\n" + BYE + "atexit.register(bye, 'see you')\n"] * 2, ["see you 2"]),
        (["import atexit\n@atexit.register\n" + BYE] * 3, ["bye 3"]),
        (["from atexit import register\n@register\n" + BYE] * 3, ["bye 3"]),
        (["import atexit\n@atexit.register\n" + BYE, ""], []),
        (["import atexit\n@atexit.register\n" + BYE, "import atexit\n" + BYE], []),
        (["import atexit\n@atexit.register\n" + BYE + "raise ValueError\n"], []),
        (["import atexit\n@atexit.register\n" + BYE, "import atexit\n@atexit.register\n" + BYE + "bad()\n"], ["bye 1"]),
    ],
)
def test_functions_to_run_at_exit(codes: list[str], last: list[str], tmp_path: Path) -> None:
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", EXITING, str(tmp_path), str(ROOT), str(here), str(here.parent)],
        env=bare_environment(),
        input=repr(codes),
        capture_output=True,
        text=True,
        check=True,
    )
    said = done.stdout.splitlines()
    assert said[len(codes) :] == last, done.stdout + done.stderr


def test_handlers_of_a_logger(game: Game) -> None:
    logger = logging.getLogger("hotloop.test.leftovers")
    code = "import logging\n\nlogging.getLogger('hotloop.test.leftovers').addHandler(logging.NullHandler(NUMBER * 0))\n"
    for _ in range(3):
        assert game.save(code).good
        assert len(logger.handlers) == 1
    assert game.save("").good
    assert logger.handlers == []


def test_threads(game: Game) -> None:
    code = (
        "import threading\n\nstop = threading.Event()\n"
        "worker = threading.Thread(target=stop.wait, name=f'worker {NUMBER}', daemon=True)\nworker.start()\n"
    )
    before = set(threading.enumerate())
    stops = []
    for _ in range(2):
        verdict = game.save(code)
        assert verdict.good
        stops.append(game.stop)
        started = set(threading.enumerate()) - before
        assert not started or any("thread" in note for note in verdict.notes)
    for stop in stops:
        stop.set()


@pytest.mark.parametrize(
    "code",
    [
        "import logging\nlogging.getLogger('hotloop.test.leftovers').addHandler(logging.NullHandler())\n",
        "TABLE['x'] = 1\nSUBSCRIBERS.append(1)\n",
        "@told.register\ndef _(value: int):\n    return 'int'\n",
        "class Round:\n    pass\n\n\nShape.register(Round)\n",
    ],
)
def test_a_refused_edit_leaves_nothing(game: Game, code: str) -> None:
    shelf, logger = game.module("shelf"), logging.getLogger("hotloop.test.leftovers")
    verdict = game.save(code + "raise ValueError('too late')\n")
    assert verdict.outcome == "refused"
    assert shelf.TABLE == {}
    assert shelf.SUBSCRIBERS == []
    assert logger.handlers == []
    assert shelf.told(1) == "object"
