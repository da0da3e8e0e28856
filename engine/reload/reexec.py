"""Execute this process anew: same process id, arguments and standard streams, other code.

What the new process needs to go on lies in a folder that an environment variable names (see `engine/resume.py`).
Windows cannot replace a process: there the first one stays, does nothing but wait, and starts the next.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn, Self, cast

VARIABLE = "HOTLOOP_RESUME"
"""Names the folder to go on from, in the environment of a process that is executed anew."""
KEEPER = "HOTLOOP_KEEPER"
"""Names the file through which a process tells its keeper what to start next, where processes cannot be replaced."""
AGAIN = 75
"""The exit status that asks the keeper for it."""
CHECK_SECONDS = 20.0
CAN_REPLACE = sys.platform != "win32"
ENDINGS = {signal.SIGINT, signal.SIGTERM}

# Sources of the engine that are to run instead of what lies on the disk.
_BOOT = """
import importlib.machinery, importlib.util, json, os, sys
_, plan, *sys.argv = sys.argv
with open(plan, encoding="ascii") as file:
    plan = json.load(file)
sys.path[:] = plan["path"]
class Former(importlib.machinery.SourceFileLoader):
    def get_data(self, path):
        return plan["sources"][path].encode("latin-1") if path in plan["sources"] else super().get_data(path)
    def get_code(self, name):
        return compile(self.get_data(self.path), self.path, "exec", dont_inherit=True)
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        top, *inner = name.split(".")
        place = os.path.join(plan["engine"], *inner)
        for file, inside in ((os.path.join(place, "__init__.py"), [place]), (place + ".py", None)):
            if top == "engine" and file in plan["sources"]:
                loader = Former(name, file)
                return importlib.util.spec_from_file_location(
                    name, file, loader=loader, submodule_search_locations=inside)
sys.meta_path.insert(0, Finder)
from engine.cli import main
sys.exit(main())
"""

# What the edited engine must be able to do before it may take over: be imported, and read the world.
_CHECK = """
import importlib, json, sys, traceback
plan = json.load(sys.stdin)
sys.path[:] = plan["path"]
try:
    for name in plan["names"]:
        importlib.import_module(name)
    from engine.ecs.snapshot import Snapshot
    from engine.ecs.world import World
    for shot in plan["snapshots"]:
        World().restore(Snapshot.load(shot))
    answer = None
except BaseException as error:
    frames = [one for one in traceback.extract_tb(error.__traceback__) if one.filename.startswith(plan["engine"])]
    file, line = (frames[-1].filename, frames[-1].lineno) if frames else (None, None)
    if isinstance(error, SyntaxError) and error.filename:
        file, line = error.filename, error.lineno
        error = f"{type(error).__name__}: {error.msg}"
    else:
        error = f"{type(error).__name__}: {error}"
    answer = {"file": file, "line": line, "why": error}
