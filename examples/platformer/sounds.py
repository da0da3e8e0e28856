"""Sounds: what is heard when something happens, and the tune of each level."""

from typing import Any

from engine import Events, Mut, Query, Send, Time, Update, resource, system
from modules.core.audio import PlayMusic, PlaySound
from modules.core.flow import Entered, entered
from modules.core.motion import Velocity
from modules.core.render import Camera
from modules.core.tiles import TileMap

from . import WIDTH
from .enemies import Squashed
from .ground import Landed
from .hero import Hero, HeroLost, Jumped
from .screens import Screen, playing
from .things import Bloomed, Bounced, CameHome, CoinTaken

LOUDNESS = {"jump": 0.3, "land": 0.3, "step": 0.16, "coin": 0.38, "squash": 0.5, "spring": 0.45, "lost": 0.6}
BLOOM, HOME, OVER, MUSIC = 0.5, 0.6, 0.6, 0.32
MUSIC_FADE = 1.2  # seconds
TUNES = {"meadow": "tune_day.wav", "cave": "tune_night.wav", "night": "tune_night.wav"}  # by the map's theme
SCALE = (1.0, 1.122, 1.26, 1.498, 1.682, 2.0)  # pitches of drops picked one after the other
RUN_ON = 0.7  # seconds within which the next drop is the next note
EVERY = 11  # ticks between two steps
PAN = 0.6  # how far to the side a sound at the edge of the picture is heard


@resource
class Ear:
    """What was heard last: the note of the last drop and the time since, and the tune that plays."""

    note: int = 0
    since: float = 9.0
    tune: str = ""


@system(Update)
def moves(
    jumped: Events[Jumped], landed: Events[Landed], bounced: Events[Bounced], play: Send[PlaySound], camera: Camera
) -> None:
    """Hear jumps, landings and springs."""
    for jump in jumped:
        play.send(sound="jump.wav", volume=LOUDNESS["jump"], pan=side(jump.x, camera), vary_pitch=0.06)
    for land in landed:
        play.send(sound="land.wav", volume=LOUDNESS["land"] * land.speed / 820, pan=side(land.x, camera))
    for bounce in bounced:
        play.send(sound="spring.wav", volume=LOUDNESS["spring"], pan=side(bounce.x, camera), vary_pitch=0.04)


@system(Update, when=playing)
def steps(heroes: Query[Velocity, Hero], time: Time, play: Send[PlaySound]) -> None:
    """Hear who runs."""
    for vel, hero in heroes:
        runs = hero.grounded & (abs(vel.x - hero.carried) > 150)
        if runs.any() and time.tick % EVERY == 0:
            play.send(sound="step.wav", volume=LOUDNESS["step"], vary_pitch=0.15)


@system(Update)
def finds(taken: Events[CoinTaken], play: Send[PlaySound], ear: Mut[Ear], camera: Camera, time: Time) -> None:
    """Hear drops, each one after another a note higher."""
    ear.since += float(time.dt)
    for drop in taken:
        ear.note = ear.note + 1 if ear.since < RUN_ON else 0
        ear.since = 0.0
        pitch = SCALE[ear.note % len(SCALE)]
        play.send(sound="coin.wav", volume=LOUDNESS["coin"], pitch=pitch, pan=side(drop.x, camera))


@system(Update)
def blows(squashed: Events[Squashed], lost: Events[HeroLost], play: Send[PlaySound], camera: Camera) -> None:
    """Hear what is landed on, and the end."""
    for blow in squashed:
        play.send(sound="squash.wav", volume=LOUDNESS["squash"], pan=side(blow.x, camera), vary_pitch=0.08)
    for end in lost:
        play.send(sound="lost.wav", volume=LOUDNESS["lost"], pan=side(end.x, camera))


@system(Update)
def fanfares(bloomed: Events[Bloomed], came: Events[CameHome], events: Events[Entered], play: Send[PlaySound]) -> None:
    """Hear what is worth a few notes."""
    over = entered(events, Screen.OVER)
    heard = {"bloom.wav": (len(bloomed.read().x) > 0, BLOOM), "home.wav": (len(came.read().x) > 0, HOME)}
    for sound, (now, volume) in {**heard, "over.wav": (over, OVER)}.items():
        if now:
            play.send(sound=sound, volume=volume)


@system(Update)
def tunes(tiles: TileMap, ear: Mut[Ear], play: Send[PlayMusic]) -> None:
    """Play the tune of the level."""
    tune = TUNES.get(str(tiles.properties.get("theme", "")), "")
    if tune and tune != ear.tune:
        ear.tune = tune
        play.send(track=tune, volume=MUSIC, fade=MUSIC_FADE)


def side(x: Any, camera: Camera) -> Any:
    """Return how far left (-1) or right (1) a place is heard."""
    return PAN * ((x - camera.x) * 2 / WIDTH - 1).clip(-1, 1)
