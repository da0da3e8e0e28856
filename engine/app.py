"""A running game: one world, its schedule and modules, and the loop that ticks, draws and reloads.

A frame is: saved files are committed, input is read, the due ticks run, the picture is drawn. Every tick is
contained: if a system fails, the world returns to the start of the tick and the tick runs again without it.
"""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any, Self

from engine.binding import binder
from engine.clock import Pace, first_among_threads
from engine.ecs.snapshot import Snapshot
from engine.ecs.world import World
from engine.errors import DeadlineError, GameError, HotloopError
from engine.furnish import borrow, name_asset_roots
from engine.kernels.native import Compiler
from engine.overlay import Overlay
from engine.reload.bus import Bus
from engine.reload.loader import Code
from engine.reload.modules import ModuleSet
from engine.reload.places import find_game
from engine.reload.resolve import Found, Resolution, headless_choice
from engine.reload.saves import MANIFEST, Saves
from engine.reload.transaction import Reloader, Verdict
from engine.renewal import Renewal
from engine.report import Meter, statistics
from engine.resume import AppImage
from engine.schedule import Schedule
from engine.services import debug_panel, problem_panels, provide_services
from engine.simulation import Simulation
from engine.timeline.face import overlay_data, steer
from engine.timeline.held import Held
from engine.timeline.history import Events
from engine.timeline.recorder import Recorder
from engine.timeline.replay import Replay
from engine.timeline.services import provide_time
from engine.timeline.timeline import Timeline

if TYPE_CHECKING:
    from engine.control.port import ControlPort

ALWAYS = ("core.window", "core.input", "core.assets", "plugins.timeline")
"""Modules every app has, so that window, keys, pictures and the timeline work whatever the game requires."""
COMMIT_ROOM = 0.006
"""Seconds before a tick is due from which on a commit waits for that tick: it might take as long in a large game."""

log = logging.getLogger("hotloop")


