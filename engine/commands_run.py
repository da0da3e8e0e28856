"""`hotloop run`: play a game, with or without a window, and write what was asked for."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType

from engine.app import App
from engine.display import missing_display
from engine.errors import DeadlineError, GameError, HotloopError
from engine.inputs import Script, read_inputs
from engine.memory import playing
from engine.reload.manifest import FILE_NAME
from engine.reload.members import belongs
from engine.reload.places import find_game
from engine.reload.reexec import Launch, hear_signals
from engine.renewal import Renewal
from engine.report import counted, write_report
from engine.resume import AppImage, Resume
from engine.timeline.parting import explain_parting
from engine.timeline.recorder import Recorder
from engine.timeline.recording import Recording, read_recording
from engine.timeline.replay import RecordedCode, Replay

GALLERY = "gallery"
UNSEEN_TICKS = 600
UNSEEN_PICTURE = Path("hotloop.png")
INPUT_NAME = "input.json"
PATIENCE = 0.4
"""Seconds that a run may take to end by itself after Ctrl-C."""


@dataclass(frozen=True)
class Request:
    """What a run is asked to do. `picture_tick` None means at the end."""

    folder: Path
    headless: bool
    ticks: int | None
    realtime: bool | None
    seed: int
    choose: dict[str, str]
    watch: bool
    picture: Path | None
    picture_tick: int | None
    report: Path | None
    control: Path | None = None
    paused: bool = False
    script: Script = field(default_factory=dict)
    record: Path | None = None
    replay: Recording | None = None
    verify: bool = False


def run(options: argparse.Namespace) -> int:
    """Play a game as the options say; return the exit status."""
    launch, resume = Launch.of_this_process(), Resume.from_environment()
    request = read_request(options)
    with Ending() as ending, logging_to_stdout():
        hear_signals()
        renewal = Renewal(launch, resume)
        try:
            if resume is None and request.replay is not None:
                return play_again(request, request.replay, ending)
            if resume is None:
                play(request, ending, renewal)
            else:
                go_on(request, ending, renewal, resume)
        except (KeyboardInterrupt, HotloopError):
            # Interrupted while it loads, a game fails to load: that is what was asked for.
            if not ending.asked:
                raise
        finally:
            renewal.close()
    return 0


def play(request: Request, ending: Ending, renewal: Renewal) -> None:
    """Open the game, in a window if one can be seen, and run it."""
    reason = None if request.headless else missing_display()
    if reason is None:
        app = open_app(request, renewal)
        reason = None if request.headless else unusable(app)
        if reason is None:
            return run_to_end(app, request, ending)
        app.close()
    print(f"hotloop: no usable display: {reason}; going on headless", file=sys.stderr)
    request = unseen(request)
    return run_to_end(open_app(request, renewal), request, ending)


def play_again(request: Request, recording: Recording, ending: Ending) -> int:
    """Play a recorded run, without watching the files; return 1 if it was compared and differs."""
    if not request.headless and missing_display() is not None:
        request = replace(request, headless=True)
    request = replace(request, choose={"core.saves": "systems.null_saves", **request.choose})  # none is written over
    with RecordedCode(recording, request.folder) as code:
        for name in code.foreign:
            print(f"hotloop: {name} is not as recorded; it runs as it is now")
        app = open_app(request, None)
        replay = app.replay = Replay(recording, code.folders, code.foreign, request.verify)
        replay.ends_run = request.headless or request.verify
        try:
            with ending.of(app):
                _run(app, request)
            if replay.parted is None:
                _write(app, request)
            return _tell(app, replay)
        finally:
            app.close()


def _tell(app: App, replay: Replay) -> int:
    """Say how a replay has gone; return the exit status."""
    if replay.parted is not None:
        print(explain_parting(app, replay))
        return 1
    compared = f", {replay.equal} as recorded" if replay.verify else ""
    print(f"{app.name}: {replay.at} ticks played again{compared}, world {app.world.hash()}")
    return 0


def go_on(request: Request, ending: Ending, renewal: Renewal, resume: Resume) -> None:
    """Go on where the process was before it was executed anew; if that fails at once, on the sources before."""
    if resume.header["headless"] and not request.headless:
        request = unseen(request)
    app: App | None = None
    try:
        app = open_app(request, renewal, resume.image())
        run_to_end(app, request, ending)
    except (Exception, DeadlineError) as error:
        if not ending.asked:
            renewal.give_back(app, error)
        raise


def read_request(options: argparse.Namespace) -> Request:
    """Check the options against each other and against what exists; raise `HotloopError` before anything runs."""
    picture, picture_tick = options.screenshot or (None, None)
    for option, path in (("--report", options.report), ("--screenshot", picture), ("--record", options.record)):
        if path is not None:
            _check_writable(option, path)
    if picture_tick is not None and options.ticks is not None and picture_tick > options.ticks:
        raise GameError(
            f"--screenshot asks for tick {picture_tick}, but the run ends at tick {options.ticks}",
            remedy="ask for an earlier tick or more --ticks",
        )
    recording = _read_replay(options)
    return Request(
        folder=_playable(_folder(options.game, recording)),
        headless=options.headless,
        ticks=options.ticks,
        realtime=True if options.realtime else False if options.verify else None,
        seed=options.seed if recording is None else recording.header["seed"],
        choose={**(recording.header["choose"] if recording is not None else {}), **dict(options.choose)},
        watch=options.reload and recording is None,
        picture=picture,
        picture_tick=picture_tick,
        report=options.report,
        control=options.control,
        paused=options.paused,
        script=read_inputs(options.input) if options.input else {},
        record=options.record,
        replay=recording,
        verify=options.verify,
    )


def _read_replay(options: argparse.Namespace) -> Recording | None:
    """Read the recording that is to be played, and refuse what does not go with it."""
    if options.replay is None:
        if options.verify:
            raise GameError("--verify compares a replay", remedy="add --replay FILE")
        return None
    for option, given in (("--record", options.record), ("--input", options.input), ("--seed", options.seed)):
        if given:
            raise GameError(
                f"{option} does not go with --replay", why="a recording holds all that", remedy="leave it out"
            )
    return read_recording(options.replay)


def _folder(game: str | None, recording: Recording | None) -> Path:
    """Return the folder of the game that is asked for, or was recorded."""
    if game is not None or recording is None:
        return find_game(GALLERY if game is None else game)
    folder = Path(recording.header.get("folder", ""))
    return folder if (folder / FILE_NAME).is_file() else find_game(recording.header["game"])


def _check_writable(option: str, path: Path) -> None:
    """Refuse a file that could not be written in the end: it is replaced, so what is there must be a plain file."""
    folder = path.absolute().parent
    if path.exists() and not path.is_file():
        why = "it is a folder" if path.is_dir() else "it is not a plain file"
    elif not folder.is_dir() or not os.access(folder, os.W_OK):
        why = f"{folder} is not a folder that can be written"
    else:
        return
    raise GameError(f"{option}: {path} cannot be written", why=why, remedy="name another file")


def _playable(folder: Path) -> Path:
    """Return a game's folder, or refuse one that has a manifest and no code."""
    has_code = any(belongs(path.relative_to(folder).parts) for path in folder.rglob("*.py"))
    if has_code or not (folder / FILE_NAME).is_file():  # whoever reads the manifest says what is wrong with it
        return folder
    raise GameError(
        f"{folder} holds no app", why="there is no Python file in it", remedy="write its systems into __init__.py"
    )


