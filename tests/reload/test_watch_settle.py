"""Settling of saves on real files, with the time told by the test: what is held, for how long, and taken together."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.reload import files, settle
from engine.reload.watch import FileChange, Watcher, digest_of

BODY = "def f() -> int:\n    return {}\n"


class Clock:
    """A watcher without threads or events, and a clock that the test moves."""

    def __init__(self, *folders: Path) -> None:
        self.now = 100.0
        self.sets: list[list[FileChange]] = []
        self.watcher = Watcher(folders, self.sets.append, events=False, clock=lambda: self.now)
        self.watcher.poll(self.now)

    def go(self, seconds: float) -> list[tuple[str, str]]:
        """Let time pass in small steps; return what was handed over meanwhile as (name, kind)."""
        before = len(self.sets)
        end = self.now + seconds
        while self.now < end:
            self.now += 0.01
            self.watcher.poll(self.now)
        return [(change.path.name, change.kind) for changes in self.sets[before:] for change in changes]

    def event(self, kind: str, path: Path, target: Path | str = "", folder: bool = False) -> None:
        self.watcher._put(("event", kind, folder, str(path), str(target)))

    def until_taken(self, limit: float = 10.0) -> float:
        """Return the seconds until the next set is handed over."""
        begin, before = self.now, len(self.sets)
        while len(self.sets) == before:
            assert self.now - begin < limit, "nothing was handed over"
            self.go(0.01)
        return self.now - begin

    @property
    def last(self) -> FileChange:
        return self.sets[-1][-1]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "game"
    folder.mkdir()
    for name in ("a.py", "b.py"):
        (folder / name).write_text(BODY.format(0))
        os.utime(folder / name, (1e9, 1e9))  # long ago, so that no file counts as young
    return folder


@pytest.fixture
def clock(home: Path) -> Clock:
    return Clock(home)


def save(clock: Clock, path: Path, text: str) -> None:
    path.write_text(text)
    clock.event("modified", path)
    clock.event("closed", path)


# ---------------------------------------------------------------- single saves


def test_a_save_is_handed_over_after_a_short_quiet_time(clock: Clock, home: Path) -> None:
    save(clock, home / "a.py", BODY.format(1))
    taken = clock.until_taken()
    assert settle.QUIET <= taken <= settle.QUIET + 0.03
    source = BODY.format(1).encode()
    assert clock.sets == [[FileChange(home / "a.py", "changed", source, digest_of(source), None, clock.last.noticed)]]
    assert clock.go(3) == []


def test_what_is_there_at_the_start_is_no_change(clock: Clock) -> None:
    assert clock.go(3) == []


def test_a_sweep_finds_it_without_events(clock: Clock, home: Path) -> None:
    (home / "a.py").write_text(BODY.format(1))
    (home / "new.py").write_text("x = 1\n")
    (home / "b.py").unlink()
    assert clock.go(2) == [("a.py", "changed"), ("b.py", "deleted"), ("new.py", "created")]
    assert len(clock.sets) == 1
    assert clock.last.source == b"x = 1\n"


@pytest.mark.parametrize("event", [True, False])
def test_the_same_content_is_no_change(clock: Clock, home: Path, event: bool) -> None:
    for act in (
        lambda path: path.write_bytes(path.read_bytes()),
        lambda path: os.utime(path),
        lambda path: path.touch(),
        lambda path: (path.with_suffix(".t").write_bytes(path.read_bytes()), path.with_suffix(".t").replace(path)),
    ):
        act(home / "a.py")
        if event:
            clock.event("modified", home / "a.py")
        assert clock.go(3) == []


def test_an_edit_that_leaves_size_and_time_as_they_were(clock: Clock, home: Path) -> None:
    before = (home / "a.py").stat()
    (home / "a.py").write_text(BODY.format(5))
    os.utime(home / "a.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert clock.go(2) == [("a.py", "changed")]


def test_a_young_file_is_read_again_although_nothing_about_it_changed(
    clock: Clock, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a file system whose times are whole seconds."""
    monkeypatch.setattr(files, "signature_of", lambda status: (1, status.st_size, 1, 1, 1))
    monkeypatch.setattr(settle, "signature_of", lambda status: (1, status.st_size, 1, 1, 1))
    save(clock, home / "a.py", BODY.format(1))
    clock.until_taken()
    (home / "a.py").write_text(BODY.format(2))
    assert clock.go(2) == [("a.py", "changed")]


