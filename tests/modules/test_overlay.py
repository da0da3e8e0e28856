"""The overlay as a picture: everything that it is told is seen, and nothing is drawn outside the surface or clipped."""

from __future__ import annotations

from typing import Any

import numpy as np
import pygame
import pytest

from modules.systems.pygame_window.lettering import Lettering, cut, cut_front, printable, wrap
from modules.systems.pygame_window.overlay import draw_overlay
from modules.systems.pygame_window.overlay_error import error_text

SIZES = [(320, 180), (640, 360), (960, 540), (1280, 720), (1920, 1080), (700, 1200)]
ERROR: dict[str, Any] = {
    "title": "Edit refused",
    "file": "/home/someone/a/very/long/path/that/goes/on/for/quite/a/while/examples/asteroids/rocks.py",
    "line": 42,
    "source": [
        [n, f"{'    ' * (n % 4)}line_{n} = something(that, has, arguments)" + " # long" * (n % 5)]
        for n in range(36, 49)
    ],
    "message": "NameError: name 'nearr' is not defined\n" + "why it is so, at some length; " * 12,
    "state": "world and code are as before",
    "more": 2,
}
DEBUG: dict[str, Any] = {
    "title": "asteroids",
    "sections": [
        {"title": "systems", "rows": [[f"apps.asteroids.rocks.a_long_name_{n}", f"{n}.25 ms"] for n in range(40)]},
        {"title": "modules", "rows": [["core.motion", "1.0.0 permanent"]] * 20},
    ],
}
TOASTS = [
    {"text": f"reloaded module {n}", "kind": kind, "age": 1.0, "life": 3.0}
    for n, kind in enumerate(("ok", "bad", "info"))
]


@pytest.fixture(scope="module")
def lettering() -> Lettering:
    return Lettering()


def drawn(lettering: Lettering, size: tuple[int, int] = (960, 540), **overlay: Any) -> Any:
    surface = pygame.Surface(size, 0, 32)
    surface.fill((60, 90, 120))
    draw_overlay(surface, overlay, lettering)
    return pygame.surfarray.array3d(surface).transpose(1, 0, 2).astype(int)


def changed(picture: Any) -> tuple[int, int, int, int]:
    """Return the box around what is not background: left, top, right, bottom."""
    ys, xs = np.nonzero((picture != [60, 90, 120]).any(axis=2))
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def has(picture: Any, color: tuple[int, int, int]) -> bool:
    return bool((np.abs(picture - color).sum(axis=2) < 30).any())


def test_an_empty_overlay_draws_nothing(lettering: Lettering) -> None:
    assert (drawn(lettering) == [60, 90, 120]).all()
    assert (drawn(lettering, toasts=[], error=None, debug=None, paused=False, hint=None) == [60, 90, 120]).all()


@pytest.mark.parametrize("size", SIZES)
def test_everything_at_once_fits_every_size(lettering: Lettering, size: tuple[int, int]) -> None:
    drawn(lettering, size, toasts=TOASTS, error=ERROR, debug=DEBUG, paused=True, hint="Esc back")


@pytest.mark.parametrize("size", SIZES[1:])
def test_an_error_stands_in_the_middle_with_room_around(lettering: Lettering, size: tuple[int, int]) -> None:
    dimmed = drawn(lettering, size, error=ERROR)
    corner = dimmed[0, 0]
    ys, xs = np.nonzero((dimmed != corner).any(axis=2))
    left, right, top, bottom = xs.min(), size[0] - 1 - xs.max(), ys.min(), size[1] - 1 - ys.max()
    assert abs(left - right) <= 2
    assert min(left, right, top, bottom) > 4
    assert (corner < [60, 90, 120]).all(), "the game behind it is dimmed"


def test_the_wrong_line_stays_when_there_is_little_room(lettering: Lettering) -> None:
    assert has(drawn(lettering, (640, 300), error=ERROR), (66, 26, 32))


def test_a_toast_slides_in_stays_and_fades(lettering: Lettering) -> None:
    def toast(age: float) -> Any:
        return drawn(lettering, toasts=[{"text": "reloaded", "kind": "ok", "age": age, "life": 3.0}])

    steady = changed(toast(1.0))
    assert steady[0] < 40
    assert steady[3] > 500
    early = changed(toast(0.05))
    assert early[0] < steady[0]
    assert (toast(0.0) == [60, 90, 120]).all()
    assert (toast(3.0) == [60, 90, 120]).all()
    contrast = [np.abs(toast(age) - [60, 90, 120]).sum() for age in (1.0, 2.8, 2.95)]
    assert contrast[0] > contrast[1] > contrast[2] > 0


def test_kinds_of_toasts_have_their_colours(lettering: Lettering) -> None:
    for kind, color in {"ok": (92, 214, 146), "bad": (255, 105, 97), "info": (104, 176, 255)}.items():
        assert has(drawn(lettering, toasts=[{"text": "x", "kind": kind, "age": 1, "life": 3}]), color)


