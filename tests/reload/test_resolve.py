"""Resolving on manifests alone: order, features, implementations and every refusal with its chain and remedy."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from making import module

from engine.errors import ManifestError, ResolveError
from engine.reload.resolve import Modules, Resolution, discover, headless_choice, resolve


class House:
    """A game's folder and a folder of built-in modules, to be filled by a test."""

    def __init__(self, folder: Path) -> None:
        self.game, self.builtin = folder / "mine", folder / "builtin"
        self.builtin.mkdir()

    def app(self, *requires: str, **parts: object) -> None:
        module(self.game.parent, "mine", requires=requires, **parts)  # type: ignore[arg-type]

    def add(self, name: str, *requires: str, **parts: object) -> Path:
        return module(self.builtin, name, requires=requires, **parts)  # type: ignore[arg-type]

    def own(self, name: str, *requires: str, **parts: object) -> Path:
        return module(self.game / "modules", name, requires=requires, **parts)  # type: ignore[arg-type]

    def discover(self) -> Modules:
        return discover(self.game, builtin=self.builtin)

    def resolve(self, **choose: str) -> Resolution:
        found = self.discover()
        return resolve(found, ["apps.mine"], {k.replace("__", "."): v for k, v in choose.items()})

    def refused(self, **choose: str) -> ResolveError:
        with pytest.raises(ResolveError) as caught:
            self.resolve(**choose)
        assert caught.value.remedy
        assert "\n" not in str(caught.value)
        return caught.value


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


# ---------------------------------------------------------------- what is taken, and in which order


def test_what_is_required_comes_first_and_nothing_else_comes(house: House) -> None:
    house.app("plugins.rain~=1.0", "core.time")
    house.add("plugins.rain", "core.motion")
    house.add("core.motion", "core.time")
    house.add("core.time")
    house.add("core.unused")
    resolution = house.resolve()
    assert resolution.names == ["core.time", "core.motion", "plugins.rain", "apps.mine"]
    assert resolution.requirers["core.time"] == {"core.motion", "apps.mine"}
    assert "core.time" in resolution
    assert resolution["core.time"].python_name == "modules.core.time"


def test_ties_go_by_room_and_name(house: House) -> None:
    house.app("plugins.b", "plugins.a", "core.z", "core.y")
    for name in ("plugins.b", "plugins.a", "core.z", "core.y"):
        house.add(name)
    assert house.resolve().names == ["core.y", "core.z", "plugins.a", "plugins.b", "apps.mine"]


def test_an_implementation_comes_directly_after_its_contract(house: House) -> None:
    house.app("core.motion", "plugins.aaa", "core.zzz")
    house.add("plugins.aaa", "core.motion")
    house.add("core.motion")
    house.add("core.aaa", "core.motion")
    house.add("core.zzz")
    house.add("core.late")
    house.add("systems.kinematics", "core.late", implements=["core.motion"])
    names = house.resolve().names
    assert names.index("systems.kinematics") == names.index("core.motion") + 1
    assert names == ["core.late", "core.motion", "systems.kinematics", "core.zzz", "plugins.aaa", "apps.mine"]


def test_implementations_that_need_each_others_contracts_are_no_cycle(house: House) -> None:
    house.app("core.render", "core.window")
    house.add("core.render")
    house.add("core.window")
    house.add("systems.draw", "core.window", implements=["core.render"])
    house.add("systems.show", "core.render", implements=["core.window"])
    names = house.resolve().names
    assert set(names[:2]) == {"core.render", "core.window"}
    assert set(names[2:4]) == {"systems.draw", "systems.show"}


def test_an_implementation_may_need_what_requires_its_contract(house: House) -> None:
    house.app("core.render", "core.fonts")
    house.add("core.render")
    house.add("core.fonts", "core.render")
    house.add("systems.draw", "core.fonts", implements=["core.render"])
    assert house.resolve().names == ["core.render", "core.fonts", "systems.draw", "apps.mine"]


