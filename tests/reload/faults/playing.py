"""A small game with a module in every room, and the means to edit it while it runs in this process.

Each file holds a function that runs every tick and says which `EDITION` of it does, outside of what the hash covers:
so a good edit is seen without changing the world, and the hash is that of an unedited run however often one edits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import App
from engine.reload.containment import Patience
from engine.reload.saves import stage_now
from engine.reload.transaction import Verdict

CORE = '''"""Masses, what is known of them, and how they are weighed."""

import numpy as np

from engine import component, event, f32, field, i64, resource, u32

EDITION = 1
# top


@component
class Mass:
    x: f32 = 0.0
    v: f32 = 0.0
    kind: u32 = 0


@event
class Ping:
    count: i64


@resource
class Tally:
    count: int = 0
    heard: int = 0


@resource(transient=True)
class Editions:
    """Which edition of each file ran last."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}


def weigh(values, tick):
    """Return values a little lighter."""
    # body
    return values * np.float32(0.999)


def edition():
    return EDITION
'''

SYSTEM = '''"""Pulls masses down."""

from engine import Mut, Query, Update, system
from modules.core.clockwork import Editions, Mass, edition, weigh
from modules.core.time import Time

EDITION = 1
# top


@system(Update)
def pull(masses: Query[Mut[Mass]], time: Time, editions: Mut[Editions]) -> None:
    """Let everything fall."""
    tick = int(time.tick)
    editions.seen["core"] = edition()
    editions.seen["system"] = EDITION
    # body
    for mass in masses:
        mass.v -= 0.5 * time.dt
        mass.x += mass.v
        mass.x = weigh(mass.x, tick)
'''

PLUGIN = '''"""Shakes masses by chance."""

from engine import Commands, Entity, Mut, Query, Random, Send, Update, system
from modules.core.clockwork import Editions, Mass, Ping
from modules.core.time import Time

EDITION = 1
# top


@system(Update)
def shake(
    masses: Query[Entity, Mut[Mass]], random: Random, time: Time, commands: Commands, pings: Send[Ping],
    editions: Mut[Editions],
) -> None:
    """Push every mass, now and then let one go and another come."""
    tick = int(time.tick)
    editions.seen["plugin"] = EDITION
    # body
    for entity, mass in masses:
        mass.v += random.normal(0.0, 0.1, mass.v.size)
        if tick % 7 == 0:
            commands.despawn(entity[:1])
            commands.spawn(Mass(x=float(tick)))
    pings.send(count=tick)
'''

APP = '''"""The game: begins it, counts, paints and answers."""

from engine import (
    Commands, Entity, Events, Mut, PostUpdate, PreUpdate, Query, Render, Shutdown, Startup, Update, World, handler,
    system,
)
from modules.core.clockwork import Editions, Mass, Ping, Tally
from modules.core.time import Time

EDITION = 1
LOG: list[int] = []
# top


@system(Startup)
def populate(commands: Commands) -> None:
    commands.spawn(Mass(), count=20)
    commands.spawn(Mass(kind=1), count=5)


@system(PreUpdate)
def prepare(time: Time, tally: Mut[Tally]) -> None:
    tick = int(time.tick)
    # preupdate
    tally.count += 1


def busy(time: Time) -> bool:
    tick = int(time.tick)
    # condition
    return tick % 2 == 0


@system(Update, when=busy)
def listen(pings: Events[Ping], tally: Mut[Tally]) -> None:
    for ping in pings:
        tally.heard += int(ping.count.sum())


@system(Update)
def play(
    masses: Query[Entity, Mut[Mass]], time: Time, tally: Mut[Tally], editions: Mut[Editions], commands: Commands,
    world: World,
) -> None:
    tick = int(time.tick)
    editions.seen["app"] = EDITION
    # body
    for entity, mass in masses:
        mass.kind = mass.kind ^ 1


@system(PostUpdate)
def settle(time: Time) -> None:
    tick = int(time.tick)
    # postupdate


@system(Render)
def paint(masses: Query[Mass], time: Time) -> None:
    tick = int(time.tick)
    # render


@handler("clock.ask")
def ask(number: int) -> int:
    # handler
    return number + 1


@system(Shutdown)
def end(tally: Mut[Tally]) -> None:
    # shutdown
    pass
