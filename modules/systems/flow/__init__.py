"""Changes the states of a game at the start of a tick, and despawns what was to stay until then."""

from __future__ import annotations

import enum
from typing import Any

from engine import Commands, Entity, HotloopError, Mut, PreUpdate, Query, Send, World, system
from modules.core.flow import Entered, Flow, Left, Until


@system(PreUpdate)
def change(
    flow: Mut[Flow],
    world: World,
    bound: Query[Entity, Until],
    commands: Commands,
    entered: Send[Entered],
    left: Send[Left],
) -> None:
    """Carry out what `Flow.go` asked for, and tell of each state entered and left."""
    states = _states(world)
    wanted, flow.wanted = dict(flow.wanted), {}
    for name, member in wanted.items():
        if name not in states:
            raise HotloopError(
                f"{name}.{member} cannot be entered",
                where="Flow.go",
                why=f"no enum called {name} is a state of this game",
                remedy="put @state on the enum, at the top level of a file of the game",
                name=name,
            )
        world.set_resource(states[name], states[name][member])
    for name, cls in states.items():
        present: Any = world.resource(cls)
        _tell(name, present.name, flow, bound, commands, entered, left)


def _tell(
    name: str,
    member: str,
    flow: Flow,
    bound: Query[Entity, Until],
    commands: Commands,
    entered: Send[Entered],
    left: Send[Left],
) -> None:
    """Send the events of a change, the first state's included, and despawn what was bound to the state left."""
    before = flow.present.get(name)
    if before == member:
        return
    flow.present = {**flow.present, name: member}
    if before is not None:
        left.send(state=f"{name}.{before}")
        for entity, until in bound:
            commands.despawn(entity[until.state == f"{name}.{before}"])
    entered.send(state=f"{name}.{member}")


def _states(world: World) -> dict[str, type[enum.Enum]]:
    """Return the enums that are resources of this world, by their plain names."""
    classes = (info.cls for info in world.resources.values())
    found = {cls.__name__: cls for cls in classes if cls is not None and issubclass(cls, enum.Enum)}
    return dict(sorted(found.items()))
