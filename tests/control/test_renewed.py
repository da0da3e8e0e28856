"""A game whose engine is edited goes on in a process executed anew: clients reach it again, agents read about it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest
from reload.checkout import Checkout

from engine.control.client import Client
from engine.mcp.game import Game
from engine.mcp.session import Session

OLD, NEW = '"""One reload: from saved', '"""Each reload: from saved'
STICKY = "engine/reload/transaction.py"


def test_a_client_reaches_the_process_that_is_executed_anew(tmp_path: Path) -> None:
    place = Path(tempfile.mkdtemp(prefix="hotloop-test-"))
    with Checkout(tmp_path, "--control", str(place)) as game, Client(place) as client:
        client.call("time.pause")
        token, first = (place / "token").read_text(), client.welcome
        digest, tick = client.call("control.hash"), client.facts["tick"]
        game.edit_engine(STICKY.removeprefix("engine/"), OLD, NEW)
        game.verdict("current", "transaction.py")

        def again() -> Client | None:
            other = Client(place)
            try:
                other.connect()
            except Exception:
                return None
            return other if other.welcome["run"] != first["run"] else None

        other = game.wait("the port opens again", again)
        assert other.welcome["pid"] == first["pid"]
        assert (place / "token").read_text() == token
        assert (other.call("control.hash"), other.facts["tick"], other.facts["paused"]) == (digest, tick, True)
        other.close()


@pytest.mark.long
def test_an_agent_edits_the_engine_and_undoes_that(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    game = Game(str(checkout.game), headless=True, launcher=[sys.executable, str(checkout.root / "run_game.py")])
    session = Session(game)
    try:
        session.call("control.run", ticks=40)
        begun = session.call("control.hash")
        with session.change("edit of the engine") as change:
            session.note_sources(change, [STICKY])
            sha = session.call("control.read", path=STICKY)["sha"]
            told = session.write([{"path": STICKY, "sha": sha, "old": OLD, "new": NEW}], probation=30)
            change.sources[STICKY] = (change.sources[STICKY][0], told["files"][STICKY])
        assert told["outcome"] == "permanent", told
        assert session.facts()["events"] == ["the process has executed itself anew, and the game goes on"]
        assert NEW in (checkout.root / STICKY).read_text()
        undone = session.undo(change.id)
        assert (undone["as_before"], undone["hash"]) == (True, begun)
        assert OLD in (checkout.root / STICKY).read_text()
    finally:
        session.close()
