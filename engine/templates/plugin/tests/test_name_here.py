"""Tests of the plugin, inside the game it lies in; run them with `python -m pytest` in its folder."""

from pathlib import Path

from engine import App

GAME = Path(__file__).parents[4]


def test_an_entity_leaves_when_its_lifetime_is_over() -> None:
    app = App(GAME, headless=True, reload=False)
    try:
        app.bus.call("core.modules.load", name="plugins.name_here")
        from modules.plugins.name_here import Lifetime

        short, long = app.world.spawn(Lifetime(seconds=[0.5, 60.0]))
        app.step(60)
        assert not app.world.alive(short)
        assert app.world.alive(long)
    finally:
        app.close()