def test_the_order_does_not_depend_on_the_order_of_requirements(house: House) -> None:
    names = [f"core.m{i}" for i in range(12)]
    for i, name in enumerate(names):
        house.add(name, *names[:i:3])
    orders = set()
    for seed in range(5):
        random.Random(seed).shuffle(names)
        house.app(*names)
        orders.add(tuple(house.resolve().names))
    assert len(orders) == 1


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_random_houses(house: House, seed: int) -> None:
    """Each after what it requires; each implementation before all that could wait for it."""
    chance = random.Random(seed)
    cores = [f"core.c{i}" for i in range(8)]
    for i, name in enumerate(cores):
        house.add(name, *chance.sample(cores[:i], min(i, 2)))
    for name in chance.sample(cores, 4):
        asked = [c for c in chance.sample(cores, 2) if c != name]
        house.add(f"systems.{name[5:]}", *asked, implements=[name])
    for i in range(6):
        house.add(f"plugins.p{i}", *chance.sample(cores, 2), *(f"plugins.p{j}" for j in range(i) if j % 3 == seed % 3))
    house.app(*(f"plugins.p{i}" for i in range(6)))
    resolution = house.resolve()
    place = {name: i for i, name in enumerate(resolution.names)}
    needs = {name: {o for o in place if name in resolution.requirers[o]} for name in place}
    for name, others in needs.items():
        assert all(place[other] < place[name] for other in others)

    def reaches(start: str, goal: str) -> bool:
        return start == goal or any(reaches(other, goal) for other in needs[start])

    for contract, name in resolution.implementations.items():
        for other in resolution.requirers[contract] - {name}:
            if not any(reaches(one, other) for one in resolution.implementations.values()):
                assert place[name] < place[other], (name, other, resolution.names)


# ---------------------------------------------------------------- features


def test_features_are_united_and_bring_their_requirements(house: House) -> None:
    house.app("plugins.rain[wind]", "plugins.snow")
    house.add("plugins.rain", features={"wind": ["core.random"], "thunder": [], "hail": ["core.absent"]})
    house.add("plugins.snow", "plugins.rain[thunder]")
    house.add("core.random")
    resolution = house.resolve()
    assert resolution.features["plugins.rain"] == {"wind", "thunder"}
    assert "core.random" in resolution


def test_an_unknown_feature(house: House) -> None:
    house.app("plugins.snow")
    house.add("plugins.snow", "plugins.rain[wnid]")
    house.add("plugins.rain", features={"wind": [], "thunder": []})
    error = house.refused()
    assert str(error) == (
        "plugins.rain has no feature 'wnid': apps.mine requires plugins.snow, plugins.snow requires "
        "plugins.rain[wnid]; did you mean 'wind'? its features are thunder, wind"
    )
    assert error.chain == ["apps.mine", "plugins.snow", "plugins.rain"]  # type: ignore[attr-defined]


def test_a_feature_where_there_are_none(house: House) -> None:
    house.app("core.time[fast]")
    house.add("core.time")
    assert "it has no features" in str(house.refused())


# ---------------------------------------------------------------- implementations


def test_the_first_implementation_by_name_and_headless_twins_last(house: House) -> None:
    house.app("core.render")
    house.add("core.render")
    house.add("systems.null_render", implements=["core.render"])
    house.add("systems.zoo", implements=["core.render"])
    house.add("systems.yak", implements=["core.render"])
    resolution = house.resolve()
    assert resolution.implementations == {"core.render": "systems.yak"}
    assert resolution.candidates == {"core.render": ["systems.yak", "systems.zoo", "systems.null_render"]}
    assert "systems.zoo" not in resolution
    found = house.discover()
    assert headless_choice(found) == {"core.render": "systems.null_render"}
    assert resolve(found, ["apps.mine"], headless_choice(found)).implementations == {
        "core.render": "systems.null_render"
    }


def test_the_games_own_implementation_goes_first(house: House) -> None:
    house.app("core.render")
    house.add("core.render")
    house.add("systems.draw", implements=["core.render"])
    house.own("systems.mine", implements=["core.render"])
    assert house.resolve().implementations == {"core.render": "systems.mine"}


def test_an_implementation_brings_its_requirements_and_their_implementations(house: House) -> None:
    house.app("core.render")
    house.add("core.render")
    house.add("core.window")
    house.add("systems.draw", "core.window", implements=["core.render"])
    house.add("systems.show", implements=["core.window"])
    assert house.resolve().implementations == {"core.render": "systems.draw", "core.window": "systems.show"}


def test_one_that_lacks_a_feature_in_use_or_is_for_another_version_is_passed_over(house: House) -> None:
    house.app("core.render[points]")
    house.add("core.render", version="2.1", features={"points": [], "text": []})
    house.add("systems.a", implements=["core.render[text]~=2.0"])
    house.add("systems.b", implements=["core.render~=1.0"])
    house.add("systems.c", implements=["core.render[points,text]~=2.0"])
    assert house.resolve().implementations == {"core.render": "systems.c"}
    error = house.refused(core__render="systems.a")
    assert "systems.a cannot implement core.render: systems.a does not provide points" in str(error)
    assert "choose one of systems.c" in str(error)
    error = house.refused(core__render="systems.b")
    assert "systems.b implements core.render~=1.0, installed is core.render 2.1" in str(error)


