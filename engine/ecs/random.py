"""Random streams: one per name, seeded from the world's seed and part of its state."""

from __future__ import annotations

from typing import Any

import numpy as np
import xxhash

from engine.errors import HotloopError

State = tuple[int, int, int, int]


class Random(np.random.Generator):
    """A stream of random numbers with all methods of `numpy.random.Generator`, drawn the same for the same seed."""

    start: State
    """The state before anything was drawn, as `get_state` returns it."""

    def spawn(self, n_children: int) -> Any:
        """Refuse: a stream made this way would be no part of the world."""
        raise HotloopError(
            "a random stream has no children here", remedy="ask the world for another: world.random(name)"
        )


def make_stream(seed: int, name: str) -> Random:
    """Return the stream of a name at its start."""
    key = xxhash.xxh3_64_intdigest(name.encode("utf-8", "surrogatepass"))
    stream = Random(np.random.PCG64(np.random.SeedSequence([abs(seed), int(seed < 0), key])))
    stream.start = get_state(stream)
    return stream


def get_state(stream: Random) -> State:
    """Return a stream's state: PCG64's two numbers, and whether half a draw is kept, and which."""
    state: Any = stream.bit_generator.state
    return state["state"]["state"], state["state"]["inc"], state["has_uint32"], state["uinteger"]


def set_state(stream: Random, state: State) -> None:
    """Put a stream into a state that `get_state` returned."""
    stream.bit_generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": state[0], "inc": state[1]},
        "has_uint32": state[2],
        "uinteger": state[3],
    }
