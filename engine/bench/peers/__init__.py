"""The libraries that the suites compare, one file each, all with the interface that is described here.

A peer is a class called `Peer` with a method for each case that it can do, named as the case is. The method sets the
case up at a size, in the way the library's own documentation recommends, and returns a `Work`. Initial values are the
same everywhere: entity number i has position (i % 7, i % 5), velocity (i % 3, i % 2), and i % 10 in other fields.
`package` names the distribution whose version is shown, `most` is the largest size that it can set up in reasonable
time. What a library cannot do it leaves out.
"""

from __future__ import annotations

import importlib
import importlib.util
from importlib import metadata
from typing import Any, Protocol

from engine.bench.work import Work

FILES = {
    "hotloop": "ours",
    "kernels": "kernels",
    "numpy": "bare",
    "objects": "plain",
    "esper": "with_esper",
    "snecs": "with_snecs",
    "tcod-ecs": "with_tcod_ecs",
    "ecs-pattern": "with_ecs_pattern",
    "microecs": "with_microecs",
}
"""The peers that are written in Python, in the order of the tables, and the file of each."""


class Peer(Protocol):
    """What every peer says of itself, beside its methods for the cases."""

    package: str
    most: int


def load(name: str) -> Peer:
    """Return a peer; raises ImportError where its library is not installed."""
    peer: Peer = importlib.import_module(f"engine.bench.peers.{FILES[name]}").Peer()
    return peer


def version_of(package: str) -> str:
    """Return the installed version of a distribution, or an empty text."""
    try:
        return metadata.version(package) if package else ""
    except metadata.PackageNotFoundError:
        return ""


def open_case(peer: Any, case: str, size: int) -> Work | None:
    """Set a case up; return None where the peer has no such thing or would take too long to fill."""
    method = getattr(peer, case, None)
    if method is None or size > peer.most:
        return None
    work: Work = method(size)
    return work
