"""Watching with real threads, files and tools: nothing half-written, nothing twice, nothing missed, in every way."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest
from making import wait_until
from saving import WAYS, Save

from engine.reload.settle import HOLD
from engine.reload.watch import FileChange, Watcher

BODY = "def f() -> int:\n    return {}\n"


class Seen:
    """What a watcher handed over."""

    def __init__(self) -> None:
        self.sets: list[list[FileChange]] = []
        self.latest: dict[Path, FileChange] = {}
        self.times: dict[Path, float] = {}
        self.threads: set[str] = set()

    def __call__(self, changes: list[FileChange]) -> None:
        self.threads.add(threading.current_thread().name)
        for change in changes:
            self.times[change.path] = monotonic()
            self.latest[change.path] = change
        self.sets.append(changes)

    def source(self, path: Path) -> bytes | None:
        change = self.latest.get(path)
        return change.source if change is not None else None

    def wait_for(self, path: Path, text: str | bytes | None) -> None:
        content = text.encode() if isinstance(text, str) else text
        wait_until(lambda: path in self.latest and self.source(path) == content, f"{path} with {content!r}")


@contextmanager
def watching(*folders: Path, **options: object) -> Iterator[tuple[Watcher, Seen]]:
    seen = Seen()
    watcher = Watcher(folders, seen, **options)  # type: ignore[arg-type]
    watcher.start()
    try:
        yield watcher, seen
    finally:
        watcher.stop()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "game"
    folder.mkdir()
    for number in range(3):
        (folder / f"m{number}.py").write_text(BODY.format(0))
    return folder


# ---------------------------------------------------------------- one by one


@pytest.mark.parametrize("events", [True, False], ids=["events", "sweeps"])
def test_changed_created_and_deleted(home: Path, events: bool) -> None:
    with watching(home, events=events) as (watcher, seen):
        assert watcher.status() == {
            "mode": "events" if events else "sweep",
            "degraded": None,
            "files": 3,
            "waits_for": None,
        }
        (home / "m0.py").write_text(BODY.format(1))
        seen.wait_for(home / "m0.py", BODY.format(1))
        (home / "sub").mkdir()
        (home / "sub" / "new.py").write_text(BODY.format(2))
        seen.wait_for(home / "sub" / "new.py", BODY.format(2))
        (home / "m1.py").unlink()
        seen.wait_for(home / "m1.py", None)
        kinds = {path.name: change.kind for path, change in seen.latest.items()}
        assert kinds == {"m0.py": "changed", "new.py": "created", "m1.py": "deleted"}
        assert seen.threads == {"hotloop-watch"}


def test_events_are_faster_than_sweeps(home: Path) -> None:
    """A save is handed over long before a sweep would have found it."""
    with watching(home) as (watcher, seen):
        if watcher.status()["mode"] != "events":
            pytest.skip("no events here")
        waits = []
        for number in range(1, 6):
            begin = monotonic()
            (home / "m0.py").write_text(BODY.format(number))
            seen.wait_for(home / "m0.py", BODY.format(number))
            waits.append(seen.times[home / "m0.py"] - begin)
        assert sorted(waits)[2] < HOLD
        assert watcher.status()["degraded"] is None


def test_stopping_and_going_on_finds_what_was_saved_meanwhile(home: Path) -> None:
    with watching(home) as (watcher, seen):
        watcher.stop()
        (home / "m0.py").write_text(BODY.format(1))
        (home / "new.py").write_text(BODY.format(2))
        watcher.start()
        watcher.start()
        seen.wait_for(home / "new.py", BODY.format(2))
        assert [change.path.name for changes in seen.sets for change in changes] == ["m0.py", "new.py"]


def test_nothing_is_left_behind(home: Path) -> None:
    before = set(threading.enumerate())
    handles = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _ in range(5):
        with watching(home):
            pass
    wait_until(lambda: set(threading.enumerate()) <= before)
    if handles:
        assert len(os.listdir("/proc/self/fd")) <= handles


def test_another_folder_while_running(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "c.py").write_text(BODY.format(0))
    with watching(home) as (watcher, seen):
        watcher.watch([home, other])
        wait_until(lambda: watcher.status()["files"] == 4)
        (other / "c.py").write_text(BODY.format(1))
        seen.wait_for(other / "c.py", BODY.format(1))
        assert len(seen.sets) == 1


def test_a_game_that_is_reached_by_a_link(home: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    try:
        link.symlink_to(home)
    except OSError:
        pytest.skip("no links here")
    with watching(link) as (watcher, seen):
        (home / "m0.py").write_text(BODY.format(1))
        seen.wait_for(link / "m0.py", BODY.format(1))
        assert watcher.status()["degraded"] is None


def test_a_game_with_a_virtual_environment_in_it(home: Path) -> None:
    for name in (".venv", ".git", "node_modules"):
        (home / name / "deep").mkdir(parents=True)
    (home / "sub").mkdir()
    with watching(home) as (_, seen):
        for path in (home / "m0.py", home / "sub" / "c.py"):
            path.write_text(BODY.format(1))
            seen.wait_for(path, BODY.format(1))
        (home / "later").mkdir()
        (home / "later" / "d.py").write_text(BODY.format(1))
        seen.wait_for(home / "later" / "d.py", BODY.format(1))
        (home / ".venv" / "deep" / "x.py").write_text("x = 1")
        (home / "m1.py").write_text(BODY.format(1))
        seen.wait_for(home / "m1.py", BODY.format(1))
        assert not [path for path in seen.latest if ".venv" in path.parts]


# ---------------------------------------------------------------- every way of saving


def content_of(module: int, version: int, chance: Random) -> bytes:
    """Return code of several definitions that tells whether it is whole."""
    lines = [f"# {module} version {version}"]
    lines += [f"def f{line}() -> int:\n    return {chance.randrange(10**6)}" for line in range(chance.randint(1, 6))]
    return ("\n".join(lines) + f"\n# end of {module} {version}\n").encode()


class Run:
    """Random saves of many modules, and what a user may expect of each."""

    def __init__(self, home: Path, outside: Path, seed: int) -> None:
        self.home, self.outside, self.chance = home, outside, Random(seed)
        self.paths = [home / f"room{number % 4}" / f"m{number}.py" for number in range(20)]
        self.allowed: dict[Path, list[bytes | None]] = {}
        outside.mkdir()
        for number, path in enumerate(self.paths):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content_of(number, 0, self.chance))
            self.allowed[path] = [path.read_bytes()]

    def save(self, way: str, version: int) -> Path:
        number = self.chance.randrange(len(self.paths))
        path = self.paths[number]
        content = content_of(number, version, self.chance)
        one = Save(path, content, self.outside, self.chance)
        allowed = self.allowed[path]
        allowed += [content, content.replace(b"# end", b"# end of the first")]
        WAYS[way](one)
        if one.gap > HOLD * 0.8:  # this machine was too busy to save as fast as an editor does
            for other in self.paths if way == "folder_moved_there_and_back" else [path]:
                self.allowed[other] += [b"", None]
        allowed.append(content)
        return path

    def check(self, seen: Seen, ways: dict[Path, list[str]]) -> None:
        last: dict[Path, bytes | None] = {path: allowed[0] for path, allowed in self.allowed.items()}
        for changes in seen.sets:
            for change in changes:
                assert change.error is None, change
                assert change.source in self.allowed[change.path], ("half a file", change, ways[change.path])
                assert change.source != last[change.path], ("the same again", change, ways[change.path])
                last[change.path] = change.source
        missed = [path for path in self.paths if last[path] != path.read_bytes()]
        assert missed == []


def run_saves(home: Path, tmp_path: Path, ways: list[str], seed: int, rest: Callable[[Random], float]) -> None:
    run = Run(home, tmp_path / "outside", seed)
    used: dict[Path, list[str]] = {path: [] for path in run.paths}
    with watching(home) as (watcher, seen):
        for version, way in enumerate(ways, 1):
            path = run.save(way, version)
            used[path].append(way)
            sleep(rest(run.chance))
        wait_until(lambda: not watcher.settler.pending and not watcher._inbox)
        watcher.sweep_soon()
        ends = {path: path.read_bytes() for path in run.paths if used[path]}
        wait_until(lambda: all(seen.source(path) == end for path, end in ends.items()), "the last content of each")
    run.check(seen, used)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_saving(home: Path, tmp_path: Path, way: str) -> None:
    run_saves(home, tmp_path, [way] * 6, seed=sum(way.encode()), rest=lambda chance: chance.uniform(0, 0.12))


def test_ways_of_saving_at_random(home: Path, tmp_path: Path) -> None:
    chance = Random(20)
    ways = [chance.choice(list(WAYS)) for _ in range(80)]
    run_saves(home, tmp_path, ways, seed=21, rest=lambda chance: chance.choice([0, 0, 0.01, 0.05, 0.12]))


@pytest.mark.long
def test_ten_thousand_saves(home: Path, tmp_path: Path) -> None:
    chance = Random(30)
    ways = [chance.choice(list(WAYS)) for _ in range(10_000)]
    run_saves(home, tmp_path, ways, seed=31, rest=lambda chance: chance.choice([0, 0, 0.01, 0.05, 0.12]))


# ---------------------------------------------------------------- with the tools themselves


def tool(*command: str, cwd: Path) -> None:
    environment = {
        **os.environ,
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@b.invalid",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b.invalid",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    subprocess.run(command, cwd=cwd, env=environment, check=True, capture_output=True, stdin=subprocess.DEVNULL)


def needs(name: str) -> str:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    return name


def test_sed(home: Path) -> None:
    with watching(home) as (_, seen):
        tool(needs("sed"), "-i", "s/return 0/return 9/", "m0.py", cwd=home)
        seen.wait_for(home / "m0.py", BODY.format(9))
        assert len(seen.sets) == 1


def test_cp(home: Path, tmp_path: Path) -> None:
    (tmp_path / "source.py").write_text(BODY.format(7))
    with watching(home) as (_, seen):
        tool(needs("cp"), "-p", str(tmp_path / "source.py"), "m0.py", cwd=home)
        seen.wait_for(home / "m0.py", BODY.format(7))


@pytest.mark.parametrize("backupcopy", ["auto", "yes", "no"])
def test_vim(home: Path, backupcopy: str) -> None:
    with watching(home) as (_, seen):
        commands = [f"+set backupcopy={backupcopy}", "+%s/return 0/return 9/", "+wq"]
        tool(needs("vim"), "-u", "NONE", "-es", *commands, "m0.py", cwd=home)
        seen.wait_for(home / "m0.py", BODY.format(9))
        assert len(seen.sets) == 1


@pytest.fixture
def repository(home: Path) -> Path:
    """Make the game's folder a git repository with two branches that differ in 50 files."""
    needs("git")
    tool("git", "init", "-q", "-b", "one", cwd=home)
    for branch, value in (("one", 1), ("two", 2)):
        if branch == "two":
            tool("git", "switch", "-q", "-c", "two", cwd=home)
        for number in range(50):
            (home / f"g{number}.py").write_text(BODY.format(value))
        (home / f"only_{branch}.py").write_text(BODY.format(value))
        if branch == "two":
            (home / "only_one.py").unlink()
        tool("git", "add", "-A", cwd=home)
        tool("git", "commit", "-q", "-m", branch, cwd=home)
    return home


