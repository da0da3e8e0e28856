"""Run cases in processes of their own."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from runner import HERE, Adapter, Case, case_of, load_adapter, run_here

TIMEOUT = 60.0
RESULT = "@@RESULT "


class Nursery:
    """A process that has imported an adapter and runs each case in a fork of itself; without fork, in a new one."""

    def __init__(self, adapter_name: str) -> None:
        self.adapter_name = adapter_name
        self._process: subprocess.Popen[str] | None = None
        if hasattr(os, "fork"):
            command = [sys.executable, str(HERE / "runner.py"), "--nursery", adapter_name]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment(), bufsize=1
            )

    def run(self, case: Case) -> dict[str, Any]:
        """Run a case and return what became of it."""
        if self._process is None:
            return _run_alone(case, self.adapter_name)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(case.id + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith(RESULT):
                result: dict[str, Any] = json.loads(line[len(RESULT) :])
                return result
        raise RuntimeError("the nursery has ended")

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(10)
            assert self._process.stdout is not None
            self._process.stdout.close()


def _environment() -> dict[str, str]:
    environment = dict(os.environ, PYTHONHASHSEED="0")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def _failed(case: Case, what: str, errors: str = "") -> dict[str, Any]:
    return {
        "case": case.id,
        "pass": False,
        "fails": [what],
        "crash": what,
        "reports": [],
        "checks": 0,
        "stderr": errors,
    }


def _run_alone(case: Case, adapter_name: str) -> dict[str, Any]:
    folder = tempfile.mkdtemp(prefix="edits-")
    try:
        done = subprocess.run(
            [sys.executable, str(HERE / "runner.py"), "--child", case.id, adapter_name, folder],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            env=_environment(),
            cwd=folder,
        )
        found = re.search(rf"^{RESULT}(.*)$", done.stdout, re.M)
        if found is None:
            return _failed(case, f"process ended with {done.returncode}", done.stderr[-1500:])
        return {**json.loads(found[1]), "stderr": done.stderr[-1500:]}
    except subprocess.TimeoutExpired:
        return _failed(case, f"no end within {TIMEOUT:g} s")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def nurse(adapter_name: str) -> None:
    """Fork for every case named on the standard input, and write its result."""
    adapter = load_adapter(adapter_name)
    for line in sys.stdin:
        case = case_of(line.strip())
        folder = tempfile.mkdtemp(prefix="edits-")
        result = _forked(case, adapter, Path(folder))
        shutil.rmtree(folder, ignore_errors=True)
        sys.stdout.write(RESULT + json.dumps(result) + "\n")
        sys.stdout.flush()


def _forked(case: Case, adapter: type[Adapter], folder: Path) -> dict[str, Any]:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)  # what a case prints must not mix with the results
        data = json.dumps(run_here(case, adapter, folder)).encode()
        while data:
            data = data[os.write(writer, data) :]
        os._exit(0)
    os.close(writer)
    data, deadline = b"", time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if not select.select([reader], [], [], deadline - time.monotonic())[0]:
            break
        piece = os.read(reader, 65536)
        if not piece:
            break
        data += piece
    else:
        piece = b"late"
    os.close(reader)
    if time.monotonic() >= deadline:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    try:
        result: dict[str, Any] = json.loads(data)
    except ValueError:
        return _failed(case, f"process ended with status {status}")
    return result


def run_child(case_id: str, adapter_name: str, folder: str) -> None:
    """Run one pair and write its result to the standard output."""
    result = run_here(case_of(case_id), load_adapter(adapter_name), Path(folder))
    assert sys.__stdout__ is not None
    sys.__stdout__.write("\n" + RESULT + json.dumps(result) + "\n")
    sys.__stdout__.flush()
    os._exit(0)
