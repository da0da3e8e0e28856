"""When the esper program runs and when the dead are settled."""

from engine import Commands, Mut, PostUpdate, Shutdown, Update, World, system

from .bridge import Esper


@system(Update)
def process(bridge: Mut[Esper], world: World, commands: Commands) -> None:
    """Run the processors, none of which meets an esper entity whose partner is dead."""
    commands.despawn(bridge.settle(world.alive))
    bridge.process()


@system(PostUpdate)
def bury(bridge: Mut[Esper], world: World, commands: Commands) -> None:
    """Despawn what died in Update, on either side."""
    commands.despawn(bridge.settle(world.alive))


@system(Shutdown)
def close(bridge: Mut[Esper]) -> None:
    """Delete the esper worlds of this program."""
    bridge.world.close()
