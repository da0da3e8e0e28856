"""Paint what is not a creature: weapons, gems, icons, ground and light."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from asteroids_art.neon import Array, Picture, colour
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from .creatures import ellipse, fill, join, solid, triangle

TILE = 256
FONT = Path(__file__).resolve().parents[2] / "modules/systems/pygame_render/assets/manrope_semibold.ttf"


def things(folder: Path, rng: np.random.Generator) -> None:
    """Write every picture."""
    made = {
        "spark": spark(),
        "blade": blade(),
        "shard": shard(),
        "meteor": meteor(),
        "ring": ring(),
        "flare": flare(),
        "gem_small": gem(9, "#146f9c", "#7df0ff"),
        "gem_medium": gem(12, "#1c8a3f", "#9dffab"),
        "gem_large": gem(16, "#b0186f", "#ff9de0"),
        "heart": heart(),
        "icon_boots": boots(),
        "icon_magnet": magnet(),
        "icon_might": might(),
    }
    for name, picture in made.items():
        let_end(picture).save(folder / f"{name}.png")
    for name in ("spark", "blade", "shard", "meteor", "flare"):
        fitted(made[name], 30).save(folder / f"icon_{name}.png", optimize=True)
    for number, image in enumerate(ground(rng)):
        image.save(folder / f"ground_{number}.png", optimize=True)
    vignette(960, 540).save(folder / "vignette.png", optimize=True)
    title("SURVIVORS", 640, 150).save(folder / "title.png", optimize=True)


def fitted(picture: Picture, size: int) -> Image.Image:
    """Return a picture as a square icon, without its empty edges."""
    image = picture.image()
    image = image.crop(image.getchannel("A").point(lambda alpha: 255 if alpha > 8 else 0).getbbox())
    share = size / max(image.size)
    image = image.resize(
        (max(1, round(image.width * share)), max(1, round(image.height * share))), Image.Resampling.LANCZOS
    )
    icon = Image.new("RGBA", (size, size))
    icon.paste(image, ((size - image.width) // 2, (size - image.height) // 2))
    return icon


def let_end(picture: Picture, width: float = 5.0) -> Picture:
    """Let all light die away before the edges of a picture."""
    across = picture.size[0] / 2 - np.abs(picture.x)
    down = picture.size[1] / 2 - np.abs(picture.y)
    share = np.clip(np.minimum(across, down) / width, 0, 1)
    share = np.where(picture.alpha > 0.9, 1, share * share * (3 - 2 * share))
    picture.rgb *= share[..., None]
    picture.alpha *= share
    return picture


def light(picture: Picture, size: float, paint: str, power: float = 1.0) -> None:
    """Add a round light in the middle."""
    far = np.hypot(picture.x, picture.y) / size
    picture.shine(power * np.exp(-(far**2)), colour(paint))


def spark() -> Picture:
    """A bolt of light that flies to the right."""
    picture = Picture(34, 18)
    along = np.clip((picture.x + 15) / 26, 0, 1)
    tail = np.exp(-((picture.y / (1.0 + 3.2 * along)) ** 2)) * along**1.6 * (picture.x < 12)
    picture.shine(0.9 * tail, colour("#ffb347"))
    head = np.hypot(picture.x - 9, picture.y * 1.1)
    picture.shine(0.9 * np.exp(-((head / 5.5) ** 2)), colour("#ffd27a"))
    picture.cover(np.clip(3.4 - head, 0, 1), colour("#fffbe8"))
    return picture


def blade() -> Picture:
    """A crescent that cuts with its right side."""
    picture = Picture(44, 44)
    moon = np.maximum(ellipse(picture, -2, 0, 14, 14), -ellipse(picture, -8, 0, 13, 12.4))
    picture.shine(0.5 * np.exp(-(np.maximum(moon, 0) / 4.5)), colour("#58e6ff"))
    solid(picture, moon, "#2fa8e0", "#f2fdff", line=1.2, middle=0.15)
    return picture


def shard() -> Picture:
    """A splinter of ice that flies to the right."""
    picture = Picture(28, 14)
    body = np.minimum(
        triangle(picture, (12, 0), (-3, -4.4), (-3, 4.4)), triangle(picture, (-12, 0), (-3, -4.4), (-3, 4.4))
    )
    picture.shine(0.45 * np.exp(-np.maximum(body, 0) / 3), colour("#8fd0ff"))
    solid(picture, body, "#3f7fe0", "#effaff", line=0.9, middle=0.15)
    return picture


def meteor() -> Picture:
    """A burning rock that falls down."""
    picture = Picture(40, 84)
    up = np.clip((26 - picture.y) / 62, 0, 1)
    for width, share, paint in ((13, 1.0, "#ff5a2a"), (9, 0.75, "#ffa53a"), (5, 0.5, "#fff0b0")):
        flame = (
            np.exp(-((picture.x / (width * (1 - up) + 0.5)) ** 2)) * np.clip(1 - up / share, 0, 1) * (picture.y < 30)
        )
        picture.shine(0.75 * flame, colour(paint))
    solid(picture, ellipse(picture, 0, 26, 11.5, 11.5), "#4a1d14", "#ff9a50", line=1.4)
    for x, y in ((-4, 24), (3, 29), (4, 21)):
        fill(picture, ellipse(picture, x, y, 2.2, 1.8), "#3a120c")
    return picture


def ring() -> Picture:
    """A wave of light, to be drawn growing."""
    picture = Picture(256, 256)
    far = np.hypot(picture.x, picture.y)
    picture.shine(0.9 * np.exp(-(((far - 116) / 4) ** 2)), colour("#fff2c8"))
    picture.shine(0.55 * np.exp(-(np.abs(far - 112) / 12)) * (far < 126), colour("#ffae5a"))
    return picture


def flare() -> Picture:
    """A star of light for the blink of a hit."""
    picture = Picture(48, 48)
    for turn in (0, np.pi / 4):
        u = np.abs(picture.x * np.cos(turn) + picture.y * np.sin(turn))
        v = np.abs(picture.y * np.cos(turn) - picture.x * np.sin(turn))
        reach = 21 if turn == 0 else 13
        picture.shine(
            np.clip(1 - (u / reach + v * 0.42), 0, 1) + np.clip(1 - (v / reach + u * 0.42), 0, 1), colour("#fff1c9")
        )
    light(picture, 6, "#ffffff")
    return picture


def gem(size: float, dark: str, bright: str) -> Picture:
    """A cut stone."""
    side = round(size * 1.9) + 10
    picture = Picture(side, side)
    half = size * 0.78
    body = np.minimum(
        triangle(picture, (0, -half), (-half * 0.72, 0), (half * 0.72, 0)),
        triangle(picture, (0, half), (-half * 0.72, 0), (half * 0.72, 0)),
    )
    picture.shine(0.5 * np.exp(-np.maximum(body, 0) / 2.6), colour(bright))
    solid(picture, body, dark, bright, line=1.1)
    left = triangle(picture, (0, -half), (-half * 0.72, 0), (0, 0))
    fill(picture, left, colour(bright) * 0.5 + 0.5)
    fill(picture, triangle(picture, (0, half), (half * 0.72, 0), (0, 0)), dark)
    return picture


def heart() -> Picture:
    """A heart: health."""
    picture = Picture(30, 30)
    body = join(
        ellipse(picture, -4.6, -3, 6, 5.8),
        ellipse(picture, 4.6, -3, 6, 5.8),
        triangle(picture, (-9.6, 0), (9.6, 0), (0, 11)),
        soft=1.6,
    )
    picture.shine(0.4 * np.exp(-np.maximum(body, 0) / 3), colour("#ff5d7a"))
    solid(picture, body, "#a3123f", "#ff7d90", line=1.3)
    fill(picture, ellipse(picture, -5.2, -5.4, 2, 1.5), "#ffe3e8")
    return picture


def boots() -> Picture:
    """A boot with a wing: speed."""
    picture = Picture(30, 30)
    boot = join(ellipse(picture, -1, -3, 4.4, 8), ellipse(picture, 3.5, 7, 8, 4.2), soft=3)
    solid(picture, boot, "#6a3a16", "#f0a860", line=1.3)
    for k in range(3):
        solid(picture, ellipse(picture, -8, -5 + 3.6 * k, 5.4 - k, 1.9, 0.5), "#9fc4e8", "#ffffff", line=0.9)
    return picture


def magnet() -> Picture:
    """A horseshoe: gems from farther away."""
    picture = Picture(30, 30)
    bow = np.maximum(np.maximum(ellipse(picture, 0, 1, 11, 11), -ellipse(picture, 0, 1, 5, 5)), 1 - picture.y)
    legs = np.maximum(np.abs(np.abs(picture.x) - 8) - 3, np.abs(picture.y + 4) - 6)
    solid(picture, np.minimum(bow, legs), "#8f1538", "#ff5d6c", line=1.3)
    fill(picture, np.maximum(np.abs(np.abs(picture.x) - 8) - 3, np.abs(picture.y + 8) - 2.4), "#eef3ff")
    return picture


def might() -> Picture:
    """A fist of light: more damage."""
    picture = Picture(30, 30)
    star = np.full(picture.x.shape, np.inf)
    for k in range(8):
        a = k * np.pi / 4
        reach = 12.5 if k % 2 == 0 else 8.5
        tip = (reach * np.cos(a), reach * np.sin(a))
        left, right = (4.6 * np.cos(a + 0.9), 4.6 * np.sin(a + 0.9)), (4.6 * np.cos(a - 0.9), 4.6 * np.sin(a - 0.9))
        star = np.minimum(star, triangle(picture, tip, left, right))
    star = np.minimum(star, ellipse(picture, 0, 0, 5, 5))
    solid(picture, star, "#b0540c", "#ffe58a", line=1.2, middle=0.1)
    return picture


def ground(rng: np.random.Generator) -> list[Image.Image]:
    """Return tiles of a meadow at night that fit each other on all sides."""
    coarse, fine = periodic(rng, 4), periodic(rng, 16)
    shade = (0.6 * coarse + 0.4 * fine)[..., None]
    base = colour("#0f1a2c") * (1 - shade) + colour("#17263a") * shade
    return [tile(base, rng, flowers) for flowers in (0, 0, 5, 9)]


def periodic(rng: np.random.Generator, cells: int) -> Array:
    """Return noise from 0 to 1 whose left and right, and upper and lower, edges fit."""
    lattice = np.tile(rng.random((cells, cells)), (2, 2))
    at = np.arange(TILE) / TILE * cells
    i = at.astype(int)
    s = at - i
    s = s * s * (3 - 2 * s)
    rows = lattice[i] * (1 - s)[:, None] + lattice[i + 1] * s[:, None]
    return rows[:, i] * (1 - s) + rows[:, i + 1] * s


def tile(base: Array, rng: np.random.Generator, flowers: int) -> Image.Image:
    """Return one tile with tufts of grass, pebbles and flowers, none across its edge."""
    times = 3
    image = Image.fromarray(np.round(base * 255).astype(np.uint8), "RGB").resize(
        (TILE * times,) * 2, Image.Resampling.BICUBIC
    )
    pen = ImageDraw.Draw(image)
    for _ in range(34):
        x, y = rng.uniform(12, TILE - 12, 2) * times
        for _ in range(int(rng.integers(3, 6))):
            lean, high = rng.uniform(-5, 5) * times, rng.uniform(5, 10) * times
            foot = x + rng.uniform(-4, 4) * times
            tint = rng.choice(["#1d3346", "#223d4f", "#1a3a47", "#274a58"])
            pen.line([(foot, y), (foot + lean * 0.4, y - high * 0.6), (foot + lean, y - high)], fill=str(tint), width=4)
    for _ in range(5):
        x, y = rng.uniform(14, TILE - 14, 2) * times
        w, h = rng.uniform(4, 8) * times, rng.uniform(3, 5) * times
        pen.ellipse((x - w, y - h, x + w, y + h), fill="#0b1322")
        pen.ellipse((x - w, y - h - 4, x + w, y + h - 6), fill="#2a3a52")
        pen.ellipse((x - w * 0.7, y - h * 0.9 - 4, x + w * 0.3, y - 5), fill="#384c68")
    for _ in range(flowers):
        x, y = rng.uniform(14, TILE - 14, 2) * times
        paint = str(rng.choice(["#7d6bd6", "#4fa3c7", "#c77fb0"]))
        pen.line([(x, y), (x, y + 15)], fill="#27505a", width=4)
        for k in range(5):
            a = k * 2 * np.pi / 5
            px, py = x + 6.5 * np.cos(a), y + 6.5 * np.sin(a)
            pen.ellipse((px - 5, py - 5, px + 5, py + 5), fill=paint)
        pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill="#ffe9a8")
    return image.resize((TILE, TILE), Image.Resampling.LANCZOS).quantize(160, dither=Image.Dither.NONE)


def vignette(width: int, height: int) -> Image.Image:
    """Return darkness that grows toward the edges."""
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    dark = np.clip((np.hypot(x * 0.95, y * 0.95) - 0.62) / 0.78, 0, 1) ** 1.4 * 200
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[..., :3] = (4, 6, 16)
    pixels[..., 3] = np.round(dark)
    return Image.fromarray(pixels, "RGBA")


def title(words: str, width: int, height: int) -> Image.Image:
    """Return the name of the game in letters like embers."""
    times = 2
    size = (width * times, height * times)
    mask = Image.new("L", size)
    pen = ImageDraw.Draw(mask)
    font = ImageFont.truetype(str(FONT), 104 * times)
    pen.text(
        (size[0] / 2, size[1] / 2), words, font=font, anchor="mm", fill=255, stroke_width=3 * times, stroke_fill=255
    )
    share = np.linspace(0, 1, size[1])[:, None, None]
    share = np.clip((share - 0.22) / 0.56, 0, 1)
    paint = colour("#fff6d6") * (1 - share) + colour("#ff8a3c") * share
    low = np.clip((share - 0.55) / 0.45, 0, 1)
    paint = np.broadcast_to(paint * (1 - low) + colour("#d8316b") * low, (size[1], size[0], 3))
    letters = np.asarray(mask, float) / 255
    glow = np.asarray(mask.filter(ImageFilter.GaussianBlur(16 * times)), float) / 255
    thick = np.asarray(mask.filter(ImageFilter.MaxFilter(9)).filter(ImageFilter.GaussianBlur(1.5)), float) / 255
    rgb = np.zeros((size[1], size[0], 3)) + colour("#ff6a3a")
    alpha = np.clip(glow * 0.9, 0, 0.6)
    for share_of, color in ((np.clip(thick, 0, 1), colour("#240a1e")), (letters, paint)):
        part = share_of[..., None]
        rgb = rgb * (1 - part) + color * part
        alpha = alpha * (1 - share_of) + share_of
    pixels = np.concatenate([rgb, alpha[..., None]], axis=2)
    image = Image.fromarray(np.round(pixels * 255).astype(np.uint8), "RGBA")
    return image.resize((width, height), Image.Resampling.LANCZOS)
