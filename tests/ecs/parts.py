"""Components, events and resources that the ECS tests share."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import (
    array,
    boolean,
    component,
    entity,
    event,
    f32,
    f64,
    field,
    handle,
    i32,
    resource,
    text,
    u8,
    u32,
    vec2,
    vector,
)
from engine.ecs.fields import i16, u64, vec3


class Mood(enum.Enum):
    CALM = 1
    ANGRY = 2


class Rank(enum.IntEnum):
    LOW = 1
    HIGH = 7


class Tint(enum.Flag):
    RED = 1
    BLUE = 2


@component
class Position:
    x: f32
    y: f32 = 0.0
    xy: vec2 = vector("x", "y")

    @property
    def length(self) -> Any:
        """How far from the origin, for columns and for one row alike."""
        return np.hypot(self.x, self.y)

    def shift(self, by: Any) -> None:
        self.x += by


@component
class Velocity:
    x: f32 = 0.0
    y: f32 = 0.0
    xy: vec2 = vector("x", "y")


@component
class Boid:
    """A tag."""


@component
class Label:
    text: text = "nobody"
    image: handle = "rock.png"
    mood: Mood = Mood.CALM
    rank: Rank = Rank.LOW


@component
class Kinds:
    """A field of every sort, in blocks of many dtypes."""

    yes: boolean = True
    byte: u8 = 200
    small: i16 = -5
    whole: i32 = 70_000
    color: u32 = 0xFFFFFFFF
    huge: u64 = 2**64 - 1
    fine: f64 = 0.1
    target: entity = 0
    weights: f32 = array(f32, 4, default=0.5)
    place: vec3 = (1.0, 2.0, 3.0)
    own: np.int8 = 3  # type: ignore[assignment]


@event
class Hit:
    who: entity
    x: f32 = 0.0
    by: text = "nobody"


@dataclass
class Entry:
    name: str
    points: int


@resource
class Score:
    points: int = 0
    best: float = 0.0
    names: list[str] = field(factory=list)
    table: dict[str, Any] = field(factory=dict)
    board: Any = field(factory=lambda: np.zeros((2, 3), np.float32))
    mood: Mood = Mood.CALM
    shown: int = field(default=0, hashed=False)
    entries: list[Entry] = field(factory=list)

    def add(self, points: int) -> None:
        self.points += points


@resource
class Screen(enum.Enum):
    TITLE = 1
    PLAYING = 2


@resource(transient=True)
class Cache:
    """Holds what no snapshot could."""

    def __init__(self) -> None:
        self.thing = object()
