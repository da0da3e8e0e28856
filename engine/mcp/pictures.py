"""Pictures for a reader: scaled, with the numbers of entities drawn in, or with the difference to another marked."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFont

MOST_LABELS = 60
LABEL, SHADOW, CHANGED = (255, 225, 80), (0, 0, 0), (255, 0, 200)

Pixels = NDArray[np.uint8]


def scaled(pixels: Pixels, width: int) -> Image.Image:
    """Return a picture of a width, never larger than it was drawn."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if width < image.width:
        image = image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS)
    return image


def png(image: Image.Image) -> bytes:
    """Return a picture as PNG."""
    file = io.BytesIO()
    image.save(file, "PNG", optimize=False, compress_level=6)
    return file.getvalue()


def label(image: Image.Image, pixels: Pixels, places: dict[str, Any]) -> list[list[int]]:
    """Draw a number at each entity; return rows of number, entity, x, y in pixels of the picture."""
    scale = image.width / pixels.shape[1]
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(11)
    rows: list[list[int]] = []
    taken: set[tuple[int, int]] = set()
    for entity, x, y in zip(places["entity"], places["x"] * scale, places["y"] * scale, strict=True):
        if not (np.isfinite(x) and np.isfinite(y)) or len(rows) >= MOST_LABELS:
            continue
        cell = (int(x) // 22, int(y) // 12)
        if cell in taken:  # a label over another says nothing
            continue
        taken.add(cell)
        number, at = len(rows) + 1, (round(float(x)), round(float(y)))
        draw.ellipse((at[0] - 2, at[1] - 2, at[0] + 2, at[1] + 2), outline=LABEL)
        corner = (min(at[0] + 4, image.width - 16), max(0, at[1] - 12))
        draw.text(corner, str(number), fill=LABEL, font=font, stroke_width=2, stroke_fill=SHADOW)
        rows.append([number, int(entity), *at])
    return rows


def difference(now: Pixels, then: Pixels, width: int) -> tuple[Image.Image, dict[str, Any]]:
    """Return the picture, dimmed where it is as it was then and marked where it is not, and what to say of it."""
    after, before = scaled(now, width), scaled(then, width)
    if after.size != before.size:
        return after, {"differs": "the pictures have other sizes"}
    changed = np.asarray(ImageChops.difference(after, before)).max(axis=2) > 24
    pixels = (np.asarray(after).astype(np.uint16) * 2 // 5).astype(np.uint8)
    pixels[changed] = (np.asarray(after)[changed] // 2 + np.array(CHANGED, np.uint8) // 2).astype(np.uint8)
    rows, columns = np.nonzero(changed)
    box = [int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())] if rows.size else None
    return Image.fromarray(pixels), {"changed_share": round(float(changed.mean()), 4), "box": box}
