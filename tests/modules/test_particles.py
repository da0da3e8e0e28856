"""Particles: how many are thrown, where they go, how they look, and when they are gone."""

from __future__ import annotations

import numpy as np
import pytest
from support import Call

from engine import World
from modules.core.motion import Position, Velocity
from modules.core.render import Dot, Sprite, mix
from modules.plugins.particles import Emitter, Particle, blend, puff
from modules.plugins.particles.emitters import emit
from modules.plugins.particles.flight import fade_dots, fade_sprites, fly
from modules.systems import kinematics


def run(call: Call, ticks: int) -> None:
    for _ in range(ticks):
        for system in (kinematics.move, emit, fly, fade_dots, fade_sprites):
            call(system)


def test_a_rate_is_kept_over_time_and_ends(world: World, call: Call) -> None:
    slow, fast = world.spawn(
        Position(x=[100, 500]), Emitter(rate=[10, 1000], life=50, seconds=[np.inf, 0.5], ends=[False, True])
    )
    run(call, 60)
    (pos,) = [pos for pos, _ in world.query(Position, Particle)]
    near = (pos.x < 300).sum(), (pos.x >= 300).sum()
    assert near == (pytest.approx(10, abs=1), pytest.approx(500, abs=1))
    assert world.alive([slow, fast]).tolist() == [True, False]


def test_a_puff_flies_as_told_fades_and_leaves_nothing(world: World, call: Call) -> None:
    first, last = 0xFF8000FF, 0x0000FF00
    world.spawn(
        Position(x=40, y=60),
        puff(
            5000,
            speed=120,
            speed_spread=0.5,
            angle=np.pi / 2,
            spread=0.3,
            life=1.0,
            size=8.0,
            size_end=2.0,
            color=first,
            color_end=last,
            layer=7,
            glow=True,
        ),
    )
    run(call, 1)
    assert len(world) == 5000
    ((pos, vel, particle, dot),) = world.query(Position, Velocity, Particle, Dot)
    speed, angle = np.hypot(vel.x, vel.y), np.arctan2(vel.y, vel.x)
    assert 60 <= speed.min() < 66
    assert 114 < speed.max() <= 120.01
    assert 0.28 < np.abs(angle - np.pi / 2).max() < 0.31
    run(call, 20)
    ((pos, vel, particle, dot),) = world.query(Position, Velocity, Particle, Dot)
    age = 1 - particle.left / particle.life
    assert np.allclose(dot.size, 8 - 6 * age, atol=1e-3)
    channels = np.stack([dot.color >> shift & 0xFF for shift in (24, 16, 8, 0)]).astype(int)
    exact = np.stack([mix(first, last, age) >> shift & 0xFF for shift in (24, 16, 8, 0)]).astype(int)
    assert np.abs(channels - exact).max() <= 2
    assert (np.diff(dot.layer) == 0).all()
    assert dot.glow.all()
    assert np.median(pos.y) > 85
    run(call, 45)
    assert len(world) == 0


def test_gravity_drag_images_and_the_emitters_own_way(world: World, call: Call) -> None:
    world.spawn(
        Position(), Velocity(x=300), puff(10, speed=0, carry=0.5, gravity=600, drag=0.25, life=9, image="star.png")
    )
    run(call, 1)
    ((vel, sprite),) = [(vel, sprite) for vel, sprite, _ in world.query(Velocity, Sprite, Particle)]
    assert np.allclose(vel.x, 150, rtol=0.05)
    run(call, 60)
    ((vel, sprite),) = [(vel, sprite) for vel, sprite, _ in world.query(Velocity, Sprite, Particle)]
    assert np.allclose(vel.x, 150 * 0.25, rtol=0.05)
    assert (vel.y > 200).all()
    assert set(sprite.image.tolist()) == {"star.png"}


def test_blending_is_mixing_whatever_the_channels() -> None:
    rng = np.random.default_rng(3)
    first, last = rng.integers(0, 2**32, (2, 3000), dtype=np.uint32)
    share = rng.random(3000)
    for shift in (24, 16, 8, 0):
        got = (blend(first, last, share) >> shift & 0xFF).astype(int)
        assert np.abs(got - (mix(first, last, share) >> shift & 0xFF).astype(int)).max() <= 2
    assert np.array_equal(blend(first, last, np.zeros(3000)), first)
    assert np.array_equal(blend(first, last, np.ones(3000)), last)


def test_a_hundred_thousand_fly_in_one_table(world: World, call: Call) -> None:
    world.spawn(Position(x=[100, 500]), puff([30_000, 70_000], speed=90, life=0.5, life_spread=0.9))
    run(call, 1)
    assert len(world.query(Particle)) == 100_000
    assert len(list(world.query(Particle))) == 1
    for _ in range(30):
        run(call, 1)
    assert len(world) == 0
