"""The control port of a running game: calls over the bus, looks, edits, runs, source files, states."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playing import Game, connected

from engine.control.client import Client, RemoteError


def test_the_place_of_a_port_is_its_owners_alone(asteroids: Game) -> None:
    modes = {path.name: stat.S_IMODE(path.lstat().st_mode) for path in (asteroids.place, *asteroids.place.iterdir())}
    assert {mode & 0o077 for mode in modes.values()} == {0}
    assert len((asteroids.place / "token").read_text()) == 64


def test_every_handler_of_the_bus_is_served_with_its_schema(asteroids: Game) -> None:
    client = asteroids.client
    names = {one["name"]: one for one in client.call("control.handlers")}
    assert {"core.modules.list", "core.render.capture", "control.query"} <= names.keys()
    assert names["time.step"]["parameters"] == [{"name": "ticks", "type": "int", "default": 1}]
    assert client.call("core.app.status")["game"] == "asteroids"
    with pytest.raises(RemoteError, match=r"did you mean 'time.step'") as refused:
        client.call("time.stop")
    assert refused.value.kind == "BusError"
    with pytest.raises(RemoteError, match="ticks is no int"):
        client.call("time.step", ticks="many")


def test_running_tells_what_changed_and_why_it_stopped(asteroids: Game) -> None:
    client = asteroids.client
    begun = client.call("control.run", ticks=2)["ran"] and client.facts["tick"]
    first = client.call("control.run", ticks=300, until="count(Rock) > 0")
    assert first["stopped_by"] in ("until", "ticks")
    rows = client.call("control.query", components=["Rock"], aggregates=["count(Rock)"], limit=0)
    assert rows["matching"] == rows["aggregates"]["count(Rock)"] > 0
    none = client.call("control.query", components=["Rock"], where="Rock.size > 99")
    assert [column.size for column in none["columns"].values()] == [0] * len(none["columns"])
    press = [[0, ["key", "down", "space"]], [2, ["key", "up", "space"]]]
    played = client.call("control.run", ticks=120, until="Screen == 'PLAYING'", inputs=press)
    assert played["stopped_by"] == "until"
    assert played["changed"]["values"]["app.screens.Screen"] == ["TITLE", "PLAYING"]
    assert client.facts["paused"]
    assert client.facts["tick"] > begun


def test_pictures_and_columns_come_as_arrays(asteroids: Game) -> None:
    told = asteroids.client.call("control.picture", ids=True)
    height, width, channels = told["picture"].shape
    assert (told["picture"].dtype, channels) == (np.uint8, 3)
    assert told["picture"].any()
    places = told["places"]
    assert len(places["entity"]) == len(places["x"]) > 0
    assert ((places["x"] >= 0) & (places["x"] < width) & (places["y"] >= 0) & (places["y"] < height)).all()


def test_a_schema_names_who_reads_and_writes_each_field(asteroids: Game) -> None:
    detail = asteroids.client.call("control.schema", name="Velocity")
    fields = {field["name"]: field for field in detail["fields"]}
    assert "systems.kinematics.move" in fields["x"]["read_by"]
    assert any(name.startswith("app.rocks.") for name in fields["x"]["written_by"])
    assert detail["example"] == {"core.motion.Velocity": {"x": 1.5, "y": 1.5}}
    with pytest.raises(RemoteError, match="did you mean 'Velocity'"):
        asteroids.client.call("control.schema", name="Velocty")


def test_an_edit_is_all_or_nothing_and_a_dry_run_changes_nothing(asteroids: Game) -> None:
    client = asteroids.client
    client.call("control.run", ticks=300, until="count(Rock) > 0")
    before = client.call("control.hash")
    halve = {"set": {"Velocity.x": {"expr": "Velocity.x / 2"}}, "where": "Rock.size >= 0"}
    spawn = {"spawn": {"Rock": {"size": 2}, "Position": {"x": 5.0}}, "count": 3}
    tried = client.call("control.edit", operations=[halve, spawn, {"set": {"Game.lives": 9}}], dry_run=True)
    assert tried[1]["spawned"] == 3
    assert client.call("control.hash") == before
    cell = tried[0]["set"][0]["cells"][0]
    assert cell["after"] == pytest.approx(cell["before"] / 2)
    for wrong, says in (
        ({"set": {"Rock.size": 1.5}, "where": "Rock.size >= 0"}, "does not fit"),
        ({"set": {"Rock.siz": 1}, "where": "Rock.size >= 0"}, "did you mean 'size'"),
        ({"despawn": True}, "which entities"),
        ({"explode": True}, "is no operation"),
        ({"set": {"Game.lives": "many"}}, "does not fit"),
        ({"spawn": {"Rock": {}}, "count": 10**9}, "count is"),
        ({"remove": ["Rock"], "entities": [1 << 40]}, "is dead"),
    ):
        with pytest.raises(RemoteError, match=says):
            client.call("control.edit", operations=[spawn, wrong])
        assert client.call("control.hash") == before
    client.call("control.save", name="before")
    client.call("control.edit", operations=[halve, spawn])
    assert client.call("control.hash") != before
    assert client.call("control.load", name="before")["hash"] == before


def write(client: Client, path: str, old: str, new: str, **more: Any) -> dict[str, Any]:
    """Replace text in a source file of the game."""
    sha = client.call("control.read", path=path)["sha"]
    told = client.call("control.write", files=[{"path": path, "sha": sha, "old": old, "new": new}], **more)
    assert isinstance(told, dict)
    return told


def test_source_files_are_written_as_one_edit_with_a_verdict(asteroids: Game) -> None:
    client, rocks = asteroids.client, "apps.asteroids/rocks.py"
    text = client.call("control.read", path=rocks)["text"]
    good = write(client, rocks, "[130.0, 92.0, 60.0]", "[65.0, 46.0, 30.0]")
    assert (good["outcome"], good["ran"]) == ("permanent", 30)
    epoch = client.facts["epoch"]

    refused = write(client, rocks, "@component", "@component(")
    assert refused["outcome"] == "refused"
    assert refused["at"].startswith(f"{rocks}:")
    assert refused["files"] == "as before"
    fails = write(client, rocks, "    rocks: Query[Entity, With[Rock]],\n    waves: Mut[Waves],\n    game: Mut[Game],",
                  "    rocks: Query[Entity, With[Rock]],\n    waves: Mut[Wave],\n    game: Mut[Game],")  # fmt: skip
    assert fails["outcome"] == "refused"
    assert "Wave" in fails["error"]
    assert client.call("core.app.status")["problem"] is None
    assert "65.0" in (asteroids.folder / "rocks.py").read_text()
    assert client.facts["epoch"] == epoch

    with pytest.raises(RemoteError, match="it has changed since it was read"):
        client.call("control.write", files=[{"path": rocks, "sha": "0" * 32, "text": ""}])
    write(client, rocks, "[65.0, 46.0, 30.0]", "[130.0, 92.0, 60.0]")
    assert (asteroids.folder / "rocks.py").read_text() == text


def test_a_system_that_hangs_is_rolled_back_while_the_port_tells_what_runs(asteroids: Game) -> None:
    client, ship = asteroids.client, "apps.asteroids/hud.py"
    other = connected(asteroids.place)
    before = client.call("control.hash")
    tick = client.facts["tick"]
    client.call("control.save", name="unharmed")
    told = write(client, ship, '    """Write the score."""\n', '    """Write the score."""\n    while True: pass\n')
    assert told["outcome"] == "rolled back"
    assert "deadline" in told["error"]
    assert "write it again, mended" in told["error"], "the file is put back, there is nothing to mend in it"
    assert other.call("control.status")["game"] == "asteroids"
    assert any("engine/app.py" in line.replace(os.sep, "/") for line in other.call("control.stack"))
    client.call("control.load", name="unharmed")
    assert (client.call("control.hash"), client.facts["tick"]) == (before, tick)
    assert any("deadline" in notice["text"] for notice in client.call("control.errors")["notices"])
    other.close()


OUTSIDE = (
    "/etc/passwd", "../rocks.py", "apps.asteroids/../rocks.py", "apps.asteroids/./rocks.py", "apps.asteroids//rocks.py",
    "apps.asteroids", "apps.asteroids/", "/apps.asteroids/rocks.py", "apps.asteroids\\rocks.py", "rocks.py", "",
    "apps.asteroids/rocks.py\0", "apps.asteroids/rocks.py\n", "apps.asteroids/ rocks.py", "apps.asteroids/rocks.py ",
    "apps.asteroids/.hidden.py", "apps.asteroids/.git/config.py", "apps.asteroids/__pycache__/rocks.py",
    "apps.asteroids/rocks.sh", "apps.asteroids/rocks", "apps.asteroids/rocks.py.", "apps.asteroids/rocks.py::$DATA",
    "apps.asteroids/rocks.py:stream", "apps.asteroids/con.py", "apps.asteroids/NUL.txt", "apps.asteroids/lpt1.py",
    "apps.asteroids/\u202egpj.py", "apps.asteroids/r\u00f6cks.py", "apps.asteroids/%2e%2e/rocks.py", "~/rocks.py",
    "apps.asteroids/..%2frocks.py", "file:///etc/passwd", "apps.asteroids/rocks.pyc", "apps.asteroids/link.py",
    "apps.asteroids/linked/inside.py", "apps.asteroids/ROCKS.PY", "apps.none/x.py", "core/x.py", "engine",
    "apps.asteroids/assets", "apps.asteroids/a/b/c/d/e/f/g/h/i.py", "C:/rocks.py", "\\\\server\\share\\x.py",
    "apps.asteroids/" + "a" * 300 + ".py", "apps.asteroids/x.py/../../y.py", "apps.asteroids/*.py", "$HOME/x.py",
    "apps.asteroids/x\u200b.py", "apps.asteroids/-rf.py", "apps.asteroids/module.toml/x.py",
)  # fmt: skip


def test_no_file_outside_of_a_module_is_read_or_written(asteroids: Game, tmp_path: Path) -> None:
    client = asteroids.client
    (tmp_path / "inside.py").write_text("secret = 1\n")
    (asteroids.folder / "link.py").symlink_to(tmp_path / "inside.py")
    (asteroids.folder / "linked").symlink_to(tmp_path)
    try:
        for name in OUTSIDE:
            for call in ("read", "write"):
                arguments = {"path": name} if call == "read" else {"files": [{"path": name, "sha": "", "text": "x"}]}
                with pytest.raises(RemoteError) as refused:
                    client.call(f"control.{call}", **arguments)
                assert refused.value.kind == "SourceError", (name, refused.value)
    finally:
        (asteroids.folder / "link.py").unlink()
        (asteroids.folder / "linked").unlink()
    assert (tmp_path / "inside.py").read_text() == "secret = 1\n"


def test_small_calls_are_answered_between_ticks_of_a_game_that_runs(asteroids: Game) -> None:
    client = asteroids.client
    client.call("time.resume")
    first = client.facts["tick"]
    end = time.monotonic() + 30
    while client.facts["tick"] < first + 5 and time.monotonic() < end:
        client.call("core.app.status")
    assert client.facts["tick"] >= first + 5
    client.call("time.pause")