def test_no_implementation_fits(house: House) -> None:
    house.app("core.render")
    house.add("core.render", version="2.0")
    house.add("systems.a", implements=["core.render~=1.0"])
    assert "no implementation of core.render fits: systems.a implements" in str(house.refused())


def test_a_feature_that_becomes_active_late_is_checked_too(house: House) -> None:
    house.app("core.render")
    house.add("core.render", features={"points": []})
    house.add("core.window", "core.render[points]")
    house.add("systems.draw", "core.window", implements=["core.render[]"])
    house.add("systems.plain", implements=["core.render"])
    assert house.resolve().features["core.render"] == {"points"}
    house.add("core.render", features={"points": [], "text": []})
    house.add("systems.draw", "core.window", implements=["core.render[text]"])
    assert "systems.draw does not provide points" in str(house.refused())


@pytest.mark.parametrize(
    ("contract", "name", "said"),
    [
        ("core.render", "systems.darw", "there is no module systems.darw; did you mean 'systems.draw'?"),
        ("core.rendre", "systems.draw", "there is no module core.rendre; did you mean 'core.render'?"),
        (
            "core.time",
            "systems.draw",
            "systems.draw does not implement core.time; the implementations of core.time: none",
        ),
    ],
)
def test_a_choice_that_cannot_be(house: House, contract: str, name: str, said: str) -> None:
    house.app("core.render")
    house.add("core.render")
    house.add("core.time")
    house.add("systems.draw", implements=["core.render"])
    assert said in str(house.refused(**{contract.replace(".", "__"): name}))


def test_a_choice_for_a_contract_not_in_use_has_no_effect(house: House) -> None:
    house.app()
    house.add("core.render")
    house.add("systems.draw", implements=["core.render"])
    assert house.resolve(core__render="systems.draw").names == ["apps.mine"]


# ---------------------------------------------------------------- refusals


def test_a_missing_module(house: House) -> None:
    house.app("plugins.rain")
    house.add("plugins.rain", "core.moton~=1.0")
    house.add("core.motion")
    error = house.refused()
    assert str(error).startswith(
        "module core.moton is missing: apps.mine requires plugins.rain, plugins.rain requires core.moton~=1.0; "
        "did you mean 'core.motion'? put it into one of the folders searched: "
    )
    for folder in (house.game, house.builtin):
        assert str(folder) in str(error)
    assert error.chain == ["apps.mine", "plugins.rain", "core.moton"]  # type: ignore[attr-defined]


def test_a_version_clash_names_everyone(house: House) -> None:
    house.app("core.y~=1.0", "plugins.z")
    house.add("core.y", version="1.3")
    house.add("plugins.z", "core.y~=2.0")
    error = house.refused()
    assert str(error).startswith(
        "core.y 1.3 does not fit: apps.mine requires plugins.z, plugins.z requires core.y~=2.0; apps.mine requires "
        "core.y~=1.0; installed is 1.3 in "
    )
    assert str(error.version) == "1.3"  # type: ignore[attr-defined]


def test_a_clash_names_those_who_come_later_too(house: House) -> None:
    house.app("core.y~=2.0", "plugins.z")
    house.add("core.y", version="1.3")
    house.add("plugins.z", "core.y~=1.0")
    text = str(house.refused())
    assert "apps.mine requires core.y~=2.0" in text
    assert "plugins.z requires core.y~=1.0" in text


def test_a_cycle(house: House) -> None:
    house.app("core.a")
    house.add("core.a", "core.b")
    house.add("core.b", "core.c~=1.0")
    house.add("core.c", "core.a")
    error = house.refused()
    assert str(error).startswith(
        "modules require each other: core.a -> core.b -> core.c -> core.a: core.a requires core.b, "
        "core.b requires core.c~=1.0, core.c requires core.a; "
    )


def test_a_cycle_through_a_feature(house: House) -> None:
    house.app("plugins.a[x]")
    house.add("plugins.a", features={"x": ["plugins.b"]})
    house.add("plugins.b", "plugins.a")
    assert "plugins.a[x] requires plugins.b, plugins.b requires plugins.a" in str(house.refused())


@pytest.mark.parametrize(
    ("asker", "required", "said"),
    [
        ("core.a", "plugins.b", "a module in the room 'core' requires only modules in 'core'"),
        ("core.a", "systems.b", "nothing requires an implementation"),
        ("plugins.a", "systems.b", "require core.c and choose with --with"),
        ("plugins.a", "apps.b", "requires only modules in 'core' and 'plugins'"),
    ],
)
def test_a_breach_of_the_room_rule(house: House, asker: str, required: str, said: str) -> None:
    house.app(asker)
    house.add(asker, required)
    house.add("core.c")
    house.add(required, implements=["core.c"] if required.startswith("systems") else [])
    error = house.refused()
    assert f"{asker} may not require {required}" in str(error)
    assert said in str(error)
    assert f"apps.mine requires {asker}, {asker} requires {required}" in str(error)


