"""The slots: files in a folder, each with a picture and a note of when it was saved."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from engine import Bus, Events, Mut, Render, Startup, field, resource, system
from modules.core.assets import Assets
from modules.core.audio import Volume
from modules.core.input import Actions
from modules.core.saves import LoadGame, SaveGame
from modules.core.window import Window
from modules.plugins.screens import Menu, Scores

from .kept import as_kept, put_back

PICTURE_WIDTH = 320
COUNT = 5


@dataclass
class Slot:
    """One saved game: when it was saved, and at which tick."""

    when: str
    tick: int


@resource(transient=True)
class Slots:
    """Know the folder of this game and the slots in it; `kept` is what was written of the settings last.

    `settings` are those of before a load, to be put back after it.
    """

    folder: Path | None = None
    rows: dict[int, Slot] = field(factory=dict)
    kept: dict[str, Any] = field(factory=dict)
    settings: dict[str, Any] = field(factory=dict)

    def path(self, slot: int, suffix: str) -> Path:
        """Return a file of a slot."""
        assert self.folder is not None, "there is a folder"
        return self.folder / f"slot_{slot}{suffix}"

    def look(self) -> None:
        """Look which slots there are."""
        self.rows = {}
        for number in range(1, COUNT + 1) if self.folder is not None else ():
            with suppress(OSError, ValueError, KeyError, TypeError):
                if self.path(number, ".save").is_file():
                    note = json.loads(self.path(number, ".json").read_text(encoding="utf-8"))
                    self.rows[number] = Slot(str(note["when"]), int(note["tick"]))

    def clear(self, slot: int) -> None:
        """Delete a slot."""
        for suffix in (".save", ".png", ".json"):
            with suppress(OSError):
                self.path(slot, suffix).unlink()
        self.look()


def picture_name(slot: int) -> str:
    """Return the name by which sprites know a slot's picture."""
    return f"saves/slot_{slot}.png"


@system(Startup)
def recall(
    slots: Mut[Slots], bus: Bus, volume: Mut[Volume], window: Mut[Window], actions: Mut[Actions], scores: Mut[Scores]
) -> None:
    """Find the folder, and take over the settings and scores of earlier runs."""
    found = bus.call("core.saves.folder", game=bus.call("core.app.status")["game"])
    slots.folder = Path(found) if found is not None else None
    if slots.folder is not None:
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            slots.kept = json.loads((slots.folder / "settings.json").read_text(encoding="utf-8"))
            put_back(slots.kept, volume, window, actions, scores)
        slots.look()


@system(Render)
def carry_out(
    saves: Events[SaveGame],
    loads: Events[LoadGame],
    slots: Mut[Slots],
    bus: Bus,
    volume: Volume,
    window: Window,
    actions: Actions,
    scores: Scores,
) -> None:
    """Write and read what was asked for since the last frame."""
    for step in saves:
        for slot in step.slot.tolist() if slots.folder is not None else ():
            _save(slots, slot, bus)
    for wanted in loads:
        slot = int(wanted.slot[-1]) if len(wanted.slot) else 0
        if slots.folder is not None and slots.path(slot, ".save").is_file():
            slots.settings = as_kept(volume, window, actions, scores)
            bus.call("core.app.load", path=str(slots.path(slot, ".save")))


def _save(slots: Slots, slot: int, bus: Bus) -> None:
    assert slots.folder is not None
    slots.folder.mkdir(parents=True, exist_ok=True)
    tick = bus.call("core.app.save", path=str(slots.path(slot, ".save")))
    bus.call("core.render.save", path=str(slots.path(slot, ".png")), width=PICTURE_WIDTH)
    note = {"when": datetime.now().isoformat(" ", "minutes"), "tick": tick}
    slots.path(slot, ".json").write_text(json.dumps(note), encoding="utf-8")
    slots.look()


@system(Render)
def remember(slots: Mut[Slots], menu: Menu, volume: Volume, window: Window, actions: Actions, scores: Scores) -> None:
    """Keep settings and scores once they have changed and nobody is changing them."""
    if slots.folder is None or menu.dragged or menu.pages:
        return
    now = as_kept(volume, window, actions, scores)
    if now != slots.kept:
        slots.kept = now
        with suppress(OSError):
            slots.folder.mkdir(parents=True, exist_ok=True)
            new = slots.folder / "settings.json.new"
            new.write_text(json.dumps(now), encoding="utf-8")
            os.replace(new, slots.folder / "settings.json")


@system(Render)
def lend_pictures(slots: Slots, assets: Mut[Assets]) -> None:
    """Give each slot's picture a name among the assets: the folder of the saves is none of them."""
    for slot in slots.rows:
        path = slots.path(slot, ".png")
        with suppress(OSError):
            assets.versions[path] = path.stat().st_mtime_ns
            assets.files[picture_name(slot)] = path
