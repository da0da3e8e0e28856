"""A small program in a folder of its own, whose files a test edits while it runs."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

from engine.reload.loader import Change, Code, Patch


class Program:
    """Files on disk, loaded and patched through one `Code`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.code = Code()
        self.code.add_root(folder)
        self.code.install()

    def write(self, **files: str) -> None:
        """Write files, given as `name="..."` with `__` for a folder's slash, without telling anybody."""
        for name, text in files.items():
            self._place(name, text)

    def _place(self, name: str, text: str) -> Path:
        path = self.folder.joinpath(*_parts(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    def load(self, name: str) -> Any:
        """Import a module."""
        return self.code.load(name)

    def edit(self, **files: str | None) -> Patch:
        """Save files together, None deleting one, and patch."""
        changes = []
        for name, text in files.items():
            path = self.folder.joinpath(*_parts(name))
            if text is None:
                path.unlink()
                changes.append(Change(path, "deleted"))
            else:
                kind = "changed" if path.exists() else "created"
                self._place(name, text)
                changes.append(Change(path, kind, path.read_bytes()))
        return self.code.apply(changes)

    def replace(self, name: str, *pairs: tuple[str, str]) -> Patch:
        """Save one file with parts of its text replaced, and patch."""
        text = self.folder.joinpath(*_parts(name)).read_text(encoding="utf-8")
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new)
        return self.edit(**{name: text})

    def close(self) -> None:
        """Forget everything that was loaded."""
        self.code.unload(self.code.loaded_names())
        self.code.uninstall()
        for name, module in list(sys.modules.items()):
            if isinstance(module, ModuleType) and str(getattr(module, "__file__", "")).startswith(str(self.folder)):
                del sys.modules[name]


def _parts(name: str) -> list[str]:
    parts = name.replace("__init__", "\0").split("__")
    parts = [part.replace("\0", "__init__") for part in parts]
    return [*parts[:-1], parts[-1] + ".py"]
