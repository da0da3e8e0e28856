"""Fail at every step of a reload in turn: each time everything is as before, and the next try succeeds."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import engine
from engine.reload.saves import stage_now
from engine.reload.transaction import Verdict

from .playing import SOURCES, TOML, Playing, inject, write_game
from .state import differences, state_of

SEED = int(os.environ.get("HOTLOOP_SEED", "7"))
SAMPLE = 30
ENGINE = str(Path(engine.__file__).parent) + os.sep
BEGIN = ("submit", "say", "counted", "good", "_show_problem")
"""Functions that guard all they do: what is raised as they are entered, nothing could catch. `good` only compares."""
LEFT_OUT = (ENGINE + "reload/analyse.py", ENGINE + "reload/watch.py", ENGINE + "report.py")


class Injected(Exception):
    """What is raised at a step."""


class Steps:
    """Counts the calls of the engine's functions, and raises at the one asked for."""

    def __init__(self, at: int | None, error: type[BaseException] = Injected) -> None:
        self.at, self.error, self.count = at, error, 0
        self.where = ""

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        if event != "call":
            return
        code = frame.f_code
        if (
            code.co_name in BEGIN
            or not code.co_filename.startswith(ENGINE)
            or code.co_filename in LEFT_OUT
            or "<" in code.co_name
        ):
            return
        self.count += 1
        if self.count == self.at:
            self.where = f"{code.co_filename.removeprefix(ENGINE)}:{code.co_qualname}"
            raise self.error(self.where)

    @contextmanager
    def counted(self) -> Iterator[None]:
        sys.setprofile(self)
        try:
            yield
        finally:
            sys.setprofile(None)


Content = dict[str, str | None]
"""What a batch saves, by path below the game's folder; None deletes."""


def bodies(mark: int) -> Content:
    """Change bodies and constants in every room, to no effect on the world."""
    return {
        "__init__.py": inject("app", f"tick = tick + 0  # {mark}"),
        "modules/core/clockwork/__init__.py": inject("core", f"values = values + 0  # {mark}").replace(
            "EDITION = 1", f"EDITION = {mark}"
        ),
        "modules/plugins/shaker/__init__.py": SOURCES["plugin"].replace("EDITION = 1", f"EDITION = {mark}"),
    }


NEW_FILE = '''"""A file that comes with the batch."""

from engine import Mut, Query, Update, resource, system
from modules.core.clockwork import Mass, Tally

MARK = {mark}


@resource
class Extra:
    """A resource that comes with the batch."""

    amount: int = {mark}


@system(Update)
def watch(masses: Query[Mass], extra: Extra) -> None:
    """Look at all masses."""
    for mass in masses:
        assert mass.v.size
'''

GONE = (
    '"""A file that goes with the batch."""\n\nfrom engine import Update, system\n\n\n@system(Update)\n'
    "def idle() -> None:\n    pass\n"
)


MOVED = '''"""A file that gets another name in the batch."""

from engine import Mut, PostUpdate, system
from modules.core.clockwork import Tally


@system(PostUpdate)
def note(tally: Mut[Tally]) -> None:
    tally.heard += 0
'''

EXTRA = '''"""A module that comes with the batch."""

from engine import Query, Update, component, f32, system
from modules.core.clockwork import Mass

WEIGHT = {mark}


@component
class Load:
    weight: f32 = 2.0


@system(Update)
def carry(masses: Query[Mass]) -> None:
    for mass in masses:
        assert mass.x.size
'''

MIGRATIONS = """

@migrate(Mass, to=2)
def flip(old):
    return {"kind": old["kind"] ^ 1}


@migrate(Tally, to=2)
def recount(old):
    return {"count": old["count"] + 1}
"""


def everything(mark: int) -> Content:
    """Change data, migrate it, change systems, handlers and manifests; add, delete and rename files and a module."""
    core = SOURCES["core"].replace("    kind: u32 = 0\n", "    kind: u32 = 0\n    heat: f32 = 1.5\n")
    core = core.replace("    heard: int = 0\n", f"    heard: int = 0\n    deaf: int = {mark}\n")
    core = core.replace("    count: i64\n", "    count: i64\n    loud: f32 = 1.0\n")
    core = core.replace("field, i64, resource", "field, i64, migrate, resource") + MIGRATIONS
    core = core.replace("EDITION = 1", f"EDITION = {mark}")
    app = SOURCES["app"].replace("def listen(", "def hear(").replace('"clock.ask"', '"clock.tell"')
    app = app.replace("@system(PostUpdate)\ndef settle", "@system(PreUpdate)\ndef settle")
    app = app.replace("# top", f"from .more import MARK\n\nTWICE = MARK * 2 + {mark}\n")
    manifest = TOML["app"].replace("1.0.0", f"1.0.{mark % 100}").replace('"core.time~=1.0"', '"core.time>=1"')
    return {
        "__init__.py": app,
        "modules/core/clockwork/__init__.py": core,
        "more.py": NEW_FILE.format(mark=mark),
        "module.toml": manifest.replace("]", ', "plugins.extra~=1.0"]'),
        "modules/plugins/extra/module.toml": 'version = "1.0.0"\nrequires = ["core.clockwork~=1.0"]\n',
        "modules/plugins/extra/__init__.py": EXTRA.format(mark=mark),
        "gone.py": None,
        "before.py": None,
        "after.py": MOVED,
    }