'''

TOML = {
    "core": 'version = "1.0.0"\nsummary = "masses"\n',
    "system": 'version = "1.0.0"\nimplements = ["core.clockwork~=1.0"]\nrequires = ["core.time~=1.0"]\n',
    "plugin": 'version = "1.0.0"\nrequires = ["core.clockwork~=1.0", "core.time~=1.0"]\n',
    "app": 'version = "1.0.0"\nrequires = ["core.clockwork~=1.0", "core.time~=1.0", "plugins.shaker~=1.0"]\n',
}
SOURCES = {"core": CORE, "system": SYSTEM, "plugin": PLUGIN, "app": APP}
PLACES = {
    "core": "modules/core/clockwork",
    "system": "modules/systems/gravity",
    "plugin": "modules/plugins/shaker",
    "app": ".",
}
ROLES = tuple(SOURCES)


def write_game(folder: Path) -> Path:
    """Write the game's files and return its folder."""
    for role, place in PLACES.items():
        home = folder / place
        home.mkdir(parents=True, exist_ok=True)
        (home / "module.toml").write_text(TOML[role])
        (home / "__init__.py").write_text(SOURCES[role])
    return folder


def inject(role: str, code: str, marker: str = "body") -> str:
    """Return a role's source with lines put in the place of a marker, as deep as it."""
    source = SOURCES[role]
    for line in source.splitlines():
        if line.strip() == f"# {marker}":
            indent = line[: len(line) - len(line.lstrip())]
            lines = [indent + one if one else "" for one in code.strip("\n").split("\n")]
            return source.replace(line, "\n".join(lines), 1)
    raise AssertionError(f"{role} has no {marker}")


def line_of(source: str | bytes, mark: str = "# here") -> int | None:
    """Return the number of the line that is marked as the one at fault."""
    text = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
    for number, line in enumerate(text.splitlines(), 1):
        if mark in line:
            return number
    return None


@dataclass
class Playing:
    """A headless app of the game whose files one edits: nothing is watched, `save` submits at once."""

    folder: Path
    seed: int = 3
    drawn: bool = False
    app: App = field(init=False)
    edition: int = 1

    def __post_init__(self) -> None:
        self.app = App(self.folder, headless=True, seed=self.seed, reload=False)

    def __enter__(self) -> Playing:
        return self

    def __exit__(self, *exc: object) -> None:
        self.app.close()

    def impatient(self) -> None:
        """Let deadlines pass quickly."""
        self.app.simulation.deadline.patience = Patience(0.06, 0.06, 0.15, 0.01)

    def path(self, role: str, name: str = "__init__.py") -> Path:
        """Return the path of a role's file."""
        return (self.folder / PLACES[role] / name).resolve()

    def save(self, role: str, content: str | bytes, name: str = "__init__.py") -> Verdict | None:
        """Write a file and submit it."""
        path = self.path(role, name)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.submit(path)

    def submit(self, *paths: Path) -> Verdict | None:
        """Submit files as they are on the disk."""
        return self.app.submit([stage_now(self.app.code, path) for path in paths])

    def fix(self, role: str) -> Verdict | None:
        """Save the good source of a role as a further edition."""
        self.edition += 1
        return self.save(role, SOURCES[role].replace("EDITION = 1", f"EDITION = {self.edition}"))

    def step(self, ticks: int = 1) -> None:
        """Run ticks, drawing after each if the game is looked at."""
        for _ in range(ticks):
            self.app.step()
            if self.drawn:
                self.app.simulation.draw()

    @property
    def tick(self) -> int:
        return self.app.world.tick

    @property
    def hash(self) -> str:
        return self.app.world.hash()

    def runs(self, role: str) -> int | None:
        """Return the edition of a role's file that ran in the last tick."""
        name = "core.clockwork.Editions"
        for cls, value in self.app.world.transients():
            if cls.__qualname__ == "Editions":
                return dict(value.seen).get(role)
        raise AssertionError(name)

    @property
    def paused(self) -> list[str]:
        return [system.name for system in self.app.schedule.everything() if system.fault is not None]

    def errors(self) -> list[dict[str, Any]]:
        """Return what the overlay shows."""
        return self.app.overlay.errors


class Unedited:
    """The game when nobody edits it."""

    def __init__(self, folder: Path) -> None:
        self.folder = write_game(folder)

    def through(self, ticks: int) -> list[str]:
        """Return the hash at every tick up to one."""
        with Playing(self.folder) as playing:
            hashes = [playing.hash]
            for _ in range(ticks):
                playing.step()
                hashes.append(playing.hash)
        return hashes
