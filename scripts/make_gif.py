"""Record docs/hotloop.gif: a copy of Asteroids runs in real time, and its rocks.py is really edited meanwhile.

    python scripts/make_gif.py [--out FILE]

The upper part is what the game's window shows, note and error panel included; the lower part is the file as it lies
on disk, with the edit being typed. A new line takes effect when the file is written, at the moment `saved` appears.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

os.environ["SDL_VIDEODRIVER"] = os.environ["SDL_AUDIODRIVER"] = "dummy"

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from engine import App
from engine.clock import Pace
from engine.inputs import Script, read_inputs

ROOT = Path(__file__).resolve().parent.parent
GAME = ROOT / "examples" / "asteroids"
FONT = ROOT / "modules" / "systems" / "pygame_window" / "assets" / "overlay_mono.ttf"
FRAMES_A_SECOND, TICKS_A_FRAME = 10, 6
WIDTH, GAME_HEIGHT, PANE_HEIGHT = 544, 306, 126
SEED, FIRST_TICK = 1, 270  # a time with many rocks
LINES, LINE_HEIGHT, TEXT_SIZE, MARGIN = 6, 17, 11, 10
PAPER, INK, PALE, MARKED = "#11151d", "#c9d4e3", "#5b6675", "#1f2a3a"
GREEN, RED, AMBER = "#7fd38a", "#ff7a70", "#ffb454"
BRIGHT_FROM, BRIGHT_COLORS, DARK_COLORS = 90, 120, 40


@dataclass(frozen=True)
class Edit:
    """A line to be changed, and how long to watch before typing and after saving, in seconds."""

    old: str
    new: str
    before: float
    after: float


SCENES = (
    Edit(
        "RADIUS = np.array([14.0, 26.0, 44.0], np.float32)  # pixels",
        "RADIUS = np.array([22.0, 40.0, 72.0], np.float32)  # pixels",
        before=1.0,
        after=1.8,
    ),
    Edit("spin.rate = np.copysign(SPIN[rock.size], ", "spin.rate = np.copysign(6 * SPIN[rock.size], ", 0.3, 1.8),
    Edit("SETTLE * (SPEED[rock.size]", "SETTLE * (3 SPEED[rock.size]", 0.3, 2.0),
    Edit("SETTLE * (3 SPEED[rock.size]", "SETTLE * (3 * SPEED[rock.size]", 0.3, 1.6),
)


class Recorder:
    """Runs the game at its own pace and keeps a picture of each frame."""

    def __init__(self, game: Path, file: str, inputs: Script) -> None:
        self.file = game / file
        self.app = App(game, seed=SEED, inputs=inputs)
        self.pictures: list[Image.Image] = []
        self.font = ImageFont.truetype(str(FONT), TEXT_SIZE)
        self.status: tuple[str, str] = (file, PALE)
        self.app.on_verdict.append(self.on_verdict)
        self.pace, self.saved_at = Pace(FRAMES_A_SECOND), 0.0

    def on_verdict(self, verdict: Any) -> None:
        """Remember what became of a save."""
        if verdict.outcome == "current":
            after = (perf_counter() - self.saved_at) * 1000
            self.status = (f"{self.file.name}  saved, runs after {after:.0f} ms", GREEN)
        elif not verdict.good:
            self.status = (f"{self.file.name}  saved, refused: the game goes on with the last good code", RED)

    def frame(self, line: str, near: str) -> None:
        """Run the ticks of one frame and keep the picture, with `line` in place of the line that holds `near`."""
        self.app.poll_window()
        self.app.turn(TICKS_A_FRAME)
        self.app.frame()
        self.pictures.append(self.picture(line, near))
        self.app.rest(self.pace)
        self.pace.due()

    def picture(self, line: str, near: str) -> Image.Image:
        """Put the window's picture and the editor's pane together."""
        import pygame

        window = pygame.display.get_surface()
        shown = Image.frombytes("RGB", window.get_size(), pygame.image.tobytes(window, "RGB"))
        image = Image.new("RGB", (WIDTH, GAME_HEIGHT + PANE_HEIGHT), PAPER)
        image.paste(shown.resize((WIDTH, GAME_HEIGHT), Image.Resampling.LANCZOS))
        self.pane(ImageDraw.Draw(image), line, near)
        return image

    def pane(self, pen: ImageDraw.ImageDraw, line: str, near: str) -> None:
        """Draw the lines around the one being edited, and what became of the last save."""
        lines = self.file.read_text(encoding="utf-8").splitlines()
        at = next(number for number, text in enumerate(lines) if near in text)
        first = max(0, at - LINES // 2)
        top = GAME_HEIGHT + 4
        for number in range(first, first + LINES):
            is_edited = number == at
            if is_edited:
                pen.rectangle((0, top - 1, WIDTH, top + LINE_HEIGHT - 2), fill=MARKED)
            text = line + "▏" if is_edited and line != lines[at] else line if is_edited else lines[number]
            pen.text((MARGIN, top), f"{number + 1:4}", font=self.font, fill=PALE)
            pen.text((MARGIN + 44, top), text, font=self.font, fill=INK)
            top += LINE_HEIGHT
        pen.text((MARGIN, top + 3), self.status[0], font=self.font, fill=self.status[1])

    def watch(self, seconds: float, line: str, near: str) -> None:
        """Let the game go on."""
        for _ in range(round(seconds * FRAMES_A_SECOND)):
            self.frame(line, near)

    def play(self, edit: Edit) -> None:
        """Watch, type, save, watch."""
        source = self.file.read_text(encoding="utf-8")
        assert source.count(edit.old) == 1, f"{self.file.name} does not hold once: {edit.old}"
        line = next(text for text in source.splitlines() if edit.old in text)
        done = line.replace(edit.old, edit.new)
        self.watch(edit.before, line, edit.old)
        self.status = (f"{self.file.name}  edited", AMBER)
        for typed in typing(line, done):
            self.frame(typed, edit.old)
        self.file.write_text(source.replace(edit.old, edit.new), encoding="utf-8")
        self.saved_at = perf_counter()
        self.status = (f"{self.file.name}  saved", AMBER)
        self.watch(edit.after, done, edit.new)
        if self.status[0] == f"{self.file.name}  saved":
            raise SystemExit(f"the edit was not taken in: {edit.new}")


def typing(old: str, new: str) -> list[str]:
    """Return the states of a line while what differs is taken out and typed anew, two characters a frame."""
    start = shared(old, new)
    tail = shared(old[start:][::-1], new[start:][::-1])
    gone, typed = old[start : len(old) - tail], new[start : len(new) - tail]
    end = old[len(old) - tail :]
    states = [old[:start] + gone[: len(gone) - n] + end for n in range(2, len(gone) + 1, 2)]
    return states + [old[:start] + typed[:n] + end for n in range(1, len(typed) + 1, 2)] + [new]


def shared(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def palette_of(
    pictures: list[Image.Image], bright_colors: int = BRIGHT_COLORS, dark_colors: int = DARK_COLORS
) -> Image.Image:
    """Choose the colours of the GIF: most of them for what is bright, which is little and matters most."""
    pixels = np.concatenate([np.asarray(picture).reshape(-1, 3) for picture in pictures])
    is_bright = pixels.max(axis=1) > BRIGHT_FROM
    colors: list[int] = []
    for part, count in ((pixels[is_bright], bright_colors), (pixels[~is_bright], dark_colors)):
        chosen = Image.fromarray(part[None, :, :]).quantize(count, method=Image.Quantize.MEDIANCUT)
        colors += (chosen.getpalette() or [])[: 3 * count]
    palette = Image.new("P", (1, 1))
    palette.putpalette(colors)
    return palette


def write(pictures: list[Image.Image], path: Path) -> None:
    """Write the pictures as one GIF with one palette."""
    palette = palette_of(pictures[:: max(1, len(pictures) // 12)])
    frames = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    duration = 1000 // FRAMES_A_SECOND
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=duration, loop=0, optimize=True)


def main() -> None:
    """Record and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "hotloop.gif")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        game = Path(home) / GAME.name
        shutil.copytree(GAME, game, ignore=shutil.ignore_patterns("__pycache__"))
        recorder = Recorder(game, "rocks.py", read_inputs(game / "input.json"))
        try:
            recorder.app.step(FIRST_TICK)
            recorder.next_frame = perf_counter()
            for edit in SCENES:
                recorder.play(edit)
        finally:
            recorder.app.close()
        write(recorder.pictures, options.out)
    print(f"{options.out}: {len(recorder.pictures)} frames, {options.out.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    sys.exit(main())