def test_back_to_what_was_before_is_a_change_too(clock: Clock, home: Path) -> None:
    """An edit that was refused is taken back: whoever waits for that must hear of it."""
    save(clock, home / "a.py", BODY.format(1))
    clock.go(1)
    save(clock, home / "a.py", BODY.format(0))
    assert clock.go(1) == [("a.py", "changed")]


def test_only_names_that_matter(clock: Clock, home: Path) -> None:
    for name in (
        "a.py~",
        ".a.py.swp",
        "4913",
        "#a.py#",
        ".#a.py",
        ".hidden.py",
        "notes.txt",
        "a.pyc",
        "a.py.bak",
        "__pycache__/a.py",
        ".venv/x.py",
        ".git/x.py",
        "node_modules/x.py",
        "assets/.rock.png.part",
        "assets/rock.png~",
        "assets/rock.tmp",
    ):
        path = home / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x = 1\n")
        clock.event("created", path)
    assert clock.go(3) == []
    for name in ("module.toml", "assets/rock.png", "assets/deep/laser.wav", "sub/c.py"):
        path = home / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x = 1\n")
    assert [name for name, _ in clock.go(2)] == ["laser.wav", "rock.png", "module.toml", "c.py"]
    sources = {change.path.name: change.source for change in clock.sets[-1]}
    assert sources == {"laser.wav": None, "rock.png": None, "module.toml": b"x = 1\n", "c.py": b"x = 1\n"}


