"""Requests that mean harm, or nothing: none is accepted, none is left unhandled, and the game keeps its pace."""

from __future__ import annotations

import contextlib
import json
import pickle
import random
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playing import SECONDS, Game, connected

from engine.control.client import Client
from engine.control.frames import LENGTHS, MOST_HEAD, FrameError, lengths, pack, unpack
from engine.control.place import Place
from engine.control.port import MOST_CLIENTS
from engine.errors import GameError

FUZZED, SAMPLE = 10_000, 2_000
MESSAGES = ("control.query", "control.edit", "control.write", "control.run", "time.rewind", "core.modules.load")


def framed(head: bytes | str, body: bytes = b"", *, says: tuple[int, int] | None = None) -> bytes:
    """Return a frame as it stands, whose lengths may be a lie."""
    data = head.encode("utf-8", "surrogatepass") if isinstance(head, str) else head
    return LENGTHS.pack(*(says or (len(data), len(body)))) + data + body


def call(message: Any, arguments: Any = None, number: Any = 1, **more: Any) -> bytes:
    """Return the frame of a call that the client would not send."""
    return framed(json.dumps({"id": number, "call": message, "with": {} if arguments is None else arguments, **more}))


def strangers(token: str) -> dict[str, bytes]:
    """Return first words of clients that do not have the token, or cannot show it."""
    wrong: dict[str, Any] = {
        "empty": "", "short": token[:-1], "long": token + "0", "upper": token.upper() + "X", "other": "0" * 64,
        "number": 1, "null": None, "true": True, "list": [token], "object": {"token": token}, "spaced": f" {token}",
        "nul": token + "\0", "newline": token + "\n", "accent": "é" * 64, "surrogate": "\ud800" * 64,
    }  # fmt: skip
    found = {f"token {name}": framed(json.dumps({"token": value})) for name, value in wrong.items()}
    return found | {
        "no token": framed("{}"),
        "a call first": call("core.app.status"),
        "token and more": framed(json.dumps({"token": token, "call": "core.app.status"})),
        "token twice": framed(f'{{"token": "x", "token": "{token}"}}'),
        "other key": framed(json.dumps({"Token": token})),
        "nothing": b"",
        "half a length": b"\0\0",
        "no head": framed(b""),
        "endless head": framed(b"{", says=(0xFFFFFFFF, 0)),
        "large head": framed(b"{", says=(MOST_HEAD + 1, 0)),
        "a body": framed(json.dumps({"token": token}), b"x"),
        "half a frame": framed(json.dumps({"token": token}))[:-5],
        "no text": framed(b"\xff\xfe\xfd"),
        "no JSON": framed("token: " + token),
        "a list": framed(json.dumps([token])),
        "a text": framed(json.dumps(token)),
        "deep": framed("[" * 100_000),
        "deep object": framed('{"token":' * 5_000),
        "NaN": framed('{"token": NaN}'),
        "long number": framed('{"token": ' + "9" * 50_000 + "}"),
        "pickle": framed(pickle.dumps({"token": token})),
        "HTTP": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n\r\n" + token.encode(),
        "TLS": bytes.fromhex("16030100a5010000a10303") + bytes(64),
        "a line": json.dumps({"token": token}).encode() + b"\n",
        "UTF-16": framed(json.dumps({"token": token}).encode("utf-16")),
    }


