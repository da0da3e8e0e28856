"""The contract: what drifts, and the current it drifts in. How it does is for an implementation to say."""

from engine import component, f32, resource


@component
class Drift:
    """Let the current carry an entity; 1 is at full speed."""

    share: f32 = 1.0


@resource
class Current:
    """Where the current flows, in units a second."""

    x: float = 30.0
    y: float = 0.0
