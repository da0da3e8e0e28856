"""Images cut into cells: sheets of equal ones, and atlases whose cells a JSON file lists."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from modules.core.assets import Assets

from ._pygame import pygame
from .images import empty, placeholder, read_image

ATLAS = ".json"


@dataclass(frozen=True)
class Cells:
    """The cells of an image, the version of the file they come from, and the further files they depend on."""

    surfaces: list[pygame.Surface]
    version: tuple[Any, int]
    parts: list[tuple[str, int]]


def cut_cells(name: str, columns: int, rows: int, version: tuple[Any, int], assets: Assets) -> Cells:
    """Return the cells of an image or atlas; at least one, a placeholder where the file is missing or broken."""
    if name.endswith(ATLAS):
        return _atlas(name, version, assets)
    whole = read_image(name, assets)
    if whole is None:
        return Cells([placeholder(name)], version, [])
    w, h = whole.get_width() // columns, whole.get_height() // rows
    if not w or not h:
        assets.complain(name, f"image {version[0]} is too small for {columns} x {rows} cells; a placeholder is drawn")
        return Cells([placeholder(name)], version, [])
    cells = [whole.subsurface((x * w, y * h, w, h)) for y in range(rows) for x in range(columns)]
    return Cells(cells, version, [])


def _atlas(name: str, version: tuple[Any, int], assets: Assets) -> Cells:
    """Read an atlas as Aseprite and TexturePacker write it, its frames a list or a table."""
    if version[0] is None:
        assets.complain(name, f"atlas {name!r} is missing; a placeholder is drawn until it is there")
        return Cells([placeholder(name)], version, [])
    try:
        data = json.loads(version[0].read_text(encoding="utf-8"))
        frames = data["frames"] if isinstance(data["frames"], list) else list(data["frames"].values())
        image = str(PurePosixPath(name).parent / data["meta"]["image"])
        parts = [(image, assets.version(image))]
        whole = read_image(image, assets)
        if whole is None or not frames:
            return Cells([placeholder(image) if whole is None else whole], version, parts)
        return Cells([_frame(whole, frame) for frame in frames], version, parts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pygame.error) as error:
        why = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        assets.complain(name, f"atlas {version[0]} cannot be read: {why}; a placeholder is drawn until it can")
        return Cells([placeholder(name)], version, [])


def _frame(whole: pygame.Surface, frame: dict[str, Any]) -> pygame.Surface:
    """Return one frame of an atlas at its full size, turned back and with the margins that were trimmed."""
    x, y, w, h = (int(frame["frame"][key]) for key in "xywh")
    rotated = bool(frame.get("rotated"))
    piece = whole.subsurface((x, y, h, w) if rotated else (x, y, w, h))
    if rotated:
        piece = pygame.transform.rotate(piece, 90)
    if not frame.get("trimmed"):
        return piece
    source, place = frame["sourceSize"], frame["spriteSourceSize"]
    full = empty((int(source["w"]), int(source["h"])))
    full.blit(piece, (int(place["x"]), int(place["y"])))
    return full
