"""What a message says besides the bare error: which `Mut` was forgotten, which name was meant."""

from __future__ import annotations

import pytest

from .playing import Playing, inject, line_of

FORGOTTEN = "Mass is only read here: ask for Mut[Mass]"


def said(game: Playing, code: str) -> str:
    """Let `paint`, which only reads masses, run code, and return what is said of it."""
    source = inject("app", f"for mass in masses:\n    {code}", "render").replace("@system(Render)", "@system(Update)")
    verdict = game.save("app", source)
    game.step(2)
    assert verdict is not None
    assert verdict.outcome == "rolled back"
    assert verdict.error in {one for panel in game.errors() for one in panel["message"].splitlines()}
    return verdict.error or ""


@pytest.mark.parametrize(
    "write",
    [
        "mass.x += 1",
        "mass.x[:] = 0",
        "mass.x[mass.v > 100] = (\n        0)\n    mass.v[\n        :\n    ] = 0",
        "x = mass.x\n    x += 1",
        "np = __import__('numpy')\n    np.add(mass.x, 1, out=mass.x)",
    ],
)
def test_a_forgotten_mut_is_named(game: Playing, write: str) -> None:
    message = said(game, write)
    assert FORGOTTEN in message, message


def test_where_the_text_does_not_tell_what_was_written_all_that_is_read_is_named(game: Playing) -> None:
    message = said(game, "np = __import__('numpy')\n    np.add(1, mass.x, mass.x)")
    assert "ask for Mut of what it writes: it only reads Mass, Time" in message


def test_a_helper_that_writes_is_named_by_what_it_was_given(game: Playing) -> None:
    assert FORGOTTEN in said(game, "(lambda one: one.x.__iadd__(1))(mass)")


def test_another_array_that_cannot_be_written_is_not_taken_for_a_component(game: Playing) -> None:
    message = said(game, "a = __import__('numpy').arange(3)\n    a.flags.writeable = False\n    a += 1")
    assert "Mut[Mass]" not in message


def test_a_misspelt_field_is_told_with_the_one_that_was_meant(game: Playing) -> None:
    assert "did you mean 'kind'?" in said(game, "mass.kynd.sum()")
    assert "did you mean" not in said(game, "mass.wholly_other.sum()")


def test_the_events_that_are_written_are_named(game: Playing) -> None:
    source = inject("app", "", "handler")
    source = source.replace("tally.heard += int(ping.count.sum())", "ping.count += 1")
    verdict = game.save("app", source)
    game.step(4)
    assert verdict is not None
    assert "events are facts" in (verdict.error or "")


def test_a_field_of_no_type_is_blamed_at_its_own_line(game: Playing) -> None:
    source = inject("core", "kind_of_it: str = ''  # here", "top").replace("# here", "")
    source = source.replace("    kind: u32 = 0\n", "    kind: u32 = 0\n    thrust: str = ''  # here\n")
    verdict = game.save("core", source)
    assert verdict is not None
    assert verdict.outcome == "refused"
    assert verdict.line == line_of(source)
