"""Touching: foes that reach the hero hurt it."""

from engine import Mut, Query, Send, Update, system
from modules.core.motion import Position

from .foes import DAMAGE, RADIUS, Foe
from .hero import SIZE, Hero, HeroHurt, hit
from .screens import playing


@system(Update, when=playing)
def touch(foes: Query[Position, Foe], heroes: Query[Position, Mut[Hero]], hurt: Send[HeroHurt]) -> None:
    """Hurt the hero by the worst of the foes that touch it."""
    if not heroes:
        return
    at = heroes.single()[0]
    worst = 0.0
    for pos, foe in foes:
        reach = RADIUS[foe.kind] + SIZE
        near = (pos.x - at.x) ** 2 + (pos.y - at.y) ** 2 < reach * reach
        if near.any():
            worst = max(worst, float(DAMAGE[foe.kind[near]].max()))
    if worst:
        hit(heroes, worst, hurt)
