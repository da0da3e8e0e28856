"""Make the pictures and sounds of examples/survivors: `python scripts/make_survivors_assets.py`.

Needs numpy and pillow. The same script makes the same files, byte for byte.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from survivors_art.creatures import creatures
from survivors_art.sounds import sounds
from survivors_art.things import things

SEED = 2021
ASSETS = Path(__file__).resolve().parent.parent / "examples/survivors/assets"


def main() -> int:
    """Write every asset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ASSETS)
    folder: Path = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    creatures(folder)
    things(folder, np.random.default_rng(SEED))
    sounds(folder, np.random.default_rng(SEED))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
