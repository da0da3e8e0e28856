"""The staging process: what it returns, that it never harms the game, and that it ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest
import staged
from making import wait_until

from engine.errors import ReloadError
from engine.reload import wire
from engine.reload.places import engine_folder
from engine.reload.stage import Stager

HERE = str(Path(__file__).parent)
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs signals of POSIX")


@contextmanager
def stager(function: str = "staged:misbehave", deadline: float = 30.0) -> Iterator[Stager]:
    made = Stager(function, deadline=deadline, path=[HERE])
    try:
        yield made
    finally:
        made.close()


def ask(stager: Stager, source: str = "") -> dict[str, object]:
    answer = stager.analyse(source.encode(), "f.py", "modules.f", False)
    assert isinstance(answer, dict)
    return answer


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_an_analysis_comes_back_whole() -> None:
    with stager("staged:analyse") as one:
        answer = one.analyse(b"import math\nx = math.pi\n", "/some/f.py", "modules.f", True)
    assert isinstance(answer, staged.Staged)
    assert answer.path == Path("/some/f.py")
    assert answer.kind is staged.Kind.FILE
    assert set(answer.parts[1].names) == {"math", "x", "pi"}
    assert answer.extra == {"package": True, "set": {1, 2}, "none": None}
    space: dict[str, object] = {}
    code = answer.parts[0].code
    assert code is not None
    exec(code, space)
    assert code.co_filename == "/some/f.py"
    assert str(space["x"]).startswith("3.14")


def test_it_runs_in_a_process_of_its_own_that_stays() -> None:
    with stager() as one:
        first, second = ask(one), ask(one)
        assert first["pid"] == second["pid"] == one.pid != os.getpid()
        assert first["interrupt_ignored"]
        assert first["optimize"] == sys.flags.optimize
        assert "numpy" not in first["modules"]  # type: ignore[operator]
        if first["descriptors"]:
            assert len(first["descriptors"]) <= 8  # type: ignore[arg-type]


def test_it_starts_ahead_of_the_first_call() -> None:
    with stager() as one:
        wait_until(lambda: one.pid is not None)


def test_calls_from_several_threads() -> None:
    with stager("staged:analyse") as one:
        answers: list[object] = []

        def work(number: int) -> None:
            for i in range(10):
                answer = one.analyse(f"x = {number * i}".encode(), f"{number}-{i}", "m", False)
                answers.append(str(answer.path) == f"{number}-{i}")  # type: ignore[attr-defined]

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [True] * 40


def test_what_was_begun_ahead_is_not_done_again(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with stager() as one:
        ask(one)
        one.ahead(f"note {log}".encode(), "f.py", "modules.f", False)
        wait_until(log.exists)
        assert ask(one, f"note {log}")["pid"] == one.pid
        assert log.read_text() == "x"
        assert ask(one, f"note {log}")["pid"] == one.pid
        assert log.read_text() == "xx"


def test_of_what_was_begun_ahead_only_the_same_source_counts() -> None:
    with stager("staged:analyse") as one:
        for number in range(20):
            one.ahead(f"x{number} = 1".encode(), "f.py", "m", False)
        answer = one.analyse(b"y = 1", "f.py", "m", False)
        assert "y" in answer.parts[1].names  # type: ignore[attr-defined]
        one.ahead(b"z = 1", "f.py", "m", False)
        answer = one.analyse(b"z = 1", "f.py", "m", True)
        assert answer.extra["package"]  # type: ignore[attr-defined]


def test_what_goes_wrong_ahead_is_told_when_asked_for() -> None:
    with stager() as one:
        for how in ("raise", "die"):
            one.ahead(how.encode(), "f.py", "modules.f", False)
            with pytest.raises(ReloadError, match="cannot be staged"):
                ask(one, how)
        assert ask(one)["pid"]


def test_prints_do_not_disturb_the_answers(capfd: pytest.CaptureFixture[str]) -> None:
    with stager() as one:
        assert ask(one, "print")["pid"] == ask(one)["pid"]
    assert capfd.readouterr() == ("", "")


def test_a_killed_process_is_started_again() -> None:
    with stager() as one:
        pid = ask(one)["pid"]
        assert isinstance(pid, int)
        os.kill(pid, signal.SIGTERM)
        assert ask(one)["pid"] != pid


def test_a_process_that_dies_of_a_request_is_tried_once_more(tmp_path: Path) -> None:
    with stager() as one:
        pid = ask(one)["pid"]
        assert ask(one, f"die-once {tmp_path / 'flag'}")["pid"] != pid


def test_a_source_that_kills_it_is_refused_and_kept_from_the_game() -> None:
    with stager() as one:
        with pytest.raises(ReloadError, match=r"f\.py: the file cannot be staged: the process .* died of it twice"):
            ask(one, "die")
        assert ask(one)["pid"]


@pytest.mark.parametrize("how", ["sleep", "spin"])
def test_a_source_that_takes_too_long_is_refused(how: str) -> None:
    with stager(deadline=0.3) as one:
        with pytest.raises(ReloadError, match=r"took longer than 0\.3 seconds") as caught:
            ask(one, how)
        assert caught.value.path == "f.py"
        one.deadline = 30.0
        assert ask(one)["pid"]


@pytest.mark.parametrize(
    ("how", "why"), [("raise", "ValueError: a bad source"), ("unsendable", "object cannot be sent")]
)
def test_what_goes_wrong_there_is_told_here(how: str, why: str) -> None:
    with stager() as one:
        pid = ask(one)["pid"]
        with pytest.raises(ReloadError, match=why):
            ask(one, how)
        assert ask(one)["pid"] == pid


def test_without_a_process_this_one_does_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    with stager() as one:
        assert ask(one)["pid"] == os.getpid()
        assert one.pid is None


def test_closing_ends_it_at_once_and_for_good() -> None:
    with stager() as one:
        pid = ask(one)["pid"]
        assert isinstance(pid, int)
        one.close()
        wait_until(lambda: not is_alive(pid))
        assert one.pid is None
        with pytest.raises(ReloadError, match="staging has ended"):
            ask(one)
        one.close()


def test_closing_before_it_has_started_leaves_nothing() -> None:
    before = threading.active_count()
    many = [Stager("staged:misbehave", path=[HERE]) for _ in range(5)]
    for one in many:
        one.close()
    wait_until(lambda: all(one.pid is None for one in many) and threading.active_count() <= before)


# ---------------------------------------------------------------- with the game's process

GAME = textwrap.dedent(
    """
    import sys, time
    sys.path[:0] = [{root!r}, {here!r}]
    from engine.reload.stage import Stager
    stager = Stager("staged:misbehave", path=[{here!r}])
    answer = stager.analyse(b"", "f.py", "m", False)
    print(answer["pid"], answer["parent"], flush=True)
    {then}
    """
)


def start_game(then: str, folder: Path, **options: object) -> tuple[subprocess.Popen[str], int]:
    code = GAME.format(root=str(engine_folder().parent), here=HERE, then=then)
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", code]
    game = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=folder, **options)  # type: ignore[call-overload]
    assert game.stdout is not None
    line = game.stdout.readline()
    assert line, game.stderr and game.stderr.read()
    pid, parent = map(int, line.split())
    assert parent == game.pid
    return game, pid


@posix
@pytest.mark.parametrize("end", ["import os; os._exit(1)", "os = __import__('os'); os.kill(os.getpid(), 9)", ""])
def test_it_ends_with_the_game_however_that_ends(tmp_path: Path, end: str) -> None:
    game, pid = start_game(end, tmp_path)
    _, errors = game.communicate(timeout=30)
    assert errors == ""
    wait_until(lambda: not is_alive(pid))


@posix
def test_ctrl_c_is_for_the_game_alone(tmp_path: Path) -> None:
    then = "print(stager.analyse(sys.stdin.readline().encode(), 'f.py', 'm', False)['pid'], flush=True)"
    game, pid = start_game(then, tmp_path, start_new_session=True)
    assert os.getpgid(pid) != os.getpgid(game.pid)
    os.kill(pid, signal.SIGINT)
    output, _ = game.communicate("go on\n", timeout=30)
    assert output.split() == [str(pid)]


def test_the_games_input_stays_the_games(tmp_path: Path) -> None:
    game, _ = start_game("print(sys.stdin.read())", tmp_path)
    output, _ = game.communicate("for the game", timeout=30)
    assert output.strip() == "for the game"


def test_starting_it_does_not_hold_the_game_up() -> None:
    """Making one takes a small part of the time until it answers."""
    begin = monotonic()
    with stager() as one:
        made = monotonic() - begin
        ask(one)
        assert made < (monotonic() - begin) / 2


# ---------------------------------------------------------------- the wire


def test_messages_are_cut_off_only_by_the_end(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    with path.open("wb") as out:
        wire.send(out, ("a", [1, {"b": (2.5, None, b"c", frozenset({1}))}]))
    with path.open("rb") as into:
        assert wire.receive(into) == ("a", [1, {"b": (2.5, None, b"c", frozenset({1}))}])
        with pytest.raises(EOFError):
            wire.receive(into)
    path.write_bytes(path.read_bytes()[:-1])
    with path.open("rb") as into, pytest.raises(EOFError):
        wire.receive(into)
