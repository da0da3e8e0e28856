"""The page of controls: which key does what, and choosing another one."""

from __future__ import annotations

import re

from engine import Mut, PreUpdate, system
from modules.core.input import Actions, Gamepads, Keyboard, Pointer

from .menu import Menu

NAMES = {"return": "Enter", "left": "\u2190", "right": "\u2192", "up": "\u2191", "down": "\u2193"}
PAD_NAMES = {"leftx": "stick", "lefty": "stick", "rightx": "right stick", "righty": "right stick"}
STICK = 0.6
AXES = ("leftx", "lefty", "rightx", "righty", "l2", "r2")
WAYS = {  # which control tells where the two ways of an action lead, and what they are called
    ("right", "leftx", "rightx"): ("right", "left"),
    ("down", "lefty", "righty"): ("down", "up"),
}


def on_controls(menu: Menu) -> bool:
    """Tell whether the page is open."""
    return menu.at("controls")


@system(PreUpdate, when=on_controls)
def controls(menu: Mut[Menu], actions: Mut[Actions], keyboard: Keyboard, pointer: Pointer, pads: Gamepads) -> None:
    """Draw the page, and bind what is pressed while an action listens."""
    if menu.listening:
        _listen(menu, actions, keyboard, pointer, pads)
    menu.title("Controls", veil=True)
    for row, (action, sign) in rows(actions).items():
        bound = [shown(binding) for binding in actions.bindings[action] if _sign(binding) == sign]
        value = "press a key \u2026" if menu.listening == row else ", ".join(dict.fromkeys(bound))
        if menu.button(row, value, key=row) and not menu.listening:
            menu.listening = row
    if menu.button("As they were"):
        for action in actions.defaults:
            actions.rebind(action)
    menu.back()


def rows(actions: Actions) -> dict[str, tuple[str, str]]:
    """Return by the words of a row its action and sign; an action that goes two ways has a row for each."""
    found = {}
    for action, bindings in actions.defaults.items():
        signs = {_sign(binding) for binding in bindings if binding.rpartition(":")[2] not in AXES}
        for sign in sorted(signs):
            words = action if len(signs) == 1 else f"{re.sub('_[xy]$', '', action)} {_ways(bindings)[sign == '-']}"
            found[words.replace("_", " ").capitalize()] = (action, sign)
    return found


def _ways(bindings: list[str]) -> tuple[str, str]:
    """Return what the two ways of an action are called, that of its plain bindings first."""
    controls = {binding.rpartition(":")[2] for binding in bindings if not _sign(binding)}
    return next((words for known, words in WAYS.items() if controls.intersection(known)), ("+", "\u2212"))


def shown(binding: str) -> str:
    """Return a binding as a person reads it."""
    device, _, control = binding.removeprefix("-").partition(":")
    if device == "key":
        return NAMES.get(control, control.capitalize())
    if device == "mouse":
        return f"{control} button"
    plain = control.upper() if len(control) <= 2 else control.capitalize()
    return f"pad {PAD_NAMES.get(control.rstrip('+-'), NAMES.get(control, plain))}"


def _listen(menu: Menu, actions: Actions, keyboard: Keyboard, pointer: Pointer, pads: Gamepads) -> None:
    """Give what was pressed in this tick to the action that listens, in place of what that device did for it.

    Escape lets it keep what it has.
    """
    pressed = [f"key:{key}" for key in keyboard.pressed] + [f"mouse:{button}" for button in pointer.pressed]
    pressed += [f"pad:{button}" for pad in pads for button in pad.pressed]
    pressed += [f"pad:{axis}{'+' if pads.axis(axis) > 0 else '-'}" for axis in AXES if abs(pads.axis(axis)) > STICK]
    if keyboard.hit("escape"):
        menu.listening = ""
    if not pressed or menu.listening not in rows(actions):
        return
    action, sign = rows(actions)[menu.listening]
    device = pressed[0].partition(":")[0]
    kept = [binding for binding in actions.bindings[action] if not _replaced(binding, sign, device)]
    actions.rebind(action, *kept, sign + pressed[0])
    menu.listening = ""


def _replaced(binding: str, sign: str, device: str) -> bool:
    """Tell whether a binding gives way to another of the device; a whole axis, which goes both ways, stays."""
    known, _, control = binding.removeprefix("-").partition(":")
    return known == device and _sign(binding) == sign and control not in AXES


def _sign(binding: str) -> str:
    return "-" if binding.startswith("-") else ""
