"""A thin vector alphabet: as a TrueType file for all text of the game, and as neon for its title."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._g_l_y_f import flagOverlapSimple

from .neon import Array, Picture, colour, edge, to_segment

HEIGHT = 10  # of a capital, in the units of STROKES; the baseline is 0
STROKES = {  # lines of points "x,y"; the pen lifts at "|"
    "A": "0,0 0,7.5 2.5,10 3.5,10 6,7.5 6,0|0,3.8 6,3.8",
    "B": "0,0 0,10 4.5,10 5.8,8.7 5.8,6.6 4.5,5.3 0,5.3|4.5,5.3 6,3.8 6,1.5 4.5,0 0,0",
    "C": "6,8 6,8 4,10 2,10 0,8 0,2 2,0 4,0 6,2",
    "D": "0,0 0,10 3.8,10 6,7.8 6,2.2 3.8,0 0,0",
    "E": "5.6,10 0,10 0,0 5.6,0|0,5.2 4.6,5.2",
    "F": "5.6,10 0,10 0,0|0,5 4.6,5",
    "G": "6,8 4,10 2,10 0,8 0,2 2,0 4,0 6,2 6,4.8 3.4,4.8",
    "H": "0,0 0,10|6,0 6,10|0,5.2 6,5.2",
    "I": "0,0 0,10",
    "J": "5,10 5,2 3.2,0 1.8,0 0,2",
    "K": "0,0 0,10|5.8,10 1.2,5.2 0,5.2|1.2,5.2 6,0",
    "L": "0,10 0,0 5.2,0",
    "M": "0,0 0,10 3.5,5.4 7,10 7,0",
    "N": "0,0 0,10 6,0 6,10",
    "O": "2,0 0,2 0,8 2,10 4,10 6,8 6,2 4,0 2,0",
    "P": "0,0 0,10 4.2,10 6,8.2 6,6.2 4.2,4.4 0,4.4",
    "Q": "2,0 0,2 0,8 2,10 4,10 6,8 6,2 4,0 2,0|3.6,2.6 6.4,-0.6",
    "R": "0,0 0,10 4.2,10 6,8.2 6,6.4 4.2,4.6 0,4.6|3,4.6 6,0",
    "S": "6,8.2 4.2,10 1.8,10 0,8.4 0,6.8 1.6,5.3 4.4,4.9 6,3.4 6,1.8 4.2,0 1.8,0 0,1.8",
    "T": "0,10 6.4,10|3.2,10 3.2,0",
    "U": "0,10 0,2 2,0 4,0 6,2 6,10",
    "V": "0,10 3.2,0 6.4,10",
    "W": "0,10 1.8,0 4.2,6.4 6.6,0 8.4,10",
    "X": "0,0 6,10|0,10 6,0",
    "Y": "0,10 3.2,5.2 6.4,10|3.2,5.2 3.2,0",
    "Z": "0,10 6,10 0,0 6,0",
    "0": "2,0 0,2 0,8 2,10 4,10 6,8 6,2 4,0 2,0",
    "1": "0.6,8 3,10 3,0|0.6,0 5.4,0",
    "2": "0,8.2 1.8,10 4.2,10 6,8.2 6,6.6 0,0 6,0",
    "3": "0,10 6,10 3,6.1 4.2,6.1 6,4.3 6,1.8 4.2,0 1.8,0 0,1.8",
    "4": "4.6,0 4.6,10 0,3.2 6.2,3.2",
    "5": "5.6,10 0.4,10 0,5.6 1.6,6.3 4,6.3 6,4.4 6,1.9 4.1,0 1.8,0 0,1.6",
    "6": "5.4,10 3.4,10 0,6 0,2 2,0 4,0 6,2 6,3.8 4.2,5.6 1.8,5.6 0,3.8",
    "7": "0,10 6,10 2.2,0",
    "8": "1.8,5.3 0.3,6.8 0.3,8.4 1.9,10 4.1,10 5.7,8.4 5.7,6.8 4.2,5.3 1.8,5.3|1.8,5.3 0,3.6 0,1.7 1.8,0 4.2,0 6,1.7 "
    "6,3.6 4.2,5.3",
    "9": "0.6,0 2.6,0 6,4 6,8 4,10 2,10 0,8 0,6.2 1.8,4.4 4.2,4.4 6,6.2",
    ".": "0.3,0 0.3,0.1",
    ",": "0.8,0.4 0,-1.6",
    ":": "0.3,2 0.3,2.1|0.3,7 0.3,7.1",
    ";": "0.6,1 0,-1|0.6,7 0.6,7.1",
    "!": "0.3,10 0.3,3.2|0.3,0 0.3,0.1",
    "?": "0,8.2 1.8,10 4.2,10 6,8.2 6,6.6 3,4.2 3,3|3,0 3,0.1",
    "-": "0,5 3.6,5",
    "+": "0,5 5,5|2.5,7.5 2.5,2.5",
    "=": "0,6.3 5,6.3|0,3.5 5,3.5",
    "/": "0,-0.6 4.4,10.6",
    "\\": "0,10.6 4.4,-0.6",
    "(": "2,11 0,8.6 0,1.4 2,-1",
    ")": "0,11 2,8.6 2,1.4 0,-1",
    "[": "2,11 0,11 0,-1 2,-1",
    "]": "0,11 2,11 2,-1 0,-1",
    "<": "4.4,8.6 0,5 4.4,1.4",
    ">": "0,8.6 4.4,5 0,1.4",
    "'": "0,10.4 0,7.8",
    '"': "0,10.4 0,7.8|2,10.4 2,7.8",
    "%": "0,0 6,10|1,10 0,9 0,8 1,7 2,8 2,9 1,10|5,3 4,2 4,1 5,0 6,1 6,2 5,3",
    "&": "6.4,0 0.8,7 0.8,8.6 2.2,10 3.4,10 4.6,8.6 4.6,7.4 0,3.6 0,1.6 1.6,0 3.4,0 6.2,3.6",
    "*": "2.4,9.6 2.4,4.6|0.2,8.4 4.6,5.8|4.6,8.4 0.2,5.8",
    "#": "1.6,1 2.4,9|4.4,1 5.2,9|0.2,6.6 6.4,6.6|0,3.4 6.2,3.4",
    "_": "0,-1 6,-1",
    "\u00b7": "0.3,5 0.3,5.1",
    "\u00d7": "0,2.8 4.4,7.2|0,7.2 4.4,2.8",
    "\u2190": "8,5 0,5|3,8 0,5 3,2",
    "\u2191": "3,10 3,0|0,7 3,10 6,7",
    "\u2192": "0,5 8,5|5,8 8,5 5,2",
    "\u2193": "3,10 3,0|0,3 3,0 6,3",
}
SMALL = 0.8  # height of a lower-case letter, drawn as a small capital
THICK, GAP, UNIT = 1.15, 2.6, 70
FAMILY = "Hotloop Vector"
TITLE = ("#ff6fd0", "#b07bff", "#6f9bff", "#35e4ff")  # colours of the title, left to right


def lines_of(letter: str) -> list[Array]:
    """The strokes of a letter, each of shape (n, 2), y up."""
    return [np.array([[float(v) for v in p.split(",")] for p in s.split()]) for s in STROKES[letter].split("|")]


def width_of(letter: str) -> float:
    """Width of a letter's ink."""
    return max(float(line[:, 0].max()) for line in lines_of(letter))


