"""Tests of the implementation, inside the game it lies in; run them with `python -m pytest` in its folder."""

from pathlib import Path

from engine import App

GAME = Path(__file__).parents[4]


def test_the_current_carries_what_drifts() -> None:
    app = App(GAME, headless=True, reload=False)
    try:
        app.bus.call("core.modules.load", name="core.name_here")
        from modules.core.motion import Position
        from modules.core.name_here import Drift

        adrift = app.world.spawn(Position(x=100), Drift())
        fixed = app.world.spawn(Position(x=100))
        app.step(60)
        assert app.world.get(adrift[0], Position).x > 100
        assert app.world.get(fixed[0], Position).x == 100
    finally:
        app.close()
