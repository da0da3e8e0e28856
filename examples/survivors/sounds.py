"""Sounds, and what a gamepad lets the hands feel."""

import numpy as np

from engine import Events, Send, Update, system
from modules.core.audio import PlayMusic, PlaySound
from modules.core.flow import Entered, entered
from modules.core.input import Rumble

from .foes import Died, Struck
from .gems import LevelGained, Taken
from .hero import HeroHurt
from .screens import Screen, just_entered
from .waves import BossCame

MUSIC = 0.5
LOUDNESS = {"hit": 0.10, "die": 0.20, "gem": 0.16, "hurt": 0.5, "level": 0.5, "boss": 0.8, "over": 0.6, "choose": 0.4}


@system(Update)
def music(events: Events[Entered], play: Send[PlayMusic]) -> None:
    """Play the night's music while a night is on."""
    screen = just_entered(events)
    if screen is Screen.PLAYING:
        play.send(track="night.wav", volume=MUSIC, fade=0.4)
    elif screen is not None:
        play.send(track="night.wav", volume=MUSIC * 0.4, fade=1.5)


@system(Update)
def blows(struck: Events[Struck], died: Events[Died], play: Send[PlaySound]) -> None:
    """Hear hits and deaths, at most one of each in a tick, many being a little louder."""
    for sound, count in (("hit", sum(len(e.x) for e in struck)), ("die", sum(len(e.x) for e in died))):
        if count:
            volume = LOUDNESS[sound] * (1 + 0.25 * np.log2(count))
            play.send(sound=f"{sound}.wav", volume=min(volume, 0.6), vary_pitch=0.15, vary_pan=0.3)


@system(Update)
def gems(taken: Events[Taken], play: Send[PlaySound]) -> None:
    """Hear gems, and hearts, being taken."""
    for gem in taken:
        heart = bool((gem.worth == 0).any())
        play.send(sound="heart.wav" if heart else "gem.wav", volume=LOUDNESS["gem"], vary_pitch=0.12)


@system(Update)
def wounds(hurt: Events[HeroHurt], play: Send[PlaySound], rumble: Send[Rumble]) -> None:
    """Hear and feel the hero being hurt."""
    for _ in hurt:
        play.send(sound="hurt.wav", volume=LOUDNESS["hurt"], vary_pitch=0.08)
        rumble.send(low=0.7, high=0.4, seconds=0.18)


@system(Update)
def turns(
    events: Events[Entered],
    gained: Events[LevelGained],
    came: Events[BossCame],
    play: Send[PlaySound],
    rumble: Send[Rumble],
) -> None:
    """Hear levels, the boss, and the end."""
    if entered(events, Screen.OVER):
        play.send(sound="over.wav", volume=LOUDNESS["over"])
        rumble.send(low=1.0, high=0.6, seconds=0.6)
    for _ in gained:
        play.send(sound="level.wav", volume=LOUDNESS["level"])
        rumble.send(low=0.1, high=0.6, seconds=0.12)
    for _ in came:
        play.send(sound="boss.wav", volume=LOUDNESS["boss"])
        rumble.send(low=1.0, high=0.2, seconds=0.8)
