"""A peer in a process of its own, so that no library's objects or garbage slow another down.

The process reads a line of JSON for each request and answers with one:

| request | answer |
|---|---|
| `{"do": "hello"}` | `version` of the library |
| `{"do": "open", "case": C, "size": N}` | `able`: whether the peer can do it; it is set up then |
| `{"do": "run", "times": N}` | `seconds` that N steps took |
| `{"do": "state"}` | `rows`: what all peers must agree on |
| `{"do": "memory", "case": C, "size": N}` | `bytes` of resident memory that setting it up took |

An answer with `error` says why there is none.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from engine.bench import peers
from engine.bench.work import Work
from engine.errors import HotloopError

BITECS = Path(__file__).parent / "peers" / "bitecs"
NAMES = (*peers.FILES, "bitecs")
"""All peers, in the order of the tables."""


class Worker:
    """A peer's process, as seen from outside. Raises HotloopError where the peer is not installed or fails."""

    def __init__(self, name: str) -> None:
        self.name = name
        command = node_command() if name == "bitecs" else [sys.executable, "-m", "engine.bench.worker", name]
        # numpy would measure its threads, and nobody else's.
        single = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        root = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
            env={**os.environ, **single, "PYTHONPATH": path},
        )  # fmt: skip
        try:
            self.version: str = self._ask(do="hello")["version"]
        except HotloopError:
            self.close()
            raise

    def _ask(self, **request: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise HotloopError(f"the process of {self.name} ended", why=f"it was asked for {request}")
        answer = json.loads(line)
        if "error" in answer:
            raise HotloopError(f"{self.name} failed", why=answer["error"])
        return answer

    def open(self, case: str, size: int) -> bool:
        """Set a case up; tell whether the peer can do it."""
        able: bool = self._ask(do="open", case=case, size=size)["able"]
        return able

    def run(self, times: int) -> float:
        """Run steps and return the seconds that they took."""
        seconds: float = self._ask(do="run", times=times)["seconds"]
        return seconds

    def state(self) -> list[list[float]]:
        """Return what all peers must agree on, sorted."""
        return sorted(self._ask(do="state")["rows"])

    def memory(self, case: str, size: int) -> int:
        """Return the bytes of memory that setting a case up takes; ask a fresh process."""
        taken: int = self._ask(do="memory", case=case, size=size)["bytes"]
        return taken

    def close(self) -> None:
        """End the process."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def node_command() -> list[str]:
    """Return how to start bitECS; raise HotloopError where node or the package is missing."""
    node = shutil.which("node")
    if node is None or not (BITECS / "node_modules" / "bitecs").is_dir():
        what = "node is not installed" if node is None else "bitECS is not installed"
        raise HotloopError(f"no figures of bitECS: {what}", remedy=f"npm install --prefix {BITECS}")
    return [node, "--expose-gc", str(BITECS / "peer.mjs")]


class Answers:
    """The requests, answered by a peer written in Python."""

    def __init__(self, name: str) -> None:
        self.peer: Any = peers.load(name)
        self.work: Work | None = None

    def hello(self) -> dict[str, Any]:
        """Answer with the version."""
        return {"version": peers.version_of(self.peer.package)}

    def open(self, case: str, size: int) -> dict[str, Any]:
        """Set a case up; what came before is let go first."""
        self.work = None
        gc.collect()
        self.work = peers.open_case(self.peer, case, size)
        return {"able": self.work is not None}

    def run(self, times: int) -> dict[str, Any]:
        """Run steps."""
        assert self.work is not None
        return {"seconds": self.work.seconds(times)}

    def state(self) -> dict[str, Any]:
        """Return the numbers to compare."""
        assert self.work is not None
        return {"rows": [[float(value) for value in row] for row in self.work.state()]}

    def memory(self, case: str, size: int) -> dict[str, Any]:
        """Set a small case up so that everything is loaded, then measure a large one."""
        peers.open_case(self.peer, case, 100)
        gc.collect()
        before = resident()
        self.work = peers.open_case(self.peer, case, size)
        gc.collect()
        if self.work is None:
            return {"bytes": 0}
        return {"bytes": resident() - before}


def resident() -> int:
    """Return the bytes of memory that this process holds; 0 where the system does not tell."""
    if sys.platform == "linux":
        # What was freed while setting up does not count: the C library gives it back when asked to.
        getattr(ctypes.CDLL(None), "malloc_trim", int)(0)
    status = Path("/proc/self/statm")
    if status.is_file():
        return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    try:
        output = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, text=True)
    except OSError:
        return 0
    return int(output.stdout or 0) * 1024


def serve(name: str, tell: Callable[[str], object]) -> None:
    """Answer requests until there are no more."""
    try:
        answers = Answers(name)
    except ImportError as error:
        tell(json.dumps({"error": f"{error.name} is not installed; `pip install 'hotloop[bench]'` brings it"}))
        return
    for line in sys.stdin:
        request = json.loads(line)
        method = getattr(answers, request.pop("do"))
        try:
            answer = method(**request)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        tell(json.dumps(answer))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    serve(sys.argv[1], lambda line: print(line, flush=True))
