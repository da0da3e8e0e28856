"""Who reads what: from a module's name to the statements that read it while they run."""

from __future__ import annotations

from engine.reload.state import Key, State


class Readers:
    """The statements that read a key, directly or through functions they call."""

    def __init__(self) -> None:
        self._by_key: dict[Key, dict[State, None]] = {}

    def link(self, state: State, keys: tuple[Key, ...] | None = None) -> None:
        """Enter a statement under all it reads."""
        for key in keys_of(state) if keys is None else keys:
            self._by_key.setdefault(key, {})[state] = None

    def unlink(self, state: State, keys: tuple[Key, ...] | None = None) -> None:
        """Take a statement out."""
        for key in keys_of(state) if keys is None else keys:
            row = self._by_key.get(key)
            if row is not None:
                row.pop(state, None)
                if not row:
                    del self._by_key[key]

    def of(self, key: Key) -> list[State]:
        """Return the statements that read a key."""
        return list(self._by_key.get(key, ()))


def keys_of(state: State) -> tuple[Key, ...]:
    """Return all that a statement reads."""
    return (*state.direct, *state.reached, *state.handed)
