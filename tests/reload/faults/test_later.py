"""Faults long after the probation: the system is paused, the tick runs again without it, a fix lets it go on."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from .kinds import PROBATION, Kind
from .playing import SOURCES, Playing, inject, line_of, write_game

LATE = 40
GUARDED = {"pull": "system", "shake": "plugin", "play": "app"}
KINDS = [kind for kind in PROBATION if kind.marker == "body"]


def reference(folder: Path, role: str, ticks: int, tick: int) -> str:
    """Return the hash of a game one of whose systems does nothing from a tick on."""
    write_game(folder)
    (
        folder
        / {"system": "modules/systems/gravity", "plugin": "modules/plugins/shaker", "app": "."}[role]
        / "__init__.py"
    ).write_text(inject(role, f"if tick >= {tick}:\n    return"))
    with Playing(folder) as playing:
        playing.step(ticks)
        return playing.hash


def paused_at(tmp_path: Path, kind: Kind, role: str, tick: int) -> None:
    ticks = tick + 20
    expected = reference(tmp_path / "reference" / "clock", role, ticks, tick)
    folder = write_game(tmp_path / "clock")
    with Playing(folder) as playing:
        playing.impatient()
        content = kind.content(role).replace(b"AT", str(tick).encode())
        verdict = playing.save(role, content)
        assert verdict is not None
        playing.step(ticks)
        assert verdict.outcome == "permanent"
        assert playing.hash == expected, "all else is as if the system had stopped by itself"
        [name] = playing.paused
        [panel] = playing.errors()
        assert kind.says in panel["message"]
        assert panel["file"]
        here = line_of(content)
        assert here is None or panel["line"] == here
        assert name in panel["title"]
        verdict = playing.fix(role)
        assert verdict is not None
        assert verdict.good
        playing.step()
        assert playing.runs(role) == playing.edition
        assert not playing.paused
        assert not playing.errors()


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        (KINDS[0], "system"),
        (KINDS[1], "plugin"),
        (KINDS[4], "app"),
        (KINDS[12], "app"),
        (next(kind for kind in KINDS if kind.name == "swallowed in two frames"), "plugin"),
    ],
    ids=lambda one: getattr(one, "name", one),
)
def test_a_late_fault_pauses_its_system(tmp_path: Path, kind: Kind, role: str) -> None:
    paused_at(tmp_path, kind, role, LATE)


def test_a_fault_at_tick_700(tmp_path: Path) -> None:
    paused_at(tmp_path, KINDS[0], "plugin", 700)


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "role"),
    [(kind, role) for kind in KINDS for role in ("system", "plugin", "app") if role in kind.roles],
    ids=lambda one: getattr(one, "name", one),
)
def test_every_kind_of_late_fault_pauses_its_system(tmp_path: Path, kind: Kind, role: str) -> None:
    paused_at(tmp_path, kind, role, LATE)


def test_a_late_fault_in_render_restores_nothing(game: Playing) -> None:
    at = game.tick + LATE
    content = inject("app", f"if tick >= {at}:\n    raise ValueError(1)  # here", "render")
    game.drawn = True
    game.save("app", content)
    game.step(LATE + 5)
    assert game.paused == ["app.paint"]
    assert game.tick == at + 5
    assert game.errors()[0]["line"] == line_of(content)
    game.fix("app")
    game.step()
    assert not game.paused


def test_an_edit_of_another_file_lets_a_paused_system_try_again(game: Playing) -> None:
    at = game.tick + LATE
    game.save("app", inject("app", f"if tick >= {at}:\n    raise ValueError(1)  # here"))
    game.step(LATE + 5)
    assert game.paused == ["app.play"]
    verdict = game.fix("plugin")
    game.step(2)
    assert game.paused == ["app.play"], "it fails again"
    assert verdict is not None
    assert verdict.good, "but the other edit is not to blame"
    assert game.runs("plugin") == game.edition


def test_startup_added_by_an_edit_and_failing_is_taken_back(game: Playing) -> None:
    before = game.hash
    content = SOURCES["app"].replace(
        "@system(PreUpdate)",
        "@system(Startup)\ndef more(commands: Commands) -> None:\n    commands.spawn(Mass())\n"
        "    raise ValueError('at startup')  # here\n\n\n@system(PreUpdate)",
        1,
    )
    verdict = game.save("app", content)
    assert game.hash == before
    game.step(1)
    assert verdict is not None
    assert verdict.outcome == "rolled back"
    assert "at startup" in (verdict.error or "")
    assert verdict.line == line_of(content)


def test_a_startup_that_hangs_is_taken_back(game: Playing) -> None:
    content = SOURCES["app"].replace(
        "@system(PreUpdate)",
        "@system(Startup)\ndef more() -> None:\n    while True: pass  # here\n\n\n@system(PreUpdate)",
        1,
    )
    verdict = game.save("app", content)
    game.step(1)
    assert verdict is not None
    assert verdict.outcome == "rolled back"
    assert verdict.line == line_of(content)


def test_a_shutdown_that_fails_or_hangs_does_not_keep_the_game_open(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number, code in enumerate(("raise ValueError('the end')", "while True: pass", "import sys\nsys.exit(3)")):
        folder = write_game(tmp_path / str(number) / "clock")
        (folder / "__init__.py").write_text(inject("app", code, "shutdown"))
        with caplog.at_level(logging.ERROR, "hotloop"), Playing(folder) as playing:
            playing.impatient()
            playing.step()
    assert "the end" in caplog.text
    assert "deadline" in caplog.text


def test_a_handler_that_fails_for_a_caller_raises_to_the_caller(game: Playing) -> None:
    content = inject("app", "raise ValueError('no answer')", "handler")
    verdict = game.save("app", content)
    assert verdict is not None
    assert verdict.good
    with pytest.raises(ValueError, match="no answer"):
        game.app.bus.call("clock.ask", number=1)
    game.step(2)
    assert verdict.good
    game.fix("app")
    assert game.app.bus.call("clock.ask", number=1) == 2


def test_a_system_nothing_helps_against_is_reported(game: Playing) -> None:
    told: list[str] = []

    def hopeless(name: str) -> None:
        told.append(name)

    deadline = game.app.simulation.deadline
    deadline.hopeless = hopeless
    deadline.patience.tries = 1
    verdict = game.save(
        "app", inject("app", "while True:\n    try:\n        tick += 1\n    except BaseException:\n        pass")
    )
    game.step()
    assert verdict is not None
    assert verdict.outcome == "rolled back"
    assert told == ["app.play"]


CHANGES = """if tick >= AT:
    global EDITION
    EDITION = 99
    LOG.append(tick)
    editions.seen["more"] = 1
    raise ValueError('late')"""


@pytest.mark.parametrize("after", [3, LATE])
def test_what_a_failed_tick_changed_outside_the_world_is_named(game: Playing, after: int) -> None:
    code = CHANGES.replace("AT", str(game.tick + after)).replace("    global EDITION\n", "")
    content = inject("app", code).replace(
        "    tick = int(time.tick)\n    editions", "    global EDITION\n    tick = int(time.tick)\n    editions"
    )
    verdict = game.save("app", content)
    game.step(after + 3)
    assert verdict is not None
    said = game.errors()[0]["message"]
    for name in ("app.EDITION", "app.LOG", "core.clockwork.Editions"):
        assert name in said, said
    assert bool(verdict.notes) == (verdict.outcome == "rolled back")


def test_nothing_is_named_that_a_failed_tick_left_alone(game: Playing) -> None:
    verdict = game.save("app", inject("app", f"if tick >= {game.tick + 3}:\n    raise ValueError(len(LOG))"))
    game.step(6)
    assert verdict is not None
    assert verdict.outcome == "rolled back"
    assert not verdict.notes
