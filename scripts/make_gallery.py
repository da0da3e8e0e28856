"""Take the pictures of README's gallery: each example plays its scripted input for a while, off screen.

python scripts/make_gallery.py [NAME...]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

from engine import App
from engine.inputs import read_inputs

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "gallery"
SIZE = (480, 270)
TICK = {"asteroids": 420}
USUAL_TICK = 400


def take(game: Path) -> Path:
    """Play a game to its tick and write the picture, scaled down."""
    script = game / "input.json"
    app = App(game, headless=True, reload=False, inputs=read_inputs(script) if script.exists() else {})
    target = TARGET / f"{game.name}.png"
    with tempfile.TemporaryDirectory() as home:
        try:
            app.step(TICK.get(game.name, USUAL_TICK))
            app.screenshot(Path(home, "whole.png"))
        finally:
            app.close()
        picture = Image.open(Path(home, "whole.png")).convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
    picture.save(target, optimize=True)
    return target


def main() -> None:
    """Take the pictures of the named examples, or of all."""
    TARGET.mkdir(parents=True, exist_ok=True)
    games = [path.parent for path in sorted((ROOT / "examples").glob("*/module.toml"))]
    for game in games:
        if not sys.argv[1:] or game.name in sys.argv[1:]:
            target = take(game)
            print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