def test_a_folder_of_assets_is_watched_whole(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    clock = Clock(tmp_path / "assets")
    (tmp_path / "assets" / "rock.png").write_bytes(b"\x89PNG")
    assert clock.go(2) == [("rock.png", "created")]


def test_a_glimpse_comes_before_the_set(clock: Clock, home: Path) -> None:
    glimpses: list[FileChange] = []
    clock.watcher.on_glimpse = glimpses.append
    for number in (0, 1, 1, 2):
        save(clock, home / "a.py", BODY.format(number))
        clock.watcher.poll(clock.now)
    assert [change.source for change in glimpses] == [BODY.format(number).encode() for number in (1, 2)]
    assert clock.sets == []
    clock.go(1)
    assert clock.sets == [[glimpses[-1]]]
    (home / "assets").mkdir()
    for path in [home / "assets" / "rock.png", home / "b.py"]:
        save(clock, path, "")
    clock.go(1)
    assert len(glimpses) == 2


def test_a_large_set_is_not_glimpsed_at(clock: Clock, home: Path) -> None:
    glimpses: list[FileChange] = []
    clock.watcher.on_glimpse = glimpses.append
    for number in range(settle.FEW + 1):
        save(clock, home / f"m{number}.py", BODY.format(number))
    assert len(clock.go(1)) == settle.FEW + 1
    assert glimpses == []


# ---------------------------------------------------------------- what holds the set


@pytest.mark.parametrize("content", ["", None, "# all gone\nx = 1\n"])
def test_empty_missing_or_without_its_declarations_holds_the_set(clock: Clock, home: Path, content: str | None) -> None:
    if content is None:
        (home / "a.py").unlink()
        clock.event("deleted", home / "a.py")
    else:
        save(clock, home / "a.py", content)
    save(clock, home / "b.py", BODY.format(7))
    taken = clock.until_taken()
    assert settle.HOLD <= taken - settle.QUIET <= settle.HOLD + 0.15
    kinds = [(change.path.name, change.kind) for change in clock.sets[-1]]
    assert kinds == [("a.py", "deleted" if content is None else "changed"), ("b.py", "changed")]
    assert clock.sets[-1][0].source == (None if content is None else content.encode())


def test_what_held_the_set_comes_back_whole(clock: Clock, home: Path) -> None:
    (home / "a.py").unlink()
    clock.event("deleted", home / "a.py")
    save(clock, home / "b.py", BODY.format(7))
    assert clock.go(0.2) == []
    save(clock, home / "a.py", "")
    assert clock.go(0.2) == []
    save(clock, home / "a.py", BODY.format(8))
    assert clock.go(0.2) == [("a.py", "changed"), ("b.py", "changed")]


def parts(home: Path, **contents: str) -> Clock:
    """Write modules in folders of their own, long ago."""
    for name, content in contents.items():
        (home / name).mkdir()
        (home / name / "__init__.py").write_text(content)
        os.utime(home / name / "__init__.py", (1e9, 1e9))
    return Clock(home)


ONE, OTHER = "def one() -> int:\n    return {}\n", "def other() -> int:\n    return {}\n"


@pytest.mark.parametrize("content", ["", None])
@pytest.mark.parametrize(
    ("before", "after", "is_tied"),
    [
        (OTHER.format(0), OTHER.format(1), False),
        (OTHER.format(0), "from modules.plugins.one import (\n    one,\n)\n" + OTHER.format(0), True),
        ("from ..one import one\n" + OTHER.format(0), OTHER.format(0), True),
        (OTHER.format(0), OTHER.format(0) + ONE.format(1), True),
        (ONE.format(0), ONE.format(1), False),
    ],
    ids=["a stranger", "it imports it", "it imported it", "what was there may have moved here", "two of one name"],
)
def test_what_holds_its_burst_soon_lets_go_of_strangers(
    home: Path, content: str | None, before: str, after: str, is_tied: bool
) -> None:
    clock = parts(home, one=ONE.format(0), other=before)
    one, other = home / "one" / "__init__.py", home / "other" / "__init__.py"
    if content is None:
        one.unlink()
        clock.event("deleted", one)
    else:
        save(clock, one, content)
    save(clock, other, after)
    taken = clock.until_taken() - settle.QUIET
    wanted = settle.HOLD if is_tied else settle.APART
    assert wanted <= taken <= wanted + settle.QUIET + 0.03
    assert [change.path for change in clock.sets[-1]] == ([one, other] if is_tied else [other])
    clock.go(1)
    assert sum(len(changes) for changes in clock.sets) == 2


def test_strangers_of_a_middleman_are_none(home: Path) -> None:
    three = "from ..other import other\n\n\ndef three() -> int:\n    return {}\n"
    clock = parts(home, one=ONE.format(0), other="from ..one import one\n" + OTHER.format(0), three=three.format(0))
    save(clock, home / "one" / "__init__.py", "")
    save(clock, home / "other" / "__init__.py", "from ..one import one\n" + OTHER.format(1))
    save(clock, home / "three" / "__init__.py", three.format(1))
    assert clock.until_taken() >= settle.HOLD
    assert len(clock.sets[-1]) == 3


@pytest.mark.parametrize("goes", ["its file", "its folder"])
def test_what_git_deletes_and_what_it_changes_are_one_set(home: Path, goes: str) -> None:
    """Also if git was faster than anybody could see its lock."""
    index = git_folder(home, "own").with_name("index")
    clock = parts(home, one=ONE.format(0), other=OTHER.format(0))
    index.touch()
    os.utime(index, (1e9, 1e9))
    for deleted in (False, True):
        (home / "one" / "__init__.py").unlink()
        if goes == "its folder":
            (home / "one").rmdir()
        clock.event("deleted", home / "one" / "__init__.py")
        save(clock, home / "other" / "__init__.py", OTHER.format(1 + deleted))
        if deleted:
            index.write_text("as it is now")
        clock.until_taken()
        assert [change.kind for change in clock.sets[-1]] == (["deleted", "changed"] if deleted else ["changed"])
        clock.go(1)
        (home / "one").mkdir(exist_ok=True)
        save(clock, home / "one" / "__init__.py", ONE.format(2))
        clock.go(1)


@pytest.mark.parametrize("seen", ["lock", "no lock"])
def test_what_git_did_is_one_set_however_late_it_is_told_of(home: Path, seen: str) -> None:
    """The watcher's thread can be kept waiting for any time between two events."""
    lock = git_folder(home, "own")
    index = lock.with_name("index")
    index.touch()
    os.utime(index, (1e9, 1e9))
    clock = Clock(home)
    clock.go(2)
    names = [f"m{number}.py" for number in range(5)]
    if seen == "lock":
        lock.touch()
    (home / "b.py").unlink()
    if seen == "lock":
        clock.event("deleted", home / "b.py")
        clock.go(0.05)
        lock.unlink()
    for name in names:
        (home / name).write_text(BODY.format(1))
    index.write_text("as it is now")
    for name in names:
        clock.event("modified", home / name)
        clock.go(0.05)
    clock.event("deleted", home / "b.py")
    clock.go(1)
    assert [[change.path.name for change in changes] for changes in clock.sets] == [["b.py", *names]]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="closing is told on Linux only")
