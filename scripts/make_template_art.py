"""Draw the sprite that every new game begins with: `python scripts/make_template_art.py`."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

SIZE, FINE = 48, 8
TARGET = Path(__file__).parent.parent / "engine" / "templates" / "game" / "assets" / "hero.png"


def draw() -> Image.Image:
    """Draw a round face, eight times too large, and scale it down so that its edges are smooth."""
    size = SIZE * FINE
    image = Image.new("RGBA", (size, size))
    pen = ImageDraw.Draw(image)

    def disc(x: float, y: float, radius: float, color: str) -> None:
        box = [(x - radius) * size, (y - radius) * size, (x + radius) * size, (y + radius) * size]
        pen.ellipse(box, fill=color)

    disc(0.5, 0.5, 0.48, "#7a4a12")
    disc(0.5, 0.5, 0.44, "#ffb454")
    disc(0.42, 0.38, 0.30, "#ffc677")
    for x in (0.36, 0.64):
        disc(x, 0.44, 0.085, "#2b1a08")
        disc(x - 0.025, 0.415, 0.03, "#ffffff")
    mouth = [0.34 * size, 0.46 * size, 0.66 * size, 0.74 * size]
    pen.chord(mouth, 20, 160, fill="#2b1a08")
    return image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    draw().save(TARGET, optimize=True)
