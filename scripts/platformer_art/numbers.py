"""Sizes that pictures and maps of the platformer agree on, in pixels."""

TILE = 48
CANVAS_WIDTH, CANVAS_HEIGHT = 960, 540
BACKDROP_WIDTH = 1280
