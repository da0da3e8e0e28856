"""Names of assets become files, the first root first, and follow what happens to the files."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from support import Call

from engine import World
from modules.core.assets import Assets
from modules.systems import files


def test_the_first_root_that_has_a_file_wins(world: World, call: Call, tmp_path: Path) -> None:
    for root, names in {"game": ["ship.png"], "shared": ["ship.png", "sounds/shot.wav"]}.items():
        for name in names:
            path = tmp_path / root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(root)
    call(files.roots, roots=[tmp_path / "game", tmp_path / "shared"])
    assets = world.resource(Assets)
    assert assets.path("ship.png") == tmp_path / "game" / "ship.png"
    assert assets.path("sounds/shot.wav") == tmp_path / "shared" / "sounds" / "shot.wav"
    assert assets.path("none.png") is None
    assert assets.version("none.png") == 0
    assert call(files.names) == ["ship.png", "sounds/shot.wav"]
    assert call(files.names, suffix=".wav") == ["sounds/shot.wav"]


def test_a_name_never_leads_out_of_the_roots(world: World, folder: Path) -> None:
    (folder.parent / "secret.png").write_text("x")
    assets = world.resource(Assets)
    for name in ("../secret.png", str(folder.parent / "secret.png"), "", ".", "a/../../secret.png", "bad\0name"):
        assert assets.path(name) is None


def test_a_changed_file_has_another_version_and_a_new_one_is_found(world: World, call: Call, folder: Path) -> None:
    assets = world.resource(Assets)
    assert assets.path("ship.png") is None
    path = folder / "ship.png"
    path.write_text("one")
    assert assets.path("ship.png") is None, "a look-up is kept until something changed"
    call(files.changed, paths=[str(path)])
    first = assets.version("ship.png")
    assert first != 0
    path.write_text("two!")
    os.utime(path, ns=(1, 1))
    call(files.changed, paths=[str(path)])
    assert assets.version("ship.png") not in (0, first)
    path.unlink()
    call(files.changed, paths=[str(path)])
    assert assets.path("ship.png") is None


def test_a_complaint_is_made_once_until_a_file_changes(
    world: World, call: Call, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assets = world.resource(Assets)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assets.complain("ship.png", "ship.png is missing")
        call(files.changed, paths=[])
        assets.complain("ship.png", "ship.png is missing")
    assert [record.message for record in caplog.records] == ["ship.png is missing"] * 2


def test_a_complaint_goes_when_its_file_turns_up(world: World, call: Call, folder: Path) -> None:
    assets = world.resource(Assets)
    assets.complain("ship.png", "ship.png is missing")
    assets.complain("rock.png", "rock.png is missing")
    assert list(assets.standing()) == ["ship.png", "rock.png"]
    path = folder / "elsewhere.png"
    assets.files["ship.png"], assets.versions[path] = path, 7  # lent, as by the gallery
    assert assets.standing() == assets.complaints == {"rock.png": "rock.png is missing"}
