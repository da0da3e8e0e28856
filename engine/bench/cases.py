"""The cases of the suites, after those of other ECS benchmarks: ecs_bench_suite of Rust and noctjs' of JavaScript."""

from __future__ import annotations

from dataclasses import dataclass

TABLES = 26
"""How many tables the fragmented cases spread their entities over."""
INVERSIONS = 100
"""How often heavy_compute inverts each matrix."""
TURNOVER = 0.02
"""The part of the entities that churn replaces in every tick."""


@dataclass(frozen=True)
class Case:
    """A case of a suite: what is done, at which sizes, and how many things one step does at a size.

    `each` is the number of entities, calls or systems in a step for every one of the size, `fixed` their number
    whatever the size; a figure is time divided by that. `unit` says what the figure is, `quick` the sizes of
    a quick run.
    """

    name: str
    suite: str
    sizes: tuple[int, ...]
    says: str
    unit: str = "ns/entity"
    each: int = 1
    fixed: int = 0
    quick: tuple[int, ...] = ()

    def count(self, size: int) -> int:
        """Return how many things a step does."""
        return self.fixed or size * self.each

    def chosen(self, quick: bool) -> tuple[int, ...]:
        """Return the sizes of a full or a quick run."""
        return (self.quick or self.sizes) if quick else self.sizes


MOVEMENT = (1, 10, 30, 100, 1_000, 10_000, 100_000, 1_000_000, 4_000_000)
LARGE = (100_000, 1_000_000)

CASES = (
    Case("simple_insert", "ecs", (10_000,), "create entities of four components with 3 to 16 floats, in one call "
         "where there is one"),
    Case("simple_iter", "ecs", (10_000,), "position += velocity, three fields"),
    Case("packed_5", "ecs", (1_000,), "five systems, each negates one of five components", each=5),
    Case("frag_iter", "ecs", (20, 1_000), "negate a component that 26 tables share, so many rows each", each=TABLES),
    Case("heavy_compute", "ecs", (1_000,), "invert a 4 x 4 matrix a hundred times, then transform a position",
         quick=(50,)),
    Case("schedule", "ecs", (10_000,), "three systems that swap two components, over four tables", each=6,
         quick=(1_000,)),
    Case("batch_spawn", "ecs", (10_000,), "spawn with two components through commands, one call"),
    Case("batch_despawn", "ecs", (10_000,), "despawn them, one call"),
    Case("batch_insert", "ecs", (10_000,), "add a component to all, one call"),
    Case("batch_remove", "ecs", (10_000,), "remove it from all, one call"),
    Case("entity_cycle", "ecs", (1_000,), "spawn one entity for each, despawn all that were spawned"),
    Case("add_remove", "ecs", (10_000,), "add a component to all, remove it from all", quick=(1_000,)),
    Case("single_spawn", "ecs", (10_000,), "spawn with two components, a call for each", "ns/call", quick=(1_000,)),
    Case("single_despawn", "ecs", (10_000,), "despawn, a call for each", "ns/call", quick=(1_000,)),
    Case("single_insert", "ecs", (10_000,), "add a component, a call for each", "ns/call", quick=(1_000,)),
    Case("single_remove", "ecs", (10_000,), "remove a component, a call for each", "ns/call", quick=(1_000,)),
    Case("single_access", "ecs", (10_000,), "add 1 to one field of one entity, a call for each", "ns/call",
         quick=(1_000,)),
    Case("movement", "ecs", MOVEMENT, "position += velocity * dt, two fields", quick=(1, 10, 100, 1_000, 10_000)),
    Case("memory", "ecs", LARGE, "resident memory of two components with two floats", "bytes/entity",
         quick=(100_000,)),
    Case("churn", "frame", (10_000, 100_000), "movement, and 2 % despawned and spawned", quick=(10_000,)),
    Case("replace_one", "frame", (10_000, 100_000), "movement, and one entity despawned and spawned",
         quick=(10_000,)),
    Case("random_access", "frame", (10_000,), "add 1 to one field of so many entities, picked at random of ten times "
         "as many"),
    Case("events", "frame", (100_000,), "send and read so many events of two floats", "ns/event", quick=(10_000,)),
    Case("empty_systems", "frame", (1, 10, 100, 1_000), "systems whose query matches nothing", "ns/system"),
    Case("bystanders", "frame", (0, 100, 1_000, 10_000, 100_000, 1_000_000), "movement of 1,000 beside others, in "
         "tables that it does not match", fixed=1_000, quick=(0, 100, 10_000)),
    Case("snapshot", "snapshot", LARGE, "copy ten float columns into an older snapshot", "ns/entity",
         quick=(100_000,)),
    Case("restore", "snapshot", LARGE, "copy them back", "ns/entity", quick=(100_000,)),
    Case("hash", "snapshot", LARGE, "digest them", "ns/entity", quick=(100_000,)),
)  # fmt: skip


def cases_of(suite: str) -> list[Case]:
    """Return the cases of a suite."""
    return [case for case in CASES if case.suite == suite]