SECRET = {"path": "apps.asteroids/../../../etc/passwd"}
BOMB = {"expression": "9 ** 9 ** 9"}
CALLS: tuple[bytes, ...] = (
    framed("{}"), framed("[]"), framed("null"), framed("1"), framed('"x"'), framed("{"), framed(b"\xff"),
    framed("[" * 900), framed('{"id": 1, "id": 1, "call": "core.app.status", "with": {}}'),
    framed('{"id": Infinity}'), call("core.app.status", number=-1), call("core.app.status", number=True),
    call("core.app.status", number=1.5), call("core.app.status", number="1"), call("core.app.status", number=None),
    call("core.app.status", number=2**60), call(1), call(None), call(["core.app.status"]), call({"a": 1}),
    call("core.app.status", []), call("core.app.status", "x"), call("core.app.status", extra=1),
    call("core.app.status", token="x"), framed('{"id": 1, "call": "core.app.status"}'),
     framed(json.dumps({"id": 1, "call": "core.app.status", "with": {}}), b"body"),
    call(""), call("core"), call("core.app"), call("__init__"), call("core.app.status.__call__"), call("os.system"),
    call("eval", {"x": "1"}), call("core.app.status\0"), call("\ud800"), call("core.app.status", {"self": 1}),
    call("core.app.status", {"__class__": 1}), call("control.status", {"x": 1}), call("control.stack", {"": 1}),
    call("control.read", SECRET), call("control.read", {"path": "/etc/passwd"}), call("control.read", {"path": 1}),
    call("control.read", {"path": "apps.asteroids/__pycache__/x.py"}),
    call("control.read", {"path": "apps.asteroids/\0.py"}), call("control.write", {"files": []}),
    call("control.write", {"files": [SECRET]}), call("control.write", {"files": [1]}),
    call("control.write", {"files": [{"path": "apps.asteroids/x.sh", "sha": "", "text": "rm -rf /"}]}),
    call("control.write", {"files": [{**SECRET, "sha": "", "text": "x"}]}), call("control.write", {"files": "x"}),
    call("control.write", {"files": [{"path": "apps.asteroids/rocks.py", "sha": "", "text": "import os"}]}),
    call("control.save", {"name": "../x"}), call("control.save", {"name": "/tmp/x"}),
    call("control.save", {"name": ""}), call("control.save", {"name": "A"}),
    call("control.load", {"name": "nothing"}), call("control.load", {"name": ".."}),
    call("control.load", {"name": "x" * 500}), call("control.evaluate", BOMB),
    call("control.evaluate", {"expression": 1}),
    call("control.evaluate", {"expression": "__import__('os').system('id')"}),
    call("control.evaluate", {"expression": "().__class__.__bases__"}), call("control.query", {"limit": 10**9}),
    call("control.query", {"limit": -1}), call("control.query", {"offset": -1}),
    call("control.query", {"components": list("abcdefgh")}), call("control.query", {"where": "open('/etc/passwd')"}),
    call("control.query", {"columns": ["Rock.__dict__"]}), call("control.query", {"sort": "lambda: 1"}),
    call("control.run", {"ticks": 0}), call("control.run", {"ticks": 10**9}), call("control.run", {"ticks": -5}),
    call("control.run", {"ticks": 1, "until": "exec('1')"}),
    call("control.run", {"ticks": 1, "inputs": [[0, "key"]]}),
    call("control.run", {"ticks": 1, "inputs": [[-1, ["key", "down", "a"]]]}), call("control.run", {"ticks": "1"}),
    call("control.check", {"assertions": []}), call("control.check", {"assertions": ["count(Rock)"], "ticks": 10**8}),
    call("control.edit", {"operations": []}), call("control.edit", {"operations": [{"exec": "1"}]}),
    call("control.edit", {"operations": [{"spawn": {"Rock": {}}, "count": 10**12}]}),
    call("control.edit", {"operations": [{"set": {"Rock.__class__": 1}, "where": "Rock.size >= 0"}]}),
    call("control.edit", {"operations": [{"set": {"Game.score": {"__reduce__": 1}}}]}),
    call("core.modules.load", {"name": "os"}), call("core.modules.load", {"name": "../x"}),
    call("core.modules.unload", {"name": "core.motion", "force": True}),
    call("core.modules.create", {"kind": "x", "name": "y"}), call("core.apps.leave", {"now": 1}),
    call("time.rewind", {"tick": 10**9}), call("time.fork", {"ticks": "x"}),
)  # fmt: skip


