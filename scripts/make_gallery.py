"""Take the pictures of README's gallery: each example plays its scripted input for a while, off screen.

    python scripts/make_gallery.py [NAME...]

Writes docs/gallery/NAME.png, the same picture as the game's thumbnail.png, and a few seconds as docs/gallery/NAME.gif.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from make_gif import palette_of
from PIL import Image

from engine import App
from engine.inputs import read_inputs

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "gallery"
SIZE, MOVING_SIZE = (480, 270), (400, 225)
TICKS_A_FRAME = 6


@dataclass(frozen=True)
class Takes:
    """At which tick the picture is taken, from which tick on the moving one, and how many frames it has."""

    picture: int = 400
    moving: int = 300
    frames: int = 36
    colors: int = 128


GAMES = {
    "asteroids": Takes(picture=420),
    "lanterns": Takes(picture=300, moving=160, frames=18, colors=48),
    "breakout": Takes(picture=560, moving=380),
    "platformer": Takes(picture=520, moving=330, frames=36, colors=96),
    "sandbox": Takes(picture=290, moving=262, frames=30),
    "survivors": Takes(picture=3560, moving=3484, frames=15, colors=56),
}


def take(game: Path) -> list[Path]:
    """Play a game, write its pictures and return their files."""
    takes = GAMES.get(game.name, Takes())
    script = game / "input.json"
    app = App(game, headless=True, reload=False, inputs=read_inputs(script) if script.exists() else {})
    moments = [takes.moving + TICKS_A_FRAME * number for number in range(takes.frames)]
    shots: dict[int, Image.Image] = {}
    try:
        for moment in sorted({takes.picture, *moments}):
            app.step(moment - app.world.tick)
            shots[moment] = shoot(app)
    finally:
        app.close()
    still, moving = TARGET / f"{game.name}.png", TARGET / f"{game.name}.gif"
    picture = shots[takes.picture].resize(SIZE, Image.Resampling.LANCZOS)
    for target in (still, game / "thumbnail.png"):
        picture.save(target, optimize=True)
    write_moving([shots[moment].resize(MOVING_SIZE, Image.Resampling.LANCZOS) for moment in moments], moving, takes)
    return [still, moving]


def shoot(app: App) -> Image.Image:
    """Return the present state as a picture."""
    with tempfile.TemporaryDirectory() as home:
        app.screenshot(Path(home, "whole.png"))
        return Image.open(Path(home, "whole.png")).convert("RGB")


def write_moving(pictures: list[Image.Image], path: Path, takes: Takes) -> None:
    """Write pictures as one GIF with one palette."""
    dark = takes.colors // 4
    palette = palette_of(pictures[:: max(1, len(pictures) // 12)], takes.colors - dark, dark)
    frames = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    duration = TICKS_A_FRAME * 1000 // 60
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=duration, loop=0, optimize=True)


def main() -> None:
    """Take the pictures of the named examples, or of all."""
    TARGET.mkdir(parents=True, exist_ok=True)
    games = [path.parent for path in sorted((ROOT / "examples").glob("*/module.toml"))]
    for game in games:
        if not sys.argv[1:] or game.name in sys.argv[1:]:
            for target in take(game):
                print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
