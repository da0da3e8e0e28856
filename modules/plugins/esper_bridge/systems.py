"""When the esper program runs and when the dead are settled."""

from engine import Commands, Mut, PostUpdate, PreUpdate, Shutdown, Update, World, system

from .bridge import Esper, EsperRecord


@system(PreUpdate)
def follow(bridge: Mut[Esper], noted: Mut[EsperRecord]) -> None:
    """Let the esper program go back with the world."""
    bridge.follow(noted)


@system(Update)
def process(bridge: Mut[Esper], world: World, commands: Commands) -> None:
    """Run the processors, none of which meets an esper entity whose partner is dead."""
    commands.despawn(bridge.settle(world.alive))
    bridge.process()


@system(PostUpdate)
def bury(bridge: Mut[Esper], world: World, commands: Commands) -> None:
    """Despawn what died in Update, on either side."""
    commands.despawn(bridge.settle(world.alive))


@system(PostUpdate)
def note(bridge: Mut[Esper], noted: Mut[EsperRecord]) -> None:
    """Take down what the program holds at the end of the tick."""
    bridge.note(noted)


@system(Shutdown)
def close(bridge: Mut[Esper]) -> None:
    """Delete the esper worlds of this program."""
    bridge.world.close()