def begin(folder: Path) -> Playing:
    write_game(folder)
    (folder / "gone.py").write_text(GONE)
    (folder / "before.py").write_text(MOVED)
    playing = Playing(folder)
    playing.impatient()
    playing.app.simulation.deadline.patience.commit = 30.0  # counting is slow
    playing.step(3)
    return playing


def save(playing: Playing, content: Content) -> list[Any]:
    """Write a batch and stage it."""
    paths = []
    for name, text in content.items():
        path = playing.folder.resolve() / name
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        paths.append(path)
    return [stage_now(playing.app.code, path) for path in paths]


def original(content: Content) -> Content:
    """Return what the files of a batch held at the beginning."""
    known: Content = dict.fromkeys(content, None)
    known |= {"gone.py": GONE, "before.py": MOVED, "module.toml": TOML["app"], "__init__.py": SOURCES["app"]}
    known |= {
        f"modules/{place}/__init__.py": SOURCES[role]
        for role, place in {"core": "core/clockwork", "system": "systems/gravity", "plugin": "plugins/shaker"}.items()
    }
    return {name: known[name] for name in content}


def steps_of(folder: Path, batch: Callable[[int], Content]) -> int:
    """Return how many steps the reload of a batch takes."""
    with begin(folder) as playing:
        saves = save(playing, batch(2))
        steps = Steps(None)
        with steps.counted():
            verdict = playing.app.submit(saves)
        assert verdict is not None
        assert verdict.good, verdict.error
        return steps.count


def fail_at(playing: Playing, content: Content, step: int) -> list[str]:
    """Try a batch that fails at a step; return what is wrong then."""
    saves = save(playing, content)
    before = state_of(playing.app)
    edition = playing.runs("core")
    steps = Steps(step)
    try:
        with steps.counted():
            verdict: Verdict | None = playing.app.submit(saves)
    except Injected:
        return [f"step {step}, {steps.where}: the exception left submit"]
    if verdict is None:
        return [f"step {step}, {steps.where}: no verdict"]
    if verdict.good:  # past the commit point, or the step could be done without: then all of it has happened
        playing.step()
        wrong = [] if playing.runs("core") != edition else ["the new code does not run"]
        back = playing.app.submit(save(playing, original(content)))
        if back is None or not back.good:
            wrong.append(f"the way back is barred: {back}")
        playing.step()
        return [f"step {step}, {steps.where}: {one}" for one in wrong]
    wrong = differences(before, state_of(playing.app))
    return [f"step {step}, {steps.where}: {one}" for one in wrong]


def mend(playing: Playing, content: Content) -> list[str]:
    """Save a batch without fault, and then what was there at the beginning; return what is wrong then."""
    wrong = []
    verdict = playing.app.submit(save(playing, content))
    if verdict is None or not verdict.good:
        wrong.append(f"the fix is not taken: {verdict}")
    playing.step()
    verdict = playing.app.submit(save(playing, original(content)))
    if verdict is None or not verdict.good:
        wrong.append(f"the way back is barred: {verdict}")
    playing.step()
    return wrong


def run_through(folder: Path, batch: Callable[[int], Content], chosen: list[int]) -> list[str]:
    """Fail at each of these steps of one game in turn, and mend it now and then."""
    wrong: list[str] = []
    with begin(folder) as playing:
        for number, step in enumerate(chosen):
            wrong += fail_at(playing, batch(1000 + step), step)
            playing.step()
            if number % 10 == 0:
                wrong += [f"after step {step}: {one}" for one in mend(playing, batch(100_000 + step))]
            if len(wrong) > 20:
                break
    return wrong


BATCHES = {"bodies": bodies, "everything": everything}


@pytest.mark.parametrize("name", BATCHES)
def test_a_failure_at_any_step_leaves_everything_as_it_was(tmp_path: Path, name: str) -> None:
    total = steps_of(tmp_path / "count" / "clock", BATCHES[name])
    chosen = sorted(random.Random(SEED).sample(range(1, total + 1), min(total, SAMPLE)))
    assert not run_through(tmp_path / "clock", BATCHES[name], chosen)


@pytest.mark.long
@pytest.mark.parametrize("name", BATCHES)
def test_a_failure_at_every_step_leaves_everything_as_it_was(tmp_path: Path, name: str) -> None:
    total = steps_of(tmp_path / "count" / "clock", BATCHES[name])
    assert not run_through(tmp_path / "clock", BATCHES[name], list(range(1, total + 1)))
