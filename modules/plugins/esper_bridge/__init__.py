"""Run a program written for esper beside numpy systems.

The processors of an esper program run in Update, in order of their priority, in an esper world of their own; a game
that requires this module runs after them in the same phase. A game sets the program up once and links entities:

    @system(Startup)
    def begin(bridge: Mut[Esper], commands: Commands) -> None:
        bridge.keep_processors({legacy.Wander: 20, legacy.Walk: 10})
        [entity] = commands.spawn(Position(), Circle(radius=9))
        with bridge.world:
            bridge.link(esper.create_entity(legacy.Place(40, 30)), entity)

    @system(Update)
    def follow(bridge: Esper, places: Query[Mut[Position]]) -> None:
        entities, place = bridge.pairs(legacy.Place)
        found, pos = places.at(entities)
        pos.x = [each.x for each in place]

A link joins two lives: when one side dies the other is despawned within the tick.

At the end of each tick what esper holds is taken down as plain data in `EsperRecord`, a resource like any other:
rollback, snapshots, saves and `World.hash()` cover it, and esper goes back with the world. Covered are entities,
components and processors of the current esper world, by their attributes that hold numbers, text, enums, arrays, and
containers of them; not its event handlers. It costs a few microseconds for each component in each tick. The program's
classes reload in place like all code, live instances kept, as long as its files lie in the game's folder. esper keeps
its state in one place per process: two games take turns, but must not run in two threads.
"""

from .bridge import Esper, EsperRecord, Link
from .context import Context, EsperError

__all__ = ["Context", "Esper", "EsperError", "EsperRecord", "Link"]
