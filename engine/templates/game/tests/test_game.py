"""Tests of the game; run them with `python -m pytest` in its folder."""

from importlib import import_module
from pathlib import Path

from engine import App, With
from modules.core.motion import Position

GAME = Path(__file__).parent.parent


def player_x(*inputs: list[object]) -> float:
    """Return where the player is after a second that begins with these inputs."""
    app = App(GAME, headless=True, reload=False, inputs={1: list(inputs)})
    try:
        app.step(60)
        game = import_module(f"modules.apps.{app.name}")
        return float(app.world.query(Position, With[game.Player]).single().x)
    finally:
        app.close()


def test_the_player_moves_while_a_key_is_held() -> None:
    assert player_x(["key", "down", "right"]) > player_x()