def test_a_write_that_begins_before_it_is_told_of_is_waited_for(clock: Clock, home: Path) -> None:
    """The file is pending for another reason, and its next writer is half done before the first event of that."""
    for late in (0.0, 0.01):
        save(clock, home / "a.py", BODY.format(late))
        clock.go(settle.QUIET)
        with (home / "a.py").open("w", buffering=1) as file:
            file.write("def half():\n")
            assert clock.go(late + 0.01) == []
            clock.event("modified", home / "a.py")
            assert clock.go(0.3) == []
            file.write(f"    return {late}\n")
        clock.event("modified", home / "a.py")
        clock.event("closed", home / "a.py")
        assert clock.go(0.1) == [("a.py", "changed")]
        assert clock.last.source == f"def half():\n    return {late}\n".encode()


@pytest.mark.parametrize("content", ["", None])
def test_what_holds_its_burst_holds_no_later_save(clock: Clock, home: Path, content: str | None) -> None:
    if content is None:
        (home / "a.py").unlink()
        clock.event("deleted", home / "a.py")
    else:
        save(clock, home / "a.py", content)
    clock.go(settle.QUIET + 0.01)
    save(clock, home / "b.py", BODY.format(7))
    assert clock.until_taken() <= settle.QUIET + 0.03
    assert [change.path.name for change in clock.sets[-1]] == ["b.py"]
    save(clock, home / "c.py", BODY.format(8))
    assert clock.until_taken() <= settle.QUIET + 0.03
    assert [name for name, _ in clock.go(settle.HOLD)] == ["a.py"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="closing is told on Linux only")
def test_a_long_write_holds_no_save_that_comes_meanwhile(clock: Clock, home: Path) -> None:
    for number in range(5):
        (home / "a.py").write_text(BODY.format(1)[: 4 * number + 4])
        clock.event("modified", home / "a.py")
        clock.go(0.03)
        save(clock, home / f"m{number}.py", BODY.format(number))
        for _ in range(3):
            clock.event("modified", home / "a.py")
            assert clock.go(0.01) == [] or clock.sets[-1][0].path.name == f"m{number}.py"
        clock.go(0.01)
        assert [change.path.name for change in clock.sets[-1]] == [f"m{number}.py"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_a_save_does_not_wait_for_what_a_link_leads_to(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.py"
    target.write_text(BODY.format(0))
    (home / "link.py").symlink_to(target)
    clock = Clock(home)
    target.write_text(BODY.format(1))
    clock.event("modified", home / "link.py")
    clock.event("closed", home / "link.py")
    save(clock, home / "a.py", BODY.format(1))
    assert clock.until_taken() <= settle.QUIET + 0.03
    assert [change.path.name for change in clock.sets[-1]] == ["a.py"]
    assert clock.go(0.5) == [("link.py", "changed")]


def test_a_new_file_without_declarations_is_not_held(clock: Clock, home: Path) -> None:
    save(clock, home / "constants.py", "SPEED = 3\n")
    assert clock.until_taken() <= settle.QUIET + 0.03


def test_a_file_that_was_empty_stays_so_unnoticed(clock: Clock, home: Path) -> None:
    save(clock, home / "empty.py", "")
    assert clock.go(1) == [("empty.py", "created")]
    save(clock, home / "empty.py", "")
    assert clock.go(3) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="closing is told on Linux only")
def test_a_file_that_its_writer_has_not_closed_is_not_read(clock: Clock, home: Path) -> None:
    path = home / "a.py"
    for lines in range(1, 6):
        path.write_text("".join(f"def f{line}(): ...\n" for line in range(lines)))
        clock.event("modified", path)
        assert clock.go(0.3) == []
    clock.event("closed", path)
    assert clock.go(0.15) == [("a.py", "changed")]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="closing is told on Linux only")
