"""What the tests of staging run in the staging process."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import CodeType
from typing import Any


class Kind(Enum):
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Part:
    names: tuple[str, ...]
    code: CodeType | None = None


@dataclass
class Staged:
    path: Path
    kind: Kind
    parts: list[Part]
    extra: dict[str, Any]


def analyse(source: bytes, path: str, python_name: str, is_package: bool) -> Staged:
    code = compile(source, path, "exec", dont_inherit=True)
    parts = [Part((python_name,), code), Part(tuple(code.co_names))]
    return Staged(Path(path), Kind.FILE, parts, {"package": is_package, "set": {1, 2}, "none": None})


def misbehave(source: bytes, path: str, python_name: str, is_package: bool) -> object:
    """Do what the source says."""
    how, _, rest = source.decode().partition(" ")
    if how == "die":
        os._exit(3)
    if how == "die-once" and not Path(rest).exists():
        Path(rest).touch()
        os._exit(3)
    if how == "note":
        with open(rest, "a") as log:
            log.write("x")
    if how == "sleep":
        time.sleep(60)
    if how == "spin":
        while True:
            pass
    if how == "print":
        print("to the output", flush=True)
        print("to the errors", file=sys.stderr, flush=True)
        sys.stdin.read()
    if how == "unsendable":
        return object()
    if how == "raise":
        raise ValueError("a bad source")
    return {
        "pid": os.getpid(),
        "parent": os.getppid(),
        "here": os.getcwd(),
        "modules": sorted(sys.modules),
        "optimize": sys.flags.optimize,
        "descriptors": sorted(map(int, os.listdir("/proc/self/fd"))) if os.path.isdir("/proc/self/fd") else [],
        "interrupt_ignored": signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
    }
