"""Turn what went wrong in code into a `ReloadError` that names file, line and text."""

from __future__ import annotations

import dis
import linecache
import traceback
from collections.abc import Sequence
from pathlib import Path

from engine.errors import DeadlineError, ReloadError, describe
from engine.reload.analyse import Analysis

UNTOUCHED = "world and code are as before"


def syntax_failure(analysis: Analysis) -> ReloadError:
    """Return the error of a source that does not compile."""
    error = analysis.error
    assert error is not None
    return ReloadError(
        "not reloaded",
        where=f"{analysis.path}:{error.line}",
        why=f"{error.kind}: {error.message}",
        remedy="mend the line and save",
        state=UNTOUCHED,
        path=Path(analysis.path),
        line=error.line,
        source_line=error.text,
        cause=None,
    )


def failure(
    error: BaseException, files: set[str], path: Path | None, line: int | None, lasting: Sequence[str] = ()
) -> ReloadError:
    """Return the error of code that raised while it was executed.

    The place is the innermost frame in a managed file, else the statement that was running. `lasting` says what
    cannot be put back.
    """
    if isinstance(error, ReloadError):
        return error
    if isinstance(error, SyntaxError) and error.filename in files:
        path, line = Path(error.filename or ""), error.lineno
    else:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in files]
        if frames:
            path, line = Path(frames[-1].filename), frames[-1].lineno
    text = "it ran past its deadline" if isinstance(error, DeadlineError) else describe(error)
    found = ReloadError(
        "not reloaded",
        where=f"{path}:{line}" if path else None,
        why=text,
        remedy="mend it and save",
        state="; ".join([UNTOUCHED, *lasting]),
        path=path,
        line=line,
        source_line=linecache.getline(str(path), line).strip() if path and line else "",
        cause=error,
    )
    found.__cause__ = error
    return found


def is_from_outside(error: BaseException, files: set[str]) -> bool:
    """Tell whether a `KeyboardInterrupt` is a person's, not one that managed code has raised by itself."""
    if not isinstance(error, KeyboardInterrupt):
        return False
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or trace.tb_frame.f_code.co_filename not in files:
        return True
    return dis.opname[trace.tb_frame.f_code.co_code[trace.tb_lasti]] != "RAISE_VARARGS"


def show_source(path: Path, source: bytes | None) -> None:
    """Let tracebacks show the lines that run, whatever is on the disk by now; None lets them look there again."""
    name = str(path)
    if source is None:
        linecache.cache.pop(name, None)
        return
    import io
    import tokenize

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        text = io.TextIOWrapper(io.BytesIO(source), encoding, newline=None).read()
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return
    lines = [line + "\n" for line in text.split("\n")]
    if lines and lines[-1] == "\n":
        lines.pop()
    linecache.cache[name] = (len(source), None, lines, name)
