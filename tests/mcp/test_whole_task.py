"""A whole task of an agent on running asteroids, over both transports, with the game killed twice on the way."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from agents import Agent, copy_of, over_http, over_stdio, run

ROCKS = "apps.asteroids/rocks.py"
FAST, SLOW = "[130.0, 92.0, 60.0]", "[65.0, 46.0, 30.0]"


async def calm(agent: Agent) -> dict[str, Any]:
    """Return the status of a game that answers, as a busy machine may let it do only later."""
    for _ in range(100):
        status = await agent("status")
        if "hash" in status:
            return status
    raise AssertionError(status)


async def kill(agent: Agent) -> str:
    """Kill the game's process, and return the hash its world had."""
    status = await calm(agent)
    os.kill(status["pid"], signal.SIGKILL)
    return str(status["hash"])


async def replaced(agent: Agent, path: str, old: str, new: str) -> dict[str, Any]:
    """Write a source file with a piece of text replaced."""
    read = await agent("source_read", path=path)
    return await agent("source_write", files=[{"path": path, "sha": read["sha"], "old": old, "new": new}])


async def whole_task(agent: Agent, game: Path) -> None:
    """Do what the page for agents promises, and end where it began."""
    await agent("time", do="step", ticks=60)
    await agent("input", events=[{"key": "space", "hold": 2}], run=240, until="Screen == 'PLAYING' and count(Rock) > 4")
    await agent("time", do="step", ticks=60)
    begun = await calm(agent)
    assert (begun["hangs"], begun["paused"], begun["errors"]) == (False, True, 0)

    # Look.
    shot = await agent("screenshot", ids=True)
    picture = shot["images"][0]
    assert picture.size == (640, 360)
    assert len(picture.getcolors(1 << 20)) > 50
    rows = await agent(
        "query", components=["Rock"], columns=["Rock.size"], aggregates=["max(hypot(Velocity.x, Velocity.y))"]
    )
    labelled = {entity for _, entity, _, _ in shot["entities"]}
    assert labelled & {row[0] for row in rows["rows"]}
    schema = await agent("schema", name="Velocity")
    written = {one["name"]: one.get("written_by", []) for one in schema["fields"]}
    assert "app.rocks.settle" in written["x"]

    # Change the code, and see that it runs.
    verdict = await replaced(agent, ROCKS, FAST, SLOW)
    assert (verdict["outcome"], verdict["ran"]) == ("permanent", 30)
    halved = verdict["change_id"]

    digest = await kill(agent)
    stepped = await agent("time", do="step", ticks=60)
    assert "killed" in stepped["events"][0].lower() or "SIGKILL" in stepped["events"][0]
    assert (stepped["ran"], stepped["tick"]) == (60, begun["tick"] + 90)
    undone = await agent("undo", change_id=stepped["change_id"])
    assert undone["as_before"]
    assert undone["hash"] == digest, "the game goes on where it was killed"
    await agent("time", do="step", ticks=60)

    # Prove it on a copy.
    proof = await agent("check", assertions=["count(Rock) > 0", "max(hypot(Velocity.x, Velocity.y)) < 1"], ticks=60)
    held, failed = proof["assertions"]
    assert held["holds"]
    assert (failed["holds"], failed["tick"]) == (False, proof["first"])
    assert (await calm(agent))["tick"] == begun["tick"] + 90

    # Break it, and hang it: neither hurts.
    before = (await calm(agent))["hash"]
    refused = await replaced(agent, ROCKS, "def split(", "def split((")
    assert refused["outcome"] == "refused"
    assert refused["at"].startswith(f"{ROCKS}:")
    hung = await replaced(
        agent, "apps.asteroids/hud.py", '"""Write the score."""', '"""Write the score."""\n    while True: pass'
    )
    assert hung["outcome"] == "rolled back"
    assert "deadline" in hung["error"]
    assert (await calm(agent))["hash"] == before
    errors = (await agent("errors"))["errors"]
    assert any("deadline" in one["text"] for one in errors)
    assert "does not fit" in await agent.fails("edit", operations=[{"set": {"Game.lives": "many"}}])
    assert "count(Rock) > 0" in await agent.fails("time", do="run_until", until="import os")
    assert "there is no argument 'tick_count'" in await agent.fails("time", do="step", tick_count=3)
    assert "The arguments in events are at, key, hold, event" in await agent.fails("input", events=[{"press": "space"}])

    # Undo everything: code and state are what they were.
    edited = await agent("edit", operations=[{"despawn": True, "where": "Rock.size == 2"}])
    assert edited["done"][0]["despawned"] > 0
    await kill(agent)
    undone = await agent("undo", change_id=halved)
    assert undone["events"]
    assert (undone["as_before"], undone["hash"], undone["tick"]) == (True, begun["hash"], begun["tick"])
    assert FAST in (game / "rocks.py").read_text()
    assert (await calm(agent))["hash"] == begun["hash"]


@pytest.mark.parametrize(
    "transport",
    [pytest.param(over_stdio, id="stdio"), pytest.param(over_http, id="http", marks=pytest.mark.long)],
)
def test_an_agent_sees_changes_proves_and_undoes_while_the_game_dies_twice(transport: Any, tmp_path: Path) -> None:
    game = copy_of("asteroids", tmp_path)

    async def task() -> None:
        async with transport(game) as agent:
            names = [tool.name for tool in (await agent.client.list_tools()).tools]
            assert len(names) <= 14
            await whole_task(agent, game)

    run(task())
