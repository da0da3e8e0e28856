"""Where games, built-in and installed modules lie, and what is said of a game that is not there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from making import module

from engine.errors import GameError, ManifestError, ResolveError
from engine.reload.places import (
    builtin_modules,
    check_game_folder,
    check_namespace,
    engine_folder,
    examples,
    find_game,
    games,
    installed_modules,
    shipped_assets,
)
from engine.reload.resolve import discover, resolve


def distribution(home: Path, name: str, entries: dict[str, str]) -> Path:
    """Write what pip leaves of a distribution with entry points of group `hotloop.modules`."""
    info = home / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"{module} = {value}" for module, value in entries.items()]
    (info / "entry_points.txt").write_text("[hotloop.modules]\n" + "\n".join(lines) + "\n")
    return home


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder on Python's path, as distributions are installed into."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def builtin(tmp_path: Path) -> Path:
    folder = tmp_path / "builtin"
    folder.mkdir()
    return folder


# ---------------------------------------------------------------- places


def test_the_places_of_this_checkout() -> None:
    root = Path(__file__).parent.parent.parent
    assert engine_folder() == root / "engine"
    assert builtin_modules() == root / "modules"
    assert examples() == root / "examples"
    assert shipped_assets() == root / "assets"


def test_a_wheel_has_examples_inside_the_engine(tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    shipped = site / "engine" / "_shipped"
    module(shipped / "examples", "pong")
    (shipped / "assets").mkdir()
    (site / "modules" / "core").mkdir(parents=True)
    root = engine_folder()
    for file in ("__init__.py", "errors.py", "reload/__init__.py", "reload/manifest.py", "reload/places.py"):
        source = root / file
        target = site / "engine" / file
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(source.read_bytes() if file.endswith(("errors.py", "manifest.py", "places.py")) else b"")
    code = (
        "from engine.reload import places as p; print(p.builtin_modules(), p.examples(), p.find_game('pong'), sep='|')"
    )
    # The packages that are really installed, below the copy.
    path = os.pathsep.join([str(site), *(entry for entry in sys.path if "site-packages" in entry)])
    result = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    expected = [site / "modules", shipped / "examples", shipped / "examples" / "pong"]
    assert result.stdout.strip() == "|".join(map(str, expected)), result.stderr


# ---------------------------------------------------------------- installed modules


def test_an_installed_module_is_found_and_not_imported(site: Path, builtin: Path) -> None:
    folder = module(site, "sparkle_pack.sparkle")
    (folder / "__init__.py").write_text("raise SystemExit('imported')")
    (site / "sparkle_pack" / "__init__.py").write_text("raise SystemExit('imported')")
    distribution(site, "sparkle-pack", {"plugins.sparkle": "sparkle_pack.sparkle"})
    found = discover(None, builtin=builtin)
    assert found["plugins.sparkle"].folder == folder
    assert found["plugins.sparkle"].origin == "installed"
    assert resolve(found, ["plugins.sparkle"]).names == ["plugins.sparkle"]
    assert "sparkle_pack" not in sys.modules


def test_one_installed_in_development_mode_lies_elsewhere(
    site: Path, tmp_path: Path, builtin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    folder = module(source, "sparkle_dev.sparkle")
    monkeypatch.syspath_prepend(str(source))
    distribution(site, "sparkle-dev", {"plugins.sparkle": "sparkle_dev.sparkle"})
    assert discover(None, builtin=builtin)["plugins.sparkle"].folder == folder


def test_one_that_joins_the_namespace_of_modules_is_found_once(site: Path) -> None:
    folder = module(site / "modules", "plugins.sparkle")
    distribution(site, "sparkle-join", {"plugins.sparkle": "modules.plugins.sparkle"})
    found = discover(None, builtin=site / "modules")
    assert found["plugins.sparkle"].folder == folder
    assert found["plugins.sparkle"].origin == "installed"


def test_a_broken_distribution_matters_only_to_those_who_need_it(site: Path, builtin: Path) -> None:
    folder = module(site, "bad_pack.bad")
    (folder / "module.toml").write_text("version = 1")
    entries = {"plugins.bad": "bad_pack.bad", "plugins.gone": "bad_pack.gone", "sparkle": "bad_pack.bad"}
    distribution(site, "bad-pack", entries)
    module(builtin, "plugins.rain")
    module(builtin, "plugins.snow", requires=["plugins.bad"])
    module(builtin, "plugins.hail", requires=["plugins.gone"])
    found = discover(None, builtin=builtin)
    assert resolve(found, ["plugins.rain"]).names == ["plugins.rain"]
    with pytest.raises(ManifestError, match="version is not a string"):
        resolve(found, ["plugins.snow"])
    with pytest.raises(ManifestError, match=r"no folder with a module\.toml is found for 'bad_pack.gone'") as caught:
        resolve(found, ["plugins.hail"])
    assert "entry point 'plugins.gone' of bad-pack" in str(caught.value)
    assert "'sparkle' is no module's name" in str(found.broken["sparkle"])


def test_two_distributions_with_one_module(site: Path, builtin: Path) -> None:
    for name in ("one_pack", "two_pack"):
        module(site, f"{name}.sparkle")
        distribution(site, name, {"plugins.sparkle": f"{name}.sparkle"})
    module(builtin, "plugins.rain")
    module(builtin, "plugins.snow", requires=["plugins.sparkle"])
    found = discover(None, builtin=builtin)
    assert "plugins.rain" in found
    with pytest.raises(ResolveError, match=r"two modules are called plugins\.sparkle"):
        resolve(found, ["plugins.snow"])


def test_an_installed_module_may_not_replace_a_built_in_one(site: Path, builtin: Path) -> None:
    module(site, "thief_pack.time")
    distribution(site, "thief-pack", {"core.time": "thief_pack.time"})
    module(builtin, "core.time")
    with pytest.raises(ResolveError, match=r"two modules are called core\.time: .*\(built-in\) and .*\(installed\)"):
        discover(None, builtin=builtin)


def test_an_installed_game_is_known_by_name(site: Path) -> None:
    folder = module(site, "tetra_pack.tetra")
    distribution(site, "tetra-pack", {"apps.tetra": "tetra_pack.tetra"})
    assert games()["tetra"] == folder
    assert find_game("tetra") == folder
    assert find_game("apps.tetra") == folder
    assert [one.distribution for one in installed_modules() if one.name == "apps.tetra"] == ["tetra-pack"]


# ---------------------------------------------------------------- games


def test_a_game_by_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = module(tmp_path, "mine")
    monkeypatch.chdir(tmp_path)
    for spelling in ("mine", "./mine", "mine/", str(folder), folder, Path("mine")):
        assert find_game(spelling) == folder
    monkeypatch.chdir(folder)
    assert find_game(".") == folder


def test_a_folder_at_hand_goes_before_a_known_game(tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = module(site, "tetra_pack.tetra")
    distribution(site, "tetra-pack", {"apps.tetra": "tetra_pack.tetra"})
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tetra").mkdir()
    assert find_game("tetra") == known  # this folder holds no game
    own = module(tmp_path, "tetra")
    assert find_game("tetra") == own


def test_an_unknown_game_lists_the_known_ones(tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module(site, "tetra_pack.tetra")
    distribution(site, "tetra-pack", {"apps.tetra": "tetra_pack.tetra"})
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        GameError, match=r"there is no game 'tetar'; did you mean 'tetra'\? the known games are .*tetra"
    ):
        find_game("tetar")
    with pytest.raises(GameError, match=r"there is no folder .*tetar"):
        find_game("./tetar")


def test_games_of_the_current_folder_are_known_by_name_and_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mine, other = module(tmp_path, "mine"), module(tmp_path, "asteroids")
    (tmp_path / "empty").mkdir()
    assert list(games().items())[:2] == [("asteroids", other), ("mine", mine)]
    assert "empty" not in games()
    assert "breakout" in games()
    with pytest.raises(GameError, match=r"the known games are .*mine"):
        find_game("nosuch")


def test_modules_of_other_rooms_are_no_games(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module(tmp_path / "modules" / "plugins", "glow")
    monkeypatch.chdir(tmp_path / "modules" / "plugins")
    assert "glow" not in games()


def test_what_is_no_game(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").touch()
    with pytest.raises(GameError, match=r"empty holds no game: it has no module\.toml; .*hotloop new game"):
        find_game("empty")
    with pytest.raises(GameError, match="is a file, not a game's folder"):
        find_game("file.txt")
    with pytest.raises(GameError, match="there is no folder"):
        check_game_folder(tmp_path / "none")


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "loop"])
def test_names_that_no_folder_can_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    if name == "loop":
        try:
            (tmp_path / "loop").symlink_to("loop")
        except OSError:
            pytest.skip("no links here")
    with pytest.raises(GameError, match="there is no game"):
        find_game(name)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a user whom permissions bind")
@pytest.mark.parametrize("closed", ["mine", "mine/modules", "mine/modules/plugins"])
def test_folders_that_cannot_be_read(tmp_path: Path, closed: str) -> None:
    folder = module(tmp_path, "mine")
    module(folder / "modules", "plugins.rain")
    (tmp_path / closed).chmod(0)
    try:
        with pytest.raises(ManifestError, match="cannot be read: Permission denied; check the folder's permissions"):
            discover(find_game(folder))
    finally:
        (tmp_path / closed).chmod(0o755)


def test_a_folder_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = module(tmp_path, "mine")

    def refuse(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(ManifestError, match="cannot be read: Permission denied"):
        check_game_folder(folder)


def test_a_distribution_that_cannot_be_read_is_passed_over(site: Path, builtin: Path) -> None:
    distribution(site, "good-pack", {"plugins.good": "good_pack.good"})
    module(site, "good_pack.good")
    info = distribution(site, "odd-pack", {}) / "odd_pack-1.0.dist-info"
    (info / "entry_points.txt").write_bytes(b"[hotloop.modules\nno = sense = \xff\n===")
    (info / "METADATA").unlink()
    assert "plugins.good" in discover(None, builtin=builtin)


@pytest.mark.parametrize(
    ("name", "why", "remedy"),
    [
        ("my-game", "it is not a Python identifier", "'my_game'"),
        ("2048", "it is not a Python identifier", "'_2048'"),
        ("class", "it is a keyword of Python", "'class_'"),
        ("random", "the name shadows the standard library's random", "rename the folder"),
        ("numpy", "the name shadows the installed package numpy", "rename the folder"),
        ("engine", "the name shadows Hotloop's own package engine", "rename the folder"),
        ("modules", "the name shadows Hotloop's own package modules", "rename the folder"),
    ],
)
def test_folder_names_that_are_refused(tmp_path: Path, name: str, why: str, remedy: str) -> None:
    folder = module(tmp_path, name)
    with pytest.raises(ManifestError) as caught:
        find_game(folder)
    assert why in str(caught.value)
    assert remedy in str(caught.value)
    with pytest.raises(ManifestError):
        discover(folder)


def test_a_game_on_pythons_path_does_not_shadow_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = module(tmp_path, "mine")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert find_game(folder) == folder


def test_unicode_names_are_fine(tmp_path: Path) -> None:
    folder = module(tmp_path, "größe")
    assert discover(folder, builtin=tmp_path / "none").game == "apps.größe"


def test_the_namespace_is_open_here() -> None:
    check_namespace()
