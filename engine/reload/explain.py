"""Say what went wrong with an edit or a start, and where: for verdicts, the overlay and the log."""

from __future__ import annotations

import linecache
import re
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

from engine.errors import DeadlineError, HotloopError, describe
from engine.reload.declared import line_of_field
from engine.reload.hints import hint_for
from engine.reload.loader import Code
from engine.schedule import SystemFault

_PLACE = re.compile(r"(.+\.(?:py|toml))(?::(\d+))?", re.DOTALL)
_REFUSED = "not reloaded"


@dataclass(frozen=True)
class Explanation:
    """What went wrong: `text` is everything in one line, `said` what and why without the place, then the remedy."""

    text: str
    said: str
    file: str | None
    line: int | None


def explain(error: BaseException, code: Code) -> Explanation:
    """Explain an error that kept code from being loaded, scanned, bound or migrated."""
    file, line = locate(error, code)
    text = describe(error)
    if not isinstance(error, HotloopError):
        return Explanation(text, text, file, line)
    said = error.why or error.what
    if error.why and error.what != _REFUSED:
        said = f"{error.what}: {error.why}"
    if error.where and not _PLACE.fullmatch(error.where):
        said = f"{error.where}: {said}"
    remedy = error.remedy
    if remedy:
        # Code to paste ends in a line's end.
        said += f"\n{remedy[0].upper()}{remedy[1:]}" + ("" if remedy.endswith("\n") else ".")
    return Explanation(text, said, file, line)


def locate(error: BaseException, code: Code) -> tuple[str | None, int | None]:
    """Return file and line of an error, and keep them with it: undoing the edit takes away what tells them."""
    if not hasattr(error, "located"):
        error.__dict__["located"] = _place(error, code)
    return error.__dict__["located"]  # type: ignore[no-any-return]


def _place(error: BaseException, code: Code) -> tuple[str | None, int | None]:
    """Return file and line: those the error names, those of what it is about, or of the innermost managed frame."""
    path, line = getattr(error, "path", None), getattr(error, "line", None)
    if path is not None and line is not None:
        return str(path), line
    where = _PLACE.fullmatch(getattr(error, "where", None) or "")
    if where is not None:
        return where[1], int(where[2]) if where[2] else None
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in code.file_names]
    if isinstance(error.__cause__, BaseException) and not frames:
        frames = [f for f in traceback.extract_tb(error.__cause__.__traceback__) if f.filename in code.file_names]
    if frames:
        return frames[-1].filename, frames[-1].lineno
    for handler in reversed(getattr(error, "handlers", ())):
        return _declaration(handler.function, code)
    for name in ("function", "subject"):
        if getattr(error, name, None) is not None:
            return _declaration(getattr(error, name), code, getattr(error, "field", None))
    return (None if path is None else str(path)), line


def _declaration(subject: Any, code: Code, field: str | None = None) -> tuple[str | None, int | None]:
    """Return where a function, a class or a field of it is declared."""
    if isinstance(subject, FunctionType):
        return subject.__code__.co_filename, subject.__code__.co_firstlineno
    record = code.names.get(getattr(subject, "__module__", ""))
    if record is None:
        return None, None
    top = subject.__qualname__.partition(".")[0]
    lines = [state.unit.line for state in record.states if state.unit.kind == "class" and top in state.unit.binds]
    line = line_of_field(record.source, subject, field) if field is not None else None
    return str(record.path), line or (lines[-1] if lines else None)


def describe_fault(fault: SystemFault) -> str:
    """Return what a system did wrong, in one line."""
    if isinstance(fault.cause, DeadlineError):
        return f"{fault.system.name} ran past its deadline"
    hint = hint_for(fault)
    return f"{fault.system.name} raised {describe(fault.cause)}" + (f"; {hint}" if hint else "")


def name_left(fault: SystemFault) -> str:
    """Return a sentence that names what a failed tick changed and nobody puts back."""
    return f"Not put back, since it is outside the world: {', '.join(fault.left)}."


def source_around(file: str | None, line: int | None, reach: int = 3, *, saved: bool) -> list[tuple[int, str]]:
    """Return the numbered source lines around a place, as they run or as they are saved; empty if there are none."""
    if file is None or line is None:
        return []
    if saved:
        try:
            lines = Path(file).read_text("utf-8", "replace").splitlines()
        except OSError:
            return []
    else:
        lines = linecache.getlines(file)
    first = max(1, line - reach)
    return [(number, lines[number - 1].rstrip("\n")) for number in range(first, min(len(lines), line + reach) + 1)]
