"""The menu: what a game says of it in this tick, and what the person does with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as data_field

from engine import field, resource

__all__ = ["Item", "Menu"]

LETTERS = " ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
"""What a gamepad can write, in the order in which left and right go through it."""


@dataclass
class Item:
    """One row of a menu: a widget of some `kind` with its text and, as the kind needs it, a value or a share of 1."""

    kind: str
    key: str
    text: str
    value: str = ""
    share: float = 0.0
    size: float = 1.0
    cells: list[str] = data_field(default_factory=list)


@resource
class Menu:
    """Say what the menu is: take `menu: Mut[Menu]` and call its widgets in every tick in which they are to be there.

    What the person does is in `active`, the key of the widget that was pressed in this tick, `nudge`, -1 or 1 for
    left or right, `typed` and `erased`, `dragged` with `share`, and `cancelled`. `focus` remembers for each heading
    the key of the widget that has the focus. `pages` are the ready-made pages that lie open, the uppermost last;
    while there are any, the widgets of the game's own screens are `covered`: they do nothing. `listening` is the
    action that gets the next key. `places` keeps where the widgets lie: left, top, right, bottom. For
    `hidden` ticks nothing of all this is drawn.
    """

    heading: str = ""
    items: list[Item] = field(factory=list)
    pages: list[str] = field(factory=list)
    covered: bool = False
    veiled: bool = False
    hidden: int = 0
    paused: bool = False
    pause_asked: bool = False
    listening: str = ""
    focus: dict[str, str] = field(factory=dict)
    places: dict[str, list[float]] = field(factory=dict)
    tracks: dict[str, list[float]] = field(factory=dict)
    active: str = ""
    nudge: int = 0
    typed: str = ""
    erased: bool = False
    cancelled: bool = False
    dragged: str = ""
    share: float = 0.0
    wait: float = 0.0
    repeats: int = 0
    seconds: float = 0.0

    # ------------------------------------------------------------------ widgets

    def title(self, text: str, *, veil: bool = False) -> None:
        """Write the heading; with a `veil` what lies below the menu is dimmed."""
        if not self.covered:
            self.heading, self.veiled = text, veil

    def label(self, text: str, size: float = 1.0) -> None:
        """Write a line, `size` times as large as usual."""
        self._put(Item("label", "", text, size=size))

    def space(self, rows: float = 0.5) -> None:
        """Leave some rows of room."""
        self._put(Item("space", "", "", size=rows))

    def table(self, *rows: Sequence[object]) -> None:
        """Write rows of a table in even columns, the first to the left, the others to the right."""
        for row in rows:
            self._put(Item("table", "", "", cells=[str(cell) for cell in row]))

    def picture(self, image: str, w: float, h: float) -> None:
        """Show an image of this size in pixels."""
        self._put(Item("picture", "", image, share=w, size=h))

    def button(self, text: str, value: str = "", *, key: str = "") -> bool:
        """Offer a button, `value` to its right; return True in the tick in which it is pressed.

        `key` tells it apart where its text changes.
        """
        key = self._put(Item("button", key or text, text, value))
        return key != "" and self.active == key

    def link(self, text: str, page: str) -> None:
        """Offer a button that opens a page."""
        if self.button(text):
            self.open(page)

    def toggle(self, text: str, on: bool) -> bool:
        """Offer a switch; return how it stands."""
        key = self._put(Item("toggle", text, text))
        if key and (self.active == key or (self.nudge and self.has_focus(key))):
            on = not on
        if key:
            self.items[-1].share = float(on)
        return on

    def slider(self, text: str, value: float, low: float = 0.0, high: float = 1.0, step: float = 0.05) -> float:
        """Offer a slider; return its value, a whole number of steps from `low`."""
        key = self._put(Item("slider", text, text))
        if key == "":
            return value
        changed = value
        if self.dragged == key:
            changed = low + (high - low) * self.share
        elif self.has_focus(key):
            changed = value + self.nudge * step
        if changed != value:
            value = min(high, max(low, low + round((changed - low) / step) * step))
        self.items[-1].share = (value - low) / (high - low) if high > low else 0.0
        self.items[-1].value = f"{value:.0%}" if (low, high) == (0.0, 1.0) else f"{value:g}"
        return value

    def choice(self, text: str, options: Sequence[str], chosen: str) -> str:
        """Offer one of several; return the one that is chosen."""
        key = self._put(Item("choice", text, text, chosen))
        if key and options:
            way = 1 if self.active == key else self.nudge if self.has_focus(key) else 0
            at = options.index(chosen) if chosen in options else 0
            chosen = options[(at + way) % len(options)]
            self.items[-1].value = chosen
        return chosen

    def entry(self, text: str, value: str, most: int = 10) -> str:
        """Offer a line to type in; return what it holds, at most so many characters.

        With a gamepad left and right go through the letters and the select button adds one.
        """
        key = self._put(Item("entry", text, text, value))
        if key and self.has_focus(key):
            value = value[:-1] if self.erased else value
            value += "".join(letter for letter in self.typed if letter.isprintable())
            if self.active == key and len(value) < most:
                value += LETTERS[1]
            if self.nudge:
                at = LETTERS.find(value[-1:].upper() or " ")
                value = value[:-1] + LETTERS[(max(0, at) + self.nudge) % len(LETTERS)]
            value = value[:most]
            self.items[-1].value = value
        return value

    def pause(self, leave: str = "Leave", links: Sequence[tuple[str, str]] = ()) -> bool:
        """Bring up the pause menu when it is asked for; return True in the tick in which the person wants to leave.

        Call it in every tick of play. `links` are further pages, each with its text. `Pause.on` holds while the menu
        is there.
        """
        if self.pause_asked or (self.paused and self.cancelled and not self.covered):
            self.paused = not self.paused
        if not self.paused:
            return False
        self.title("Paused", veil=True)
        goes_on = self.button("Go on")
        for text, page in (*links, ("Settings", "settings")):
            self.link(text, page)
        leaves = self.button(leave)
        self.paused = not (goes_on or leaves)
        return leaves

    # ------------------------------------------------------------------ pages

    def open(self, page: str) -> None:
        """Open a ready-made page over the present screen, from the next tick on."""
        self.pages = [*self.pages, page]

    def at(self, page: str) -> bool:
        """Tell whether a page is the one to be drawn; for systems of PreUpdate that draw pages."""
        return self.pages[-1:] == [page] and not self.items

    def back(self, text: str = "Back") -> bool:
        """Offer the way back from a page, and go it when it is taken or the person cancels; return True then."""
        if self.button(text) or (self.cancelled and not self.covered):
            self.pages, self.cancelled = self.pages[:-1], False
            return True
        return False

    # ------------------------------------------------------------------ what the above is made of

    def has_focus(self, key: str) -> bool:
        """Tell whether the widget of this key has the focus."""
        return key != "" and self.focus.get(self.heading) == key

    def keys(self) -> list[str]:
        """Return the keys of the widgets that can have the focus, from top to bottom."""
        return [item.key for item in self.items if item.key]

    def _put(self, item: Item) -> str:
        """Add a row and return its key, made unique; return nothing while covered."""
        if self.covered:
            return ""
        known, key, count = self.keys(), item.key, 1
        while item.key in known and key:
            count += 1
            item.key = f"{key} {count}"
        self.items.append(item)
        return item.key
