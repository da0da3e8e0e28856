"""Make the pictures, sounds and lettering of examples/asteroids: `python scripts/make_asteroids_assets.py`.

Needs numpy, pillow and fonttools. The same script makes the same files, byte for byte.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from asteroids_art.letters import lettering
from asteroids_art.sounds import sounds
from asteroids_art.sprites import sprites

SEED = 1979
ASSETS = Path(__file__).resolve().parent.parent / "examples/asteroids/assets"


def main() -> int:
    """Write every asset and print its size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ASSETS)
    folder: Path = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    sprites(folder, np.random.default_rng(SEED))
    lettering(folder)
    sounds(folder, np.random.default_rng(SEED))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
