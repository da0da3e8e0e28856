"""To and fro in time: every kept tick is what it was, a copy beside the game goes the same way, a loop goes round."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from small_games import replace, save

from engine.app import App
from engine.errors import BusError, GameError
from engine.timeline.history import History, size_of

from .fountain import fountain, hashes, play


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with play(fountain(tmp_path)) as app:
        yield app


def rewound(app: App, tick: int) -> str:
    app.bus.call("time.rewind", tick=tick)
    assert app.world.tick == tick
    return app.world.hash()


def test_every_kept_tick_can_be_returned_to_and_gone_on_from(app: App) -> None:
    app.simulation.history.most = 100
    before = hashes(app, 160)
    status = app.bus.call("time.status")
    assert (status["first"], status["last"], status["tick"]) == (59, 160, 160)
    for tick in (159, 60, 100, 160, 59, 140):
        assert rewound(app, tick) == before[tick], tick
    assert app.paused
    with pytest.raises(GameError, match="tick 58 is not kept: those from 59 to 160 are"):
        app.bus.call("time.rewind", tick=58)
    assert app.world.hash() == before[140]
    app.bus.call("time.resume")
    assert {tick: text for tick, text in hashes(app, 20).items() if text != before[tick]} == {}
    assert app.bus.call("time.status")["last"] == 160


def test_going_another_way_forgets_what_lay_beyond(app: App) -> None:
    before = hashes(app, 80)
    rewound(app, 40)
    app.feed(["key", "up", "space"])
    app.step()
    assert app.bus.call("time.status")["last"] == 41
    assert app.world.hash() != before[41]
    assert [40, ["key", "up", "space"]] in app.bus.call("time.history")["inputs"]


@pytest.mark.parametrize("copies", [1, 40])
def test_few_copies_serve_every_tick(app: App, copies: int) -> None:
    app.step(64)
    history = app.simulation.history
    history.most, history.budget = 200, size_of(app.world.snapshot()) * copies
    before = hashes(app, 260)
    assert history.stride > 1
    assert sum(map(size_of, history.kept.values())) <= 2 * history.budget + size_of(app.world.snapshot())
    for tick in np.linspace(app.timeline.first, app.timeline.last, 5).astype(int).tolist():
        assert rewound(app, tick) == before.get(tick, app.world.hash())


def test_the_memory_of_copies_is_used_again() -> None:
    from engine import World

    world, history = World(), History(seconds=0.5)
    seen = set()
    for _ in range(200):
        seen.add(id(history.copy(world)))
        world.tick += 1
        history.ran(world, [])
    assert len(history.kept) == 31
    assert len(seen) <= 33


def test_an_older_state_is_migrated_to_the_code_of_now(app: App) -> None:
    app.step(60)
    verdict = replace(
        app, app.folder / "__init__.py", "    age: f32 = 0.0", "    age: f32 = 0.0\n    weight: f32 = 2.0"
    )
    assert verdict is not None
    app.step(5)
    rewound(app, 30)
    drop = next(info for name, info in app.world.components.items() if name.endswith(".Drop"))
    assert [field.name for field in drop.schema.fields] == ["age", "weight"]
    app.step(35)
    assert verdict.outcome == "permanent"
    refused = replace(app, app.folder / "__init__.py", "GRAVITY = 6.0", "GRAVITY = ")
    assert refused is not None
    assert [(mark["tick"], mark["kind"]) for mark in app.bus.call("time.history")["marks"]] == [
        (60, "reload"),
        (65, "refused"),
    ]


def test_a_young_edit_that_fails_after_a_rewind_leaves_the_world_as_if_it_had_never_been(app: App) -> None:
    app.step(60)
    file = app.folder / "__init__.py"
    source = file.read_text()
    bad = source.replace("        drop.age += 1.0", "        drop.age += 1.0\n        assert drop.age.size < 60")
    app.bus.call("time.rewind", tick=10)
    before = hashes(app, 50)
    verdict = save(app, file, bad)
    assert verdict is not None
    app.bus.call("time.rewind", tick=10)
    app.step(50)
    assert verdict.outcome == "rolled back"
    assert app.world.hash() == before[60]


def test_a_copy_goes_the_same_way_and_nothing_of_it_touches_the_game(app: App) -> None:
    before = hashes(app, 100)
    told = app.bus.call("time.fork", ticks=30, at=40, pictures=[50, 70])
    assert told["hashes"] == [before[tick] for tick in range(41, 71)]
    assert told["hash"] == before[70]
    assert told["first"] == 40
    assert told["faults"] == []
    assert told["entities"][-1] == sum(count for name, count in told["rows"].items() if name.endswith("Drop"))
    assert set(told["pictures"]) == {50, 70}
    assert told["pictures"][50].shape == (540, 960, 3)
    assert (told["pictures"][50] != told["pictures"][70]).any()
    other = app.bus.call("time.fork", ticks=30, at=40, inputs=[[60, ["key", "down", "space"]]])
    assert other["hashes"][:20] == told["hashes"][:20]
    assert other["hashes"][20] != told["hashes"][20]
    assert (app.world.tick, app.world.hash()) == (100, before[100])
    number = app.bus.call("time.fork_begin", ticks=40)
    while app.bus.call("time.fork_result", number=number) is None:
        app.turn(1)
    assert app.bus.call("time.fork_result", number=number)["hash"] == hashes_of_game(app, 140)
    with pytest.raises(GameError, match="there is no fork 99"):
        app.bus.call("time.fork_result", number=99)


def test_other_code_is_tried_in_a_process_of_its_own(app: App) -> None:
    before = hashes(app, 80)
    file = app.folder / "__init__.py"
    source = file.read_text()
    same = app.bus.call("time.fork", ticks=20, at=40, sources={"__init__.py": source}, pictures=[60])
    assert same["hashes"] == [before[tick] for tick in range(41, 61)]
    assert same["pictures"][60].shape == (540, 960, 3)
    number = app.bus.call(
        "time.fork_begin", ticks=20, at=40, sources={str(file): source.replace("GRAVITY = 6.0", "GRAVITY = 9.0")}
    )
    assert app.bus.call("time.fork_result", number=number) is None
    broken = {"__init__.py": source.replace("GRAVITY = 6.0", "GRAVITY = ")}
    with pytest.raises(GameError, match=r"the code does not run: .*__init__.py:\d+: .*\(the game is as it was\)"):
        app.bus.call("time.fork", ticks=20, sources=broken)
    while (other := app.bus.call("time.fork_result", number=number)) is None:
        app.turn(0)
    assert other["tick"] == 60
    assert other["hashes"][0] != same["hashes"][0]
    assert file.read_text() == source
    assert (app.world.tick, app.world.hash()) == (80, before[80])


def hashes_of_game(app: App, tick: int) -> str:
    if app.world.tick > tick:
        return rewound(app, tick)
    app.step(tick - app.world.tick)
    return app.world.hash()


def test_a_system_that_fails_in_a_copy_is_paused_there_alone(app: App) -> None:
    app.step(10)
    replace(app, app.folder / "__init__.py", "vel.y += GRAVITY", "vel.y += GRAVITY / (drop.age.max() < 45)")
    app.step(31)
    with np.errstate(all="raise"):
        told = app.bus.call("time.fork", ticks=20)
        assert len(told["faults"]) == 1
        assert "fall" in told["faults"][0]
        assert told["tick"] == 61
        assert [system.name for system in app.schedule if system.fault] == []


def test_a_stretch_is_played_over_and_over_and_begins_anew_at_a_reload(app: App) -> None:
    before = hashes(app, 120)
    status = app.bus.call("time.loop", start=80, end=120)
    assert status["loop"] == {"start": 80, "end": 120}
    seen = []
    for _ in range(100):
        app.feed(["key", "down", "x"])  # what the person does meanwhile is not fed
        app.step()
        seen.append(app.world.tick)
        assert app.world.hash() == before[app.world.tick]
    assert seen == [*range(81, 121), *range(81, 121), *range(81, 101)]
    replace(app, app.folder / "__init__.py", "GRAVITY = 6.0", "GRAVITY = 7.0")
    first = hashes(app, 1)[81]
    assert first != before[81]
    app.step(40)
    assert (app.world.tick, app.world.hash()) == (81, first)
    app.bus.call("time.unloop")
    app.step(50)
    assert app.world.tick == 131


def test_a_loop_needs_ticks_that_have_run(app: App) -> None:
    app.step(50)
    with pytest.raises(GameError, match="too few"):
        app.bus.call("time.loop", start=40, end=50)
    with pytest.raises(GameError, match="has not run yet"):
        app.bus.call("time.loop", start=10, end=90)
    assert app.world.tick == 50
    assert app.bus.call("time.status")["loop"] is None


def test_the_handlers_are_typed_and_described(app: App) -> None:
    offered = {one["name"]: one for one in app.bus.handlers()}
    for name in ("status", "pause", "resume", "step", "rewind", "history", "loop", "unloop", "fork", "fork_begin"):
        assert offered[f"time.{name}"]["doc"].endswith(".")
        assert all(parameter["type"] for parameter in offered[f"time.{name}"]["parameters"])
    with pytest.raises(BusError, match="tick is no int"):
        app.bus.call("time.rewind", tick="yesterday")
    told = app.bus.call("time.step", ticks=3)
    assert (told["tick"], told["hash"]) == (3, app.world.hash())
