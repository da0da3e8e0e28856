"""What a module may import: the engine's public names, numpy and what its manifest requires.

Requirements point inward, and so do imports; the rules hold for modules from anywhere. They are judged on names alone,
as the syntax tree gives them, before anything runs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.errors import ResolveError
from engine.reload.discover import Found
from engine.reload.manifest import ROOMS

BRIDGE = "plugins.esper_bridge"


def check_imports(
    found: Found,
    known: Mapping[str, Found],
    imports: Iterable[tuple[str, str, int]],
    public: Iterable[str],
    path: Path | None = None,
) -> list[ResolveError]:
    """Return an error for each import of a module's file that the rules forbid.

    Each import is (absolute module, name taken out of it or an empty string, line), as `Analysis` holds them; `public`
    are the public names of the engine. What is missing from the manifest is named with its version, if it is `known`.
    """
    names = frozenset(public)
    errors = []
    for module, name, line in imports:
        fault = import_fault(found, module, name, names)
        if fault is not None:
            required = ".".join(module.split(".")[1:3]) if module.startswith("modules.") else ""
            fits = known[required].manifest.compatible if required in known else "~=..."
            where = f"{path or found.folder}:{line}"
            text = fault.replace('~=..."', f'{fits}"')
            errors.append(ResolveError(text, where=where, module=found.name, imported=module, path=path, line=line))
    return errors


def import_fault(
    found: Found, module: str, name: str, public: frozenset[str], *, relative: bool | None = None
) -> str | None:
    """Say what is wrong with one import of a module's file, and the remedy; None if nothing is.

    `module` is absolute; one that begins with a dot left the top package. `relative` tells how it was written, where
    that is known.
    """
    top = module.partition(".")[0]
    if top == "engine":
        return _of_engine(module, name, public)
    if top == "modules" or module.startswith("."):
        return _of_modules(found, module, name, relative)
    return _of_library(found, top)


def _of_engine(module: str, name: str, public: frozenset[str]) -> str | None:
    if module == "engine" and (not name or name == "*" or name in public):
        return None
    full = f"{module}.{name}" if name else module
    return f"imports {full}, which is the engine's own business; import public names: `from engine import ...`"


def _of_modules(found: Found, module: str, name: str, relative: bool | None) -> str | None:
    if module.startswith("."):
        return "a relative import leaves the module's folder; import another module by its full name"
    full = f"{module}.{name}" if name else module
    parts = full.split(".")[1:3]
    other = ".".join(parts)
    if len(parts) < 2 or parts[0] not in ROOMS:
        return f"imports {full}, which names no module; write `from modules.core.motion import Position`"
    if other == found.name:
        if found.room != "apps" or relative is not False:
            return None
        return "imports its own app by name; import relatively, so that a renamed folder still runs"
    if parts[0] == "systems":
        return f"imports {other}: nothing imports an implementation; import the contract it implements"
    if other not in {requirement.name for requirement in found.manifest.all_requirements()}:
        return f'imports {other} without requiring it; add "{other}~=..." to requires in module.toml'
    return None


def _of_library(found: Found, top: str) -> str | None:
    if top == "watchdog":
        return "imports watchdog, which is the engine's own business"
    if top == "pygame" and not found.name.startswith("systems.pygame_"):
        return "imports pygame, which only the room 'systems' may import, in modules named pygame_..."
    required = {requirement.name for requirement in found.manifest.requires}
    if top == "esper" and BRIDGE not in (found.name, *required):
        return f'imports esper without its bridge; add "{BRIDGE}~=..." to requires in module.toml'
    if found.room == "core" and top not in sys.stdlib_module_names and top != "numpy":
        return f"imports {top}: a contract imports nothing but the standard library and numpy"
    return None
