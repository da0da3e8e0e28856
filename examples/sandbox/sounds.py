"""Sounds: pouring, crackling, hissing, bangs that are felt too, and soft music."""

from engine import Events, Mut, Send, Startup, Time, Update, resource, system
from modules.core.audio import PlayMusic, PlaySound
from modules.core.flow import Entered, entered
from modules.core.input import Rumble
from modules.core.render import Camera

from . import WIDTH
from .brush import Painted
from .grid import Grid
from .screens import Screen, running

POUR_EVERY = 5  # ticks
LOUDNESS = {"pour": 0.30, "crackle": 0.30, "hiss": 0.25, "music": 0.35, "over": 0.5, "bang": 0.7}
POURS = {"water": "drop.wav", "oil": "drop.wav", "acid": "drop.wav", "stone": "knock.wav", "wood": "knock.wav"}
BANG = 45  # cells that catch fire in one tick, from which it is a bang
LOUDEST = 400  # cells; a bang that is as loud as it gets
SHAKE = 9.0  # pixels, at the loudest
ROARING = 400  # cells of fire that sound as loud as it gets


@resource
class Ears:
    """How much steam and fire there was in the tick before, to hear them form."""

    steam: int = 0
    fire: int = 0


@system(Startup)
def music(play: Send[PlayMusic]) -> None:
    """Begin the music."""
    play.send(track="drift.wav", volume=LOUDNESS["music"], fade=2.0)


@system(Update)
def pour(painted: Events[Painted], time: Time, play: Send[PlaySound]) -> None:
    """Hear what the brush pours."""
    for stroke in painted:
        if time.tick % POUR_EVERY == 0 and float(stroke.cells[-1]) > 0:
            sound = POURS.get(str(stroke.material[-1]), "grain.wav")
            pan = 1.4 * (float(stroke.x[-1]) / WIDTH - 0.5)
            play.send(sound=sound, volume=LOUDNESS["pour"], pan=pan, vary_pitch=0.25)


@system(Update, when=running)
def burn(grid: Grid, ears: Mut[Ears], time: Time, play: Send[PlaySound]) -> None:
    """Hear fire crackle, the more the louder, and water hiss away."""
    if time.tick % 8 == 0:
        share = min(1.0, (grid.count("fire") + grid.count("ember")) / ROARING)
        if share > 0.02:
            volume = LOUDNESS["crackle"] * (0.3 + 0.7 * share)
            play.send(sound="crackle.wav", volume=volume, vary_pitch=0.3, vary_pan=0.5)
    if time.tick % 10 == 0:
        steam = grid.count("steam")
        if steam > ears.steam + 6:
            play.send(sound="hiss.wav", volume=LOUDNESS["hiss"], vary_pitch=0.2, vary_pan=0.4)
        ears.steam = steam


@system(Update, when=running)
def bang(grid: Grid, ears: Mut[Ears], camera: Mut[Camera], play: Send[PlaySound], rumble: Send[Rumble]) -> None:
    """Hear, see and feel it when much catches fire at once."""
    fire = grid.count("fire")
    caught, ears.fire = fire - ears.fire, fire
    if caught > BANG:
        share = min(1.0, caught / LOUDEST)
        play.send(sound="bang.wav", volume=LOUDNESS["bang"] * (0.4 + 0.6 * share), vary_pitch=0.2)
        rumble.send(low=0.3 + 0.7 * share, high=0.5 * share, seconds=0.1 + 0.3 * share)
        camera.shake = max(camera.shake, SHAKE * share)


@system(Update)
def gong(events: Events[Entered], play: Send[PlaySound], rumble: Send[Rumble]) -> None:
    """Hear and feel the minute end."""
    if entered(events, Screen.OVER):
        rumble.send(low=0.2, high=0.4, seconds=0.4)
        play.send(sound="gong.wav", volume=LOUDNESS["over"])
