"""The pages of saved games: all slots, and one of them with its picture."""

from __future__ import annotations

from engine import Mut, PreUpdate, Send, handler, system
from modules.core.audio import Volume
from modules.core.input import Actions, Fingers, Gamepads, Keyboard, Pointer
from modules.core.saves import LoadGame, SaveGame
from modules.core.window import Window
from modules.plugins.screens import Menu, Scores

from .kept import put_back
from .slots import COUNT, PICTURE_WIDTH, Slots, picture_name

BARE = 8
"""Ticks in which the menu is out of sight, so that the picture shows the game: more than a late frame catches up."""


@system(PreUpdate)
def list_slots(menu: Mut[Menu], slots: Slots) -> None:
    """Draw the page of all slots."""
    if not menu.at("saves"):
        return
    menu.title("Saved games", veil=True)
    if slots.folder is None:
        menu.label("Nothing is kept here.")
    for slot in range(1, COUNT + 1) if slots.folder is not None else ():
        saved = slots.rows.get(slot)
        if menu.button(f"Slot {slot}", saved.when if saved else "empty") and (saved or menu.paused):
            menu.open(f"saves {slot}")
    menu.back()


@system(PreUpdate)
def show_slot(menu: Mut[Menu], slots: Mut[Slots], save: Send[SaveGame], load: Send[LoadGame]) -> None:
    """Draw the page of one slot: its picture, and what can be done with it."""
    slot = next((number for number in range(1, COUNT + 1) if menu.at(f"saves {number}")), 0)
    if not slot:
        return
    saved = slots.rows.get(slot)
    menu.title(f"Slot {slot}", veil=True)
    if saved:
        menu.picture(picture_name(slot), PICTURE_WIDTH, PICTURE_WIDTH * 9 / 16)
        menu.label(saved.when)
        if menu.button("Load"):
            load.send(slot=slot)
    if menu.paused and menu.button("Save here"):
        menu.hidden = BARE
        menu.pages = menu.pages[:-1]
        save.send(slot=slot)
    if saved:
        menu.link("Delete", f"delete {slot}")
    menu.back()


@system(PreUpdate)
def ask_to_delete(menu: Mut[Menu], slots: Mut[Slots]) -> None:
    """Draw the page that asks whether a slot is to be deleted; what is asked first is to keep it."""
    slot = next((number for number in slots.rows if menu.at(f"delete {number}")), 0)
    if not slot:
        return
    menu.title(f"Delete slot {slot}?", veil=True)
    menu.label(slots.rows[slot].when)
    if not menu.back("Keep it") and menu.button("Delete for good"):
        menu.pages = menu.pages[:-1]
        slots.clear(slot)


@handler("core.app.loaded")
def loaded(
    slots: Mut[Slots],
    menu: Mut[Menu],
    keyboard: Mut[Keyboard],
    pointer: Mut[Pointer],
    fingers: Mut[Fingers],
    pads: Mut[Gamepads],
    volume: Mut[Volume],
    window: Mut[Window],
    actions: Mut[Actions],
    scores: Mut[Scores],
) -> None:
    """Go on at once after a load: with the settings of before, and nothing pressed that was when it was saved."""
    menu.pages, menu.paused, menu.items = [], False, []
    keyboard.down, pointer.down, fingers.down = [], [], []
    for pad in pads:
        pad.down, pad.axes = [], {}
    if slots.settings:
        put_back(slots.settings, volume, window, actions, scores)
