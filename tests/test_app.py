"""A running app: time, window keys, containment, modules by hand, several apps in one process."""

from __future__ import annotations

import bdb
import importlib
import logging
import sys
import threading
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pytest
from small_games import GAME, game, replace, save, write

from engine.app import COMMIT_ROOM, App
from engine.clock import MOST_TICKS_A_FRAME, Pace
from engine.errors import GameError, HotloopError, ResolveError
from engine.reload.places import engine_folder
from engine.reload.resolve import discover
from engine.reload.saves import stage_now
from engine.reload.transaction import Verdict
from engine.report import counted
from engine.services import debug_panel


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return game(tmp_path)


def speeds(app: App) -> set[float]:
    from modules.core.motion import Velocity

    return {float(x) for step in app.world.query(Velocity) for x in step.x}


def test_ticks_are_fixed_and_counted(folder: Path) -> None:
    with App(folder, headless=True, reload=False) as app:
        app.step(90)
        report = app.statistics()
        assert app.world.tick == report["ticks"] == 90
        assert report["entities"] == 8
        drift = report["systems"]["app.drift"]
        assert drift["calls"] == 90
        assert drift["seconds"] > 0
        assert speeds(app) == {60.0}


def test_the_debug_panel_tells_costs_of_what_runs_again_and_again(tmp_path: Path) -> None:
    idle = """
        from engine import Update, system

        def never() -> bool:
            return False

        @system(Update, when=never)
        def idle() -> None:
            pass
        """
    with App(game(tmp_path, idle=idle), headless=True, reload=False) as app:
        app.step(9)
        statistics = app.schedule.statistics()
        assert statistics["app.idle.idle"]["calls"] == 0
        assert statistics["app.populate"]["calls"] == 1
        sections = {section["title"]: section["rows"] for section in debug_panel(app)["sections"]}
        shown = {row[0] for row in sections["systems"]}
        assert not shown & {"app.idle.idle", "app.populate"}
        assert all(statistics[name]["calls"] > 1 for name in shown)