def test_a_long_toast_is_wrapped_inside_the_surface(lettering: Lettering) -> None:
    short = changed(drawn(lettering, toasts=[{"text": "x", "kind": "ok", "age": 1, "life": 3}]))
    long = changed(drawn(lettering, toasts=[{"text": "word " * 80, "kind": "ok", "age": 1, "life": 3}]))
    assert long[2] < 0.75 * 960
    assert long[1] < short[1]


def test_the_pause_badge_makes_room_for_the_debug_panel(lettering: Lettering) -> None:
    left, _, right, _ = changed(drawn(lettering, paused=True))
    assert abs(left - (960 - right)) <= 2
    both = drawn(lettering, paused=True, debug={"title": "x", "rows": [["tick", "1"]]})
    assert has(both[:60, 600:], (255, 196, 87))


def test_the_debug_panel_takes_rows_or_sections_and_any_values(lettering: Lettering) -> None:
    drawn(lettering, debug={"rows": [["tick", 12], ["ratio", 0.5], ["none", None]]})
    drawn(lettering, debug={"title": "x", "sections": []})
    narrow = drawn(lettering, (400, 300), debug=DEBUG)
    assert changed(narrow)[2] <= 400


@pytest.mark.parametrize(
    "text", ["日本語", "\0\x07\x1b[31m", "\ud800", "tab\tbed", "\u202eright to left", "🚀" * 200, " " * 500]
)
def test_any_text_can_be_shown(lettering: Lettering, text: str) -> None:
    error = {"title": text, "file": text, "line": 1, "source": [[1, text]], "message": text, "state": text, "more": 0}
    drawn(lettering, error=error, toasts=[{"text": text, "kind": text, "age": 1, "life": 2}], hint=text)
    drawn(lettering, debug={"title": text, "rows": [[text, text]]})


def test_an_error_may_lack_parts(lettering: Lettering) -> None:
    picture = drawn(
        lettering, error={"title": "core.render: it broke", "file": "", "line": 0, "source": [], "message": "x"}
    )
    assert has(picture, (255, 105, 97))
    assert error_text({"title": "t", "file": "", "line": 0, "message": "m", "state": "s", "more": 1}) == (
        "t\nm\ns\nand 1 more problem\n"
    )


def test_text_is_cut_and_wrapped_to_width() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert cut_front("abcdef", 4) == "…def"
    assert wrap("the quick brown fox", 10, 5) == ["the quick", "brown fox"]
    assert wrap("abcdefghij", 4, 5) == ["abcd", "efgh", "ij"]
    assert wrap("a\n\nb", 4, 5) == ["a", "", "b"]
    assert all(len(line) <= 10 for line in wrap("word " * 50, 10, 3))
    assert len(wrap("word " * 50, 10, 3)) == 3
    assert wrap("", 10, 3) == []
    assert printable("a\tb\0") == "a   b\ufffd"


def lines_of(count: int) -> str:
    return "\n".join(f"line {number} of the message" for number in range(count))


def spy(lettering: Lettering, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets every text that is drawn from now on."""
    drawn_texts: list[str] = []
    draw = lettering.draw

    def note(target: Any, text: str, *rest: Any) -> int:
        drawn_texts.append(text)
        return draw(target, text, *rest)

    monkeypatch.setattr(lettering, "draw", note)
    return drawn_texts


def test_a_message_is_shown_whole_where_there_is_room_else_it_says_what_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lettering = Lettering()
    texts = spy(lettering, monkeypatch)
    drawn(lettering, (1280, 800), error={**ERROR, "message": lines_of(14)})
    assert "line 13 of the message" in texts
    texts.clear()
    drawn(lettering, (1280, 800), error={**ERROR, "message": lines_of(60)})
    shown = sum(text.startswith("line ") and text.endswith("message") for text in texts)
    assert 10 < shown < 60
    assert f"… {60 - shown} more lines: C copies all, the terminal shows all" in texts
    assert "line 59 of the message" in error_text({**ERROR, "message": lines_of(60)})


@pytest.mark.parametrize("size", SIZES[1:])
@pytest.mark.parametrize("lines", [1, 60])
def test_nothing_lies_on_the_panel_of_an_error(lettering: Lettering, size: tuple[int, int], lines: int) -> None:
    error = {**ERROR, "message": lines_of(lines)}
    for paused in (False, True):
        plain = drawn(lettering, size, error=error, paused=paused)
        busy = drawn(lettering, size, error=error, paused=paused, toasts=TOASTS, hint="Esc back to the gallery")
        added = (plain != busy).any(axis=2)
        panel_rows = np.nonzero((plain[:, size[0] // 2] != plain[-1, 0]).any(axis=1))[0]
        assert not added[: panel_rows.max() + 1].any()


def test_notes_and_badge_are_seen_beside_a_short_error(lettering: Lettering) -> None:
    error = {**ERROR, "message": "it is wrong", "source": []}
    alone = drawn(lettering, (1280, 800), error=error)
    assert (alone != drawn(lettering, (1280, 800), error=error, toasts=TOASTS)).any()
    assert has(drawn(lettering, (1280, 800), error=error, paused=True), (255, 196, 87))
