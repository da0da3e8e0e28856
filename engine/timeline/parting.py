"""Why a replay is not what was recorded: the system that first made a difference, and what that is.

The tick in which the two parted is run again, system by system, from the same state: here, and in other processes on
the code that was recorded. The first state that differs names the system.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.ecs.snapshot import Snapshot
from engine.errors import HotloopError
from engine.timeline.difference import Difference, differences
from engine.timeline.elsewhere import Elsewhere
from engine.timeline.fork import Fork
from engine.timeline.recording import made_by
from engine.timeline.replay import Replay

if TYPE_CHECKING:
    from engine.app import App

SHOWN = 3
HASH_SEEDS = ("0", "1")
"""Under each of these the recorded code is tried in another process."""

Trail = list[tuple[str, Snapshot]]


@dataclass(frozen=True)
class Parting:
    """Where a replay parts from its recording: tick, system, what differs there first, and what is known of why."""

    tick: int
    system: str | None
    differences: tuple[Difference, ...]
    because: str

    def __str__(self) -> str:
        lines = [f"tick {self.tick} is not as it was recorded"]
        if self.system is not None:
            lines.append(f"  after     {self.system}")
        lines += [f"  differs   {difference}" for difference in self.differences[:SHOWN]]
        if len(self.differences) > SHOWN:
            lines.append(f"            and {len(self.differences) - SHOWN} more")
        return "\n".join([*lines, f"  because   {self.because}"])


def explain_parting(app: App, replay: Replay) -> Parting:
    """Find out where an app went another way than its recording; the app's world returns to the start of that tick."""
    step = replay.parted
    assert step is not None, "there is nothing to explain"
    app.simulation.return_to_start()
    here = list(Fork(app).trail(step.events))
    because = _causes(replay)
    for there in _others(app, replay):
        found = first_difference(there, here)
        if found is not None:
            return Parting(step.tick, *found, because)
    return Parting(step.tick, None, (), _elsewhere_causes(replay))


def first_difference(there: Trail, here: Trail) -> tuple[str, tuple[Difference, ...]] | None:
    """Return the first system that left another state, and the differences; None if all are alike."""
    for (name, one), (other_name, other) in zip(there, here, strict=False):
        if name != other_name:
            return f"{name} there, {other_name} here", ()
        found = tuple(differences(one, other))
        if found:
            return name, found
    if len(there) != len(here):
        longer, where = (there, "there") if len(there) > len(here) else (here, "here")
        return f"{longer[min(len(there), len(here))][0]}, which ran {where} only", ()
    return None


def _others(app: App, replay: Replay) -> list[Trail]:
    """Return the same tick as it comes out elsewhere on the recorded code; one that comes out as recorded is first."""
    step = replay.parted
    assert step is not None
    sources, snapshot = replay.sources_at(step.tick, app.name), app.world.snapshot()
    recorded_seed = replay.recording.header.get("hash_seed", "random")
    seeds = [seed for seed in (recorded_seed,) if seed.isdigit()] + [s for s in HASH_SEEDS if s != recorded_seed]
    found: list[tuple[Trail, bool]] = [(list(Fork(app).trail(step.events)), False)]
    for seed in seeds:
        inputs = {step.tick: step.events}
        with Elsewhere(app, snapshot, sources, 1, inputs, trail=True, hash_seed=seed) as other:
            try:
                is_recorded = other.answer["hash"] == step.hash
                found.append((other.trail(), is_recorded))
            except HotloopError:  # what was recorded does not run here: then it cannot be asked
                continue
            if is_recorded:
                break
    return [trail for trail, _ in sorted(found, key=lambda pair: not pair[1])]


def _elsewhere_causes(replay: Replay) -> str:
    """Say what is left where running again makes no difference."""
    then, now = replay.recording.header.get("made_by", {}), made_by()
    other = [f"{name} ({then[name]} there, {now[name]} here)" for name in now if then.get(name, now[name]) != now[name]]
    if other:
        return f"it was recorded with another {', '.join(other)}"
    return "it comes out the same whenever it is run again: what differed lay before this tick, outside the world"


def _causes(replay: Replay) -> str:
    if replay.foreign:
        names = ", ".join(replay.foreign)
        return f"{names} {'is' if len(replay.foreign) == 1 else 'are'} not as recorded"
    return "the same code, run again, comes out in another way: something outside the world decides"
