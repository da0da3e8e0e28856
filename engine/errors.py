"""The exceptions of the engine, each telling what, where, why, the remedy and the state that is left."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class HotloopError(Exception):
    """Base of every error the engine raises on purpose.

    The text reads `where: what: why; remedy (state)`, with the parts that were given. Keyword arguments beyond
    these become attributes, so that a tool can use the objects instead of parsing the text.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        why: str | None = None,
        remedy: str | None = None,
        state: str | None = None,
        **objects: Any,
    ) -> None:
        self.what, self.where, self.why, self.remedy, self.state = what, where, why, remedy, state
        self.__dict__.update(objects)
        super().__init__(self._text())

    def _text(self) -> str:
        text = self.what if self.where is None else f"{self.where}: {self.what}"
        if self.why:
            text += f": {self.why}"
        if self.remedy:
            text += f"; {self.remedy}"
        if self.state:
            text += f" ({self.state})"
        return text


class ComponentError(HotloopError):
    """A component, event or resource is declared or used wrongly."""


class EntityError(HotloopError):
    """An entity is dead, or not what the call needs."""


class QueryError(HotloopError):
    """A query or another parameter of a system cannot be bound."""


class SnapshotError(HotloopError):
    """A snapshot cannot be read or restored; the world is as it was."""


class KernelError(HotloopError):
    """A kernel is declared or called wrongly."""


class ScheduleError(HotloopError):
    """A system cannot take its place in the schedule."""


class ManifestError(HotloopError):
    """A `module.toml` or a module's folder is not what it should be."""


class ResolveError(HotloopError):
    """The requirements of the modules cannot be met together."""


class BusError(HotloopError):
    """A message has no handler, or its arguments do not fit."""


class ReloadError(HotloopError):
    """An edit is refused; code and world are as before.

    `path` and `line` name the place, `cause` is the exception behind it, if there is one.
    """

    path: Any = None
    line: int | None = None
    cause: BaseException | None = None


class MigrationError(ReloadError):
    """Rows cannot be carried to a new schema without loss; nothing was changed."""


class GameError(HotloopError):
    """A game cannot be found or started."""


class DeadlineError(BaseException):
    """A system ran past its deadline. Not an `Exception`: a system's own `except Exception` shall not swallow it."""


LONGEST_TEXT = 500
"""Characters of an exception's own message that are shown."""


def describe(error: BaseException) -> str:
    """Return an exception as `ValueError: its message`, whatever its `__str__` does, cut if it is long.

    One of the engine's own is returned as it is; an attribute that is missing comes with the one that was meant.
    """
    kind = type(error).__name__
    try:
        text = str(error)
    except Exception as broken:
        text = f"its message cannot be shown, __str__ raised {type(broken).__name__}"
    if isinstance(error, HotloopError):
        return text  # it may end in code to paste
    text = f"{kind}: {text}" if text else kind
    text = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}..."
    guess = _meant(error) if isinstance(error, AttributeError) else ""
    return f"{text}; {guess}" if guess else text


def _meant(error: AttributeError) -> str:
    """Return `did you mean 'x'?` for an attribute that an object does not have."""
    if not error.name:
        return ""
    try:
        known = dir(error.obj)
    except Exception:  # an object's own `__dir__` may do as it likes
        return ""
    return did_you_mean(error.name, [name for name in known if error.name.startswith("_") or not name.startswith("_")])


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `did you mean 'x'?` for the nearest of the known words, or an empty string."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else ""
