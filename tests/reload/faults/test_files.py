"""Files that are none, and processes and threads that die: nothing blocks, the game goes on, the fix is taken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from engine.reload.files import MAX_SOURCE

from .playing import Playing, write_game

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these kinds of file are not known there")
HERE = Path(__file__).parent


def put_folder(path: Path) -> None:
    path.mkdir()


def put_pipe(path: Path) -> None:
    os.mkfifo(path)


def put_dangling(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere.py")


def put_circle(path: Path) -> None:
    path.symlink_to(path)


def put_huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MAX_SOURCE + 1)


ODD = {
    "folder": (put_folder, "is a folder"),
    "pipe": (put_pipe, "is a pipe"),
    "dangling link": (put_dangling, "dangling link"),
    "link to itself": (put_circle, "cannot be read"),
    "huge": (put_huge, "larger than"),
}


@pytest.mark.parametrize("where", ["new.py", "__init__.py"])
@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_readable_file_is_refused(game: Playing, kind: str, where: str) -> None:
    put, says = ODD[kind]
    path = game.path("app", where)
    path.unlink(missing_ok=True)
    put(path)
    before = game.runs("app")
    verdict = game.submit(path)
    assert verdict is not None
    assert verdict.outcome == "refused"
    assert says in (verdict.error or ""), verdict.error
    assert verdict.file == str(path)
    game.step(2)
    assert game.runs("app") == before
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink()
    if where == "new.py":
        game.submit(path)
    else:
        assert game.fix("app").good  # type: ignore[union-attr]
    game.step()
    assert not game.errors()


def run_apart(script: str, *arguments: object) -> dict[str, object]:
    """Run a script in a process of its own and return what it prints last, as JSON."""
    head = f"import sys; sys.path[:0] = [{str(HERE.parent)!r}, {str(HERE.parents[2])!r}]\n"
    done = subprocess.run(
        [sys.executable, "-c", head + textwrap.dedent(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


UNREADABLE = """
import json, os
from pathlib import Path
from faults.playing import Playing, SOURCES
with Playing(Path(sys.argv[1])) as game:
    game.step(2)
    path = game.path("app")
    path.write_text(SOURCES["app"].replace("EDITION = 1", "EDITION = 2"))
    path.chmod(0)
    privileged = os.geteuid() == 0
    if privileged:
        os.seteuid(65534)
    verdict = game.submit(path)
    game.step(2)
    was = game.runs("app")
    if privileged:
        os.seteuid(0)
    path.chmod(0o644)
    mended = game.submit(path)
    game.step()
    print(json.dumps([("error", verdict.error), ("outcome", verdict.outcome), ("was", was),
                      ("good", mended.good), ("now", game.runs("app"))]))
"""


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    found = run_apart(UNREADABLE, write_game(tmp_path / "clock"))
    assert found["outcome"] == "refused"
    assert "cannot be read" in str(found["error"])
    assert (found["was"], found["good"], found["now"]) == (1, True, 2)


LIMITED = """
import json, resource
from pathlib import Path
from faults.playing import Playing, inject
with Playing(Path(sys.argv[1])) as game:
    game.step(2)
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (200 << 20), used + (200 << 20)))
    said = []
    for code in ("import numpy as n\\nbig = n.ones(1 << 27)", "big = bytearray(1 << 30)", "big = ['x'] * (1 << 28)"):
        verdict = game.save("app", inject("app", f"if tick >= {game.tick + 2}:\\n    " + code.replace("\\n", "; ")))
        game.step(5)
        said.append([verdict.outcome, verdict.error])
    mended = game.fix("app")
    game.step()
    print(json.dumps([("said", said), ("good", mended.good), ("now", game.runs("app") == game.edition)]))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of memory are kept on Linux only")
def test_memory_that_is_refused_is_a_fault_like_any_other(tmp_path: Path) -> None:
    found = run_apart(LIMITED, write_game(tmp_path / "clock"))
    assert [outcome for outcome, _ in found["said"]] == ["rolled back"] * 3  # type: ignore[attr-defined]
    assert all("Memory" in error for _, error in found["said"])  # type: ignore[attr-defined]
    assert found["good"]
    assert found["now"]


WATCHED = """
import json, os, signal, time
from pathlib import Path
from engine import App
from faults.playing import SOURCES
folder = Path(sys.argv[1])
app = App(folder, headless=True, seed=3)
def until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        app.step()
        time.sleep(0.002)
def edition():
    return next((v.seen.get("app") for c, v in app.world.transients() if c.__qualname__ == "Editions"), None)
def save(number):
    (folder / "__init__.py").write_text(SOURCES["app"].replace("EDITION = 1", f"EDITION = {number}"))
app.step(2)
save(2)
until(lambda: edition() == 2)
until(lambda: app.saves.stager.pid)
os.kill(app.saves.stager.pid, signal.SIGKILL)
save(3)
until(lambda: edition() == 3)
observer = app.saves.watcher
for name in ("_observer", "observer"):
    one = getattr(observer, name, None)
    if one is not None and hasattr(one, "stop"):
        one.stop()
save(4)
until(lambda: edition() == 4)
outcomes = [verdict.outcome for verdict in app.reloader.verdicts]
app.close()
print(json.dumps([("editions", 4), ("outcomes", outcomes)]))
"""


def test_the_staging_process_and_the_observer_may_die(tmp_path: Path) -> None:
    found = run_apart(WATCHED, write_game(tmp_path / "clock"))
    assert set(found["outcomes"]) <= {"current", "permanent"}  # type: ignore[call-overload]
