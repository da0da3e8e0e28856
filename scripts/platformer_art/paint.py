"""Paint in a sticker-like style: soft gradients, a dark rim, drawn large and shrunk."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

FINE = 4  # a picture is painted this many times larger than it is saved
RIM = "#3a2438"

Point = tuple[float, float]


def rgb(text: str) -> tuple[int, int, int]:
    """Read "#rrggbb"."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mix(a: str, b: str, share: float) -> str:
    """Blend two colours, from `a` (share 0) to `b` (share 1)."""
    parts = (round(x + (y - x) * share) for x, y in zip(rgb(a), rgb(b), strict=True))
    return "#{:02x}{:02x}{:02x}".format(*parts)


class Picture:
    """A picture under the brush; all lengths are pixels of the saved one."""

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self.image = Image.new("RGBA", (width * FINE, height * FINE), (0, 0, 0, 0))

    # ------------------------------------------------------------------ masks

    def blank(self) -> Image.Image:
        """Return an empty mask."""
        return Image.new("L", self.image.size, 0)

    def polygon(self, points: Sequence[Point]) -> Image.Image:
        """Return the mask of a polygon."""
        mask = self.blank()
        ImageDraw.Draw(mask).polygon([(x * FINE, y * FINE) for x, y in points], fill=255)
        return mask

    def blob(self, points: Sequence[Point]) -> Image.Image:
        """Return the mask of a closed smooth curve through some points."""
        return self.polygon(smooth(points))

    def oval(self, x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> Image.Image:
        """Return the mask of an ellipse, turned by so many degrees."""
        steps = np.linspace(0, 2 * math.pi, 64, endpoint=False)
        angle = math.radians(turn)
        px, py = rx * np.cos(steps), ry * np.sin(steps)
        xs = x + px * math.cos(angle) - py * math.sin(angle)
        ys = y + px * math.sin(angle) + py * math.cos(angle)
        return self.polygon(list(zip(xs.tolist(), ys.tolist(), strict=True)))

    def leaf(self, x: float, y: float, length: float, width: float, turn: float) -> Image.Image:
        """Return the mask of a leaf that grows from a point, so many degrees from straight up."""
        angle = math.radians(turn - 90)
        along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))

        def at(a: float, b: float) -> Point:
            return x + along[0] * a + across[0] * b, y + along[1] * a + across[1] * b

        half = width / 2
        side = [at(length * s, half * math.sin(math.pi * s**0.75)) for s in np.linspace(0, 1, 14).tolist()]
        back = [at(length * s, -half * math.sin(math.pi * s**0.75)) for s in np.linspace(1, 0, 14).tolist()]
        return self.polygon(side + back)

    def line(self, points: Sequence[Point], width: float) -> Image.Image:
        """Return the mask of a line with round ends."""
        mask = self.blank()
        pen = ImageDraw.Draw(mask)
        scaled = [(x * FINE, y * FINE) for x, y in points]
        pen.line(scaled, fill=255, width=round(width * FINE), joint="curve")
        for x, y in scaled:
            r = width * FINE / 2
            pen.ellipse((x - r, y - r, x + r, y + r), fill=255)
        return mask

    # ------------------------------------------------------------------ paint

    def fill(self, mask: Image.Image, top: str, foot: str | None = None, alpha: float = 1.0) -> None:
        """Fill a mask, from one colour at its upper end to another at its lower one."""
        box = mask.getbbox()
        if box is None:
            return
        paint = Image.new("RGBA", self.image.size, (*rgb(top), 255))
        if foot is not None and foot != top:
            share = np.clip((np.arange(self.image.size[1]) - box[1]) / max(1, box[3] - box[1]), 0, 1)[:, None, None]
            column = np.array(rgb(top)) + (np.array(rgb(foot)) - np.array(rgb(top))) * share
            whole = np.broadcast_to(column, (self.image.size[1], self.image.size[0], 3))
            paint = Image.fromarray(np.ascontiguousarray(whole.round().astype(np.uint8)), "RGB").convert("RGBA")
        paint.putalpha(mask.point(lambda value: round(value * alpha)))
        self.image.alpha_composite(paint)

    def rim(self, mask: Image.Image, width: float = 2.0, color: str = RIM) -> None:
        """Draw a dark rim around a mask; what is filled later lies on top."""
        wide = mask.filter(ImageFilter.GaussianBlur(width * FINE * 0.5)).point(lambda value: 255 if value > 14 else 0)
        self.fill(wide.filter(ImageFilter.GaussianBlur(1)), color)

    def body(self, mask: Image.Image, top: str, foot: str, rim: float = 2.0, light: float = 0.35) -> None:
        """Paint a solid thing: rim, gradient, a light from above left and a shade below."""
        if rim:
            self.rim(mask, rim)
        self.fill(mask, top, foot)
        reach = round(3.2 * FINE)
        lit = ImageChops.subtract(mask, ImageChops.offset(mask, reach // 2, reach))
        self.fill(_soft(lit, mask), "#ffffff", alpha=light)
        shaded = ImageChops.subtract(mask, ImageChops.offset(mask, -reach // 2, -reach))
        self.fill(_soft(shaded, mask), mix(foot, RIM, 0.7), alpha=0.35)

    def glow(self, x: float, y: float, radius: float, color: str, strength: float = 0.8) -> None:
        """Add a soft light."""
        ys, xs = np.mgrid[0 : self.image.size[1], 0 : self.image.size[0]] / FINE
        share = np.clip(1 - np.hypot(xs - x, ys - y) / radius, 0, 1) ** 2
        self.fill(Image.fromarray((share * 255 * strength).astype(np.uint8), "L"), color)

    def paste(self, other: Picture, x: int, y: int) -> None:
        """Put another picture on top."""
        self.image.alpha_composite(other.image, (x * FINE, y * FINE))

    def done(self) -> Image.Image:
        """Return the picture at its saved size."""
        solid = self.image.convert("RGBa").resize(self.size, Image.Resampling.BOX)
        return solid.convert("RGBA")

    def save(self, path: Path) -> None:
        """Write the picture."""
        self.done().save(path, optimize=True)


def sheet(cells: Sequence[Picture], columns: int, path: Path) -> None:
    """Write pictures of one size side by side, row by row."""
    w, h = cells[0].size
    whole = Image.new("RGBA", (w * columns, h * -(-len(cells) // columns)), (0, 0, 0, 0))
    for index, cell in enumerate(cells):
        whole.paste(cell.done(), (index % columns * w, index // columns * h))
    whole.save(path, optimize=True)


def smooth(points: Sequence[Point], steps: int = 10) -> list[Point]:
    """Return a closed Catmull-Rom curve through points."""
    p = np.array(points, np.float64)
    out = []
    for i in range(len(p)):
        a, b, c, d = p[i - 1], p[i], p[(i + 1) % len(p)], p[(i + 2) % len(p)]
        for t in np.linspace(0, 1, steps, endpoint=False):
            t2, t3 = t * t, t * t * t
            out.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t2 + (3 * b - a - 3 * c + d) * t3))
    return [(float(x), float(y)) for x, y in out]


def _soft(mask: Image.Image, within: Image.Image) -> Image.Image:
    return ImageChops.multiply(mask.filter(ImageFilter.GaussianBlur(FINE * 0.8)), within)