def lettering(folder: Path) -> None:
    """Write the font and the title picture into `folder`."""
    font(folder / "vector.ttf")
    title("ASTEROIDS").save(folder / "title.png")


def font(path: Path) -> None:
    """Build the TrueType file: every stroke a chain of capsules."""
    letters = {letter: (letter, 1.0) for letter in STROKES}
    letters |= {letter.lower(): (letter, SMALL) for letter in STROKES if letter.isalpha()}
    names = {ord(letter): f"u{ord(letter):04X}" for letter in letters}
    glyphs = {".notdef": TTGlyphPen(None).glyph(), "space": TTGlyphPen(None).glyph()}
    widths = {".notdef": 5 * UNIT, "space": 5 * UNIT}
    for letter, (drawn, scale) in letters.items():
        pen = TTGlyphPen(None)
        for line in lines_of(drawn):
            for a, b in pairwise(line):
                _capsule(pen, a * scale, b * scale)
        glyph = pen.glyph()
        glyph.flags[0] |= flagOverlapSimple
        glyphs[names[ord(letter)]] = glyph
        widths[names[ord(letter)]] = round((width_of(drawn) * scale + GAP) * UNIT)
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap({32: "space", 160: "space", **names})
    builder.setupGlyf(glyphs)
    left = {name: getattr(builder.font["glyf"][name], "xMin", 0) for name in glyphs}
    builder.setupHorizontalMetrics({name: (wide, left[name]) for name, wide in widths.items()})
    builder.setupHorizontalHeader(ascent=860, descent=-200)
    builder.setupNameTable({"familyName": FAMILY, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=860, sTypoDescender=-200, usWinAscent=860, usWinDescent=200)
    builder.setupPost()
    builder.setupHead(unitsPerEm=1000, created=0, modified=0)
    builder.font.recalcTimestamp = False
    builder.save(path)


def _capsule(pen: TTGlyphPen, a: Array, b: Array) -> None:
    """Draw one stroke with round ends, clockwise, shifted so that ink starts after half a gap."""
    shift = np.array([GAP / 2, 0])
    toward = np.arctan2(*(b - a)[::-1])
    half = np.linspace(np.pi / 2, -np.pi / 2, 9)
    points = [b + THICK / 2 * np.array([np.cos(toward + t), np.sin(toward + t)]) for t in half]
    points += [a + THICK / 2 * np.array([np.cos(toward + t + np.pi), np.sin(toward + t + np.pi)]) for t in half]
    corners = [tuple(int(v) for v in np.round((p + shift) * UNIT)) for p in points]
    pen.moveTo(corners[0])
    for corner in corners[1:]:
        pen.lineTo(corner)
    pen.closePath()


def title(text: str, *, size: float = 6.6) -> Picture:
    """Write `text` in neon, `size` pixels to the unit, in the colours of TITLE."""
    wide = sum(width_of(c) for c in text) + GAP * 1.25 * (len(text) - 1)
    picture = Picture(round(wide * size + 90), round(HEIGHT * size + 90))
    x, y = picture.x, picture.y
    distance, left = np.full(x.shape, np.inf), -wide / 2
    for letter in text:
        for line in lines_of(letter):
            points = (line + np.array([left, -HEIGHT / 2])) * size * np.array([1, -1])
            for a, b in pairwise(points):
                distance = np.minimum(distance, to_segment(x, y, a, b))
        left += width_of(letter) + GAP * 1.25
    across = np.clip(x / (wide * size) + 0.5, 0, 1) * (len(TITLE) - 1)
    stops = np.array([colour(stop) for stop in TITLE])
    paint = np.stack([np.interp(across, range(len(TITLE)), stops[:, k]) for k in range(3)], axis=2)
    picture.shine(0.36 * np.exp(-((distance / 17) ** 2)), paint)
    picture.shine(0.62 * np.exp(-distance / 6.0), paint)
    picture.cover(edge(distance, 3.9), paint * 0.72 + 0.28)
    picture.cover(edge(distance, 2.2), paint * 0.10 + colour("#0a0c20") * 0.90)
    picture.shine(0.45 * np.exp(-((distance / 1.3) ** 2)), paint)
    return picture
