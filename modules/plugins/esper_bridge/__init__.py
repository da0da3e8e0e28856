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

What esper holds is transient. Rollback, snapshots, saves and `World.hash()` do not cover its entities, components and
processors: after a rollback they stay as the failed tick left them, and after a restore in a new process they are
gone, so that `Esper.once` runs the set-up again. Its program's classes reload in place like all code, live instances
kept, as long as its files lie in the game's folder. esper keeps its state in one place per process: two games take
turns, but must not run in two threads.
"""

from .bridge import Esper, Link
from .context import Context, EsperError

__all__ = ["Context", "Esper", "EsperError", "Link"]