class App:
    """One game with its world, schedule, bus and modules.

    `game` is a name or a folder. A headless app has no window and no sound. With `reload` its files are watched;
    `import_roots` are further folders of ordinary Python modules that are reloaded too. `inputs` maps ticks to raw
    input events (see `modules/core/input`) that are fed as if a person had made them. A game that does not load
    raises its `HotloopError` when headless; else the app waits in its window for the fix, `broken` telling why.
    An app that no longer `listens` takes no keys, mouse or gamepad from its window, but still quits and pauses.
    With a `renewal` the engine's own files are reloaded too; `image` is an app of another process to go on with.
    """

    def __init__(
        self,
        game: str | Path,
        *,
        headless: bool = False,
        seed: int = 0,
        choose: Mapping[str, str] | None = None,
        reload: bool = True,
        inputs: Mapping[int, Events] | None = None,
        import_roots: Iterable[Path] = (),
        host: App | None = None,
        renewal: Renewal | None = None,
        image: AppImage | None = None,
    ) -> None:
        self.folder = find_game(game)
        self.name = self.folder.name
        self.headless, self.seed, self.host = headless, seed, host
        self.choose = dict(choose or {})
        self.scripted = dict(inputs or {})
        self.import_roots = [Path(root).resolve() for root in import_roots]
        self.watching = reload
        self.overlay: Overlay = host.overlay if host else Overlay()
        self.meter = Meter()
        self.on_verdict: list[Callable[[Verdict], None]] = []
        self.child: App | None = None
        self.control: ControlPort | None = None
        self.recorder: Recorder | None = None
        self.replay: Replay | None = None
        self.broken: HotloopError | None = None
        self.paused = self.closed = self._saves_wait = False
        self.listens = True
        self._quit = False
        self._wanted: str | None = None
        self._restart = False
        self._to_load: Path | None = None
        self.waiting_inputs: Events = []
        self.held = Held()
        self.saves: Saves | None = None
        self._resolved: Resolution | None = None
        self.code: Code = host.code if host else Code.shared()
        self.code.install()
        self.renewal: Renewal | None = host.renewal if host else renewal
        if self.renewal is not None and host is None:
            self.renewal.begin(self.code)
        for root in self.import_roots:
            self.code.add_root(root, "")
        try:
            self._begin(image=image)
            if image is not None:
                self._go_on(image)
            if self.renewal is not None and host is None:
                self.renewal.begun(self)
                self.top._show_problem()
        except BaseException:
            self.close()
            raise

    # ------------------------------------------------------------------ start and end

    def _begin(
        self,
        before: World | None = None,
        loaded: Mapping[str, Found] | None = None,
        image: AppImage | None = None,
    ) -> None:
        """Make a world and load the game into it; window, mixer and modules are taken over from a run before."""
        self.world = World(seed=self.seed)
        self.compiler = self.world.storage.kernel_compiler = Compiler()
        self.bus = Bus(binder(self.world))
        self.schedule = Schedule(self.world, self.bus)
        provide_services(self)
        provide_time(self)
        self.modules = self._module_set(f"apps.{self.name}", self.folder)
        self.modules.loaded.update(loaded or {})
        self.reloader = self._make_reloader()
        try:
            self._load(image)
        except HotloopError as error:
            if self.headless or (image is not None and image.snapshot is not None):
                raise
            self._break(error)
        lender = before or (self.host.world if self.host else None)
        if lender is not None:
            borrow(self.world, self.modules, lender)
        name_asset_roots(self.bus, self.modules, self.folder)
        if self.watching and self.saves is None:
            self.watch()
            self._resolved = self.modules.resolution
        self._show_problem()

    def _module_set(self, app: str | None, folder: Path | None) -> ModuleSet:
        return ModuleSet(self.code, app, folder, self.choose, ALWAYS)

    def _make_reloader(self) -> Reloader:
        reloader = Reloader(self.modules, self.world, self.schedule, self.bus)
        reloader.on_verdict.append(self._on_verdict)
        self.timeline = Timeline(self)
        reloader.on_committed.append(self.timeline.on_committed)
        if self.renewal is not None:
            reloader.deadline.hopeless = self._on_hopeless
        self.simulation = Simulation(self.schedule, reloader, self.meter, self._on_pause, unseen=self.headless)
        if self.recorder is not None:
            self.record(self.recorder)
        return reloader

    def _go_on(self, image: AppImage) -> None:
        """Be as an app of another process was, with the games started from it."""
        image.put_rest(self)
        if image.child is not None:
            self._start_child(image.child.data["game"], image.child)
        self._show_problem()

    def _load(self, image: AppImage | None = None) -> None:
        if self.headless:
            twins = headless_choice(self.modules.discover())
            twins.pop("core.render", None)  # pictures can be drawn without a window
            self.modules.choose = {**twins, **self.choose}
        if image is not None:
            self.modules.roots = tuple(image.data["roots"])
        self.modules.resolve()
        self.modules.load()
        if image is not None:
            image.put_world(self.world)
        self.reloader.install()
        self.broken = None

    def _break(self, error: HotloopError) -> None:
        """Keep window and keys working for a game that does not load."""
        self.broken = error
        loaded = self.modules.loaded
        self.modules = self._module_set(None, None)
        self.modules.loaded.update(loaded)
        self.reloader = self._make_reloader()
        self.modules.resolve()
        self.modules.load()
        self.reloader.install()

    def watched(self) -> list[Path]:
        """Return the folders whose files belong to what runs."""
        folders = {self.folder, *self.import_roots, *(found.folder for found in self.modules.order)}
        return sorted(folders.union(self.renewal.watched if self.renewal is not None else ()))

    def watch(self) -> None:
        """Begin to watch for edits; the process that stages them also compiles kernels."""
        self.saves = Saves(self.modules, self.watched())
        self.compiler.emit = self.saves.compile_kernel

    def close(self) -> None:
        """Run Shutdown, drop the world and unload what nobody else uses; a second call does nothing."""
        if self.closed:
            return
        self.closed = True
        if self.child is not None:
            self.child.close()
        if self.saves is not None:
            self.saves.close()
        if self.recorder is not None:
            self.recorder.close()
        if hasattr(self, "timeline"):
            self.timeline.close()
        if hasattr(self, "modules") and self.modules.resolution is not None:
            self.simulation.shut_down()
            if self.host is None:
                self._release_window()
            self.modules.unload(list(self.modules.loaded))
        for root in self.import_roots:
            self.code.remove_root(root)
        if self.host is None:
            self.code.release()

    def _release_window(self) -> None:
        for message in ("core.window.close", "core.audio.close"):
            if message in self.bus:
                self.simulation.call(message)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def restart(self) -> None:
        """Make a new world and execute the game's own modules anew, as F5 does."""
        self._restart = True

    def _restart_now(self) -> None:
        self._restart = False
        self.simulation.shut_down()
        before, verdicts = self.world, self.reloader.verdicts
        self.modules.unload([name for name, found in self.modules.loaded.items() if found.origin == "game"])
        if self.saves is not None:
            self.saves.close()
            self.saves = None
        self._begin(before, self.modules.loaded)
        self.reloader.verdicts[:0] = verdicts
        self.overlay.toast(f"{self.name} started anew", "info")

    def load(self, path: str | Path) -> None:
        """Go on with a world that was saved as a snapshot, from the next frame on."""
        self._to_load = Path(path)

    def _load_now(self, path: Path) -> None:
        self._to_load = None
        try:
            self.simulation.take(Snapshot.load(path))
        except HotloopError as error:
            self.overlay.toast(str(error), "bad")
            log.error("%s", error)
            return
        if "core.app.loaded" in self.bus:
            self.simulation.call("core.app.loaded")

    # ------------------------------------------------------------------ ticks

    def record(self, recorder: Recorder) -> None:
        """Write down the run from the next tick on."""
        self.recorder = self.simulation.recorder = recorder
        recorder.attach(self)

    def step(self, ticks: int = 1) -> None:
        """Run ticks of the simulation, committing saved files before each."""
        for _ in range(ticks):
            self.poll_saves()
            if self.broken is None:
                self.simulation.step(self._take_inputs())
                if self.replay is not None:
                    self._replayed(self.replay)

    def _take_inputs(self) -> Events:
        sampled, self.waiting_inputs = self.waiting_inputs, []
        recorded = self.timeline.events()
        if recorded is None and self.replay is not None:
            recorded = self.replay.events(self)
        if recorded is not None:
            return recorded
        return [*self._corrections(), *sampled, *self.scripted.get(self.world.tick, ())]

    def _corrections(self) -> Events:
        """Return what makes the world agree with the person's hands after it has come from elsewhere in time."""
        if not self.timeline.is_elsewhere:
            return []
        self.timeline.is_elsewhere = False
        if self.headless or not self.root.listens or "core.input.held" not in self.bus:
            return []
        return self.held.corrections(self.bus.call("core.input.held"))

    def _replayed(self, replay: Replay) -> None:
        """Follow a replay; at its end the person plays on, or the run ends."""
        replay.ran(self)
        if replay.is_over or replay.parted is not None:
            replay.end(self)
            self.replay = None
            if replay.ends_run:
                self._quit = True
            else:
                self.overlay.toast("the recording is over: you play on", "info")

    def feed(self, *events: list[Any]) -> None:
        """Add raw input events to the next tick, as if a person had made them."""
        self.waiting_inputs.extend(events)

    # ------------------------------------------------------------------ frames

    def frame(self, alpha: float = 1.0) -> None:
        """Draw one picture, `alpha` of the way from the previous tick to the present one, and show it."""
        self.simulation.draw(alpha)
        debug = debug_panel(self) if self.overlay.show_debug else None
        hint = ("Esc back" if self._has_page() else "Esc back to the gallery") if self.host else None
        overlay = self.overlay.data(paused=self.paused, debug=debug, hint=hint)
        overlay["timeline"] = overlay_data(self)
        self.simulation.call("core.window.present", overlay=overlay)

    def screenshot(self, path: str | Path) -> None:
        """Draw the present state and write it as a PNG."""
        self.simulation.draw(1.0)
        self.bus.call("core.render.save", path=os.fspath(path))

    def poll_window(self) -> None:
        """Read the window's events; those for the program itself are carried out, the others wait for the next tick."""
        for event in self.simulation.call("core.window.poll") or ():
            if event[0] == "host":
                self.host_event(*event[1:])
            elif self.root.listens:
                self.held.note(event)
                self.waiting_inputs.append(event)

    def host_event(self, what: str, *values: float) -> None:
        """Carry out an event that is for the program: quit, escape, f1, f2, f3, f5, copy, or one about time."""
        if steer(self, what, *values):
            return
        match what:
            case "quit":
                self.request_quit()
            case "escape":
                self._escape()
            case "f1":
                self.overlay.show_debug = not self.overlay.show_debug
            case "f2":
                self.paused = not self.paused
            case "f3":
                self.paused = True
                self.step()
            case "f5":
                self.restart()

    def leave(self) -> None:
        """End this game after this frame: go back to the app that started it, or end the loop."""
        self._quit = True

    def _escape(self) -> None:
        """Leave the game; where a page lies above it, the page gets the key instead, as part of the next tick."""
        if self._has_page():
            self.feed(["key", "down", "escape"], ["key", "up", "escape"])
        else:
            self.leave()

    def _has_page(self) -> bool:
        """Tell whether Escape goes back from a page; not where the person's input is not what plays."""
        plays = self.root.listens and self.replay is None and self.timeline.loop is None
        return plays and "core.app.takes_escape" in self.bus and bool(self.simulation.call("core.app.takes_escape"))

    # ------------------------------------------------------------------ the loop

    def run(self, ticks: int | None = None, *, realtime: bool | None = None) -> None:
        """Run until told to quit, or until the world has reached `ticks`.

        With `realtime` the tick rate is kept; that is so unless the app is headless or `ticks` is given.
        """
        keep_pace = (not self.headless and ticks is None) if realtime is None else realtime
        pace = Pace()
        with first_among_threads():
            while not self._quit and (ticks is None or self.world.tick < ticks):
                try:
                    self._cycle(pace, ticks, keep_pace=keep_pace)
                except (Exception, DeadlineError) as error:
                    if self.renewal is None or not self.renewal.take_back(self.top, error):
                        raise

    def _cycle(self, pace: Pace, ticks: int | None, *, keep_pace: bool) -> None:
        """Do one frame of the loop."""
        with self._guarded(self.top):
            self._one_frame(self.top, pace, ticks, keep_pace=keep_pace)
        if self.control is not None:
            self.control.deliver()
        if self.renewal is not None:
            self.renewal.poll(self)
        if keep_pace and self.control is not None and self.top.paused:
            self.control.rest(pace.left)
        elif keep_pace:
            self.top.rest(pace)

    def _guarded(self, top: App) -> AbstractContextManager[None]:
        return nullcontext() if self.renewal is None else self.renewal.guarded(top)

    def rest(self, pace: Pace) -> None:
        """Sleep until the next tick is due. What is staged meanwhile is committed now, while there is time for it.

        What comes so late that the tick might have to wait for it is committed once that tick has run.
        """
        self.compiler.go_on()
        self._saves_wait = False
        self._guarded_poll()
        while (left := pace.left) > 0:
            if self.saves is not None and left > COMMIT_ROOM:
                self.reloader.get_ready()
                if self.saves.arrived.wait(max(pace.left - COMMIT_ROOM, 0.0)):
                    self._guarded_poll()
            else:
                self._saves_wait = self.saves is not None
                sleep(left)

    def _guarded_poll(self) -> None:
        if self.saves is not None and self.saves.arrived.is_set():
            with self._guarded(self):
                self.poll_saves()

    def _one_frame(self, top: App, pace: Pace, ticks: int | None, *, keep_pace: bool) -> None:
        if self.control is not None:
            self.control.drain(top, idle=top.paused and not keep_pace)
            top = self.top
        begin = perf_counter()
        if not top.headless:
            top.poll_window()
        due = pace.due() if keep_pace else 1
        top.turn(due, ticks if top is self else None)
        if not top.headless:
            top.frame(pace.alpha if keep_pace and not top.paused else 1.0)
            top.meter.add(perf_counter() - begin)

    def turn(self, due: int, limit: int | None = None) -> None:
        """Run the due ticks of one frame, and what was asked for meanwhile: a restart, a game, the way back."""
        if self._restart:
            self._restart_now()
        if self._to_load is not None:
            self._load_now(self._to_load)
        self.poll_saves()
        self.timeline.work(is_late=due > 1)
        if self.timeline.direction:
            self.timeline.roll(due)
        for _ in range(0 if self.paused else due):
            if self._quit:
                break
            if limit is None or self.world.tick < limit:
                self.step()
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            self._start_child(wanted)
        self._saves_wait = False
        if self._quit and self.host is not None:
            self.host.leave_child()

    @property
    def top(self) -> App:
        """The app that runs: this one, or the game it has started."""
        return self.child.top if self.child is not None else self

    @property
    def root(self) -> App:
        """The app that was started first: this one, or its host."""
        return self.host.root if self.host is not None else self

    def request_quit(self) -> None:
        """End the loop after this frame, that of every host too."""
        self._quit = True
        if self.host is not None:
            self.host.request_quit()

    def start_game(self, name: str) -> None:
        """Start another game inside this app after this frame; it comes back on Escape."""
        self._wanted = name

    def _start_child(self, name: str, image: AppImage | None = None) -> None:
        if self.saves is not None:
            self.saves.pause()
        try:
            self.child = App(
                name,
                headless=self.headless,
                seed=self.seed,
                choose=self.choose,
                reload=self.watching,
                host=self,
                image=image,
            )
        except HotloopError as error:
            if image is not None:
                raise
            self.overlay.toast(str(error), "bad")
            log.error("%s", error)
            if self.saves is not None:
                self.saves.go_on()

    def leave_child(self) -> None:
        """End the game that was started from this app and go on here."""
        if self.child is None:
            raise GameError("no game has been started", remedy="call core.apps.start first")
        child, self.child = self.child, None
        child.close()
        gc.unfreeze()  # so that all of its game can be collected
        self.overlay.errors.clear()
        if self.saves is not None:
            self.saves.go_on()
        self._show_problem()

    # ------------------------------------------------------------------ reloading

    def poll_saves(self) -> None:
        """Commit the files that were saved and are staged by now."""
        if self.saves is None or self._saves_wait:
            return
        for batch in self.saves.take():
            self.modules.prepared = batch.prepared
            self.submit(batch.saves, batch.stage_ms, batch.assets)
            self.modules.prepared = None
            if self.saves is not None:
                self.saves.manifest_waits = any(path.name == MANIFEST for path in self.reloader.pending)

    def submit(self, saves: Iterable[Any], stage_ms: float = 0.0, assets: Iterable[Path] = ()) -> Verdict | None:
        """Try saved files now; return the verdict, or None if there was nothing to do."""
        assets, saves = list(assets), list(saves)
        if assets and "core.assets.changed" in self.bus:
            self.simulation.call("core.assets.changed", paths=[str(path) for path in assets])
        if self.broken is not None:
            if self.renewal is not None and (own := self.renewal.own(saves)):
                return self.renewal.submit(self, own, stage_ms)
            if saves:
                self._restart_now()
            return None
        if self.renewal is not None and saves:
            verdict = self.renewal.submit(self, saves, stage_ms)
        else:
            verdict = self.reloader.submit(saves, stage_ms) if saves else None
        if verdict is not None and verdict.good and self.saves is not None:
            self._watch()
        self._show_problem()
        return verdict

    def _watch(self) -> None:
        """Watch what runs by now: other folders where the modules are others."""
        assert self.saves is not None
        if self.modules.resolution is not self._resolved:
            self.saves.watch(self.watched())
            self._resolved = self.modules.resolution
        else:
            self.saves.tell_what_runs()

    def _on_hopeless(self, name: str) -> None:
        assert self.renewal is not None
        self.renewal.rescue(self.root)

    def _on_pause(self) -> None:
        self.timeline.on_pause()
        if self.renewal is not None:
            self.renewal.paused(self)
        self._show_problem()

    def _on_verdict(self, verdict: Verdict) -> None:
        names = sorted({self.modules.name_of(Path(file)) for file in verdict.files})
        self.overlay.verdict(verdict, names)
        self.timeline.on_verdict(verdict)
        if verdict.outcome == "rolled back" and self.saves is not None:
            self.saves.tell_what_runs()
        if self.recorder is not None:
            self.recorder.code_changed = True
        what = ", ".join(names)
        if verdict.error:
            place = f"{verdict.file}:{verdict.line}: " if verdict.line else ""
            error = verdict.error.removeprefix(place)
            log.warning("%s%s: %s: %s", place, verdict.outcome, what, error)
        elif verdict.outcome == "waiting":
            log.info("waiting: %s", "; ".join((*verdict.notes, verdict.state)))
        else:
            log.info("%s: %s, %.0f ms", verdict.outcome, what, verdict.stage_ms + verdict.commit_ms)
        self._show_problem()
        for listener in (*self.on_verdict, *(self.host.on_verdict if self.host else ())):
            listener(verdict)

    def _show_problem(self) -> None:
        """Let the overlay show what is wrong now: a broken start, a refused edit, paused systems."""
        try:
            self.overlay.errors = problem_panels(self)
        except Exception:  # a message that cannot be shown must not end the game
            log.exception("the overlay cannot be told what is wrong")

    def statistics(self) -> dict[str, Any]:
        """Return the report of the run so far (see `engine/report.py`)."""
        return statistics(self)