def unseen(request: Request) -> Request:
    """Turn a request for a window into one without; with no end given, into a short run that leaves a picture."""
    if request.ticks is not None:
        return replace(request, headless=True)
    if request.control is not None:
        return replace(request, headless=True, realtime=True)
    script, scripted = request.script, request.folder / INPUT_NAME
    if not script and scripted.is_file():
        script = read_inputs(scripted)
    ticks = max(UNSEEN_TICKS, request.picture_tick or 0)
    picture = request.picture or UNSEEN_PICTURE
    return replace(request, headless=True, ticks=ticks, picture=picture, script=script)


def open_app(request: Request, renewal: Renewal | None, image: AppImage | None = None) -> App:
    """Load the game, and have its run written down if that is asked for."""
    app = App(
        request.folder,
        headless=request.headless,
        seed=request.seed,
        choose=request.choose,
        reload=request.watch,
        inputs=request.script,
        renewal=renewal,
        image=image,
    )
    app.paused |= request.paused and image is None
    if request.record is not None:
        app.record(Recorder(request.record.absolute()))
    return app


@contextmanager
def controlled(app: App, folder: Path | None) -> Iterator[None]:
    """Let the game be reached through a control port in the block, if a folder for it is named."""
    if folder is None:
        yield
        return
    from engine.control.place import Place
    from engine.control.port import ControlPort

    app.control = ControlPort(Place.make(folder), app)
    try:
        yield
    finally:
        app.control.close()