def test_a_branch_switch_is_one_set(repository: Path) -> None:
    with watching(repository) as (watcher, seen):
        for branch, value in (("one", 1), ("two", 2), ("one", 1)):
            before = len(seen.sets)
            tool("git", "switch", "-q", branch, cwd=repository)
            wait_until(lambda before=before: len(seen.sets) > before)  # type: ignore[misc]
            watcher.sweep_soon()
            for number in range(50):
                seen.wait_for(repository / f"g{number}.py", BODY.format(value))
            assert len(seen.sets) == before + 1
            kinds = {change.path.name: change.kind for change in seen.sets[-1]}
            other = "two" if branch == "one" else "one"
            assert kinds[f"only_{branch}.py"] == "created"
            assert kinds[f"only_{other}.py"] == "deleted"
            assert len(kinds) == 52


def test_stash_and_rebase_end_at_what_lies_there(repository: Path) -> None:
    with watching(repository) as (_, seen):
        (repository / "g0.py").write_text(BODY.format(77))
        seen.wait_for(repository / "g0.py", BODY.format(77))
        tool("git", "stash", cwd=repository)
        seen.wait_for(repository / "g0.py", BODY.format(2))
        tool("git", "stash", "pop", cwd=repository)
        seen.wait_for(repository / "g0.py", BODY.format(77))
        tool("git", "checkout", "-q", "--", ".", cwd=repository)
        seen.wait_for(repository / "g0.py", BODY.format(2))
        (repository / "extra.py").write_text(BODY.format(3))
        tool("git", "add", "-A", cwd=repository)
        tool("git", "commit", "-q", "-m", "extra", cwd=repository)
        tool("git", "rebase", "-q", "--onto", "one~0", "two~1", cwd=repository)
        for path in repository.glob("*.py"):
            text = path.read_text()
            if path in seen.latest:
                seen.wait_for(path, text)
