"""What `hotloop bench games` finds out about a game."""

from __future__ import annotations

from pathlib import Path

import small_games

from engine.bench.games import games_table, measure_game

TRIAL = '''
from engine import World, handler
from modules.core.motion import Position


@handler("drops.trial")
def trial(world: World, count: int = 500) -> str:
    """Fill the game."""
    world.spawn(Position(), count=count)
    return f"{count} more"
'''


def test_a_game_is_measured_under_the_load_that_it_names(tmp_path: Path) -> None:
    plain = measure_game("drops", small_games.game(tmp_path), shorter=30)
    assert (plain.entities, plain.load) == (8, "as it begins, played by its script")
    loaded = measure_game("drops", small_games.game(tmp_path / "more", trial=TRIAL), shorter=30)
    assert (loaded.entities, loaded.load) == (508, "500 more")
    assert 0 < loaded.tick_p50 <= loaded.tick_p99
    assert "| drops | 500 more | 508 |" in games_table([plain, loaded])