def test_a_writer_that_never_closes_is_not_waited_for_without_end(clock: Clock, home: Path) -> None:
    (home / "a.py").write_text(BODY.format(4))
    clock.event("modified", home / "a.py")
    assert clock.until_taken() >= settle.WRITING
    assert clock.last.source == BODY.format(4).encode()


def test_a_slow_writer_of_whom_no_event_tells_is_given_more_time(clock: Clock, home: Path) -> None:
    """As behind a link, or on a drive that sends no events."""
    path = home / "a.py"
    for lines in range(1, 12):
        path.write_text("".join(f"def f{line}(): ...\n" for line in range(lines)))
        assert clock.go(0.15) == []
    assert clock.go(0.5) == [("a.py", "changed")]


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
@pytest.mark.parametrize("linked", ["file", "folder"])
def test_behind_a_link_a_hint_proves_nothing(home: Path, tmp_path: Path, linked: str) -> None:
    (tmp_path / "shared").mkdir()
    target = tmp_path / "shared" / "c.py"
    target.write_text(BODY.format(0))
    if linked == "file":
        (home / "c.py").symlink_to(target)
        path = home / "c.py"
    else:
        (home / "sub").symlink_to(target.parent)
        path = home / "sub" / "c.py"
    clock = Clock(home)
    for lines in range(1, 8):
        target.write_text("".join(f"def f{line}(): ...\n" for line in range(lines)))
        clock.event("created", path)
        assert clock.go(0.15) == []
    assert clock.go(0.5) == [("c.py", "changed")]


