"""The wheel is whole: from an empty folder, with nothing of the checkout in reach, games can be played and made."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support import ROOT, bare_environment


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it, as installing does."""
    home = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(home), str(ROOT)]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = home.glob("*.whl")
    site = home / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def hotloop(site: Path, folder: Path, *arguments: str) -> str:
    """Run the command line of the unpacked wheel and return what it prints."""
    program = "import engine.cli, sys; sys.argv[0] = 'hotloop'; sys.exit(engine.cli.main())"
    environment = {**bare_environment(), "PYTHONPATH": str(site)}
    command = [sys.executable, "-P", "-c", program, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


def test_only_engine_and_modules_are_installed(installed: Path) -> None:
    tops = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    assert tops == {"engine", "modules"}
    assert not (installed / "modules" / "__init__.py").exists()
    assert (installed / "engine" / "py.typed").exists()


def test_every_file_of_the_checkout_is_there(installed: Path) -> None:
    def files(root: Path, *folders: str) -> set[str]:
        found = (path for folder in folders for path in (root / folder).rglob("*") if path.is_file())
        names = (path.relative_to(root).as_posix() for path in found)
        return {name for name in names if "__pycache__" not in name and not name.endswith(".gitkeep")}

    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    wanted = {name for name in tracked if name.startswith(("engine/", "modules/", "examples/", "assets/"))}
    if wanted:  # not in a source distribution, which has no git
        there = files(installed, "engine", "modules")
        shipped = {name.replace("engine/_shipped/", "", 1) for name in there}
        assert {name for name in wanted if not name.endswith(".gitkeep") and (ROOT / name).exists()} <= shipped


def test_a_shipped_game_runs(installed: Path, tmp_path: Path) -> None:
    assert " 60 ticks" in hotloop(installed, tmp_path, "run", "asteroids", "--headless", "--ticks", "60")
    assert os.listdir(tmp_path) == []


def test_a_new_game_runs(installed: Path, tmp_path: Path) -> None:
    hotloop(installed, tmp_path, "new", "game", "mine")
    assert " 60 ticks" in hotloop(installed, tmp_path, "run", "mine", "--headless", "--ticks", "60")
    hotloop(installed, tmp_path, "new", "game", "copied", "--from", "asteroids")
    assert " 60 ticks" in hotloop(installed, tmp_path, "run", "copied", "--headless", "--ticks", "60")
    hotloop(installed, tmp_path, "check", "mine")
