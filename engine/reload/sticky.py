"""Which edits of the engine's own files are patched in place, and which need the process to be executed anew.

Patched are the bodies of functions and methods that no running loop is inside of and that have made no functions which
live, and whatever is added. Everything
else may have left its mark on objects that live: values computed at import, the fields of classes, what builds
objects. In the files listed here that is so for nearly every line, so that they are always sticky.
"""

from __future__ import annotations

import ast
import gc
import sys
import threading
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from types import FrameType, FunctionType

STICKY = {
    "marks.py": "what its decorators have marked keeps the marks",
    "ecs/component.py": "the schemas it has read from classes live on",
    "ecs/fields.py": "the schemas made of its fields live on",
    "ecs/layout.py": "columns lie as it has laid them",
    "ecs/rows.py": "the classes it has generated live on",
    "ecs/steps.py": "the classes it has generated live on",
    "ecs/views.py": "the classes it has generated live on",
    "reload/": "it does the replacing, in threads and processes of its own too",
}
"""Files and folders of `engine/` that are never patched, each with the reason."""

BUILDERS = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__", "__set_name__", "__class_getitem__"})
"""Methods whose work is in every object that was made before the edit."""

Scope = list[ast.stmt]


def sticky_reason(file: str) -> str | None:
    """Return why a file, given relative to `engine/` with slashes, is always sticky; None if it is not."""
    for known, why in STICKY.items():
        if file == known or (known.endswith("/") and file.startswith(known)):
            return why
    return None


def why_not_in_place(file: str, path: Path, old: bytes, new: bytes | None, busy: Iterable[FrameType]) -> str | None:
    """Return why an edit of an engine file cannot be patched in place, or None if it can be tried.

    `new` is None for a deleted file. `busy` are the frames that go on after the edit (see `lasting_frames`). A source
    that does not compile can be tried: it is refused.
    """
    if new is None:
        return "it was deleted"
    if reason := sticky_reason(file):
        return reason
    try:
        before, after = ast.parse(old), ast.parse(new)
    except (SyntaxError, ValueError):
        return None
    changed: set[str] = set()
    if reason := _compare(before.body, after.body, "", changed):
        return reason
    for frame in busy:
        code = frame.f_code
        name = code.co_qualname.partition(".<locals>")[0]
        if code.co_filename == str(path) and name in changed:
            return f"{name} is running"
    return _living_closure(str(path), changed)


def lasting_frames(loop: str, loop_file: str) -> list[FrameType]:
    """Return the frames that are still there in the next frame of the game.

    Those are all frames of other threads, and in this one the frame of the loop, a function given by qualified name
    and file, with all that lie outside of it.
    """
    lasting: list[FrameType] = []
    for thread, inner in sys._current_frames().items():
        frames = []
        frame: FrameType | None = inner
        while frame is not None:
            frames.append(frame)
            frame = frame.f_back
        if thread == threading.get_ident():
            at = [
                index
                for index, one in enumerate(frames)
                if (one.f_code.co_qualname, one.f_code.co_filename) == (loop, loop_file)
            ]
            frames = frames[at[0] :] if at else []
        lasting += frames
    return lasting


def _living_closure(path: str, changed: set[str]) -> str | None:
    """Return that a function lives which one of the changed ones has made, if there is any."""
    if not changed:
        return None
    gc.unfreeze()  # what is frozen would not be found
    for one in gc.get_objects():
        if type(one) is FunctionType and one.__code__.co_filename == path:
            maker, inner, _ = one.__code__.co_qualname.partition(".<locals>")
            if inner and maker in changed:
                return f"{maker} made functions that live"
    return None


def _compare(old: Scope, new: Scope, prefix: str, changed: set[str]) -> str | None:
    """Return what in a module or class body keeps it from being patched; note functions whose bodies changed."""
    before, after = _sorted(old), _sorted(new)
    if before.rest != after.rest:
        return f"a value or field of {prefix.rstrip('.') or 'the module'} changed"
    if not before.imports <= after.imports:
        return "it imports less than before"
    for name, nodes in before.named.items():
        others = after.named.get(name, [])
        if len(nodes) != len(others):
            return f"{prefix}{name} is gone" if not others else f"{prefix}{name} is declared otherwise"
        for one, other in zip(nodes, others, strict=True):
            if ast.dump(one) == ast.dump(other):
                continue
            if _head(one) != _head(other):
                return f"{prefix}{name} is declared otherwise"
            if isinstance(one, ast.ClassDef) and isinstance(other, ast.ClassDef):
                if reason := _compare(one.body, other.body, f"{prefix}{name}.", changed):
                    return reason
            elif prefix and name in BUILDERS:
                return f"{prefix}{name} built objects that live"
            else:
                changed.add(prefix + name)
    return None


class _Sorted:
    """The statements of a body by what an edit of them means."""

    def __init__(self) -> None:
        self.named: dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]] = defaultdict(list)
        self.imports: set[str] = set()
        self.rest: list[str] = []


def _sorted(body: Scope) -> _Sorted:
    found = _Sorted()
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.named[node.name].append(node)
            case ast.Import():
                found.imports.update(f"{one.name} as {one.asname}" for one in node.names)
            case ast.ImportFrom():
                found.imports.update(f"{node.level}{node.module}.{one.name} as {one.asname}" for one in node.names)
            case ast.Expr(ast.Constant(str())):
                pass
            case _:
                found.rest.append(ast.dump(node))
    return found


def _head(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    """Return what a declaration is, apart from its body and parameters."""
    heads: list[ast.AST] = [*node.decorator_list]
    if isinstance(node, ast.ClassDef):
        heads += [*node.bases, *node.keywords]
    return " ".join([type(node).__name__, *(ast.dump(one) for one in heads)])
