"""What befalls a watcher: lost events, dead threads, folders made again. It goes on, converges and says so."""

from __future__ import annotations

import ctypes
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from making import wait_until
from test_watch import BODY, Seen, watching
from watchdog.observers import Observer

from engine.reload import watch
from engine.reload.watch import FileChange, Watcher


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "game"
    folder.mkdir()
    (folder / "a.py").write_text(BODY.format(0))
    return folder


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take less time between attempts, that the tests wait less."""
    monkeypatch.setattr(watch, "SWEEP_EVERY", 0.2)
    monkeypatch.setattr(watch, "SWEEP_ALONE", 0.1)
    monkeypatch.setattr(watch, "RETRY_EVENTS", 0.3)


def edit(home: Path, seen: Seen, value: int) -> None:
    """Save, and wait until it is handed over."""
    (home / "a.py").write_text(BODY.format(value))
    seen.wait_for(home / "a.py", BODY.format(value))


def degraded(watcher: Watcher) -> str:
    return watcher.status()["degraded"] or ""


def silent_observer() -> Any:
    """Return an observer as on a drive that sends no events."""
    observer = Observer()
    observer.schedule = lambda *arguments, **options: None  # type: ignore[method-assign]
    return observer


# ---------------------------------------------------------------- events that do not come


def test_a_drive_without_events(home: Path) -> None:
    with watching(home, make_observer=silent_observer) as (watcher, seen):
        for value in (1, 2):
            edit(home, seen, value)
        assert "edits came without events" in degraded(watcher)
        assert str(home / "a.py") in degraded(watcher)


@pytest.mark.parametrize(
    "error", [OSError(28, "inotify watch limit reached"), OSError(24, "inotify instance limit reached")]
)
def test_no_watches_left(home: Path, error: OSError) -> None:
    broken = True

    def make() -> Any:
        if broken:
            raise error
        return Observer()

    with watching(home, make_observer=make) as (watcher, seen):
        assert watcher.status()["mode"] == "sweep"
        assert degraded(watcher) == f"no events, edits are found by sweeps: {error}"
        edit(home, seen, 1)
        broken = False
        wait_until(lambda: watcher.status()["mode"] == "events")
        assert degraded(watcher) == ""
        edit(home, seen, 2)


def test_no_watches_left_when_it_starts(home: Path) -> None:
    def make() -> Any:
        observer = Observer()

        def start() -> None:
            raise OSError(28, "inotify watch limit reached")

        observer.start = start  # type: ignore[method-assign]
        return observer

    before = set(threading.enumerate())
    with watching(home, make_observer=make) as (watcher, seen):
        edit(home, seen, 1)
        assert "watch limit" in degraded(watcher)
    wait_until(lambda: set(threading.enumerate()) <= before)


def test_without_events_by_choice_nothing_is_degraded(home: Path) -> None:
    with watching(home, events=False) as (watcher, seen):
        edit(home, seen, 1)
        assert watcher.status()["mode"] == "sweep"
        assert degraded(watcher) == ""


# ---------------------------------------------------------------- an observer that ends


def stop_observer(watcher: Watcher) -> None:
    watcher._events.observer.stop()


def stop_emitter(watcher: Watcher) -> None:
    for emitter in watcher._events.observer.emitters:
        emitter.stop()


def stop_reader(watcher: Watcher) -> None:
    reader = getattr(watcher._events.observer, "_inotify_fd", None)
    if reader is None:
        pytest.skip("inotify's alone")
    reader.stop()


@pytest.mark.parametrize("end", [stop_observer, stop_emitter, stop_reader])
def test_a_dead_observer_is_started_again(home: Path, end: Callable[[Watcher], None]) -> None:
    with watching(home) as (watcher, seen):
        edit(home, seen, 1)
        before = watcher._events.observer
        end(watcher)
        edit(home, seen, 2)
        wait_until(lambda: watcher._events.observer not in (None, before))
        assert "the observer of events was started again: it had ended" in degraded(watcher)
        edit(home, seen, 3)


def test_lost_events_are_found_and_told(home: Path) -> None:
    """As after an overflow of the queue, which watchdog writes to its log."""
    with watching(home, make_observer=silent_observer) as (watcher, seen):
        logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed; events were lost")
        edit(home, seen, 1)
        assert "too many events at once, some were lost" in degraded(watcher)


def test_watchdogs_log_does_not_reach_standard_error(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with watching(home):
        logging.getLogger("watchdog.observers.inotify").error("of no concern to a player")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("events", [True, False], ids=["events", "sweeps"])
def test_twelve_thousand_files_at_once(home: Path, events: bool) -> None:
    with watching(home, events=events) as (_, seen):
        for number in range(40):
            (home / f"room{number}").mkdir()
        for number in range(12_000):
            (home / f"room{number % 40}" / f"m{number}.py").write_bytes(b"x = %d\n" % number)
        edit(home, seen, 1)
        wait_until(lambda: len(seen.latest) == 12_001, deadline=30)
        assert all(
            seen.source(home / f"room{number % 40}" / f"m{number}.py") == b"x = %d\n" % number
            for number in range(12_000)
        )
        assert sum(map(len, seen.sets)) == 12_001
        edit(home, seen, 2)


# ---------------------------------------------------------------- folders


def test_a_root_deleted_and_made_again(home: Path) -> None:
    with watching(home) as (watcher, seen):
        for value in (1, 2):
            (home / "a.py").unlink()
            home.rmdir()
            wait_until(lambda: f"{home} is gone" in degraded(watcher))
            home.mkdir()
            (home / "a.py").write_text(BODY.format(value))
            seen.wait_for(home / "a.py", BODY.format(value))
            wait_until(lambda: "is gone" not in degraded(watcher))
            edit(home, seen, 10 * value)
        assert {change.kind for changes in seen.sets for change in changes} == {"changed"}
        assert "a folder was made again" in degraded(watcher)
        wait_until(lambda: watcher.status()["mode"] == "events")


def test_a_root_exchanged_in_one_go(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.py").write_text(BODY.format(5))
    with watching(home) as (watcher, seen):
        home.rename(tmp_path / "away")
        other.rename(home)
        seen.wait_for(home / "a.py", BODY.format(5))
        wait_until(lambda: "a folder was made again" in degraded(watcher))
        edit(home, seen, 6)


def test_a_root_that_is_not_there_yet(tmp_path: Path) -> None:
    late = tmp_path / "late"
    with watching(late) as (watcher, seen):
        assert watcher.status()["files"] == 0
        wait_until(lambda: f"{late} is gone" in degraded(watcher))
        late.mkdir()
        edit(late, seen, 1)


# ---------------------------------------------------------------- the watcher's own thread


def kill(thread: threading.Thread) -> None:
    """Raise SystemExit in a thread, as nothing should."""
    assert thread.ident is not None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))


def test_a_killed_thread_goes_on(home: Path) -> None:
    with watching(home) as (watcher, seen):
        edit(home, seen, 1)
        assert watcher._thread is not None
        kill(watcher._thread)
        edit(home, seen, 2)
        wait_until(lambda: "watching failed: SystemExit" in degraded(watcher))


def test_a_dead_thread_is_started_again_by_whoever_asks(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with watching(home) as (watcher, seen):
        thread = watcher._thread
        assert thread is not None
        with monkeypatch.context() as patch:
            patch.setattr(watcher, "_run", lambda: None)
            watcher.stop()
            watcher.start()
            assert watcher._thread is not None
            watcher._thread.join()
        wait_until(lambda: "the watching thread had ended" in degraded(watcher))
        edit(home, seen, 1)


def test_a_fault_within_is_told_and_survived(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with watching(home) as (watcher, seen):
        with monkeypatch.context() as patch:

            def fail(now: float) -> None:
                raise RuntimeError("inside")

            patch.setattr(watcher.settler, "sweep", fail)
            wait_until(lambda: "watching failed: RuntimeError: inside" in degraded(watcher))
        edit(home, seen, 1)


def test_a_receiver_that_raises_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with watching(home) as (watcher, seen):
        tries = []

        def receive(changes: list[FileChange]) -> None:
            tries.append(changes)
            if len(tries) == 1:
                raise ValueError("mine")
            seen(changes)

        watcher.on_ready = receive
        edit(home, seen, 1)
        assert len(tries) == 2
        edit(home, seen, 2)


def test_a_handler_never_raises_into_the_observer(home: Path) -> None:
    handler = watch._Handler(lambda message: None)
    handler.dispatch(object())  # type: ignore[arg-type]
