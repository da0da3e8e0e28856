# adapters: direct arrived
# ruff: noqa: E402 - the engine has to be found before it can be imported
"""`Code` by itself: no app, no watcher, no transaction.

With `arrived` the files are empty when they are loaded: all that a case begins with has come by an edit.
"""

import importlib
import sys
from pathlib import Path

sys.path[:0] = [str(home) for home in Path(__file__).resolve().parents if (home / "engine" / "reload").is_dir()]

from runner import Adapter, Batch, Report

from engine.errors import ReloadError
from engine.reload.loader import Change, Code


class Direct(Adapter):
    name = "direct"

    def start(self, root: Path) -> None:
        self.code = Code()
        self.code.add_root(root, "")
        self.code.install()
        self.pending: dict[Path, Change] = {}

    def reload(self, batch: Batch) -> Report:
        for path in batch.written:
            kind = "changed" if path in self.code.files else "created"
            self.pending[path] = Change(path, kind, path.read_bytes())
        for path in batch.deleted:
            self.pending[path] = Change(path, "deleted")
        try:
            self.code.apply(self.pending.values())
        except ReloadError as error:
            return Report([error])
        self.pending.clear()
        return Report()

    def stop(self) -> None:
        self.code.uninstall()


class Arrived(Direct):
    name = "arrived"

    def start(self, root: Path) -> None:
        texts = {path: path.read_bytes() for path in sorted(root.rglob("*.py"))}
        for path in texts:
            path.write_bytes(b"")
        super().start(root)
        for path in texts:
            parts = path.relative_to(root).with_suffix("").parts
            importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
        for path, text in texts.items():
            path.write_bytes(text)
        self.code.apply([Change(path, "changed", text) for path, text in texts.items()])


ADAPTERS = {"direct": Direct, "arrived": Arrived}
