"""Staging: source code is read and compiled in another process, which keeps the game's interpreter free.

The process is started once, ahead of its first use, and stays. It takes requests from its standard input and ends
when that ends, so it never outlives the game.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from engine.errors import ReloadError
from engine.reload import wire

if TYPE_CHECKING:
    from engine.reload.analyse import Analysis

ANALYSE = "engine.reload.analyse:analyse"
DEADLINE = 10.0
"""Seconds after which a source counts as one that cannot be staged."""

log = logging.getLogger("hotloop.stage")

# The packages are entered as bare names: what their own files import, numpy above all, is not needed here.
_BOOT = """
import os, sys, types
sys.path[:] = sys.argv[3:]
for name in ("engine", "engine.reload"):
    package = types.ModuleType(name)
    package.__path__ = [os.path.join(sys.argv[1], *name.split("."))]
    sys.modules[name] = package
from engine.reload.stage import serve
serve(float(sys.argv[2]))
"""


class _Job:
    """An analysis that was begun before anyone asked for it."""

    def __init__(self, arguments: tuple[bytes, str, str, bool]) -> None:
        self.arguments = arguments
        self.begun = False
        self.done = threading.Event()
        self.answer: Any = None
        self.error: BaseException | None = None


class Stager:
    """Runs `analyse` in a process of its own, which is started at once in the background and again when it dies.

    `function` is what runs there, as `module:name`, with `path` added to where modules are looked for. Calls come
    from any thread but the game's: they wait for their answer.
    """

    def __init__(self, function: str = ANALYSE, *, deadline: float = DEADLINE, path: Iterable[str] = ()) -> None:
        self.function, self.deadline, self.path = function, deadline, list(path)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._jobs: dict[str, _Job] = {}  # the latest of each path
        self._jobs_lock = threading.Lock()
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        threading.Thread(target=self._work_ahead, name="hotloop-stage", daemon=True).start()

    @property
    def pid(self) -> int | None:
        """The id of the process, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def analyse(self, source: bytes, path: str, python_name: str, is_package: bool) -> Analysis:
        """Return the analysis of a file's source.

        Raises `ReloadError` for a source that the process fails on twice or that takes too long; a source like that
        must not come near the game's own process. Where no process can be started, this one does the work.
        """
        arguments = (source, path, python_name, is_package)
        with self._jobs_lock:
            job = self._jobs.pop(path, None)
        if job is None or not job.begun or job.arguments != arguments:
            return cast("Analysis", self.call(self.function, *arguments, path=path))
        job.done.wait()
        if job.error is not None:
            raise job.error
        return cast("Analysis", job.answer)

    def ahead(self, source: bytes, path: str, python_name: str, is_package: bool) -> None:
        """Begin an analysis that `analyse` will probably be called for, and return at once."""
        job = _Job((source, path, python_name, is_package))
        with self._jobs_lock:
            self._jobs[path] = job
        self._queue.put(job)

    def call(self, function: str, *arguments: Any, path: str | None = None) -> Any:
        """Return what a function, given as `module:name`, returns in the process for plain arguments."""
        with self._lock:
            for attempt in (1, 2):
                process = self._process_at_hand()
                if process is None:
                    break
                answer = self._ask(process, (function, arguments), path)
                if answer is not None:
                    return _value(answer, path)
                log.info("the staging process ended (attempt %d)", attempt)
            else:
                raise _failed(path, "the process that compiles it died of it twice")
        return _function(function)(*arguments)

    def close(self) -> None:
        """End the process; a call that waits for it fails."""
        self._closed = True
        self._queue.put(None)
        process = self._process
        if process is not None:
            _end(process)

    def _work_ahead(self) -> None:
        with contextlib.suppress(Exception):
            self.call("engine.reload.stage:warm", self.function)
        while (job := self._queue.get()) is not None:
            with self._jobs_lock:
                path = job.arguments[1]
                job.begun = self._jobs.get(path) is job
            if job.begun:
                try:
                    job.answer = self.call(self.function, *job.arguments, path=path)
                except BaseException as error:
                    job.error = error
                job.done.set()

    def _process_at_hand(self) -> subprocess.Popen[bytes] | None:
        if self._process is not None and self._process.poll() is not None:
            _end(self._process)
            self._process = None
        if self._closed:
            raise ReloadError("staging has ended", why="the game is closing")
        if self._process is None:
            try:
                self._process = _start(self.deadline, self.path)
            except (OSError, ValueError) as error:
                log.info("no staging process: %s", error)
            if self._closed and self._process is not None:  # closed in the meantime, which saw no process to end
                _end(self._process)
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], request: object, path: str | None) -> tuple[str, Any] | None:
        """Return the answer to a request, None if the process died of it."""
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Event()
        timer = threading.Timer(self.deadline, _kill_late, (process, late))
        timer.daemon = True
        timer.start()
        try:
            wire.send(cast(BinaryIO, process.stdin), request)
            return cast("tuple[str, Any]", wire.receive(cast(BinaryIO, process.stdout)))
        except (OSError, EOFError, ValueError):
            _end(process)
            self._process = None
            if not late.is_set():
                return None
            raise _failed(path, f"compiling it took longer than {self.deadline:g} seconds") from None
        finally:
            timer.cancel()


def _kill_late(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _start(deadline: float, path: list[str]) -> subprocess.Popen[bytes]:
    if not sys.executable:
        raise OSError("there is no Python to start it with")
    root = str(Path(os.path.abspath(__file__)).parents[2])
    options = ["-I", "-S", "-B", *["-O"] * min(sys.flags.optimize, 2)]
    search = [root, *path, *(os.path.abspath(entry) for entry in sys.path)]
    command = [sys.executable, *options, "-c", _BOOT, root, str(deadline), *search]
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        close_fds=True,
        start_new_session=sys.platform != "win32",  # Ctrl-C in the terminal is for the game alone
        creationflags=flags,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process by ending its input, or else by force, and free what it held here."""
    with contextlib.suppress(OSError, ValueError):
        if process.stdin is not None:
            process.stdin.close()
    try:
        process.wait(1.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with contextlib.suppress(OSError, ValueError):
        if process.stdout is not None:
            process.stdout.close()


def _value(answer: tuple[str, Any], path: str | None) -> Any:
    kind, value = answer
    if kind == "value":
        return value
    raise _failed(path, value)


def _failed(path: str | None, why: str) -> ReloadError:
    remedy = "undo the last edit of this file"
    return ReloadError("the file cannot be staged", where=path, why=why, remedy=remedy, path=path, line=None)


def _function(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(":")
    return cast("Callable[..., Any]", getattr(import_module(module), attribute))


# -- in the process


def warm(function: str) -> int:
    """Import what a function needs, ahead of its first call; return the process's id."""
    _function(function)
    return os.getpid()


def serve(deadline: float) -> None:
    """Answer requests until the input ends. What code prints goes nowhere: the output carries the answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    while True:
        try:
            function, arguments = wire.receive(requests)
        except EOFError:
            return
        _set_alarm(2 * deadline)  # should the game be gone by then, nobody else ends a request without end
        try:
            answer: tuple[str, Any] = ("value", _function(function)(*arguments))
            wire.send(answers, answer)
        except OSError:
            return
        except Exception as error:
            wire.send(answers, ("error", f"{type(error).__name__}: {error}"))
        _set_alarm(0)


def _set_alarm(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)
