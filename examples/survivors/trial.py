"""The trial: as many foes and shots as wanted, kept up, so that the cost of a crowd can be measured."""

import numpy as np

from engine import Commands, Mut, Query, Random, Update, handler, resource, system
from modules.core.flow import Flow
from modules.core.motion import Position

from .foes import BRUTE, GHOUL, IMP, MOTH, Foe, spawn
from .hero import Hero
from .screens import Game, Screen
from .shots import Shot, shoot

SPEED, LIFE, DAMAGE, HITS = 420.0, 2.0, 1.0, 3  # of the shots: pixels a second, seconds at most, health, foes
HEALTH = 8.0  # of every foe, so that kinds stay as many as they are


@resource
class Trial:
    """Keep up so many foes and shots, in a crowd of this radius in pixels; 0 and 0 while the game is played."""

    foes: int = 0
    shots: int = 0
    radius: float = 900.0


@handler("survivors.trial")
def begin(trial: Mut[Trial], flow: Mut[Flow], foes: int = 20_000, shots: int = 5_000, radius: float = 900.0) -> str:
    """Begin a night in which so many foes and shots are kept up and the hero does not fall; return what that is."""
    trial.foes, trial.shots, trial.radius = foes, shots, radius
    flow.go(Screen.PLAYING)
    return f"{foes:,} foes and {shots:,} shots that hit them"


def on(trial: Trial) -> bool:
    """Tell whether a trial is on."""
    return trial.foes > 0


@system(Update, when=on)
def keep_up(
    trial: Trial,
    foes: Query[Position, Foe],
    shots: Query[Shot],
    heroes: Query[Position, Mut[Hero]],
    game: Mut[Game],
    random: Random,
    commands: Commands,
) -> None:
    """Replace the dead and the spent, and let nothing hold or end the night."""
    if not heroes:
        return
    at, hero = heroes.single()
    hero.hp, game.choosing, game.gems = hero.most, 0, 0
    for count, wanted, shoots in ((len(foes), trial.foes, False), (len(shots), trial.shots, True)):
        lack = max(0, wanted - count)
        if not lack:
            continue
        angle, far = random.uniform(0, 2 * np.pi, lack), trial.radius * np.sqrt(random.random(lack))
        x, y = at.x + far * np.cos(angle), at.y + far * np.sin(angle)
        if shoots:
            shot = Shot(DAMAGE, hits=HITS, left=random.uniform(0.2, LIFE, lack))
            shoot(commands, x, y, random.uniform(0, 2 * np.pi, lack), SPEED, "spark.png", shot)
        else:
            kind = random.choice([MOTH, IMP, GHOUL, BRUTE], lack, p=[0.4, 0.35, 0.23, 0.02])
            spawn(commands, random, kind, x, y, game, HEALTH)
