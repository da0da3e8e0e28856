"""The gallery's menu: cards, choosing, starting, and what it shows when something is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from menu import Menu, game, picture

from engine import Entity, HotloopError, Query, With
from modules.apps.gallery.cards import LOOK_EVERY, asset_name, read_picture
from modules.apps.gallery.carousel import cards_at
from modules.apps.gallery.scenery import Notice
from modules.apps.gallery.state import MIDDLE, Caption, Piece
from modules.core.assets import Assets
from modules.core.render import Sprite, Text


def three() -> Menu:
    return Menu(game("asteroids"), game("lanterns"), game("swarm")).run()


def words(menu: Menu, *terms: Any) -> list[str]:
    """All texts of entities with some components."""
    query: Query[Any] = menu.world.query(Text, *terms)
    return [str(line) for text in query for line in text.text]


def cards(menu: Menu) -> set[int]:
    return {int(card) for piece in menu.world.query(Piece) for card in piece.card}


def test_every_game_has_a_card_with_title_and_summary() -> None:
    menu = three()
    assert cards(menu) == {0, 1, 2}
    assert words(menu, With[Caption])[::2] == ["Asteroids", "Lanterns", "Swarm"]
    assert words(menu, With[Caption])[1] == "All about asteroids."


def test_a_long_summary_takes_two_lines_at_most() -> None:
    menu = Menu(game("epic", summary="a very long story " * 30)).run()
    lines = words(menu, With[Caption])
    assert len(lines) == 3
    assert max(map(len, lines)) <= 86


@pytest.mark.parametrize(
    ("forward", "back"),
    [
        ([["key", "down", "right"]], [["key", "down", "left"]]),
        ([["key", "down", "d"]], [["key", "down", "a"]]),
        ([["padbutton", "down", 0, "right"]], [["padbutton", "down", 0, "left"]]),
        ([["padaxis", 0, "leftx", 1.0]], [["padaxis", 0, "leftx", -1.0]]),
        ([["wheel", 0, -1]], [["wheel", 0, 1]]),
    ],
)
def test_keys_gamepad_and_wheel_move_the_choice(forward: list[Any], back: list[Any]) -> None:
    menu = three().run(*forward)
    assert menu.chosen == "lanterns"
    menu.run(["key", "up", "right"], ["key", "up", "d"], ["padbutton", "up", 0, "right"], ["padaxis", 0, "leftx", 0.0])
    menu.run(*back)
    assert menu.chosen == "asteroids"


def test_the_choice_stops_at_both_ends() -> None:
    menu = three().press("left")
    assert menu.chosen == "asteroids"
    menu.press("end").press("right")
    assert menu.chosen == "swarm"
    assert menu.press("home").chosen == "asteroids"


def test_a_held_key_goes_on_by_itself() -> None:
    menu = Menu(*(game(f"game{number:02}") for number in range(20))).run()
    menu.press("right", ticks=10)
    assert menu.gallery.chosen == 1
    menu.press("right", ticks=60)
    assert menu.gallery.chosen > 4


def test_the_row_slides_until_the_chosen_card_is_in_the_middle() -> None:
    menu = Menu(*(game(f"game{number}") for number in range(40))).run()
    menu.press("end")
    first = menu.gallery.at
    assert 0 < first < 39
    menu.settle()
    assert menu.gallery.at == 39
    x, _, scale, _ = cards_at(menu.gallery, np.arange(40))
    assert (x[39], scale[39]) == (MIDDLE, 1)
    assert (np.diff(x) > 0).all()


def test_a_click_beside_chooses_and_a_click_on_the_chosen_card_plays() -> None:
    menu = three().settle()
    x, y, _, _ = cards_at(menu.gallery, np.arange(3))
    menu.click(x[1] + 60, y[1]).settle()
    assert (menu.chosen, menu.started) == ("lanterns", [])
    menu.click(MIDDLE, y[1]).settle()
    assert menu.started == ["lanterns"]


def test_a_click_on_nothing_does_nothing() -> None:
    menu = three().click(MIDDLE, 30).settle()
    assert (menu.chosen, menu.started) == ("asteroids", [])


@pytest.mark.parametrize("event", [["key", "down", "return"], ["key", "down", "space"], ["padbutton", "down", 0, "a"]])
def test_play_starts_the_chosen_game_once_its_card_fills_the_canvas(event: list[Any]) -> None:
    menu = three().press("right").run(event)
    assert menu.started == []
    menu.settle()
    assert menu.started == ["lanterns"]
    assert (menu.gallery.zoom, menu.gallery.starting) == (0, "")


def test_nothing_is_chosen_while_a_game_starts() -> None:
    menu = three().run(["key", "down", "return"])
    menu.press("right").settle()
    assert (menu.chosen, menu.started) == ("asteroids", ["asteroids"])


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (HotloopError("swarm is no game", remedy="write a module.toml"), "swarm is no game; write a module.toml"),
        (SyntaxError("invalid syntax"), "asteroids: SyntaxError: invalid syntax"),
    ],
)
def test_a_game_that_does_not_start_says_why_and_the_gallery_goes_on(failure: Exception, told: str) -> None:
    menu = three()
    menu.failure = failure
    menu.press("return").settle()
    assert menu.gallery.problem == told
    assert told in " ".join(words(menu, With[Notice]))
    menu.press("right").run()
    assert not words(menu, With[Notice])
    menu.failure = None
    menu.press("return").settle()
    assert menu.started == ["lanterns"]


def test_a_new_game_appears_and_the_choice_stays_with_its_game() -> None:
    menu = three().press("right")
    menu.games.insert(0, game("adventure"))
    menu.run(ticks=LOOK_EVERY)
    assert cards(menu) == {0, 1, 2, 3}
    assert menu.chosen == "lanterns"
    assert menu.gallery.at == menu.gallery.chosen == 2


def test_a_game_that_goes_takes_its_card_along() -> None:
    menu = three().press("end")
    del menu.games[2]
    menu.run(ticks=LOOK_EVERY)
    assert cards(menu) == {0, 1}
    assert menu.chosen == "lanterns"


def test_the_same_games_are_not_dealt_again() -> None:
    menu = three()
    before = menu.world.query(Piece).entities().tolist()
    menu.run(ticks=2 * LOOK_EVERY)
    assert menu.world.query(Piece).entities().tolist() == before


def test_without_games_it_tells_how_to_make_one() -> None:
    menu = Menu().run()
    assert "hotloop new game" in " ".join(words(menu, With[Caption]))
    menu.press("return").press("right").click(MIDDLE, 250).settle()
    assert menu.started == []
    menu.games.append(game("first"))
    menu.run(ticks=LOOK_EVERY)
    assert words(menu, With[Caption])[0] == "First"


def test_a_picture_is_shown_and_a_new_one_takes_its_place(tmp_path: Path) -> None:
    menu = Menu(game("swarm", thumbnail=picture(tmp_path / "one.png"))).run()
    name = asset_name("swarm")
    assert [image for sprite in menu.world.query(Sprite) for image in sprite.image] == [name]
    assert np.allclose(menu.draw()[246, 480], (0x33, 0x66, 0xCC), atol=6)
    menu.games[0]["thumbnail"] = picture(tmp_path / "two.png", "#cc2200", (96, 54))
    menu.run(ticks=LOOK_EVERY)
    assert np.allclose(menu.draw()[246, 480], (0xCC, 0x22, 0x00), atol=6)


def test_the_world_is_the_same_wherever_the_pictures_lie(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    one = Menu(game("swarm", thumbnail=picture(tmp_path / "one.png")))
    two = Menu(game("swarm", thumbnail=picture(tmp_path / "elsewhere" / "two.png", "#00ff00"), folder="/home/else"))
    assert one.run(ticks=20).world.hash() == two.run(ticks=20).world.hash()


def test_a_lent_picture_survives_a_change_among_the_assets(tmp_path: Path) -> None:
    menu = Menu(game("swarm", thumbnail=picture(tmp_path / "one.png"))).run()
    menu.bus.call("core.assets.changed", paths=[])
    menu.run()
    assert menu.world.resource(Assets).path(asset_name("swarm")) == tmp_path / "one.png"


def test_a_process_that_goes_on_with_the_world_of_another_has_the_pictures_at_once(tmp_path: Path) -> None:
    menu = Menu(game("swarm", thumbnail=picture(tmp_path / "one.png"))).run(ticks=LOOK_EVERY // 2)
    dealt = menu.world.query(Entity, With[Piece]).entities().tolist()
    later = Menu(*menu.games)
    later.world.restore(menu.world.snapshot())
    assert np.allclose(later.run().draw()[246, 480], (0x33, 0x66, 0xCC), atol=6)
    assert not later.world.resource(Assets).complaints
    assert later.world.query(Entity, With[Piece]).entities().tolist() == dealt, "nothing is dealt anew"


@pytest.mark.parametrize("content", [b"", b"not a picture at all, but long enough", None])
def test_a_broken_or_missing_picture_leaves_a_drawn_one(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "thumbnail.png"
    if content is not None:
        path.write_bytes(content)
    assert read_picture(path) is None
    menu = Menu(game("swarm", thumbnail=str(path))).run()
    assert not menu.world.query(Sprite)
    assert "S" in words(menu, With[Piece])


def test_the_menu_is_drawn_with_its_cards_and_moves_by_itself() -> None:
    menu = three().settle()
    first = menu.draw().astype(int)
    second = menu.run(ticks=30).draw().astype(int)
    card = first[130:360, 270:690]
    assert first.shape == (540, 960, 3)
    assert card.mean() > 1.3 * first[440:500].mean()
    moved = (np.abs(first - second).max(axis=2) > 8).mean()
    assert 0 < moved < 0.05
