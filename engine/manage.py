"""Load, unload, create and reload modules of a running app by hand."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal

from engine.ecs.component import qualified_name
from engine.errors import ResolveError, did_you_mean
from engine.reload.modules import files_of, is_inside
from engine.reload.saves import stage_now
from engine.reload.transaction import Verdict
from engine.scaffold import create

if TYPE_CHECKING:
    from engine.app import App

UNTOUCHED = "world and code are as before"


def load_module(app: App, name: str) -> dict[str, Any]:
    """Load a module and all it requires into a running app; return the names that are new.

    Raises what resolving and loading raise; nothing has happened then.
    """
    modules = app.modules
    before = (modules.found, modules.resolution, modules.roots)
    loaded = set(modules.loaded)
    modules.roots = (*modules.roots, name)
    try:
        if name not in modules.discover():
            raise _unknown(name, modules.discover())
        modules.resolve()
        modules.load()
        app.reloader.install()
    except BaseException:
        modules.unload([new for new in modules.loaded if new not in loaded])
        modules.found, modules.resolution, modules.roots = before
        app.reloader.install()
        raise
    if app.saves is not None:
        app.saves.watch(app.watched())
    return {"loaded": [new for new in modules.loaded if new not in loaded]}


def unload_module(app: App, name: str, *, force: bool = False) -> dict[str, Any]:
    """Unload a module; raise `ResolveError` while others require it, or rows hold its components unless forced.

    Forced, its components, events and resources go, the entities stay. Returns the counts of rows by component.
    """
    modules = app.modules
    if name not in modules.loaded:
        raise _unknown(name, modules.loaded)
    assert modules.resolution is not None
    askers = sorted(modules.resolution.requirers.get(name, ()))
    if askers or name == modules.app or name in modules.resolution.implementations.values():
        why = f"{', '.join(askers)} require it" if askers else "the game stands on it"
        raise ResolveError(f"{name} not unloaded", why=why, remedy="unload those first", state=UNTOUCHED)
    own = [qualified_name(cls) for cls in modules.scan().classes if is_inside(cls.__module__, f"modules.{name}")]
    rows = {one: app.world.component_rows(one) for one in own}
    held = {one: count for one, count in rows.items() if count}
    if held and not force:
        listing = ", ".join(f"{count} rows of {one}" for one, count in held.items())
        raise ResolveError(f"{name} not unloaded", why=f"there are {listing}", remedy="force it", state=UNTOUCHED)
    for one in own:
        app.world.drop(one)
    modules.roots = tuple(root for root in modules.roots if root != name)
    modules.resolve()
    modules.unload([loaded for loaded in modules.loaded if loaded not in modules.resolution.names])
    app.reloader.install()
    return {"unloaded": name, "rows": held}


def reload_module(app: App, name: str | None = None) -> Verdict | None:
    """Read the files of a module, or of every loaded one, and reload what differs from what runs."""
    if name is not None and name not in app.modules.loaded:
        raise _unknown(name, app.modules.loaded)
    begin = perf_counter()
    chosen = [found for found in app.modules.order if name in (None, found.name)]
    paths = [path for found in chosen for _, path in files_of(found)]
    saves = [stage_now(app.code, path) for path in paths]
    changed = [saved for saved in saves if not app.code.runs(saved.path, saved.digest)]
    return app.submit(changed, (perf_counter() - begin) * 1000) if changed else None


def create_module(app: App, kind: Literal["plugin", "system"], name: str) -> list[str]:
    """Create a module of a kind from its template in the game's folder; return the folders made."""
    return [str(folder) for folder in create(kind, name, app.folder)]


def _unknown(name: str, known: Any) -> ResolveError:
    return ResolveError(f"there is no module {name}", remedy=did_you_mean(name, known) or f"known: {', '.join(known)}")
