"""Every example has a picture, a moving one and a thumbnail, and README shows them."""

from __future__ import annotations

import pytest
from examples.playing import EXAMPLES, ROOT
from PIL import Image

GAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/module.toml"))
MOST_BYTES = 600 * 1024


@pytest.mark.parametrize("game", GAMES)
def test_the_gallery_shows_the_game(game: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    still, moving = (ROOT / "docs" / "gallery" / f"{game}.{kind}" for kind in ("png", "gif"))
    assert f"docs/gallery/{still.name}" in readme
    assert f"docs/gallery/{moving.name}" in readme
    assert moving.stat().st_size < MOST_BYTES
    with Image.open(moving) as film:
        assert film.n_frames >= 12
    assert still.read_bytes() == (EXAMPLES / game / "thumbnail.png").read_bytes()
