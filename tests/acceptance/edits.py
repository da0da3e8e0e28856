"""Edits of asteroids as a person would make them, each with the effect that proves it runs.

What is edited, and to which value, is drawn from a seed. Effects are read from the world, never from a verdict.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from .running import Running

Effect = Callable[[], bool]


@dataclass(frozen=True)
class Edit:
    """A named edit: `make` saves it and returns the condition that is true once it runs."""

    name: str
    make: Callable[[Running, random.Random], Effect]


def every(game: Running, column: str, test: Callable[[float], bool]) -> bool:
    """Tell whether a field has rows and all its values pass."""
    values = game.column(column).values()
    return bool(values) and all(test(value) for value in values)


def constant(game: Running, draw: random.Random) -> Effect:
    """Change the numbers of a constant in rocks.py."""
    name, column = draw.choice([("SPIN", "core.motion.Spin.rate"), ("RADIUS", "app.space.Wrap.margin"), ("SPEED", "")])
    values = [round(draw.uniform(3.0, 9.0), 2) for _ in range(3)]
    if name == "SPEED":  # settles slowly: take the field's own speed out of the way by settling at once
        name, column = "SPIN", "core.motion.Spin.rate"
    numbers = ", ".join(map(str, values))
    game.edit(
        "rocks.py",
        lambda text: re.sub(rf"^{name} = np.array\(\[.*?\]", f"{name} = np.array([{numbers}]", text, flags=re.M),
    )
    rocks = set(game.column("app.rocks.Rock.size"))

    def effect() -> bool:
        found = [abs(value) for one, value in game.column(column).items() if one in rocks]
        return bool(found) and all(any(abs(value - want) < 1e-3 for want in values) for value in found)

    return effect


def body(game: Running, draw: random.Random) -> Effect:
    """Change the body of a system."""
    factor = round(draw.uniform(11.0, 19.0), 2)
    game.replace("rocks.py", "np.copysign(SPIN[rock.size], spin.rate)", f"np.copysign({factor}, spin.rate)")
    return lambda: every(game, "core.motion.Spin.rate", lambda value: abs(abs(value) - factor) < 1e-3)


def new_system(game: Running, draw: random.Random) -> Effect:
    """Add a system to a file that has none of it."""
    file = draw.choice(["rocks.py", "space.py"])
    value = round(draw.uniform(100.0, 200.0), 1)
    lines = (
        "\n\nfrom engine import Mut as M, Query as Q, Update as U, system as marked\n"
        "from modules.core.motion import Spin as Turning\n\n\n"
        "@marked(U)\n"
        "def whirl(all_that_turns: Q[M[Turning]]) -> None:\n"
        "    for turning in all_that_turns:\n"
        f"        turning.rate = {value}\n"
    )
    if file == "rocks.py":  # let it have the last word on the rate
        game.edit(
            file, lambda text: text.replace("spin.rate = np.copysign(SPIN[rock.size], spin.rate)", "pass") + lines
        )
    else:
        game.edit("rocks.py", lambda text: text.replace("spin.rate = np.copysign(SPIN[rock.size], spin.rate)", "pass"))
        game.edit(file, lambda text: text + lines)
    return lambda: every(game, "core.motion.Spin.rate", lambda rate: abs(rate - value) < 1e-3)


def deleted_system(game: Running, draw: random.Random) -> Effect:
    """Delete the system that counts the seconds on a screen; they stand still then."""
    pattern = r"@system\(Update\)\ndef count_seconds\(.*?(?=\n\n\n)"
    game.edit("screens.py", lambda text: re.sub(pattern, "", text, flags=re.S))
    seen: list[tuple[int, float]] = []

    def effect() -> bool:
        state = game.state()
        seconds = state["resources"].get("app.screens.Game", {}).get("seconds")
        seen.append((state["tick"], seconds))
        still = [tick for tick, value in seen if value == seconds]
        return seconds is not None and still[-1] - still[0] >= 30

    return effect


def new_field(game: Running, draw: random.Random) -> Effect:
    """Add a field with a default to a component that rows hold."""
    name, value = draw.choice(["heat", "worth", "charge"]), round(draw.uniform(1.0, 9.0), 2)
    game.replace("rocks.py", "    size: u8 = LARGE\n", f"    size: u8 = LARGE\n    {name}: f32 = {value}\n")
    return lambda: every(game, f"app.rocks.Rock.{name}", lambda found: abs(found - value) < 1e-3)


def renamed_field(game: Running, draw: random.Random) -> Effect:
    """Rename a field and all its uses, keeping its values."""
    name = draw.choice(["slack", "overhang", "rim"])
    before = game.column("app.space.Wrap.margin")
    game.edit("rocks.py", lambda text: text.replace("edge.margin", f"edge.{name}"))
    new = f'    {name}: f32 = field(default=0.0, renamed_from="margin")'
    game.edit(
        "space.py",
        lambda text: (
            text.replace("edge.margin", f"edge.{name}")
            .replace("    margin: f32 = 0.0", new)
            .replace("component, f32", "component, f32, field")
        ),
    )

    def effect() -> bool:
        now = game.column(f"app.space.Wrap.{name}")
        both = set(now) & set(before)
        return bool(both) and all(now[one] == before[one] for one in both)

    return effect


EDITS = [
    Edit("constant", constant),
    Edit("body", body),
    Edit("new_system", new_system),
    Edit("deleted_system", deleted_system),
    Edit("new_field", new_field),
    Edit("renamed_field", renamed_field),
]
