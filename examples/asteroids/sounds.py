"""Sounds: what is heard when something happens."""

from typing import Any

import numpy as np

from engine import Events, Mut, Query, Send, Time, Update, resource, system
from modules.core.audio import PlaySound
from modules.core.flow import Entered
from modules.core.motion import Position
from modules.core.time import running

from . import WIDTH
from .bullets import Fired
from .hud import LifeWon
from .rocks import Rock, RockBroken, WaveStarted
from .screens import Screen, playing
from .ship import Ship, ShipLost

BANGS = np.array(["bang_small.wav", "bang_medium.wav", "bang_large.wav"])
LOUDNESS = {"fire": 0.28, "bang": 0.55, "lost": 0.9, "thrust": 0.32, "beat": 0.5, "tune": 0.5}
ENGINE_EVERY = 12  # ticks; thrust.wav swells and dies over 24
SLOWEST, FASTEST = 1.0, 0.3  # seconds between two heartbeats, with many rocks and with few
CALM = 24.0  # rocks, counted by what they split into, at which the heart beats slowest
PAN = 0.7  # how far to the side a sound at the edge of the field is heard


@resource
class Heart:
    """Beat again in `wait` seconds, low or high."""

    wait: float = 0.0
    high: bool = False


@system(Update)
def shots(fired: Events[Fired], play: Send[PlaySound]) -> None:
    """Hear guns."""
    for shot in fired:
        play.send(sound="fire.wav", volume=LOUDNESS["fire"], pan=side(shot.x))


@system(Update)
def bangs(broken: Events[RockBroken], play: Send[PlaySound]) -> None:
    """Hear rocks break, the large ones deeper."""
    for rock in broken:
        play.send(sound=BANGS[rock.size], volume=LOUDNESS["bang"], pan=side(rock.x))


@system(Update)
def losses(lost: Events[ShipLost], play: Send[PlaySound]) -> None:
    """Hear the ship burst."""
    for ship in lost:
        play.send(sound="ship_lost.wav", volume=LOUDNESS["lost"], pan=side(ship.x))


@system(Update, when=running)
def engine(ships: Query[Position, Ship], time: Time, play: Send[PlaySound]) -> None:
    """Hear the engine for as long as it pushes."""
    if time.tick % ENGINE_EVERY:
        return
    for pos, ship in ships:
        pushing = ship.thrust > 0.1
        volume = LOUDNESS["thrust"] * ship.thrust[pushing]
        play.send(sound="thrust.wav", volume=volume, pan=side(pos.x[pushing]))


@system(Update)
def tunes(events: Events[Entered], waves: Events[WaveStarted], lives: Events[LifeWon], play: Send[PlaySound]) -> None:
    """Play a few notes when a game begins or ends, a wave comes, or a life is won."""
    began, over = False, False
    for step in events:
        began |= bool((step.state == Screen.PLAYING).any())
        over |= bool((step.state == Screen.OVER).any())
    heard = {
        "start.wav": began,
        "game_over.wav": over,
        "wave.wav": any(len(step.number) for step in waves),
        "extra_life.wav": any(len(step.lives) for step in lives),
    }
    for sound, now in heard.items():
        if now:
            play.send(sound=sound, volume=LOUDNESS["tune"])


@system(Update, when=playing)
def heartbeat(rocks: Query[Rock], heart: Mut[Heart], time: Time, play: Send[PlaySound]) -> None:
    """Beat faster the fewer rocks are left."""
    heart.wait -= float(time.dt)
    if heart.wait <= 0 and rocks:
        left = sum(float((2.0 ** (rock.size + 1) - 1).sum()) for rock in rocks)
        heart.wait = FASTEST + (SLOWEST - FASTEST) * min(left / CALM, 1.0)
        heart.high = not heart.high
        play.send(sound="beat_high.wav" if heart.high else "beat_low.wav", volume=LOUDNESS["beat"])


def side(x: Any) -> Any:
    """Return how far left (-1) or right (1) a place is heard."""
    return PAN * (2 * x / WIDTH - 1)
