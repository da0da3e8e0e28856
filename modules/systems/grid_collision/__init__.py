"""Stops moving bodies at walls, then tells which bodies touch; both after movement, whole columns at a time."""

from __future__ import annotations

from .slide import slide
from .touch import touch

__all__ = ["slide", "touch"]
