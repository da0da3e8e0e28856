"""The engine's own files edited in a running game: patched in place where that is safe, refused if they are bad."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from acceptance.running import PROBE
from checkout import Checkout

WATCHFUL = """

from engine import Time as Clock


@system(Update)
def watch(grains: Query[Grain], clock: Clock, notes: Mut[Notes]) -> None:
    notes.worth = float({})
"""


def watching(game: Checkout, what: str) -> None:
    """Let the game note a value in each tick."""
    path = game.game / "__init__.py"
    path.write_text(path.read_text() + WATCHFUL.format(what))


def test_bodies_are_patched_in_place_all_over_the_engine(tmp_path: Path) -> None:
    game = Checkout(tmp_path)
    watching(game, "len(grains) + 100 * (clock.elapsed < 0)")
    with game:
        pid = game.state()["pid"]
        game.edit_engine(
            "ecs/query.py", "    def __len__(self) -> int:\n", "    def __len__(self) -> int:\n        return 7\n"
        )
        game.wait("the ECS runs the edit", lambda: game.notes()["worth"] == 7.0)
        game.edit_engine("clock.py", "time.elapsed = tick * float(time.dt)", "time.elapsed = -1.0")
        game.wait("the clock runs the edit", lambda: game.notes()["worth"] == 107.0)
        for file, line in [
            ("schedule.py", "        for systems in self._simulation:\n"),
            ("simulation.py", "    world.tick += 1\n"),
            ("app.py", "        if self._restart:\n"),
        ]:
            mark = tmp_path / Path(file).stem
            game.edit_before(f"engine/{file}", line, mark)
            game.wait(f"{file} runs the edit", mark.exists)
        game.verdict("permanent", "app.py")
        notes = [note for verdict in game.report()["reloads"] for note in verdict["notes"]]
        assert not notes, "nothing was to be executed anew"
        assert game.state()["pid"] == pid


def test_the_gallery_the_window_and_the_overlay_are_reloaded(tmp_path: Path) -> None:
    game = Checkout(tmp_path, play="gallery", window=True)
    gallery = game.root / "modules" / "apps" / "gallery"
    (gallery / "probe.py").write_text(PROBE.replace("parent.parent /", "parents[4] /"))
    with game:
        before = game.state()
        for file, line in [
            (
                "modules/apps/gallery/choose.py",
                '    clicked = _card_under(gallery, pointer) if pointer.hit("left") else None\n',
            ),
            ("modules/systems/pygame_window/overlay.py", "    page = page_of(target, lettering)\n"),
            ("modules/systems/pygame_window/display.py", "    screen = display.screen\n"),
            ("engine/overlay.py", "        now = monotonic()\n"),
        ]:
            mark = tmp_path / file.replace("/", "-")
            game.edit_before(file, line, mark)
            game.wait(f"{file} runs the edit", mark.exists)
        after = game.goes_on()
        assert after["pid"] == before["pid"]
        assert set(after["entities"]) == set(before["entities"])


def test_an_edit_that_means_the_same_changes_no_hash(tmp_path: Path) -> None:
    with Checkout(tmp_path) as game:
        game.edit_engine("ecs/query.py", "        self._refresh()", "        (self._refresh())")
        game.edit_engine("schedule.py", "        for systems in self._sim", "        for systems in (self)._sim")
        game.verdict("permanent", "schedule.py")
        game.equals_run_without_edits()


def test_broken_edits_of_the_engine_are_refused_and_mended(tmp_path: Path) -> None:
    with Checkout(tmp_path) as game:
        path = game.root / "engine" / "schedule.py"
        good = path.read_text()
        game.edit_engine("schedule.py", "    def tick(self)", "    def tick(self")
        verdict = game.verdict("refused", "schedule.py")
        line = good[: good.index("    def tick(self)")].count("\n") + 1
        assert verdict["file"] == str(path)
        assert verdict["line"] == line
        game.goes_on()
        path.write_text(good)
        game.edit_engine(
            "ecs/views.py",
            "from __future__ import annotations\n",
            "from __future__ import annotations\nimport nowhere\n",
        )
        verdict = game.verdict("refused", "views.py")
        assert "nowhere" in verdict["error"]
        assert (
            verdict["line"]
            == (game.root / "engine" / "ecs" / "views.py").read_text()[:2000].split("import nowhere")[0].count("\n") + 1
        )
        game.goes_on()


@pytest.mark.parametrize(
    "body",
    ["        raise ValueError('oops')\n", "        while True:\n            pass\n"],
    ids=["raises", "never ends"],
)
def test_an_edit_of_the_engine_that_fails_is_taken_back(tmp_path: Path, body: str) -> None:
    with Checkout(tmp_path) as game:
        old = "        for systems in self._simulation"
        game.edit_engine("schedule.py", old, body + old)
        verdict = game.verdict("rolled back", "schedule.py")
        assert verdict["file"].endswith("schedule.py")
        assert re.search("oops|deadline", verdict["error"])
        game.equals_run_without_edits()