def unusable(app: App) -> str | None:
    """Return what the window's implementation says is in the way of a window, if it says so."""
    if "core.window.usable" not in app.bus:
        return None
    reason = app.bus.call("core.window.usable")
    return str(reason) if reason else None


def run_to_end(app: App, request: Request, ending: Ending) -> None:
    """Run the app to its end, writing picture and report."""
    try:
        if request.report is not None:
            report = request.report
            app.on_verdict.append(lambda verdict: write_report(report, app.statistics()))
        with ending.of(app), controlled(app, request.control), playing():
            _run(app, request)
        _write(app, request)
        if request.headless:
            print(_summary(app, request))
    finally:
        app.close()


def _run(app: App, request: Request) -> None:
    ticks, shot = request.ticks, request.picture_tick
    realtime = request.realtime if request.realtime is not None else not request.headless and ticks is None
    # Nobody plays at full speed: where the mouse happens to lie in the window must not decide how the run ends.
    app.listens = realtime
    if shot is not None and app.world.tick <= shot:  # a process that was executed anew may be past it
        app.run(shot, realtime=realtime)
        _write_picture(app, request)
    app.run(ticks, realtime=realtime)


def _write(app: App, request: Request) -> None:
    if request.picture_tick is None:
        _write_picture(app, request)
    if request.report is not None:
        try:
            write_report(request.report, app.statistics())
        except OSError as error:
            raise _unwritten("--report", request.report, error) from error


def _write_picture(app: App, request: Request) -> None:
    if request.picture is None or app.broken is not None:
        return
    try:
        app.screenshot(request.picture.absolute())
    except OSError as error:
        raise _unwritten("--screenshot", request.picture, error) from error


def _unwritten(option: str, path: Path, error: OSError) -> HotloopError:
    return GameError(
        f"{option}: {path} cannot be written", why=error.strerror or str(error), remedy="name another file"
    )


def _summary(app: App, request: Request) -> str:
    picture = f", picture {request.picture}" if request.picture else ""
    ticks, entities = counted(app.world.tick, "tick"), counted(len(app.world), "entity", "entities")
    return f"{app.name}: {ticks}, {entities}, world {app.world.hash()}{picture}"


@contextmanager
def logging_to_stdout() -> Iterator[None]:
    """Let the engine's log lines reach the terminal: reloads, faults, missing assets."""
    log, handler = logging.getLogger("hotloop"), logging.StreamHandler(sys.stdout)
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)


def interrupt_main_thread() -> None:
    """Send SIGINT to the main thread itself where that is possible, so that it also wakes from a sleep."""
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)


class Ending:
    """Lets SIGINT and SIGTERM end a run: the app is asked to quit, and interrupted if it does not listen."""

    def __init__(self) -> None:
        self.app: App | None = None
        self.asked = self.is_over = False
        self.timer = threading.Timer(PATIENCE, interrupt_main_thread)
        self.timer.daemon = True

    def __enter__(self) -> Ending:
        self.before = {number: signal.signal(number, self.on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *exc: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Ask the app to quit; the second time, or while it still loads, interrupt."""
        if self.is_over:
            return
        if self.app is None or self.asked:
            self.asked = True
            raise KeyboardInterrupt
        self.asked = True
        self.app.request_quit()
        self.timer.start()

    @contextmanager
    def of(self, app: App) -> Iterator[None]:
        """Let signals end the block, which runs the app; after it they do nothing, since the end is near anyway."""
        self.app = app
        try:
            yield
        except KeyboardInterrupt:
            if not self.asked:
                raise
        finally:
            self.is_over = True
            self.timer.cancel()
