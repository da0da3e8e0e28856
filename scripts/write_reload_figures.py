"""Measure what docs/reload.md shows, and write it there between its markers.

python scripts/write_reload_figures.py             about five minutes: 200 saves, 2,000 reloads
python scripts/write_reload_figures.py --quick     half a minute, to see that it works
"""

from __future__ import annotations

import argparse
import logging
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from engine.bench.command import table  # noqa: E402
from engine.bench.machine import machine  # noqa: E402
from engine.bench.reloads import measure  # noqa: E402
from engine.bench.soak import soak  # noqa: E402

PAGE = ROOT / "docs" / "reload.md"
BLOCK = re.compile(
    r"(<!-- figures: written by scripts/write_reload_figures.py -->\n).*?(<!-- end of figures -->)", re.DOTALL
)


def block(saves: int, reloads: int) -> str:
    """Measure, and return the text between the markers."""
    figures = [*measure(saves, tell=_tell), *soak(reloads, _tell).figures()]
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return (
        f"Measured at commit {commit} on {machine()}.\n\n"
        f"```\nhotloop bench reload --saves {saves} --soak {reloads}\n```\n\n{table(figures)}\n"
    )


def page(text: str, figures: str) -> str:
    """Return the page with other figures. Raises `ValueError` where it has no markers."""
    if not BLOCK.search(text):
        raise ValueError(f"{PAGE} has no place for figures")
    return BLOCK.sub(lambda found: f"{found[1]}\n{figures}\n{found[2]}", text)


def _tell(line: str) -> None:
    print(f"... {line}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    logging.getLogger("hotloop").setLevel(logging.CRITICAL)  # of reloads that are meant to fail
    figures = block(*((20, 100) if quick else (200, 2_000)))
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")
    print(figures)