def test_a_file_that_changes_while_it_is_read_is_read_again(
    clock: Clock, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, times = files._read, []

    def slow(path: str, status: os.stat_result, code: bool) -> tuple[str, bytes | None, int]:
        result = real(path, status, code)
        if len(times) < 3:
            times.append(path)
            Path(path).write_text(BODY.format(10 + len(times)))
        return result

    save(clock, home / "a.py", BODY.format(9))
    monkeypatch.setattr(files, "_read", slow)
    assert clock.go(1) == [("a.py", "changed")]
    assert clock.last.source == BODY.format(13).encode()


def test_one_file_that_never_holds_still_does_not_stop_the_others_for_good(
    clock: Clock, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = settle.look

    def restless(path: str) -> settle.Look:
        return settle.Look("unstable") if path.endswith("b.py") else real(path)

    monkeypatch.setattr(settle, "look", restless)
    save(clock, home / "b.py", BODY.format(9))
    save(clock, home / "a.py", BODY.format(9))
    assert clock.until_taken() >= settle.PATIENCE
    assert [change.path.name for change in clock.sets[-1]] == ["a.py"]
    monkeypatch.setattr(settle, "look", real)
    assert clock.go(1) == [("b.py", "changed")]


def test_hints_without_end_do_not_put_it_off_for_good(clock: Clock, home: Path) -> None:
    path = home / "a.py"
    path.write_text(BODY.format(3))
    waited = 0.0
    while not clock.sets:
        clock.event("created", path)
        clock.go(0.05)
        waited += 0.05
        assert waited < 3 * settle.STREAM_PATIENCE


# ---------------------------------------------------------------- many at once


def test_many_files_are_one_set(clock: Clock, home: Path) -> None:
    for number in range(300):
        save(clock, home / f"m{number}.py", BODY.format(number))
        if number % 50 == 0:
            clock.go(0.01)
    assert len(clock.go(1)) == 300
    assert len(clock.sets) == 1


def git_folder(home: Path, style: str) -> Path:
    """Make the game's folder part of a git work tree; return where the lock of the index lies."""
    marker = home / ".git" if style == "own" else home.parent / ".git"
    if style == "linked":
        target = home.parent / "elsewhere" / "worktrees" / "x"
        target.mkdir(parents=True)
        marker.write_text(f"gitdir: {target}\n")
        return target / "index.lock"
    if style == "linked-relative":
        (home.parent / "store").mkdir()
        marker.write_text("gitdir: store\n")
        return home.parent / "store" / "index.lock"
    marker.mkdir()
    return marker / "index.lock"


@pytest.mark.parametrize("style", ["own", "parent", "linked", "linked-relative"])
def test_nothing_is_taken_while_git_holds_its_lock(home: Path, style: str) -> None:
    lock = git_folder(home, style)
    clock = Clock(home)
    lock.touch()
    for number in range(20):
        (home / "a.py").unlink(missing_ok=True)
        clock.event("deleted", home / "a.py")
        clock.go(0.1)
        save(clock, home / "a.py", BODY.format(number))
        save(clock, home / f"m{number}.py", BODY.format(number))
        assert clock.go(0.4) == []
    assert clock.watcher.status()["waits_for"] == str(lock)
    lock.unlink()
    assert len(clock.go(0.5)) == 21
    assert len(clock.sets) == 1


def test_a_save_before_git_begins_does_not_wait_for_its_end(home: Path) -> None:
    lock = git_folder(home, "own")
    clock = Clock(home)
    save(clock, home / "a.py", BODY.format(1))
    clock.go(settle.QUIET / 2)
    lock.touch()
    clock.go(settle.QUIET / 2)
    save(clock, home / "b.py", BODY.format(1))
    assert clock.go(0.5) == [("a.py", "changed")]
    lock.unlink()
    assert clock.go(0.1) == [("b.py", "changed")]


def test_a_forgotten_lock_is_not_waited_for_without_end(home: Path) -> None:
    git_folder(home, "own").touch()
    clock = Clock(home)
    save(clock, home / "a.py", BODY.format(1))
    assert clock.until_taken() >= settle.LOCK_PATIENCE


def test_a_folder_that_moves(clock: Clock, home: Path) -> None:
    (home / "old").mkdir()
    for name in ("x.py", "y.py"):
        (home / "old" / name).write_text(BODY.format(1))
    clock.go(2)
    (home / "old").rename(home / "new")
    clock.event("moved", home / "old", home / "new", folder=True)
    assert clock.go(0.5) == [("x.py", "created"), ("y.py", "created"), ("x.py", "deleted"), ("y.py", "deleted")]
    assert len(clock.sets) == 2


def test_a_folder_of_assets_that_moves(clock: Clock, home: Path) -> None:
    (home / "assets" / "old").mkdir(parents=True)
    (home / "assets" / "old" / "rock.png").write_bytes(b"\x89PNG")
    clock.go(2)
    (home / "assets" / "old").rename(home / "assets" / "new")
    clock.event("moved", home / "assets" / "old", home / "assets" / "new", folder=True)
    assert clock.go(0.4) == [("rock.png", "created"), ("rock.png", "deleted")]


def test_folders_that_are_skipped_are_not_looked_into(clock: Clock, home: Path) -> None:
    for name in (".git/x", "__pycache__", ".venv/lib"):
        (home / name).mkdir(parents=True)
        (home / name / "x.py").write_text(BODY.format(1))
        clock.event("created", home / name, folder=True)
    assert clock.go(2) == []


def test_a_deleted_folder_that_is_not_said_to_be_one(clock: Clock, home: Path) -> None:
    (home / "old").mkdir()
    (home / "old" / "x.py").write_text(BODY.format(1))
    clock.go(2)
    (home / "old" / "x.py").unlink()
    (home / "old").rmdir()
    clock.event("deleted", home / "old")
    assert clock.go(0.5) == [("x.py", "deleted")]


# ---------------------------------------------------------------- what cannot be read


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_dangling(path: Path) -> None:
    path.symlink_to("nowhere.py")


def make_folder(path: Path) -> None:
    path.mkdir()


UNREADABLE: list[tuple[Callable[[Path], None], str]] = [
    (make_folder, "is a folder, not a file"),
    (make_dangling, "is a dangling link to nowhere.py"),
    (make_fifo, "is a pipe, not a file"),
]


@pytest.mark.skipif(sys.platform == "win32", reason="needs pipes and links")
@pytest.mark.parametrize(("make", "said"), UNREADABLE)
@pytest.mark.parametrize("name", ["a.py", "new.py"])
def test_what_is_no_file_is_told_once_and_never_blocks(
    clock: Clock, home: Path, make: Callable[[Path], None], said: str, name: str
) -> None:
    path = home / name
    path.unlink(missing_ok=True)
    make(path)
    assert [name for name, _ in clock.go(3)] == [name]
    assert clock.last.error == f"{path} {said}"
    assert clock.last.source is None
    path.rmdir() if path.is_dir() else path.unlink()
    path.write_text(BODY.format(3))
    assert [name for name, _ in clock.go(2)] == [name]
    assert clock.last.source == BODY.format(3).encode()


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_a_link_that_is_pointed_elsewhere(home: Path, tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"target{number}.py").write_text(BODY.format(number))
    (home / "link.py").symlink_to(tmp_path / "target1.py")
    clock = Clock(home)
    (home / "link.py").unlink()
    (home / "link.py").symlink_to(tmp_path / "target2.py")
    assert clock.go(2) == [("link.py", "changed")]
    (tmp_path / "target2.py").write_text(BODY.format(3))
    assert clock.go(2) == [("link.py", "changed")]
    assert clock.last.source == BODY.format(3).encode()


@pytest.mark.skipif(sys.platform == "win32", reason="needs links")
def test_linked_folders_are_followed_and_loops_end(home: Path, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (home / "linked").symlink_to(tmp_path / "shared")
    (home / "loop").symlink_to(home)
    clock = Clock(home)
    (tmp_path / "shared" / "c.py").write_text(BODY.format(3))
    assert clock.go(2) == [("c.py", "created")]
    assert clock.last.path == home / "linked" / "c.py"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_a_file_without_permission(clock: Clock, home: Path) -> None:
    (home / "a.py").chmod(0)
    assert clock.go(2) == [("a.py", "changed")]
    assert clock.last.error == f"{home / 'a.py'} cannot be read: Permission denied"
    (home / "a.py").chmod(0o644)
    assert clock.go(2) == [("a.py", "changed")]


def test_a_file_that_cannot_be_opened(clock: Clock, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:

        def refuse(path: str, *_: object) -> int:
            raise PermissionError(13, "Permission denied")

        patch.setattr(files, "_read", refuse)
        save(clock, home / "a.py", BODY.format(1))
        assert clock.go(2) == [("a.py", "changed")]
        assert clock.last.error == f"{home / 'a.py'} cannot be read: Permission denied"
    assert clock.go(2) == []
    save(clock, home / "a.py", BODY.format(2))
    assert clock.go(2) == [("a.py", "changed")]


def test_a_huge_file_is_not_read(clock: Clock, home: Path) -> None:
    with (home / "a.py").open("wb") as file:
        file.truncate(20 * 2**20)
    assert clock.go(2) == [("a.py", "changed")]
    assert clock.last.error == f"{home / 'a.py'} is larger than 16 MB"


def test_a_huge_asset_is_judged_by_size_and_time(home: Path) -> None:
    (home / "assets").mkdir()
    clock = Clock(home)
    with (home / "assets" / "film.bin").open("wb") as file:
        file.truncate(70 * 2**20)
    assert clock.go(2) == [("film.bin", "created")]
    assert clock.go(3) == []
    os.utime(home / "assets" / "film.bin", (1, 1))
    assert clock.go(2) == [("film.bin", "changed")]


# ---------------------------------------------------------------- what runs


def test_a_file_that_changed_between_its_loading_and_the_start_of_watching(clock: Clock, home: Path) -> None:
    clock.watcher.running(home / "a.py", digest_of(b"what was loaded"))
    assert clock.go(0.5) == [("a.py", "changed")]


def test_what_runs_and_lies_there_is_no_change(clock: Clock, home: Path) -> None:
    clock.watcher.running(home / "a.py", digest_of((home / "a.py").read_bytes()))
    clock.watcher.running(home.parent / "unwatched" / "x.py", "digest")
    assert clock.go(2) == []


def test_after_a_refusal_the_same_content_is_not_handed_over_again(clock: Clock, home: Path) -> None:
    first = digest_of((home / "a.py").read_bytes())
    clock.watcher.running(home / "a.py", first)
    save(clock, home / "a.py", "syntax error")
    clock.go(1)
    clock.watcher.running(home / "a.py", first)
    assert clock.go(3) == []
    save(clock, home / "a.py", "syntax error")
    assert clock.go(3) == []


def test_created_means_that_nothing_ran(clock: Clock, home: Path) -> None:
    clock.watcher.running(home / "a.py", digest_of((home / "a.py").read_bytes()))
    save(clock, home / "new.py", "syntax error")
    assert clock.go(1) == [("new.py", "created")]
    save(clock, home / "new.py", BODY.format(1))
    assert clock.go(1) == [("new.py", "created")]
    clock.watcher.running(home / "new.py", clock.last.digest)
    save(clock, home / "new.py", BODY.format(2))
    assert clock.go(1) == [("new.py", "changed")]


def test_a_deletion_that_was_refused_and_is_taken_back(clock: Clock, home: Path) -> None:
    content = (home / "a.py").read_bytes()
    clock.watcher.running(home / "a.py", digest_of(content))
    (home / "a.py").unlink()
    assert clock.go(2) == [("a.py", "deleted")]
    assert clock.go(2) == []
    (home / "a.py").write_bytes(content)
    assert clock.go(2) == [("a.py", "changed")]


def test_a_deletion_that_was_carried_out(clock: Clock, home: Path) -> None:
    clock.watcher.running(home / "a.py", digest_of((home / "a.py").read_bytes()))
    (home / "a.py").unlink()
    clock.go(2)
    clock.watcher.running(home / "a.py", None)
    clock.go(0.1)
    (home / "a.py").write_text(BODY.format(1))
    assert clock.go(2) == [("a.py", "created")]


def test_all_that_runs_is_told_at_once(clock: Clock, home: Path) -> None:
    digests = {path: digest_of(path.read_bytes()) for path in (home / "a.py", home / "b.py")}
    clock.watcher.all_running(digests)
    assert clock.go(1) == []
    save(clock, home / "new.py", BODY.format(1))
    clock.go(1)
    clock.watcher.all_running({**digests, home / "new.py": clock.last.digest or ""})
    save(clock, home / "new.py", BODY.format(2))
    assert clock.go(1) == [("new.py", "changed")]
    clock.watcher.all_running(digests)
    save(clock, home / "new.py", BODY.format(3))
    assert clock.go(1) == [("new.py", "created")]


# ---------------------------------------------------------------- folders


def test_other_folders_from_now_on(clock: Clock, home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "c.py").write_text(BODY.format(0))
    clock.watcher.watch([home, other])
    assert clock.go(2) == []
    (other / "c.py").write_text(BODY.format(1))
    assert clock.go(2) == [("c.py", "changed")]
    clock.watcher.watch([other])
    clock.go(0.1)
    (home / "a.py").write_text(BODY.format(1))
    assert clock.go(2) == []
    assert clock.watcher.status()["files"] == 1


def test_a_watched_folder_that_is_gone_is_waited_for(clock: Clock, home: Path) -> None:
    home.rename(home.with_name("away"))
    for name in ("a.py", "b.py"):
        clock.event("deleted", home / name)
    assert clock.go(3) == []
    assert clock.watcher.status()["degraded"] == f"{home} is gone"
    home.with_name("away").rename(home)
    (home / "a.py").write_text(BODY.format(1))
    assert clock.go(2) == [("a.py", "changed")]
    assert clock.watcher.status()["degraded"] is None


def test_a_receiver_that_raises_gets_the_set_again_but_not_for_ever(home: Path) -> None:
    clock = Clock(home)
    calls = []

    def receive(changes: list[FileChange]) -> None:
        calls.append([change.path.name for change in changes])
        raise ValueError("mine")

    clock.watcher.on_ready = receive
    save(clock, home / "a.py", BODY.format(1))
    raised = 0
    for _ in range(1000):
        try:
            clock.go(0.01)
        except ValueError:
            raised += 1
    assert calls == [["a.py"]] * raised == [["a.py"]] * 3
