# adapters: hotloop watched
# ruff: noqa: E402 - the engine has to be found before it can be imported
"""The public App, headless, on an empty game with the case's folder as one of plain modules.

`hotloop` hands each save over itself; `watched` leaves it to the app's own watcher to find.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(home) for home in Path(__file__).resolve().parents if (home / "engine" / "reload").is_dir()]
os.environ.update(SDL_VIDEODRIVER="dummy", SDL_AUDIODRIVER="dummy")

from runner import Adapter, Batch, Report

from engine.app import App
from engine.clock import SWITCH_INTERVAL
from engine.reload.saves import digest_of, stage_now

MANIFEST = 'version = "1.0.0"\nsummary = "An empty game."\n'
PATIENCE = 20.0


class Hotloop(Adapter):
    name = "hotloop"
    watching = False

    def start(self, root: Path) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="game-")
        game = Path(self.folder.name) / "bare"
        game.mkdir()
        (game / "module.toml").write_text(MANIFEST)
        (game / "__init__.py").write_text('"""Nothing."""\n')
        self.app = App(game, headless=True, reload=self.watching, import_roots=[root])
        self.app.step()

    def settle(self) -> None:
        self.app.step()

    def reload(self, batch: Batch) -> Report:
        self.app.submit([stage_now(self.app.code, path) for path in [*batch.written, *batch.deleted]])
        self.app.step()
        return self.report()

    def report(self) -> Report:
        problem = self.app.reloader.problem
        return Report([problem.error or problem.outcome] if problem is not None else [])

    def stop(self) -> None:
        self.app.close()
        self.folder.cleanup()


class Watched(Hotloop):
    name = "watched"
    watching = True

    def start(self, root: Path) -> None:
        super().start(root)
        # As in a game that is played: no thread of the watcher tears the saves of a batch apart.
        sys.setswitchinterval(SWITCH_INTERVAL)

    def reload(self, batch: Batch) -> Report:
        before = len(self.app.reloader.verdicts)
        deadline = time.monotonic() + PATIENCE
        while not (len(self.app.reloader.verdicts) > before or self.is_live(batch)):
            if time.monotonic() > deadline:
                return Report([f"the save was not found within {PATIENCE:g} s"])
            self.app.step()
            time.sleep(0.002)
        self.app.step()
        return self.report()

    def is_live(self, batch: Batch) -> bool:
        """Tell whether everything that was saved is what runs, and nothing else of these files waits to be tried."""
        code, pending = self.app.code, self.app.reloader.pending
        waits = any(path in pending for path in (*batch.written, *batch.deleted))
        if waits or any(path in code.files for path in batch.deleted):
            return False
        return all(code.runs(path, digest_of(path.read_bytes())) for path in batch.written)


ADAPTERS = {"hotloop": Hotloop, "watched": Watched}
