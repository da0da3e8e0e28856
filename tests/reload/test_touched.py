"""A commit looks only at the modules that its edit has touched, and comes to what a look at all of them would."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from whole import missed

from engine import App
from engine.reload.saves import stage_now
from engine.reload.transaction import Verdict

SEED = int(os.environ.get("HOTLOOP_SEED", "3"))

FILES = {
    "module.toml": 'version = "1.0.0"\nrequires = ["plugins.herd[noise]>=1", "plugins.count>=1", "core.kinds>=1"]\n',
    "modules/core/kinds/module.toml": 'version = "1.0.0"\n',
    "modules/core/kinds/__init__.py": '''"""What others build on."""

import enum
import functools

from engine import component, f32, resource

RATE = 2
FLAG = True


class Mood(enum.Enum):
    CALM = 1
    ANGRY = 2


@component
class Place:
    x: f32 = 0.0


@resource
class Gate:
    open: bool = True


def is_open(gate: Gate) -> bool:
    return gate.open


def traced(function):
    @functools.wraps(function)
    def call(*arguments):
        return function(*arguments)

    return call
''',
    "modules/plugins/herd/module.toml": 'version = "1.0.0"\nrequires = ["core.kinds~=1.0"]\n[features]\nnoise = []\n',
    "modules/plugins/herd/__init__.py": '''"""Creatures with moods."""

from engine import Mut, Query, Update, component, f32, system
from modules.core.kinds import Mood, Place, is_open, traced


@component
class Creature:
    mood: Mood = Mood.CALM
    hp: f32 = 10.0


@system(Update, when=is_open)
@traced
def walk(rows: Query[Mut[Creature], Place]) -> None:
    for creature, _ in rows:
        creature.hp += 1


@system(Update, feature="noise")
def shout(rows: Query[Creature]) -> None:
    pass
''',
    "modules/plugins/herd/_tools.py": '''"""Imported, not scanned."""

from engine import component, i32


@component
class Tool:
    weight: i32 = 1
''',
    "modules/plugins/count/module.toml": 'version = "1.0.0"\nrequires = ["plugins.herd~=1.0", "core.kinds~=1.0"]\n',
    "modules/plugins/count/__init__.py": '''"""Counts."""

from __future__ import annotations

from engine import Mut, Query, Update, event, handler, i32, migrate, resource, system
from modules.core.kinds import RATE, Place
from modules.plugins.herd import Creature
from modules.plugins.herd._tools import Tool

TWICE = RATE * 2


@event
class Counted:
    number: i32 = 0


@resource
class Sum:
    total: int = 0


@handler("count.total")
def total(sum: Sum) -> int:
    return sum.total


@system(Update)
def add(rows: Query[Creature, Place], tools: Query[Tool], sum: Mut[Sum]) -> None:
    sum.total += TWICE
''',
    "__init__.py": '''"""The game."""

from engine import Commands, Query, Startup, Update, With, system
from modules.core.kinds import FLAG, Mood, Place
from modules.plugins.count import Sum, Tool
from modules.plugins.herd import Creature

LIMIT = 3 if FLAG else 4


@system(Startup)
def begin(commands: Commands) -> None:
    commands.spawn(Creature(mood=Mood.CALM), Place(), count=5)
    commands.spawn(Creature(mood=Mood.ANGRY), Place(), count=2)
    commands.spawn(Tool(), count=2)


@system(Update)
def look(rows: Query[Creature, With[Place]], sum: Sum) -> None:
    assert LIMIT
''',
}
KINDS, HERD = "modules/core/kinds/__init__.py", "modules/plugins/herd/__init__.py"
COUNT, TOOLS = "modules/plugins/count/__init__.py", "modules/plugins/herd/_tools.py"
EDITS = [
    (KINDS, "RATE = 2", "RATE = 5"),
    (KINDS, "FLAG = True", "FLAG = False"),
    (KINDS, "    ANGRY = 2\n", "    ANGRY = 2\n    SAD = 3\n"),
    (KINDS, "    ANGRY = 2\n", ""),
    (KINDS, "    x: f32 = 0.0", "    x: f32 = 0.0\n    y: f32 = 1.0"),
    (KINDS, "return gate.open", "return bool(gate.open)"),
    (KINDS, "def is_open(gate: Gate)", "def is_open(gate: Gate, place: Gate)"),
    (KINDS, "        return function(*arguments)", "        function(*arguments)"),
    (KINDS, "open: bool = True", "open: bool = True\n    width: int = 1"),
    (KINDS, "class Mood(enum.Enum)", "class Mood(str, enum.Enum)"),
    (HERD, "creature.hp += 1", "creature.hp += 2"),
    (HERD, "hp: f32 = 10.0", "hp: f32 = 11.0"),
    (HERD, "hp: f32 = 10.0", "hp: f32 = 10.0\n    armour: f32 = 0.5"),
    (HERD, "rows: Query[Mut[Creature], Place]", "rows: Query[Mut[Creature], Mut[Place]]"),
    (HERD, "@system(Update, when=is_open)", "@system(Update)"),
    (HERD, "@traced\n", ""),
    (HERD, "def shout(", "def cry("),
    (HERD, '@system(Update, feature="noise")', "@system(Update)"),
    (HERD, "    hp: f32 = 10.0", "    hp: f32 = 10.0\n\n    def hurt(self):\n        self.hp -= 1"),
    (TOOLS, "weight: i32 = 1", "weight: i32 = 1\n    length: i32 = 2"),
    (TOOLS, "@component\nclass Tool", "@component(version=2)\nclass Tool"),
    (COUNT, "TWICE = RATE * 2", "TWICE = RATE * 3"),
    (COUNT, "number: i32 = 0", "number: i32 = 0\n    who: i32 = 1"),
    (COUNT, "total: int = 0", "total: int = 0\n    extra: list = []"),
    (COUNT, '@handler("count.total")', '@handler("count.sum")'),
    (COUNT, "sum.total += TWICE", "sum.total += TWICE + 1"),
    (COUNT, "@handler", "@migrate(Tool, to=2)\ndef heavier(old):\n    return {}\n\n\n@handler"),
    (COUNT, "tools: Query[Tool], ", ""),
    (COUNT, "TWICE = RATE * 2", "TWICE = RATE * nothing"),
    (HERD, "creature.hp += 1", "creature.hp += nothing"),
    (HERD, "    hp: f32 = 10.0", "    health: f32 = 10.0"),
    ("__init__.py", "LIMIT = 3", "LIMIT = 7"),
    ("__init__.py", "With[Place]], sum: Sum", "With[Place]]"),
    ("__init__.py", "@system(Update)\ndef look", "@system(Update, when=lambda: True)\ndef look"),
    ("__init__.py", "from modules.core.kinds import FLAG", "from modules.core.kinds import RATE as FLAG"),
    ("module.toml", "plugins.herd[noise]", "plugins.herd"),
]


def written(folder: Path, active: set[int]) -> list[Path]:
    """Write the files with these edits made, as far as they go together; return those that changed."""
    texts = dict(FILES)
    for number in sorted(active):
        name, old, new = EDITS[number]
        texts[name] = texts[name].replace(old, new, 1)
    changed = []
    for name, text in texts.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            changed.append(path)
    return changed


def saved(app: App, folder: Path, active: set[int]) -> Verdict | None:
    """Save the files with these edits made, and have them tried."""
    changed = written(folder, active)
    return app.submit([stage_now(app.code, path) for path in changed]) if changed else None


@pytest.mark.parametrize("rounds", [80, pytest.param(1500, marks=pytest.mark.long)])
def test_what_was_not_touched_needs_no_look(tmp_path: Path, rounds: int) -> None:
    chance = random.Random(SEED)
    folder = tmp_path / "herded"
    written(folder, set())
    active, kept = set[int](), set[int]()
    good = bad = 0
    with App(folder, headless=True, reload=False) as app:
        app.step(2)
        assert missed(app) == []
        for number in range(rounds):
            for one in chance.sample(range(len(EDITS)), chance.choice([1, 1, 1, 2, 3])):
                active ^= {one}
            verdict = saved(app, folder, active)
            assert missed(app) == [], f"edit {number}, {[EDITS[one] for one in sorted(active)]}"
            app.step(chance.choice([1, 1, 35]))
            assert missed(app) == [], f"after edit {number}"
            if verdict is not None and verdict.good:
                good, kept = good + 1, set(active)
            elif verdict is not None:
                bad, active = bad + 1, set(kept)
                back = saved(app, folder, active)
                assert back is None or back.good, "what was there before is what runs"
    assert good > bad > 0
