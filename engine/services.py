"""What the engine itself answers on the bus, and the panels of the overlay made from the same facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from engine.errors import HotloopError
from engine.manage import create_module, load_module, reload_module, unload_module
from engine.marks import Phase
from engine.overlay import error_panel
from engine.reload.explain import describe_fault, explain, name_left
from engine.reload.manifest import Manifest
from engine.reload.places import games
from engine.report import counted
from engine.schedule import SIMULATION

if TYPE_CHECKING:
    from engine.app import App

SLOWEST_SHOWN = 8
REPEATED = (*SIMULATION, Phase.Render)
"""Phases whose systems run again and again; what one of Startup took is no cost of the game as it runs."""


def provide_services(app: App) -> None:
    """Put the engine's handlers on an app's bus."""
    provide = app.bus.provide

    def list_modules() -> list[dict[str, Any]]:
        """List the modules that run: name, version, room, folder, state and requirements."""
        return module_rows(app)

    def load(name: str) -> dict[str, Any]:
        """Load a further module and all it requires."""
        return load_module(app, name)

    def unload(name: str, force: bool = False) -> dict[str, Any]:
        """Unload a module; refused while others require it or rows hold its components, unless forced."""
        return unload_module(app, name, force=force)

    def create(kind: Literal["plugin", "system"], name: str) -> list[str]:
        """Create a module of a kind from its template in the game's folder; return the folders made."""
        return create_module(app, kind, name)

    def reload(name: str = "") -> dict[str, Any] | None:
        """Read the files of a module, or of all, and reload what differs; return the verdict."""
        verdict = reload_module(app, name or None)
        return verdict.to_json() if verdict is not None else None

    def rollback() -> dict[str, Any]:
        """Return to the code before the latest edit; the world goes on."""
        return app.reloader.roll_back_by_hand().to_json()

    def list_games() -> list[dict[str, Any]]:
        """List the games that can be started: name, title, summary, folder and picture."""
        return game_rows()

    def start(name: str) -> None:
        """Start a game inside this app after this frame."""
        app.start_game(name)

    def leave() -> None:
        """Leave this game for the app that started it, or end it."""
        app.leave()

    def status() -> dict[str, Any]:
        """Tell how the app is: game, tick, paused, problem, and what watching is like."""
        problem = app.reloader.problem
        return {
            "game": app.name,
            "tick": app.world.tick,
            "entities": len(app.world),
            "paused": app.paused,
            "problem": problem.to_json() if problem is not None else None,
            "watching": app.saves.status() if app.saves is not None else None,
        }

    def restart() -> None:
        """Start the game anew on the present code after this frame."""
        app.restart()

    def save(path: str) -> int:
        """Write the world as a snapshot to a file; return its tick."""
        app.world.snapshot().save(path)
        return app.world.tick

    def load_saved(path: str) -> None:
        """Go on with the world of a snapshot's file after this frame; `core.app.loaded` is called then."""
        app.load(path)

    def verdicts() -> list[dict[str, Any]]:
        """List what became of each reload."""
        return [verdict.to_json() for verdict in app.reloader.verdicts]

    def explain() -> str:
        """Return the order of the systems as text."""
        return app.schedule.explain()

    provide("core.modules.list", list_modules)
    provide("core.modules.load", load)
    provide("core.modules.unload", unload)
    provide("core.modules.create", create)
    provide("core.modules.reload", reload)
    provide("core.modules.rollback", rollback)
    provide("core.apps.list", list_games)
    provide("core.apps.start", start)
    provide("core.apps.leave", leave)
    provide("core.app.status", status)
    provide("core.app.restart", restart)
    provide("core.app.save", save)
    provide("core.app.load", load_saved)
    provide("core.app.verdicts", verdicts)
    provide("core.app.explain", explain)


def module_rows(app: App) -> list[dict[str, Any]]:
    """Return the modules of an app in load order, as JSON-able data."""
    rows = []
    for found in app.modules.order:
        paused = [s.name for s in app.schedule if s.fault is not None and s.declared.module == found.name]
        rows.append(
            {
                "name": found.name,
                "version": str(found.manifest.version),
                "room": found.room,
                "folder": str(found.folder),
                "origin": found.origin,
                "state": "paused" if paused else "runs",
                "paused": paused,
                "requires": [str(requirement) for requirement in found.manifest.requires],
            }
        )
    return rows


def game_rows() -> list[dict[str, Any]]:
    """Return the known games, as JSON-able data; one whose manifest is broken says so in its summary."""
    rows = []
    for name, folder in games().items():
        if name == "gallery":
            continue
        try:
            summary = Manifest.read(folder, f"apps.{name}").summary
        except HotloopError as error:
            summary = str(error)
        thumbnail = folder / "thumbnail.png"
        rows.append(
            {
                "name": name,
                "title": name.replace("_", " ").title(),
                "summary": summary,
                "folder": str(folder),
                "thumbnail": str(thumbnail) if thumbnail.is_file() else "",
            }
        )
    return rows


def debug_panel(app: App) -> dict[str, Any]:
    """Return what F1 shows: the run, the slowest systems of those that run again and again, the modules."""
    summary = app.meter.summary()
    world = app.world
    run = [
        ["tick", str(world.tick)],
        ["frame ms", f"p50 {summary['p50']:.2f}  p99 {summary['p99']:.2f}"],
        ["entities", f"{len(world)} in {counted(world.table_count, 'table')}"],
    ]
    again = [s for s in app.schedule if s.fault or (s.calls and s.phase in REPEATED)]
    slowest = sorted(again, key=lambda s: (s.fault is None, -s.seconds / max(s.calls, 1)))[:SLOWEST_SHOWN]
    systems = [[s.name, "paused" if s.fault else f"{s.seconds / s.calls * 1000:.3f} ms  v{s.version}"] for s in slowest]
    modules = [[row["name"], f"{row['version']}  {row['state']}"] for row in module_rows(app)]
    watching = app.saves.status() if app.saves is not None else {"mode": "off"}
    run.append(["watching", str(watching.get("degraded") or watching.get("mode"))])
    sections = [
        {"title": "run", "rows": run},
        {"title": "systems", "rows": systems},
        {"title": "modules", "rows": modules},
    ]
    return {"title": app.name, "sections": sections}


def problem_panels(app: App) -> list[dict[str, Any]]:
    """Return what is wrong now as the overlay shows it: a broken start, a refused edit, paused systems."""
    errors = []
    if app.broken is not None:
        found = explain(app.broken, app.code)
        state = "nothing runs yet; the game starts when this is mended"
        title = f"{app.name} does not start"
        errors.append(error_panel(title, found.file, found.line, found.said, state, saved=True))
    problem = app.reloader.problem
    if problem is not None:
        errors.append(
            error_panel(
                f"Edit {problem.outcome}",
                problem.file,
                problem.line,
                problem.said,
                problem.state,
                saved=True,
            )
        )
    for system in app.schedule.everything():
        if system.fault is not None:
            file, line = system.fault.place
            state = "the system is paused, the game goes on without it; a save of a fix lets it run again"
            message = describe_fault(system.fault) + (f"\n{name_left(system.fault)}" if system.fault.left else "")
            errors.append(error_panel(f"{system.name} paused", file, line, message, state))
    return errors
