"""Make the sounds of menus: `python scripts/make_screens_sounds.py`. The same script makes the same files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from asteroids_art.sounds import seconds, tone, write

ASSETS = Path(__file__).resolve().parent.parent / "modules/plugins/screens/assets"


def main() -> int:
    """Write a tick for moving the focus and two soft notes for pressing something."""
    ASSETS.mkdir(parents=True, exist_ok=True)
    t = seconds(0.05)
    write(ASSETS / "menu_move.wav", tone(880.0, t) * np.exp(-t * 90), peak=0.5)
    t = seconds(0.16)
    second = np.where(t > 0.05, tone(987.8, t) * np.exp(-(t - 0.05) * 28), 0.0)
    write(ASSETS / "menu_select.wav", tone(659.3, t) * np.exp(-t * 26) + second, peak=0.6)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
