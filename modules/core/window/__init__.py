"""The window a game asks for.

An implementation answers these messages: `core.window.usable()` says why no window can be opened, or nothing;
`core.window.poll()` returns the raw events since the last call (see `core.input`, and `["host", name]` for
the program itself: quit, escape, f1, f2, f3, f5, copy, and about time f4, shift f4, f4 up, f6, f7, and
scrub with a share of the bar); `core.window.present(overlay)` shows the picture that
`core.render` drew, with the overlay on top. Where the process may be executed anew while a game runs,
`core.window.place()` tells where the window lies and which keys are held in it, as JSON-able data or None, and
`core.window.put(place)` makes the next window open there.
"""

from __future__ import annotations

from engine import resource

__all__ = ["Window"]


@resource
class Window:
    """Say what the window should be like.

    `width` and `height` are the size it opens with, 0 for one that suits screen and canvas; a person may resize it,
    and the canvas is scaled to fit. `title` is the game's name where it is empty. `icon` is an image asset.
    """

    title: str = ""
    width: int = 0
    height: int = 0
    fullscreen: bool = False
    cursor: bool = True
    icon: str = ""