def answer_of(link: socket.socket) -> dict[str, Any] | None:
    """Return the next frame from the port, None once it has hung up."""
    with contextlib.suppress(OSError):
        prefix = link.recv(LENGTHS.size, socket.MSG_WAITALL)
        if len(prefix) == LENGTHS.size:
            head, body = lengths(prefix, 1 << 26)
            return unpack(link.recv(head, socket.MSG_WAITALL), link.recv(body, socket.MSG_WAITALL) if body else b"")
    return None


def as_stranger(place: Place, data: bytes) -> bool:
    """Say something without having shown the token; tell whether it was refused."""
    with place.connect(10.0) as link:
        with contextlib.suppress(OSError):
            link.sendall(data)
            link.shutdown(socket.SHUT_WR)
        answer = answer_of(link)
        return answer is None or answer.keys() == {"error"}


class Insider:
    """A client with the token that says what it likes, over a new connection whenever the port has hung up."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.link: socket.socket | None = None

    def _let_in(self) -> socket.socket:
        """Connect; as the port may not yet have noticed that others are gone, try again for a while."""
        end, answer = time.monotonic() + SECONDS, None
        while time.monotonic() < end:
            link = self.place.connect(10.0)
            with contextlib.suppress(OSError):
                link.sendall(pack({"token": self.place.token}))
            answer = answer_of(link)
            if answer is not None and "error" not in answer:
                return link
            link.close()
        raise AssertionError(answer)

    def refused(self, data: bytes) -> bool:
        """Say something; tell whether the answer was an error, or none."""
        if self.link is None:
            self.link = self._let_in()
        self.link.sendall(data)
        answer = answer_of(self.link)
        if answer is None or answer.keys() == {"error"}:
            self.link.close()
            self.link = None
        return answer is None or "error" in answer


@pytest.fixture
def unharmed(asteroids: Game) -> Iterator[Place]:
    """The place of a paused game that has to be the same afterwards."""
    client = asteroids.client
    client.call("time.step", ticks=1)
    before = client.call("control.hash")
    yield Place.find(asteroids.place)
    client.close()
    with connected(asteroids.place) as after:
        assert after.call("control.hash") == before
        said = asteroids.said()
    assert asteroids.process.poll() is None
    assert "Traceback" not in said, said
    assert "exception" not in said.lower(), said


def test_no_stranger_is_let_in(unharmed: Place) -> None:
    cases = strangers(unharmed.token)
    assert len(cases) >= 40
    assert [name for name, data in cases.items() if not as_stranger(unharmed, data)] == []


def test_no_hostile_call_is_accepted(unharmed: Place) -> None:
    assert len(CALLS) >= 80
    insider = Insider(unharmed)
    assert [data for data in CALLS if not insider.refused(data)] == []


def test_too_many_clients_and_calls_are_refused(unharmed: Place) -> None:
    links = [unharmed.connect(10.0) for _ in range(MOST_CLIENTS + 2)]
    assert any((answer_of(link) or {}).get("error") for link in links[MOST_CLIENTS - 1 :])
    for link in links:
        link.close()
    insider, status = Insider(unharmed), call("control.status")
    insider.refused(status)
    assert insider.link is not None
    end, refusals = time.monotonic() + SECONDS, 0
    while not refusals and time.monotonic() < end:
        insider.link.sendall(100 * status)
        answers = [answer_of(insider.link) or {} for _ in range(100)]
        refusals = sum("too many calls" in str(answer.get("error")) for answer in answers)
    assert refusals
    insider.link.close()


def junk(chance: random.Random, depth: int = 0) -> Any:
    """Return some value that JSON can hold."""
    kinds: list[Callable[[], Any]] = [
        lambda: chance.choice(
            [None, True, False, 0, -1, 2**63, 1e308, "", "x" * 300, "\0", "\ud800", "../..", "__class__"]
        ),
        lambda: "".join(chr(chance.randrange(1, 0xD7FF)) for _ in range(chance.randrange(20))),
        lambda: [junk(chance, depth + 1) for _ in range(chance.randrange(4))],
        lambda: {str(junk(chance, 9)): junk(chance, depth + 1) for _ in range(chance.randrange(4))},
    ]
    return chance.choice(kinds[:2] if depth > 3 else kinds)()


def fuzzed(chance: random.Random, token: str) -> tuple[bool, bytes]:
    """Return whether it is said with the token shown, and something that is no valid frame, token or call."""
    shown = framed(json.dumps({"token": token}))
    kind = chance.randrange(6)
    if kind == 0:
        return False, bytes(chance.randrange(256) for _ in range(chance.randrange(60)))
    if kind == 1:
        at = chance.randrange(len(shown))
        return False, shown[:at] + bytes([shown[at] ^ (1 << chance.randrange(8))]) + shown[at + 1 :]
    if kind == 2:
        return False, shown[: chance.randrange(len(shown))]
    if kind == 3:
        return chance.random() < 0.5, framed(json.dumps({"token": junk(chance), "x": junk(chance)}))
    if kind == 4:
        return True, call(chance.choice(MESSAGES), {f"x{chance.randrange(99)}": junk(chance)})
    return True, framed(json.dumps({"id": junk(chance), "call": junk(chance), "with": junk(chance), "y": 1}))


def run_fuzz(place: Place, count: int, seed: int) -> None:
    """Say so many things that mean nothing."""
    chance, insider, accepted = random.Random(seed), Insider(place), []
    for _ in range(count):
        known, data = fuzzed(chance, place.token)
        if not (insider.refused(data) if known else as_stranger(place, data)):
            accepted.append((known, data))
    assert accepted == []


@pytest.mark.parametrize("count", [SAMPLE, pytest.param(FUZZED, marks=pytest.mark.long)])
def test_nonsense_is_refused(unharmed: Place, count: int) -> None:
    run_fuzz(unharmed, count, 1)


def tick_seconds(client: Client) -> float:
    """Return the mean cost of a tick's systems while the game runs for half a second."""
    client.call("time.resume")
    before, first = sum(one[2] for one in client.call("control.costs")), client.facts["tick"]
    while client.facts["tick"] < first + 30:
        client.call("core.app.status")
    after = sum(one[2] for one in client.call("control.costs"))
    return float(after - before) / (client.facts["tick"] - first)


