"""Whether a window could be seen here, found out without opening one.

SDL cannot be asked: without a display it succeeds, on a driver that draws where nobody looks.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Mapping

UNSEEN = frozenset({"dummy", "offscreen", "evdev"})
PATIENCE = 1.0


def missing_display(environ: Mapping[str, str] | None = None, platform: str = sys.platform) -> str | None:
    """Return in a few words why no window can be seen, or None where one can."""
    environ = os.environ if environ is None else environ
    named = environ.get("SDL_VIDEODRIVER") or environ.get("SDL_VIDEO_DRIVER") or ""
    drivers = {driver.strip().lower() for driver in named.split(",") if driver.strip()}
    if drivers and drivers <= UNSEEN:
        return f"SDL_VIDEODRIVER is {named}"
    # Windows and macOS always have a desktop; "kmsdrm" and its like need none and were asked for by name.
    if platform in ("win32", "cygwin", "darwin") or (drivers and not drivers & {"x11", "wayland"}):
        return None
    if _wayland(environ) or _x11(environ.get("DISPLAY", "")):
        return None
    if not environ.get("DISPLAY") and not environ.get("WAYLAND_DISPLAY"):
        return "neither DISPLAY nor WAYLAND_DISPLAY is set"
    return "no display answers at DISPLAY or WAYLAND_DISPLAY"


def _wayland(environ: Mapping[str, str]) -> bool:
    """Tell whether a Wayland compositor answers; `wayland-0` is tried when none is named, as its clients do."""
    name = environ.get("WAYLAND_DISPLAY") or "wayland-0"
    folder = environ.get("XDG_RUNTIME_DIR")
    if not os.path.isabs(name) and not folder:
        return False
    return _answers_at(os.path.join(folder or "", name))


def _x11(display: str) -> bool:
    """Tell whether the X server of a `[host]:number[.screen]` answers."""
    found = re.fullmatch(r"(?:\w+/)?(.*):(\d+)(?:\.\d+)?", display)
    if not found:
        return False
    host, number = found[1], int(found[2])
    if host not in ("", "unix"):
        return _answers(socket.AF_INET, (host, 6000 + number))
    path = f"/tmp/.X11-unix/X{number}"
    return _answers_at("\0" + path) or _answers_at(path)


def _answers_at(path: str) -> bool:
    """Tell whether somebody listens on a Unix socket."""
    family: int | None = getattr(socket, "AF_UNIX", None)
    return family is not None and _answers(family, path)


def _answers(family: int, address: str | tuple[str, int]) -> bool:
    try:
        with socket.socket(family) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(address)
    except (OSError, ValueError, OverflowError):
        return False
    return True