print("\\n" + json.dumps(answer))
"""


@dataclass(frozen=True)
class Launch:
    """How this process was started: enough to start it again."""

    command: list[str]
    folder: str
    path: list[str]

    @classmethod
    def of_this_process(cls) -> Self:
        """Return what starts this process again; to be called before anybody changes the working directory."""
        return cls([sys.executable, *sys.orig_argv[1:]], os.getcwd(), list(sys.path))

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def engine_sources(engine: Path) -> dict[Path, tuple[ModuleType, bytes]]:
    """Return the loaded files of the engine with their module and source, as they were loaded just now."""
    found = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name.partition(".")[0] != "engine" or not file or not Path(file).is_relative_to(engine):
            continue
        read = getattr(module.__loader__, "get_data", None) or (lambda path: Path(path).read_bytes())
        with contextlib.suppress(OSError):
            found[Path(file)] = (module, cast("bytes", read(file)))
    return found


def forget_bytecode(paths: Iterable[Path]) -> None:
    """Remove compiled forms of sources, which may be taken for those of another version saved in the same second."""
    for path in paths:
        with contextlib.suppress(OSError, NotImplementedError, ValueError):
            os.unlink(importlib.util.cache_from_source(str(path)))


class Check:
    """Tries an edited engine in a process of its own, in the background; `answer` is set when that has ended."""

    def __init__(self, engine: Path, names: Iterable[str], snapshots: Iterable[Path], path: Iterable[str]) -> None:
        self.plan = {
            "engine": str(engine),
            "names": list(names),
            "snapshots": [str(shot) for shot in snapshots],
            "path": [os.path.abspath(entry) for entry in path],
        }
        self.answer: dict[str, Any] | None = None
        self.done = threading.Event()
        threading.Thread(target=self._run, name="hotloop-check", daemon=True).start()

    def _run(self) -> None:
        try:
            self.answer = self._ask()
        except subprocess.TimeoutExpired:
            self.answer = {"file": None, "line": None, "why": f"importing it took longer than {CHECK_SECONDS:g} s"}
        except (OSError, ValueError) as error:
            self.answer = {"file": None, "line": None, "why": f"it could not be tried: {error}"}
        finally:
            self.done.set()

    def _ask(self) -> dict[str, Any] | None:
        done = subprocess.run(
            [sys.executable, "-B", "-c", _CHECK],
            input=json.dumps(self.plan),
            capture_output=True,
            text=True,
            timeout=CHECK_SECONDS,
            start_new_session=sys.platform != "win32",
        )
        if done.returncode != 0 or not done.stdout.strip():
            return {"file": None, "line": None, "why": f"the process that tried it died: {done.stderr.strip()[-300:]}"}
        return cast("dict[str, Any] | None", json.loads(done.stdout.splitlines()[-1]))


def execute(launch: Launch, folder: Path, former: Mapping[str, str] | None = None, engine: Path | None = None) -> None:
    """Execute the process anew, to go on from a folder; return only if that is not possible, raising OSError.

    With `former`, sources of engine files by path, these run instead of what lies on the disk.
    """
    command = list(launch.command)
    if former is not None:
        plan = folder / "engine.json"
        arguments = sys.argv if sys.argv[:1] != ["-c"] else [""]
        plan.write_text(json.dumps({"engine": str(engine), "path": launch.path, "sources": former}), "ascii")
        command = [sys.executable, "-c", _BOOT, str(plan), *arguments]
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    here = os.getcwd()
    with _undisturbed():
        try:
            os.chdir(launch.folder)
            _replace(command, {**os.environ, VARIABLE: str(folder)})
        except OSError:
            os.chdir(here)
            raise


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no timer end the new process, and let it hear of SIGINT and SIGTERM only once it is ready for them."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        yield
    finally:
        hear_signals()


def hear_signals() -> None:
    """Let SIGINT and SIGTERM through that were held back while the process was executed anew."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)


def _replace(command: list[str], environment: Mapping[str, str]) -> NoReturn:
    if CAN_REPLACE:
        os.execve(command[0], command, environment)
    keeper = os.environ.get(KEEPER)
    request = json.dumps({"command": command, "resume": environment[VARIABLE], "folder": os.getcwd()})
    if keeper:
        Path(keeper).write_text(request, "utf-8")
        os._exit(AGAIN)
    os._exit(keep(request, environment))


def keep(request: str, environment: Mapping[str, str]) -> int:
    """Start what is asked for, and what that asks for, until one ends by itself; return its exit status."""
    note = Path(environment[VARIABLE] + ".next")
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)  # the console sends Ctrl-C to the game as well
    while True:
        asked = json.loads(request)
        note.unlink(missing_ok=True)
        status = subprocess.call(
            asked["command"],
            cwd=asked["folder"],
            env={**environment, VARIABLE: asked["resume"], KEEPER: str(note)},
        )
        if status != AGAIN or not note.is_file():
            note.unlink(missing_ok=True)
            return status
        request = note.read_text("utf-8")
