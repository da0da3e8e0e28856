"""Edit a running game from another process and see it change, with everything still where it was."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .edits import EDITS, Edit
from .running import Running

SEED = 20
GIT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


@pytest.fixture
def game(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path) as running:
        yield running


def kept(before: dict[str, Any], after: dict[str, Any], column: str) -> None:
    """Check that entities that were and are there kept a value that no edit touches."""
    both = [one for one in before["entities"] if one in after["entities"]]
    assert len(both) >= 5, "too few entities outlived the edit to tell"
    for one in both:
        assert before["entities"][one].get(column) == after["entities"][one].get(column)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_an_edit_takes_effect_in_the_running_game(game: Running, edit: Edit) -> None:
    before = game.state()
    effect = edit.make(game, random.Random(SEED + len(edit.name)))
    game.wait(f"{edit.name} is in effect", effect)
    after = game.state()
    assert after["pid"] == before["pid"] == game.process.pid  # type: ignore[union-attr]
    assert after["tick"] > before["tick"]
    kept(before, after, "core.render.Sprite.image")
    kept(before, after, "app.rocks.Rock.size")


def test_without_reload_no_edit_takes_effect(tmp_path: Path) -> None:
    with Running(tmp_path, "--no-reload") as game:
        effects = [EDITS[at].make(game, random.Random(SEED)) for at in (0, 4, 2, 3, 5)]
        game.never("an edit took effect under --no-reload", lambda: any(effect() for effect in effects))


def test_a_syntax_error_is_refused_and_its_fix_taken(game: Running) -> None:
    good = (game.game / "rocks.py").read_text()
    line = good[: good.index("def tumble")].count("\n") + 1
    game.replace("rocks.py", "def tumble(", "def tumble((")
    verdict = game.verdict("refused", "rocks.py")
    assert verdict["file"].endswith("rocks.py")
    assert verdict["line"] == line
    tick = game.state()["tick"]
    game.wait("the old code goes on", lambda: game.state()["tick"] > tick + 30)
    (game.game / "rocks.py").write_text(good.replace("np.copysign(SPIN[rock.size], spin.rate)", "17.0"))
    game.wait("the fix runs", lambda: set(game.column("core.motion.Spin.rate").values()) == {17.0})


BAD_BODIES = {
    "raises on its third tick": "    TRIES.append(1)\n    if len(TRIES) == 3:\n        raise OSError('third time')\n",
    "loops forever": "    TRIES.append(1)\n    while len(TRIES) >= 2:\n        pass\n",
}


@pytest.mark.parametrize("kind", BAD_BODIES)
def test_a_failing_system_is_rolled_back_to_the_world_as_it_would_have_been(tmp_path: Path, kind: str) -> None:
    ticks = 240
    (tmp_path / "edited").mkdir()
    with Running(tmp_path / "edited", "--ticks", str(ticks)) as game:
        good = (game.game / "rocks.py").read_text()
        bad = good.replace(
            '    """Turn every rock as fast as its size does, its own way round."""\n',
            '    """Turn."""\n' + BAD_BODIES[kind] + "    for _, spin in rocks:\n        spin.rate = 99.0\n",
        ).replace("SMALL, MEDIUM, LARGE = ", "TRIES: list[int] = []\nSMALL, MEDIUM, LARGE = ")
        assert bad != good
        (game.game / "rocks.py").write_text(bad)
        verdict = game.verdict("rolled back", "rocks.py")
        assert "third time" in verdict["error"] or "deadline" in verdict["error"]
        assert verdict["file"].endswith("rocks.py")
        assert verdict["line"]
        game.end()
        edited = game.report()
    assert edited["ticks"] == ticks
    (tmp_path / "unedited").mkdir()
    unedited = Running(tmp_path / "unedited", "--ticks", str(ticks), "--no-reload").run()
    assert edited["world_hash"] == unedited["world_hash"]


@pytest.mark.parametrize("kind", BAD_BODIES)
def test_the_fix_of_a_rolled_back_edit_is_taken(game: Running, kind: str) -> None:
    good = (game.game / "rocks.py").read_text()
    doc = '    """Turn every rock as fast as its size does, its own way round."""\n'
    bad = good.replace(doc, doc + BAD_BODIES[kind]).replace(
        "SMALL, MEDIUM, LARGE = ", "TRIES = []\nSMALL, MEDIUM, LARGE = "
    )
    (game.game / "rocks.py").write_text(bad)
    game.verdict("rolled back", "rocks.py")
    (game.game / "rocks.py").write_text(good.replace("np.copysign(SPIN[rock.size], spin.rate)", "23.0"))
    game.wait("the fix runs", lambda: set(game.column("core.motion.Spin.rate").values()) == {23.0})


def test_a_branch_switch_is_one_transaction(tmp_path: Path) -> None:
    game = Running(tmp_path)

    def git(*arguments: str) -> None:
        command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments]
        subprocess.run(command, cwd=game.game, env={**os.environ, **GIT}, check=True, capture_output=True)

    git("init", "-q", "-b", "plain")
    git("add", "-A")
    git("commit", "-qm", "plain")
    git("checkout", "-q", "-b", "other")
    for path in sorted(game.game.glob("*.py")):
        path.write_text(path.read_text() + "\nON_BRANCH = 'other'\n")
    game.replace("rocks.py", "np.copysign(SPIN[rock.size], spin.rate)", "29.0")
    game.replace("rocks.py", "    size: u8 = LARGE\n", "    size: u8 = LARGE\n    heat: f32 = 4.0\n")
    git("add", "-A")
    git("commit", "-qm", "other")
    git("checkout", "-q", "plain")
    with game:
        before = game.state()
        git("checkout", "-q", "other")
        game.wait("the branch runs", lambda: set(game.column("core.motion.Spin.rate").values()) == {29.0})
        game.wait("its field is there", lambda: set(game.column("app.rocks.Rock.heat").values()) == {4.0})
        after = game.state()
        kept(before, after, "core.render.Sprite.image")
        reloads = game.wait("its verdict", lambda: game.report()["reloads"])
        assert len(reloads) == 1
        assert len(reloads[0]["files"]) >= 5
