"""Write assets/glow.png: light that falls off from the middle of the picture to nothing at its rim."""

import struct
import zlib
from pathlib import Path

import numpy as np

SIDE = 256


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main() -> None:
    """Draw the light and write it as a PNG with alpha."""
    axis = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
    away = np.hypot(axis, axis[:, None])
    light = np.clip(1 - away, 0, 1) ** 2 * 0.45 + np.exp(-((away / 0.16) ** 2)) * 0.55 * np.clip(1 - away, 0, 1)
    pixels = np.full((SIDE, SIDE, 4), 255, np.uint8)
    pixels[..., 3] = np.rint(255 * light)
    rows = np.concatenate([np.zeros((SIDE, 1), np.uint8), pixels.reshape(SIDE, -1)], axis=1)
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 6, 0, 0, 0)
    path = Path(__file__).parents[1] / "assets" / "glow.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows.tobytes(), 9))
        + chunk(b"IEND", b"")
    )


if __name__ == "__main__":
    main()
