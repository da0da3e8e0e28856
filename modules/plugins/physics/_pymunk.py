"""pymunk, or word of how to get it."""

from __future__ import annotations

from engine import HotloopError

try:
    import pymunk
    from pymunk import batch
except ImportError as error:
    raise HotloopError(
        "plugins.physics needs pymunk", why=str(error), remedy='install it: pip install "hotloop[physics]"'
    ) from error

__all__ = ["batch", "pymunk"]
