"""Implements core.name_here: the current carries what drifts along in a straight line."""

from engine import Mut, Query, Update, system
from modules.core.motion import Position
from modules.core.name_here import Current, Drift
from modules.core.time import Time


@system(Update)
def carry(rows: Query[Mut[Position], Drift], current: Current, time: Time) -> None:
    """Move everything that drifts."""
    for pos, drift in rows:  # one step per table, whole columns
        pos.x += drift.share * current.x * time.dt
        pos.y += drift.share * current.y * time.dt
