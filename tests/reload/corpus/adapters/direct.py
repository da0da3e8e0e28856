# adapters: direct
# ruff: noqa: E402 - the engine has to be found before it can be imported
"""`Code` by itself: no app, no watcher, no transaction."""

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


ADAPTERS = {"direct": Direct}
