"""The manifests of the contracts and their implementations: everything resolves, with a window and without."""

from __future__ import annotations

import pytest

from engine.reload.resolve import discover, headless_choice, resolve

CONTRACTS = [
    "core.assets",
    "core.audio",
    "core.collision",
    "core.flow",
    "core.input",
    "core.motion",
    "core.random",
    "core.render",
]
CONTRACTS += ["core.saves", "core.tiles", "core.time", "core.window"]


def test_every_contract_finds_its_implementation() -> None:
    resolution = resolve(discover(), CONTRACTS)
    assert resolution.implementations == {
        "core.assets": "systems.files",
        "core.audio": "systems.pygame_audio",
        "core.collision": "systems.grid_collision",
        "core.flow": "systems.flow",
        "core.motion": "systems.kinematics",
        "core.render": "systems.pygame_render",
        "core.saves": "systems.data_folder",
        "core.window": "systems.pygame_window",
    }


def test_what_needs_a_machine_has_a_headless_twin() -> None:
    twins = headless_choice(discover())
    assert twins == {
        "core.audio": "systems.null_audio",
        "core.render": "systems.null_render",
        "core.saves": "systems.null_saves",
        "core.window": "systems.null_window",
    }
    resolution = resolve(discover(), CONTRACTS, choose=twins)
    assert not [found.name for found in resolution.order if "pygame" in found.name]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_each_contract_stands_alone(contract: str) -> None:
    order = [found.name for found in resolve(discover(), [contract]).order]
    assert contract in order


def test_an_implementation_comes_directly_after_its_contract_and_before_a_game() -> None:
    order = [found.name for found in resolve(discover(), ["core.motion"]).order]
    assert order.index("systems.kinematics") == order.index("core.motion") + 1