def test_the_game_keeps_its_pace_meanwhile(asteroids: Game) -> None:
    import threading

    place, client = Place.find(asteroids.place), connected(asteroids.place)
    calm, pressed = [], []
    for number in range(10):  # as often as a busy machine needs
        calm.append(tick_seconds(client))
        done = threading.Event()

        def press(number: int = number, done: threading.Event = done) -> None:
            while not done.is_set():
                run_fuzz(place, 20, number)

        thread = threading.Thread(target=press)
        thread.start()
        pressed.append(tick_seconds(client))
        done.set()
        thread.join()
        if number >= 2 and min(pressed) < 3 * min(calm):
            break
    client.call("time.pause")
    client.close()
    assert min(pressed) < 3 * min(calm)


def test_a_place_that_others_can_read_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    with pytest.raises(GameError, match="others may read or write it"):
        Place.make(folder)
    folder.chmod(0o700)
    place = Place.make(folder)
    (folder / "token").chmod(0o644)
    with pytest.raises(GameError, match="others may read or write it"):
        Place.find(folder)
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(GameError, match="it is a link"):
        Place.make(tmp_path / "link")
    assert place.opens(place.token)
    assert not place.opens(place.token[:-1] + ("0" if place.token[-1] != "0" else "1"))


def test_frames_hold_arrays_and_nothing_that_runs() -> None:
    with pytest.raises(FrameError):
        unpack(b'{"x": {"$array": [0, "|O", [1]]}}', b"12345678")
    with pytest.raises(FrameError):
        unpack(b'{"x": {"$array": [0, "<f8", [99999999]]}}', b"12345678")
    with pytest.raises(FrameError):
        unpack(b'{"x": {"$array": [-8, "<f8", [1]]}}', b"12345678")
    with pytest.raises(FrameError):
        unpack(b'{"x": {"$array": [0, "V8,<f8", [1]]}}', struct.pack("<d", 1.0))
