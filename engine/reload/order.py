"""The order in which modules load, and the cycle that makes one impossible."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

from engine.errors import ResolveError
from engine.reload.manifest import ROOMS


def load_order(
    requires: Mapping[str, set[str]],
    implementations: Mapping[str, str],
    describe: Callable[[str, str], str],
) -> list[str]:
    """Order modules so that each comes after what it requires.

    An implementation comes directly after its contract and before all others that require the contract, wherever
    what the implementation itself requires allows it. Ties go by room, inner rooms first, then by name. A cycle
    raises `ResolveError` and names it link by link, in the words of `describe(asker, required)`.
    """
    check_acyclic(requires, describe)
    graph = _Graph(sorted(requires))
    for name in sorted(requires):
        for other in sorted(requires[name]):
            graph.put_before(other, name)
    for contract, name in sorted(implementations.items()):
        for other in sorted(requires):
            if contract in requires[other] and other != name:
                graph.put_before(name, other)
    for contract, name in sorted(implementations.items()):
        for other in sorted(requires[name] - {contract}):
            graph.put_before(other, contract)  # so that nothing is left to load between the two
    return _sorted(graph, implementations)


def check_acyclic(requires: Mapping[str, set[str]], describe: Callable[[str, str], str]) -> None:
    """Raise `ResolveError` naming the first cycle found, going through the modules by name."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> None:
        if name in path:
            cycle = [*path[path.index(name) :], name]
            links = ", ".join(describe(a, b) for a, b in pairwise(cycle))
            raise ResolveError(
                f"modules require each other: {' -> '.join(cycle)}",
                why=links,
                remedy="move what both need into a module of its own that both require",
                cycle=cycle,
            )
        if name not in done:
            for other in sorted(requires[name]):
                visit(other, [*path, name])
            done.add(name)

    for name in sorted(requires):
        visit(name, [])


class _Graph:
    """A graph that stays without cycles: an edge that would close one is left out.

    `after[name]` holds, as a bit set, all that comes after it by any path, so that each check is one bit test.
    """

    def __init__(self, names: list[str]) -> None:
        self.bit = {name: 1 << i for i, name in enumerate(names)}
        self.after = dict.fromkeys(names, 0)
        self.before: dict[str, set[str]] = {name: set() for name in names}

    def put_before(self, first: str, second: str) -> None:
        if first == second or self.after[second] & self.bit[first]:
            return
        self.before[second].add(first)
        gained = self.after[second] | self.bit[second]
        for name in self.after:
            if name == first or self.after[name] & self.bit[first]:
                self.after[name] |= gained


def _sorted(graph: _Graph, implementations: Mapping[str, str]) -> list[str]:
    """Sort by the edges; of those that could come next, the last contract's implementation goes first."""
    order: list[str] = []
    waiting = {name: set(before) for name, before in graph.before.items()}
    while waiting:
        ready = [name for name, before in waiting.items() if not before]
        due = implementations.get(order[-1]) if order else None
        following = due if due in ready else min(ready, key=_rank)
        assert following is not None
        order.append(following)
        del waiting[following]
        for before in waiting.values():
            before.discard(following)
    return order


def _rank(name: str) -> tuple[int, str]:
    return ROOMS.index(name.partition(".")[0]), name
