"""Make the pictures, sounds and maps of examples/platformer: `python scripts/make_platformer_assets.py`.

Needs numpy and pillow. The same script makes the same files. `--only maps` (or pictures, sounds) makes one kind.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from platformer_art.levels import levels
from platformer_art.pictures import pictures
from platformer_art.sounds import sounds

ASSETS = Path(__file__).resolve().parent.parent / "examples/platformer/assets"
KINDS = {"pictures": pictures, "sounds": sounds, "maps": levels}


def main() -> int:
    """Write every asset."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ASSETS)
    parser.add_argument("--only", choices=KINDS, default=None)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    for kind, make in KINDS.items():
        if chosen.only in (None, kind):
            make(chosen.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
