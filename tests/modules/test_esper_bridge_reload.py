"""An esper program that is edited while it runs: its code is new, its instances are the same."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import esper
import pytest

from engine import App
from engine.manage import reload_module
from engine.reload.saves import stage_now

MANIFEST = 'version = "0.1.0"\nsummary = "A program for esper."\nrequires = ["plugins.esper_bridge~=0.1"]\n'
PROGRAM = """
from dataclasses import dataclass

import esper

STEP = 1


@dataclass
class Place:
    x: float = 0.0

    def far(self):
        return self.x > 100


class Walk(esper.Processor):
    def __init__(self):
        self.calls = 0

    def process(self):
        self.calls += 1
        for _, place in esper.get_component(Place):
            place.x += STEP


PROCESSORS = {Walk: 10}


def setup():
    esper.create_entity(Place())
"""
GAME = """
from engine import Mut, Update, system
from modules.plugins.esper_bridge import Esper

from . import legacy


@system(Update)
def begin(bridge: Mut[Esper]) -> None:
    bridge.once(legacy.setup)
    bridge.keep_processors(legacy.PROCESSORS)
"""


class Running:
    """A game around an esper program, run headless and edited by hand."""

    def __init__(self, folder: Path, game: str = GAME, **files: str) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "module.toml").write_text(MANIFEST)
        (folder / "__init__.py").write_text(game)
        for name, text in files.items():
            (folder / f"{name}.py").write_text(text)
        self.app: App | None = None

    def __enter__(self) -> Running:
        self.app = App(self.folder, headless=True, reload=False)
        return self

    def __exit__(self, *_: object) -> None:
        assert self.app is not None
        self.app.close()

    @property
    def bridge(self) -> Any:
        assert self.app is not None
        return self.app.world.resource(sys.modules["modules.plugins.esper_bridge"].Esper)

    def run(self, ticks: int = 1) -> Running:
        assert self.app is not None
        self.app.step(ticks)
        assert not [system for system in self.app.schedule if system.fault]
        return self

    def edit(self, path: Path, *pairs: tuple[str, str]) -> Any:
        """Replace text in a file and reload; return the verdict."""
        text = path.read_text()
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new, 1)
        path.write_text(text)
        assert self.app is not None
        return reload_module(self.app)

    def processors(self) -> list[Any]:
        with self.bridge.world:
            return list(esper._processors)

    def place(self) -> Any:
        """The one component of the program that is called Place."""
        with self.bridge.world:
            [entity] = esper.get_entities()
            [place] = esper.components_for_entity(entity)
        return place


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path / "walkers", legacy=PROGRAM) as running:
        yield running.run(5)


def test_an_edited_processor_takes_effect_and_its_instance_stays(running: Running) -> None:
    place, [walk] = running.place(), running.processors()
    assert (place.x, walk.calls) == (4, 4)
    verdict = running.edit(running.folder / "legacy.py", ("place.x += STEP", "place.x += 10 * STEP"))
    assert verdict.good, verdict
    running.run()
    assert running.place() is place
    assert running.processors() == [walk]
    assert (place.x, walk.calls) == (14, 5)


def test_an_edited_constant_takes_effect(running: Running) -> None:
    place = running.place()
    running.edit(running.folder / "legacy.py", ("STEP = 1", "STEP = 100"))
    assert running.run().place() is place
    assert place.x == 104


def test_an_edited_component_keeps_its_instances(running: Running) -> None:
    place = running.place()
    running.edit(running.folder / "legacy.py", ("self.x > 100", "self.x > 3"))
    running.run()
    assert running.place() is place
    assert place.far()
    assert isinstance(place, type(place))


def test_an_added_processor_runs_and_a_removed_one_stops(running: Running) -> None:
    [walk] = running.processors()
    hop = "class Hop(esper.Processor):\n    def process(self):\n        for _, place in esper.get_component(Place):\n"
    hop += "            place.x += 1000\n\n\nPROCESSORS = {Hop: 20, Walk: 10}"
    running.edit(running.folder / "legacy.py", ("PROCESSORS = {Walk: 10}", hop))
    running.run(2)
    assert [type(one).__name__ for one in running.processors()] == ["Hop", "Walk"]
    assert running.processors()[1] is walk
    before = running.place().x
    assert before > 1000
    running.edit(running.folder / "legacy.py", ("{Hop: 20, Walk: 10}", "{Hop: 20}"))
    running.run(2)
    assert [type(one).__name__ for one in running.processors()] == ["Hop"]


def test_a_refused_edit_leaves_the_program_as_it_was(running: Running) -> None:
    place = running.place()
    verdict = running.edit(running.folder / "legacy.py", ("place.x += STEP", "place.x += STEP +"))
    assert not verdict.good
    running.run()
    assert (running.place(), place.x) == (place, 5)


def test_a_processor_that_raises_is_contained_and_mended(running: Running) -> None:
    place = running.place()
    app = running.app
    assert app is not None
    app.step(40)
    running.edit(running.folder / "legacy.py", ("place.x += STEP", "place.x += nothing_of_this_name"))
    before = esper.current_world
    app.step(40)
    assert esper.current_world == before
    running.edit(running.folder / "legacy.py", ("nothing_of_this_name", "STEP"))
    at = place.x
    running.run(2)
    assert running.place() is place
    assert place.x > at


def test_a_late_fault_names_the_line_of_the_processor(running: Running) -> None:
    app = running.app
    assert app is not None
    path = running.folder / "legacy.py"
    running.edit(path, ("self.calls += 1", "self.calls += 1 // (self.calls < 50)"))
    app.step(60)
    [fault] = [system.fault for system in app.schedule if system.fault]
    line = path.read_text().splitlines().index("        self.calls += 1 // (self.calls < 50)") + 1
    assert fault.place == (str(path), line)
    [panel] = app.overlay.errors
    assert panel["line"] == line
    running.edit(path, ("1 // (self.calls < 50)", "1"))
    assert running.run(5).processors()[0].calls > 50


def test_a_program_in_a_plain_folder_is_reloaded_too(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "walkers_of_old.py").write_text(PROGRAM)
    game = GAME.replace("from . import legacy", "import walkers_of_old as legacy")
    running = Running(tmp_path / "around", game)
    running.app = App(running.folder, headless=True, reload=False, import_roots=[library])
    try:
        place = running.run(5).place()
        assert place.x == 4
        path = library / "walkers_of_old.py"
        path.write_text(path.read_text().replace("STEP = 1", "STEP = 50"))
        submit(running.app, path)
        assert running.run().place() is place
        assert place.x == 54
    finally:
        running.app.close()


def submit(app: App, path: Path) -> None:
    app.submit([stage_now(app.code, path)])


def test_leaving_a_game_leaves_nothing_in_esper(tmp_path: Path) -> None:
    before = set(esper.list_worlds())
    with Running(tmp_path / "walkers", legacy=PROGRAM) as running:
        running.run(3)
        assert set(esper.list_worlds()) - before == {running.bridge.world.name}
    assert set(esper.list_worlds()) == before


def test_two_apps_have_two_esper_worlds(tmp_path: Path) -> None:
    with (
        Running(tmp_path / "one", legacy=PROGRAM) as one,
        Running(tmp_path / "two", legacy=PROGRAM) as two,
    ):
        one.run(4)
        two.run(2)
        assert (one.place().x, two.place().x) == (3, 1)
        assert one.bridge.world.name != two.bridge.world.name


def test_a_restart_begins_the_program_anew(running: Running) -> None:
    old = running.place()
    app = running.app
    assert app is not None
    app.restart()
    app.turn(1)
    running.run(3)
    assert running.place() is not old
    assert running.place().x < old.x