def test_systems_require_core_modules_alone(house: House) -> None:
    house.app("core.c")
    house.add("core.c")
    house.add("plugins.p")
    house.add("systems.s", "plugins.p", implements=["core.c"])
    text = str(house.refused())
    assert "systems.s may not require plugins.p" in text
    assert "systems.s is picked for core.c, systems.s requires plugins.p" in text


def test_an_unknown_feature_of_another_version_is_a_clash(house: House) -> None:
    house.app("core.render[particles]~=2.0")
    house.add("core.render", version="1.4")
    assert "core.render 1.4 does not fit" in str(house.refused())


# ---------------------------------------------------------------- discovery


def test_where_modules_are_found(house: House, tmp_path: Path) -> None:
    house.app()
    house.own("plugins.rain")
    house.add("core.time")
    module(tmp_path / "more", "plugins.snow")
    found = discover(house.game, [tmp_path / "more"], builtin=house.builtin)
    assert {name: one.origin for name, one in found.items()} == {
        "apps.mine": "game",
        "plugins.rain": "game",
        "plugins.snow": "extra",
        "core.time": "built-in",
    }
    assert found.game == "apps.mine"
    assert found["plugins.rain"].folder == house.game / "modules" / "plugins" / "rain"


def test_two_modules_of_one_name(house: House) -> None:
    house.app()
    house.own("plugins.rain")
    house.add("plugins.rain")
    with pytest.raises(ResolveError, match=r"two modules are called plugins\.rain") as caught:
        house.discover()
    assert "(game)" in str(caught.value)
    assert "(built-in)" in str(caught.value)


def test_a_game_that_lies_among_the_built_in_apps_is_one_module(house: House) -> None:
    gallery = house.add("apps.gallery")
    assert list(discover(gallery, builtin=house.builtin)) == ["apps.gallery"]


def test_bad_folder_names_in_rooms(house: House) -> None:
    house.app()
    for name, said in (("my-rain", "rename the folder, for example to 'my_rain'"), ("class", "'class_'")):
        folder = house.own(f"plugins.{name}")
        with pytest.raises(ManifestError, match=re.escape(said)):
            house.discover()
        folder.rename(house.game / f"was_{name}")


def test_a_room_misspelt(house: House) -> None:
    house.app()
    house.own("plugin.rain")
    with pytest.raises(ManifestError, match=r"there is no room 'plugin': .*did you mean 'plugins'\?"):
        house.discover()


def test_folders_without_a_manifest_matter_only_when_required(house: House) -> None:
    house.app("plugins.rain")
    (house.own("plugins.rain") / "module.toml").unlink()
    (house.game / "modules" / "plugins" / "empty" / "__pycache__").mkdir(parents=True)
    found = house.discover()
    assert list(found) == ["apps.mine"]
    with pytest.raises(ManifestError, match=r"there is no module\.toml: plugins\.rain is a module only with one"):
        resolve(found, ["apps.mine"])


def test_a_bad_manifest_of_a_built_in_module_is_told_at_once(house: House) -> None:
    house.app()
    (house.add("core.time") / "module.toml").write_text("version = 3")
    with pytest.raises(ManifestError, match="version is not a string"):
        house.discover()


@pytest.mark.parametrize("place", ["", "plugins"])
def test_a_file_that_closes_the_namespace(house: House, place: str) -> None:
    house.app()
    house.own("plugins.rain")
    shadow = house.game / "modules" / place / "__init__.py"
    shadow.touch()
    with pytest.raises(ManifestError, match="hides all other modules") as caught:
        house.discover()
    assert str(shadow) in str(caught.value)
    assert "delete or rename the file" in str(caught.value)


@pytest.mark.parametrize("file", ["modules/__init__.py", "modules.py"])
def test_a_foreign_package_that_shadows_the_namespace(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    house.app()
    shadow = tmp_path / "elsewhere" / file
    shadow.parent.mkdir(parents=True)
    shadow.touch()
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))
    with pytest.raises(ManifestError, match="hides all other modules") as caught:
        house.discover()
    assert str(shadow) in str(caught.value)


def test_a_hundred_modules(house: House) -> None:
    names = [f"plugins.p{i:03}" for i in range(100)]
    house.app(*names)
    for i, name in enumerate(names):
        house.add(name, *names[:i:7])
    assert resolve(house.discover(), ["apps.mine"]).names == [*names, "apps.mine"]
