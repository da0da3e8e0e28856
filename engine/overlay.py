"""What a person sees over the picture: toasts, the error, the debug panel. Plain data, drawn by the window."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from engine.reload.explain import source_around
from engine.reload.transaction import Verdict

TOAST_SECONDS = {"ok": 2.5, "bad": 5.0, "info": 2.5}
MOST_TOASTS = 4


@dataclass
class Toast:
    """One line that is shown for a while. `kind` is ok, bad or info; times are seconds of `time.monotonic`."""

    text: str
    kind: str
    born: float

    @property
    def life(self) -> float:
        """How long it stays."""
        return TOAST_SECONDS[self.kind]


@dataclass
class Overlay:
    """The state of the overlay of one app, and how it is told to the window."""

    toasts: deque[Toast] = field(default_factory=lambda: deque(maxlen=MOST_TOASTS))
    errors: list[dict[str, Any]] = field(default_factory=list)
    show_debug: bool = False

    def toast(self, text: str, kind: str = "info") -> None:
        """Show a line for a while."""
        self.toasts.append(Toast(text, kind, monotonic()))

    def verdict(self, verdict: Verdict, names: list[str]) -> None:
        """Show what became of a reload; `names` are the modules it touched."""
        what = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        if verdict.outcome == "current":
            self.toast(f"reloaded {what}, {verdict.stage_ms + verdict.commit_ms:.0f} ms", "ok")
        elif verdict.outcome in ("refused", "rolled back"):
            self.toast(f"{verdict.outcome}: {what}", "bad")

    def data(self, *, paused: bool, debug: dict[str, Any] | None, hint: str | None = None) -> dict[str, Any]:
        """Return the overlay as `core.window.present` takes it."""
        now = monotonic()
        while self.toasts and now - self.toasts[0].born > self.toasts[0].life:
            self.toasts.popleft()
        toasts = [{"text": t.text, "kind": t.kind, "age": now - t.born, "life": t.life} for t in self.toasts]
        error = dict(self.errors[0], more=len(self.errors) - 1) if self.errors else None
        return {"toasts": toasts, "error": error, "debug": debug, "paused": paused, "hint": hint}

    def error_text(self) -> str:
        """Return what the error panel says, as text to copy; empty if there is no error."""
        return "\n\n".join(
            f"{e['title']}\n{e['file']}:{e['line']}\n{e['message']}\n({e['state']})" for e in self.errors
        )


def error_panel(
    title: str, file: str | None, line: int | None, message: str, state: str, *, saved: bool = False
) -> dict[str, Any]:
    """Return one error as the overlay shows it, with the source around the place: as it runs, or as `saved`."""
    source = [[number, text] for number, text in source_around(file, line, saved=saved)]
    return {
        "title": title,
        "file": shorten(file),
        "line": line or 0,
        "source": source,
        "message": message,
        "state": state,
    }


def shorten(file: str | None) -> str:
    """Return a path as a person reads it: relative to the working folder if it lies there."""
    if file is None:
        return ""
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except ValueError:
        return file
