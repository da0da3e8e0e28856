"""Lanterns: a small program written for esper, which knows nothing of the engine.

Lanterns wander, keep apart, burn down and are lit anew. It also runs alone: `python legacy.py` prints what it does.
"""

import math
from dataclasses import dataclass

import esper

WIDTH, HEIGHT = 960, 540
MARGIN = 90
LANTERNS = 7
SPEED = 46.0
ELBOW_ROOM = 210.0
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


@dataclass
class Place:
    x: float
    y: float


@dataclass
class Walk:
    """`heading` is an angle in radians; `sway` says where in its slow swing the carrier is."""

    heading: float
    sway: float = 0.0


@dataclass
class Flame:
    """`fuel` is the time left in seconds, `burning` the time since it was lit, `hue` a place on the colour wheel."""

    fuel: float
    hue: float = 0.0
    burning: float = 0.0

    @property
    def brightness(self) -> float:
        """Rises within a second, falls during the last three."""
        return min(self.burning, self.fuel / 3, 1.0)


class Kindle(esper.Processor):
    """Light a new lantern when there are too few, each at the next point of a spiral."""

    def __init__(self) -> None:
        self.lit = 0

    def process(self, dt: float) -> None:
        for _ in range(LANTERNS - len(esper.get_component(Flame))):
            self.lit += 1
            reach = math.sqrt((self.lit * 0.37) % 1.0)
            angle = self.lit * GOLDEN_ANGLE
            x = WIDTH / 2 + (WIDTH / 2 - MARGIN) * reach * math.cos(angle)
            y = HEIGHT / 2 + (HEIGHT / 2 - MARGIN) * reach * math.sin(angle)
            light(x, y, fuel=14 + 5 * (self.lit % 5), hue=self.lit * 0.381966 % 1)


class Wander(esper.Processor):
    """Sway gently, and turn back before the edge."""

    def process(self, dt: float) -> None:
        for _, (place, walk) in esper.get_components(Place, Walk):
            walk.sway += dt
            walk.heading += 0.9 * math.sin(walk.sway * 0.7) * dt
            if not (MARGIN < place.x < WIDTH - MARGIN and MARGIN < place.y < HEIGHT - MARGIN):
                turn_toward(walk, math.atan2(HEIGHT / 2 - place.y, WIDTH / 2 - place.x), 5.0 * dt)


class KeepApart(esper.Processor):
    """Turn away from a lantern that is too near."""

    def process(self, dt: float) -> None:
        carriers = esper.get_components(Place, Walk)
        for one, (place, walk) in carriers:
            for other, (near, _) in carriers:
                dx, dy = place.x - near.x, place.y - near.y
                if one != other and math.hypot(dx, dy) < ELBOW_ROOM:
                    turn_toward(walk, math.atan2(dy, dx), 1.5 * dt)


class Step(esper.Processor):
    """Walk."""

    def process(self, dt: float) -> None:
        for _, (place, walk) in esper.get_components(Place, Walk):
            place.x += SPEED * math.cos(walk.heading) * dt
            place.y += SPEED * math.sin(walk.heading) * dt


class Burn(esper.Processor):
    """Use up the fuel; an empty lantern goes out."""

    def process(self, dt: float) -> None:
        for lantern, flame in esper.get_component(Flame):
            flame.burning += dt
            flame.fuel -= dt
            if flame.fuel <= 0:
                esper.delete_entity(lantern)


# Higher runs earlier.
PROCESSORS: dict[type[esper.Processor], int] = {Kindle: 50, Wander: 40, KeepApart: 30, Step: 20, Burn: 10}


def turn_toward(walk: Walk, heading: float, step: float) -> None:
    """Turn a carrier by at most `step` radians, the shorter way round."""
    difference = math.remainder(heading - walk.heading, math.tau)
    walk.heading += max(-step, min(step, difference))


def light(x: float, y: float, fuel: float, hue: float = 0.0) -> int:
    """Put a burning lantern down and return its entity."""
    heading = math.atan2(HEIGHT / 2 - y, WIDTH / 2 - x)
    return esper.create_entity(Place(x, y), Walk(heading), Flame(fuel, hue))


def main() -> None:
    """Run ten seconds and print where the lanterns are."""
    for kind, priority in PROCESSORS.items():
        esper.add_processor(kind(), priority)
    for _ in range(600):
        esper.process(1 / 60)
    for lantern, (place, flame) in esper.get_components(Place, Flame):
        print(f"lantern {lantern} at {place.x:.0f}, {place.y:.0f} burns for another {flame.fuel:.0f} s")


if __name__ == "__main__":
    main()
