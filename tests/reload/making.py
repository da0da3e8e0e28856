"""Modules on disk for tests: folders with a manifest and a little code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from time import monotonic, sleep

DEADLINE = 10.0


def module(
    home: Path,
    name: str,
    version: str = "1.0",
    requires: Iterable[str] = (),
    implements: Iterable[str] = (),
    features: Mapping[str, Iterable[str]] | None = None,
) -> Path:
    """Write the module `core.motion` to `home/core/motion`, or to `home` itself if the name has no room."""
    folder = home.joinpath(*name.split("."))
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"version = {json.dumps(version)}", f"requires = {json.dumps(list(requires))}"]
    if implements:
        lines.append(f"implements = {json.dumps(list(implements))}")
    lines.append("[features]")
    lines += [f"{feature} = {json.dumps(list(added))}" for feature, added in (features or {}).items()]
    (folder / "module.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "__init__.py").write_text(f'"""{name}."""\n', encoding="utf-8")
    return folder


def wait_until(condition: Callable[[], object], what: str = "", deadline: float = DEADLINE) -> None:
    """Wait until a condition holds; fail after the deadline."""
    end = monotonic() + deadline
    while not condition():
        assert monotonic() < end, f"not within {deadline} s: {what or condition}"
        sleep(0.002)