def test_the_terminal_names_files_of_the_engine_and_says_what_is_waited_for(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with App(folder, headless=True, reload=False) as app:
        assert app.modules.name_of(engine_folder() / "ecs" / "commands.py") == "engine/ecs/commands.py"
        assert app.modules.name_of(folder / "__init__.py") == "apps.drops"
        verdict = Verdict([str(engine_folder() / "clock.py")], "waiting", 1, 2.0, notes=["engine/clock.py: it lasts"])
        verdict.state = "the process is executed anew later"
        with caplog.at_level(logging.INFO):
            app.reloader.say(verdict)
    assert caplog.messages == ["waiting: engine/clock.py: it lasts; the process is executed anew later"]


def test_the_terminal_says_that_a_system_that_fails_is_paused(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(folder, {"late.py": "from engine import Update, system\n\n@system(Update)\ndef late() -> None:\n    1 / 0\n"})
    with App(folder, headless=True, reload=False) as app:
        app.step(3)
    (said,) = caplog.messages
    assert "late.py:5: app.late.late raised ZeroDivisionError" in said
    assert said.endswith("; the system is paused, the game goes on without it")


def test_a_number_stands_with_its_noun() -> None:
    assert [counted(number, "tick") for number in (0, 1, 2)] == ["0 ticks", "1 tick", "2 ticks"]
    assert [counted(number, "entity", "entities") for number in (1, 2)] == ["1 entity", "2 entities"]


def test_equal_seeds_give_equal_worlds_and_folders_do_not_matter(tmp_path: Path) -> None:
    hashes = []
    for home, name, seed in (("a", "drops", 3), ("b", "renamed", 3), ("a", "drops", 4)):
        folder = game(tmp_path / home, name) if not (tmp_path / home / name).exists() else tmp_path / home / name
        with App(folder, headless=True, reload=False, seed=seed) as app:
            app.step(30)
            hashes.append(app.world.hash())
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_slow_frame_catches_up_to_a_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("engine.clock.perf_counter", lambda: now[0])
    pace = Pace()
    assert pace.due() == 0
    now[0] += 2.5 / 60
    assert pace.due() == 2
    assert pace.alpha == pytest.approx(0.5)
    now[0] += 10.0
    assert pace.due() == MOST_TICKS_A_FRAME
    assert 0 <= pace.alpha < 1


def test_two_apps_of_one_game_live_in_one_process(folder: Path) -> None:
    with App(folder, headless=True, reload=False) as one, App(folder, headless=True, reload=False, seed=5) as two:
        one.step(10)
        two.step(20)
        assert (one.world.tick, two.world.tick) == (10, 20)
        assert one.world.hash() != two.world.hash()
    assert "modules.apps.drops" not in sys.modules
    with App(folder, headless=True, reload=False) as again:
        again.step(1)


def test_what_was_imported_by_hand_goes_with_the_game_whose_classes_it_holds(folder: Path) -> None:
    """Else the next game that needs it adopts it, with classes that nobody else knows."""
    reader, tiles = "modules.plugins.tiled.read", "modules.core.tiles"
    importlib.import_module(reader)
    emitter = importlib.import_module("modules.plugins.particles").Emitter
    with App(folder, headless=True, reload=False):
        assert reader in sys.modules
        importlib.import_module(reader)
    assert tiles not in sys.modules
    assert reader not in sys.modules
    assert emitter(rate=3).rate == 3, "what nobody has used yet can be used all the same"
    assert importlib.import_module(reader).ImageLayer is importlib.import_module(tiles).ImageLayer


def test_manifests_are_resolved_beside_the_game(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where one that was refused is tried again because another file was saved."""
    threads: list[str] = []

    def noted(*arguments: Any) -> Any:
        threads.append(threading.current_thread().name)
        return discover(*arguments)

    manifest = folder / "module.toml"
    good, code = manifest.read_text(), (folder / "__init__.py").read_text()
    with App(folder, headless=True, reload=True) as app:
        monkeypatch.setattr("engine.reload.modules.discover", noted)

        def save(path: Path, text: str, outcome: str) -> None:
            before = len(app.reloader.verdicts)
            path.write_text(text)
            end = monotonic() + 30
            while len(app.reloader.verdicts) == before and monotonic() < end:
                app.poll_saves()
                app.step()
            assert app.reloader.verdicts[-1].outcome == outcome

        save(manifest, good + "\n[dev]\n", "refused")
        save(
            folder / "__init__.py", code.replace("60.0", "90.0") + "\nimport math\n", "refused"
        )  # may be required there
        save(manifest, good, "current")
        assert threads, "it was resolved"
        assert threading.current_thread().name not in threads
        assert speeds(app) == {90.0}


def test_a_save_that_comes_just_before_a_tick_is_due_waits_for_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = folder / "__init__.py"
    with App(folder, headless=True, reload=True) as app:
        app.step()
        now = [0.0]
        monkeypatch.setattr("engine.clock.perf_counter", lambda: now[0])
        pace = Pace()

        def save(seconds: float) -> None:
            """Save a file, and let it be staged, while the game sleeps."""
            code.write_text(code.read_text().replace("60.0", "90.0"))
            assert app.saves is not None
            assert app.saves.arrived.wait(30)
            now[0] += seconds + 1e-6

        monkeypatch.setattr("engine.app.sleep", save)
        now[0] += pace.seconds - COMMIT_ROOM / 2
        app.rest(pace)
        app.turn(pace.due())
        assert (app.world.tick, len(app.reloader.verdicts), speeds(app)) == (2, 0, {60.0})
        monkeypatch.setattr("engine.app.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds + 1e-6))
        now[0] += pace.seconds - COMMIT_ROOM / 2
        app.rest(pace)
        assert (app.world.tick, len(app.reloader.verdicts)) == (2, 1), "committed as soon as there was time"
        app.turn(pace.due())
        assert (app.world.tick, speeds(app)) == (3, {90.0})


def test_two_games_with_a_module_of_one_name_cannot_run_together(tmp_path: Path) -> None:
    health = {"modules/plugins/health/module.toml": 'version = "1.0"\n', "modules/plugins/health/__init__.py": ""}
    for name in ("one", "two"):
        folder = write(game(tmp_path, name), health)
        text = (folder / "module.toml").read_text()
        (folder / "module.toml").write_text(text.replace("requires = [", 'requires = ["plugins.health~=1.0", '))
    with App(tmp_path / "one", headless=True, reload=False) as app:
        with pytest.raises(ResolveError, match=r"plugins\.health"):
            App(tmp_path / "two", headless=True, reload=False)
        app.step(3)
        assert app.world.tick == 3
    with App(tmp_path / "two", headless=True, reload=False) as app:
        app.step(1)


def test_a_late_fault_pauses_the_system_and_a_fix_lets_it_go_on(folder: Path) -> None:
    late = GAME.replace(
        "    for vel", "    if clock.tick == 40:\n        raise ValueError('late')\n    for vel"
    ).replace("drops: Query[Mut[Velocity], Drop])", "drops: Query[Mut[Velocity], Drop], clock: Time)")
    late = late.replace("f32, system", "f32, system, Time")
    write(folder, {"__init__.py": late})
    with App(folder, headless=True, reload=False) as app:
        app.step(60)
        assert app.world.tick == 60
        assert app.schedule.systems["app.drift"].fault is not None
        assert "late" in app.overlay.errors[0]["message"]
        assert app.statistics()["systems"]["app.drift"]["calls"] == 40
        save(app, folder / "__init__.py", GAME.lstrip().replace("SPEED = 60.0", "SPEED = 75.0"))
        app.step(1)
        assert app.schedule.systems["app.drift"].fault is None
        assert speeds(app) == {75.0}
        assert not app.overlay.errors


def test_an_edit_that_fails_is_undone_with_the_world(folder: Path) -> None:
    with App(folder, headless=True, reload=False) as plain:
        plain.step(50)
        wanted = plain.world.hash()
    with App(folder, headless=True, reload=False) as app:
        app.step(20)
        verdict = replace(
            app, folder / "__init__.py", "vel.x = SPEED", "vel.x = 3.0 if np.random.rand() < 9 else 1 / 0"
        )
        assert verdict is not None
        assert verdict.outcome == "current"
        app.step(5)
        assert speeds(app) == {3.0}
        verdict = replace(app, folder / "__init__.py", "vel.x = 3.0", "raise OSError  # vel.x = 3.0")
        app.step(5)
        assert verdict is not None
        assert verdict.outcome == "rolled back"
        assert speeds(app) == {3.0}
        save(app, folder / "__init__.py", GAME.lstrip())
        app.step(1)
        assert speeds(app) == {60.0}
        app.step(19)
        assert app.world.tick == 50
        assert wanted


def test_a_game_broken_at_its_start_waits_in_its_window(tmp_path: Path) -> None:
    folder = game(tmp_path, rain="def broken(:\n    pass\n")
    with App(folder, reload=False) as app:
        assert app.broken is not None
        app.frame()
        app.turn(3)
        (panel,) = app.overlay.errors
        assert panel["file"].endswith("rain.py")
        assert panel["line"] == 1
        picture = shown()
        app.frame()
        assert app.world.tick == 0
        (folder / "rain.py").write_text("")
        app.submit([stage_now(app.code, folder / "rain.py")])
        assert app.broken is None
        app.turn(3)
        app.frame()
        assert app.world.tick == 3
        assert not app.overlay.errors
        assert (shown() != picture).any()


def shown() -> Any:
    import pygame

    return pygame.surfarray.array3d(pygame.display.get_surface())


def test_headless_a_broken_game_raises_one_clear_error(tmp_path: Path) -> None:
    folder = game(tmp_path, rain="import nowhere_at_all\n")
    with pytest.raises(HotloopError, match=r"rain\.py:1"):
        App(folder, headless=True, reload=False)
    assert not [name for name in sys.modules if name.startswith("modules.apps.drops")]


def test_the_keys_of_the_window_pause_step_restart_and_leave(folder: Path) -> None:
    with App(folder, reload=False) as app:
        app.turn(4)
        app.host_event("f2")
        app.turn(4)
        assert app.world.tick == 4
        app.host_event("f3")
        assert app.world.tick == 5
        app.host_event("f1")
        app.frame()
        app.host_event("f2")
        replace(app, folder / "__init__.py", "SPEED = 60.0", "SPEED = 61.0")
        app.host_event("f5")
        app.turn(1)
        assert app.world.tick == 1
        assert speeds(app) == {61.0}
        app.host_event("escape")
        app.run()  # ends at once


def test_a_game_is_started_from_another_and_left_again(folder: Path, tmp_path: Path) -> None:
    host = game(tmp_path, "host")
    with App(host, reload=False) as app:
        app.turn(2)
        app.start_game(str(folder))
        app.turn(1)
        assert app.child is not None
        assert app.top is app.child
        app.top.turn(5)
        app.top.frame()
        assert app.child.world.tick == 5
        child = app.child
        child.host_event("escape")
        child.turn(1)
        assert app.child is None
        assert child.closed
        app.turn(1)
        assert app.world.tick == 4
        with pytest.raises(GameError):
            app.leave_child()


def test_modules_are_listed_loaded_unloaded_and_rolled_back_by_message(folder: Path) -> None:
    plugin = {
        "modules/plugins/wind/module.toml": 'version = "1.2"\nrequires = ["core.motion~=1.0"]\n',
        "modules/plugins/wind/__init__.py": """
            from engine import Mut, Query, Update, component, f32, system
            from modules.core.motion import Velocity

            @component
            class Gust:
                force: f32 = 1.0

            @system(Update)
            def blow(things: Query[Mut[Velocity]]) -> None:
                for vel in things:
                    vel.y = 5.0
            """,
    }
    write(folder, plugin)
    with App(folder, headless=True, reload=False) as app:
        names = [row["name"] for row in app.bus.call("core.modules.list")]
        assert "plugins.wind" not in names
        assert {"apps.drops", "core.motion", "systems.kinematics"} <= set(names)
        assert app.bus.call("core.modules.load", name="plugins.wind")["loaded"] == ["plugins.wind"]
        app.step(1)
        from modules.core.motion import Velocity
        from modules.plugins.wind import Gust  # type: ignore[import-not-found]

        assert all((vel.y == 5.0).all() for vel in app.world.query(Velocity))
        app.world.spawn(Gust(), count=3)
        with pytest.raises(ResolveError, match="3 rows"):
            app.bus.call("core.modules.unload", name="plugins.wind")
        with pytest.raises(ResolveError, match="require"):
            app.bus.call("core.modules.unload", name="core.motion")
        counts = app.bus.call("core.modules.unload", name="plugins.wind", force=True)
        assert counts["rows"] == {"plugins.wind.Gust": 3}
        assert len(app.world) == 11
        app.step(1)
        assert "plugins.wind.blow" not in app.schedule.systems

        (folder / "__init__.py").write_text((folder / "__init__.py").read_text().replace("60.0", "62.0"))
        verdict = app.bus.call("core.modules.reload", name="apps.drops")
        assert verdict["outcome"] == "current"
        app.step(40)
        assert speeds(app) == {62.0}
        app.bus.call("core.modules.rollback")
        app.step(1)
        assert speeds(app) == {60.0}


def test_a_breakpoint_in_a_reloaded_function_stops_at_the_right_line(folder: Path) -> None:
    class Stops(bdb.Bdb):
        def __init__(self) -> None:
            super().__init__()
            self.lines: list[tuple[int, float]] = []

        def user_line(self, frame: Any) -> None:
            if self.break_here(frame):
                self.lines.append((frame.f_lineno, float(frame.f_globals["SPEED"])))
            self.set_continue()

    path = folder / "__init__.py"
    with App(folder, headless=True, reload=False) as app:
        app.step(2)
        text = path.read_text().replace("SPEED = 60.0", "# two lines\n# more than before\nSPEED = 77.0")
        text = text.replace("vel.x = SPEED * drop.weight", "pushed = SPEED * drop.weight\n        vel.x = pushed")
        save(app, path, text)
        line = text.splitlines().index("        vel.x = pushed") + 1
        debugger = Stops()
        assert debugger.set_break(str(path), line) is None
        debugger.runcall(app.step, 1)
        assert debugger.lines
        assert set(debugger.lines) == {(line, 77.0)}
        assert speeds(app) == {77.0}


def test_an_edited_asset_shows_its_new_content(folder: Path) -> None:
    import pygame

    def paint(color: str) -> None:
        surface = pygame.Surface((64, 64))
        surface.fill(color)
        pygame.image.save(surface, str(folder / "assets" / "tile.png"))

    (folder / "assets").mkdir()
    paint("#ff0000")
    sprite = """
        from engine import Commands, Startup, system
        from modules.core.motion import Position
        from modules.core.render import Sprite

        @system(Startup)
        def tile(commands: Commands) -> None:
            commands.spawn(Position(x=480, y=270), Sprite("tile.png", scale=4))
        """
    write(folder, {"tiles.py": sprite})
    with App(folder, headless=True, reload=False) as app:
        app.step(2)
        app.simulation.draw(1.0)
        assert tuple(app.bus.call("core.render.capture")[270, 480]) == (255, 0, 0)
        paint("#00ff00")
        app.submit([], assets=[folder / "assets" / "tile.png"])
        app.simulation.draw(1.0)
        assert tuple(app.bus.call("core.render.capture")[270, 480]) == (0, 255, 0)


def test_numpy_warnings_are_not_hidden(folder: Path) -> None:
    write(folder, {"__init__.py": GAME.replace("vel.x = SPEED * drop.weight", "vel.x = np.float32(1) / vel.y")})
    with App(folder, headless=True, reload=False) as app:
        with pytest.warns(RuntimeWarning, match="divide"):
            app.step(1)
        assert np.isinf(next(iter(speeds(app))))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("import pygame", "pygame"),
        ("from engine.ecs.world import World", "engine's own business"),
        ("from modules.systems.kinematics import move", "implementation"),
        ("from modules.core.audio import PlaySound", "without requiring"),
    ],
)
def test_a_module_from_outside_may_import_only_what_the_rules_allow(folder: Path, line: str, words: str) -> None:
    path = folder / "__init__.py"
    good = path.read_text()
    with App(folder, headless=True, reload=False) as app:
        app.step(2)
        verdict = save(app, path, good + line + "\n")
        assert verdict is not None
        assert verdict.outcome == "refused"
        assert words in (verdict.error or "")
        assert verdict.line == len(good.splitlines()) + 1
    with pytest.raises(ResolveError, match=words):
        App(folder, headless=True, reload=False)


def test_an_app_that_does_not_listen_takes_nothing_from_its_window(folder: Path) -> None:
    import pygame

    hashes = []
    for listens in (True, False):
        with App(folder, reload=False) as app:
            app.listens = listens
            app.run(2)
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_SPACE, scancode=44, mod=0, unicode=" "))
            app.run(5)
            hashes.append(app.world.hash())
    with App(folder, headless=True, reload=False) as app:
        app.run(5)
        assert hashes[1] == app.world.hash() != hashes[0]
