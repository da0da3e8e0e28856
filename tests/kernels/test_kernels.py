"""What a kernel is called with, what it may do, and how it goes on when its source is edited."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_games

from engine import Changed, Mut, World, array, component, f32, kernel, text, vec2, vector
from engine.app import App
from engine.errors import HotloopError, KernelError
from engine.kernels.kernel import Kernel
from engine.kernels.native import Compiler, is_available
from engine.reload.stage import Stager

LIMIT = 10.0


@component
class Place:
    x: f32 = 0.0
    y: f32 = 0.0
    xy: vec2 = vector("x", "y")
    name: text = ""
    past: f32 = array(f32, 3, default=0)


@component
class Speed:
    x: f32 = 1.0
    y: f32 = 2.0


@component
class Heavy:
    pass


@kernel
def drift(place: Mut[Place], speed: Speed, dt: float) -> None:
    """Move."""
    place.x += speed.x * dt
    place.y += speed.y * dt


def clamped(value: Any) -> Any:
    return min(max(value, -LIMIT), LIMIT)


@kernel
def clamp(place: Mut[Place]) -> None:
    place.x = clamped(place.x)


@kernel
def sway(place: Mut[Place], t: float) -> None:
    place.y = np.sin(place.x * t)


@kernel
def spell(place: Mut[Place]) -> None:
    if place.name == "b":
        place.past[0] += 1
        place.x = len(place.name)


def world() -> World:
    made = World()
    made.spawn(Place(x=np.arange(5)), Speed())
    made.spawn(Place(x=np.arange(3)), Speed(), Heavy())
    return made


def test_a_kernel_runs_for_the_rows_of_all_tables() -> None:
    made = world()
    rows = made.query(Mut[Place], Speed)
    for turn in (1, 2):
        drift(rows, np.float32(0.5))
        drift.wait()
        assert [y for place in made.query(Place) for y in place.y.tolist()] == [turn] * 8
    assert drift.how(rows) == ("compiled" if is_available() else "numpy")
    made.spawn(Place(x=100), Speed(x=8))
    drift(rows, 0.5)
    assert sorted(x for place in made.query(Place) for x in place.x.tolist())[-1] == 104
    drift(World().query(Mut[Place], Speed), 1.0)  # no rows at all


def test_what_a_kernel_writes_counts_as_changed() -> None:
    made = world()
    seen, read = made.query(Place, Changed[Place]), made.query(Speed, Changed[Speed])
    list(seen), list(read)
    assert list(seen) == []
    drift(made.query(Mut[Place], Speed), 1.0)
    assert len(list(seen)) == 2
    assert list(read) == []


def test_a_kernel_that_cannot_be_recorded_runs_row_by_row() -> None:
    made = World()
    ids = made.spawn(Place(name="b"), count=2)
    made.get(ids[1], Place).name = "long"
    rows = made.query(Mut[Place])
    assert "Place.name is no field with one number" in spell.how(rows)
    spell(rows)
    place = rows.steps()[0]
    assert place.x.tolist() == [1, 0]
    assert place.past[0].tolist() == [1, 0]


def test_values_from_outside_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = World()
    made.spawn(Place(x=[-99.0, 5.0, 99.0]))
    rows = made.query(Mut[Place])
    clamp(rows)
    clamp.wait()
    clamp(rows)
    assert rows.steps()[0].x.tolist() == [-10, 5, 10]
    monkeypatch.setitem(globals(), "LIMIT", 3.0)
    clamp(rows)
    assert rows.steps()[0].x.tolist() == [-3, 3, 3]


def test_inexact_kernels_are_compiled_only_where_the_world_says_so() -> None:
    made = World()
    made.spawn(Place(x=np.linspace(0, 50, 400)))
    rows = made.query(Mut[Place])
    sway(rows, 0.7)
    sway.wait()
    assert sway.how(rows) == "numpy"
    plain = rows.steps()[0].y.copy()
    assert np.array_equal(plain, np.sin(rows.steps()[0].x * np.float32(0.7)))
    made.kernel_mode = "compiled"
    sway(rows, 0.7)
    assert sway.how(rows) == ("compiled" if is_available() else "numpy")
    assert np.allclose(rows.steps()[0].y, plain, atol=1e-5)
    made.kernel_mode = "plain"
    sway(rows, 0.7)
    assert np.array_equal(rows.steps()[0].y, plain)
    with pytest.raises(KernelError, match='choose "plain" or "compiled"'):
        made.kernel_mode = "fast"


def late(place: Mut[Place], dt: float, speed: Speed) -> None: ...
def nameless(place: Mut[Place], dt) -> None: ...  # type: ignore[no-untyped-def]
def empty(dt: float) -> None: ...


@pytest.mark.parametrize(
    ("function", "says"),
    [(late, "components come first"), (nameless, "no component and no scalar"), (empty, "there are no rows")],
)
def test_a_wrong_declaration_is_named(function: Any, says: str) -> None:
    with pytest.raises(KernelError, match=says) as caught:
        Kernel(function)(world().query(Mut[Place], Speed))
    assert "test_kernels.py" in str(caught.value)


def test_a_query_that_lacks_something_is_refused() -> None:
    made = world()
    with pytest.raises(KernelError, match=r"writes Place: the query only reads Place; ask for Mut\[Place\]"):
        drift(made.query(Place, Speed), 1.0)
    with pytest.raises(KernelError, match="needs Speed: the query has no data term Speed"):
        drift(made.query(Mut[Place]), 1.0)
    with pytest.raises(KernelError, match="takes 1 scalars, 0 were given"):
        drift(made.query(Mut[Place], Speed))
    assert issubclass(KernelError, HotloopError)


# ---------------------------------------------------------------- in a game


GAME = '''
"""Everything falls."""

from engine import Commands, Mut, Query, Startup, Time, Update, component, f32, kernel, system

PULL = 9.0


@component
class Stone:
    height: f32 = 0.0
    speed: f32 = 0.0


@kernel
def fall(stone: Mut[Stone], dt: float) -> None:
    stone.speed -= PULL * dt
    stone.height += stone.speed * dt


@system(Startup)
def begin(commands: Commands) -> None:
    commands.spawn(Stone(height=100), count=5_000)


@system(Update)
def move(stones: Query[Mut[Stone]], time: Time) -> None:
    fall(stones, time.dt)
'''


def stones(app: App) -> Any:
    return app.world.columns("app.Stone")


def test_an_edit_of_a_kernel_runs_at_once_and_is_compiled_meanwhile(tmp_path: Path) -> None:
    source = textwrap.dedent(GAME)
    folder = small_games.write(tmp_path / "stones", {"module.toml": 'version = "1.0"\n', "__init__.py": source})
    with App(folder, headless=True, reload=False) as app:
        app.step(2)
        module = app.code.module("modules.apps.stones")
        rows = app.world.query(Mut[vars(module)["Stone"]])
        for edit, speed in (("= 7.0 + 0 * dt", 7.0), ("= -PULL", -9.0), ("= PULL / 2", 4.5)):
            verdict = small_games.save(app, folder / "__init__.py", source.replace("-= PULL * dt", edit))
            assert verdict is not None
            assert verdict.good
            app.step()
            assert set(stones(app)["speed"].tolist()) == {speed}
            fall = vars(module)["fall"]
            fall.wait()
            app.step()
            assert fall.how(rows) == ("compiled" if is_available() else "numpy")
            assert set(stones(app)["speed"].tolist()) == {speed}
        small_games.save(app, folder / "__init__.py", source.replace("PULL = 9.0", "PULL = 600.0"))
        app.step()
        speed = stones(app)["speed"][0]
        app.step()
        assert stones(app)["speed"][0] == np.float32(speed - np.float32(600.0 * float(np.float32(1 / 60))))
        assert not app.schedule.statistics()["app.move"]["fault"]


@pytest.mark.skipif(not is_available(), reason="the extra `kernels` is not installed")
def test_a_game_that_rests_compiles_only_then_and_in_the_staging_process() -> None:
    """What a thread does in the middle of a tick makes the tick longer."""
    stager, made = Stager(), []
    world, compiler = World(), Compiler()
    compiler.emit = lambda text: made.append(text) or stager.call("engine.kernels.native:object_code", text)
    compiler.go_on()  # as while a game waits for its next tick
    world.storage.kernel_compiler = compiler
    world.spawn(Place(x=np.arange(3)), Speed())
    rows = world.query(Mut[Place], Speed)
    try:
        shift = kernel(drift.function)
        shift(rows, 1.0)
        assert not made
        shift.wait()
        assert len(made) == 1
        assert shift.how(rows) == "compiled"
        shift(rows, 1.0)
        assert [pos.x.tolist() for pos, _ in rows] == [[2.0, 3.0, 4.0]]
    finally:
        stager.close()


@kernel
def mixed(place: Mut[Place], shift: int, scale: float, is_turned: bool) -> None:
    place.x = place.x * scale + shift
    if is_turned:
        place.y = -place.x


@pytest.mark.skipif(not is_available(), reason="the extra `kernels` is not installed")
def test_queries_that_share_machine_code_do_not_share_arguments() -> None:
    world = World()
    world.spawn(Place(x=np.arange(3)))
    world.spawn(Place(x=np.arange(2)), Speed())
    every, moving = world.query(Mut[Place]), world.query(Mut[Place], Speed)
    mixed(every, 0, 1.0, False)
    mixed.wait()
    for _ in range(2):
        mixed(every, -2, 0.5, True)
        mixed(moving, 2**40, 2.0, False)
    assert mixed.how(every) == mixed.how(moving) == "compiled"
    far = np.float32(2**40)
    assert [pos.x.tolist() for pos in every] == [[-3.0, -2.75, -2.5], [far * 2] * 2]
    assert [pos.y.tolist() for pos in every] == [[3.0, 2.75, 2.5], [-far / 2] * 2]
