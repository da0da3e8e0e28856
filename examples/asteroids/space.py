"""Space: a field whose edges meet."""

import numpy as np

from engine import Mut, Query, Update, component, f32, system
from modules.core.motion import Position, teleport

from . import HEIGHT, WIDTH


@component
class Wrap:
    """Come back on the other side once `margin` pixels past an edge."""

    margin: f32 = 0.0


@system(Update)
def wrap(things: Query[Mut[Position], Wrap]) -> None:
    """Let whatever leaves on one side come in on the other."""
    for pos, edge in things:
        wide, high = WIDTH + 2 * edge.margin, HEIGHT + 2 * edge.margin
        across, down = np.floor((pos.x + edge.margin) / wide), np.floor((pos.y + edge.margin) / high)
        left = (across != 0) | (down != 0)
        if left.any():
            pos.x -= across * wide
            pos.y -= down * high
            teleport(pos, left)
