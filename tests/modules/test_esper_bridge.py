"""The esper bridge by itself: worlds of its own, processors, handlers and links."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import esper
import numpy as np
import pytest

from modules.plugins.esper_bridge import Context, Esper, EsperError, Link


@dataclass
class Place:
    x: float = 0.0


@dataclass
class Name:
    name: str = ""


class Recorder(esper.Processor):
    """Append the letter of its class to a list."""

    letter = "?"

    def __init__(self, said: list[str]) -> None:
        self.said = said

    def process(self, *arguments: Any) -> None:
        self.said.append(self.letter + "".join(str(a) for a in arguments))


class First(Recorder):
    letter = "a"
    priority = 30


class Second(Recorder):
    letter = "b"
    priority = 20


class Third(Recorder):
    letter = "c"
    priority = 10


class Quiet(esper.Processor):
    def process(self) -> None:
        pass


class Loud(esper.Processor):
    def process(self) -> None:
        pass


@pytest.fixture(autouse=True)
def same_esper_worlds() -> Iterator[None]:
    """Every test leaves esper with the worlds it found, and in the same one."""
    before = (esper.current_world, set(esper.list_worlds()))
    yield
    gc.collect()
    assert (esper.current_world, set(esper.list_worlds())) == before


@pytest.fixture
def bridge() -> Iterator[Esper]:
    bridge = Esper()
    yield bridge
    bridge.world.close()


def everyone_alive(entities: Any) -> Any:
    return np.ones(len(entities), bool)


def test_processors_run_in_the_order_of_the_priority_their_class_declares(bridge: Esper) -> None:
    said: list[str] = []
    for processor in (Third(said), First(said), Second(said)):
        bridge.add_processor(processor)
    bridge.process()
    assert said == ["a", "b", "c"]


def test_a_given_priority_wins_over_the_declared_one(bridge: Esper) -> None:
    said: list[str] = []
    bridge.add_processor(First(said))
    bridge.add_processor(Third(said), 40)
    bridge.process()
    assert said == ["c", "a"]


def test_arguments_reach_every_processor(bridge: Esper) -> None:
    said: list[str] = []
    bridge.arguments = (5,)
    bridge.add_processor(First(said))
    bridge.process()
    assert said == ["a5"]


def test_a_removed_processor_runs_no_more(bridge: Esper) -> None:
    said: list[str] = []
    bridge.add_processor(First(said))
    bridge.remove_processor(First)
    bridge.remove_processor(First)
    bridge.process()
    assert said == []


def test_kept_processors_follow_the_mapping_and_their_instances_stay(bridge: Esper) -> None:
    bridge.keep_processors({Quiet: 2})
    with bridge.world:
        quiet = esper.get_processor(Quiet)
    bridge.keep_processors({Quiet: 1, Loud: 3})
    with bridge.world:
        assert esper.get_processor(Quiet) is quiet
        assert [type(p).__name__ for p in esper._processors] == ["Loud", "Quiet"]
    bridge.keep_processors({Loud: 3})
    with bridge.world:
        assert [type(p).__name__ for p in esper._processors] == ["Loud"]


def test_kept_processors_leave_those_alone_that_were_added_otherwise(bridge: Esper) -> None:
    said: list[str] = []
    bridge.add_processor(First(said))
    bridge.keep_processors({Quiet: 1})
    bridge.keep_processors({})
    bridge.process()
    assert said == ["a"]


def test_two_programs_share_nothing(bridge: Esper) -> None:
    other = Esper()
    with bridge.world:
        mine = esper.create_entity(Place(1))
    with other.world:
        assert esper.get_component(Place) == []
        esper.create_entity(Place(2))
    with bridge.world:
        assert esper.get_component(Place) == [(mine, Place(1))]
    other.world.close()


def test_programs_may_be_entered_inside_each_other(bridge: Esper) -> None:
    other = Esper()
    with bridge.world:
        with other.world:
            esper.create_entity(Place(2))
            with bridge.world:
                esper.create_entity(Place(1))
            assert [place.x for _, place in esper.get_component(Place)] == [2]
        assert [place.x for _, place in esper.get_component(Place)] == [1]
    other.world.close()


def test_the_world_from_before_comes_back_after_an_exception(bridge: Esper) -> None:
    class Broken(esper.Processor):
        def process(self) -> None:
            raise ValueError("on purpose")

    bridge.add_processor(Broken())
    before = esper.current_world
    with pytest.raises(ValueError, match="on purpose"):
        bridge.process()
    assert esper.current_world == before


def test_a_program_that_switches_worlds_is_followed(bridge: Esper) -> None:
    said: list[str] = []

    class ToMenu(esper.Processor):
        def process(self) -> None:
            esper.switch_world("a menu of its own")
            esper.add_processor(First(said))

    bridge.add_processor(ToMenu())
    before = esper.current_world
    bridge.process()
    assert esper.current_world == before
    bridge.process()
    assert said == ["a"]
    bridge.world.close()
    assert "a menu of its own" not in esper.list_worlds()


def test_a_switch_inside_a_nested_use_is_followed_too(bridge: Esper) -> None:
    with bridge.world:
        with bridge.world:
            esper.switch_world("a cellar")
        esper.create_entity(Place(3))
    with bridge.world:
        assert esper.current_world == "a cellar"
        assert [place.x for _, place in esper.get_component(Place)] == [3]


def test_a_program_cannot_take_the_world_of_another(bridge: Esper) -> None:
    other = Esper()
    with pytest.raises(EsperError, match="belongs to another program") as caught, bridge.world:
        esper.switch_world(other.world.name)
    assert caught.value.context is bridge.world  # type: ignore[attr-defined]
    with bridge.world:
        assert esper.current_world == bridge.world.name != other.world.name
    other.world.close()


def test_closing_deletes_the_worlds_and_a_closed_one_says_so(bridge: Esper) -> None:
    with bridge.world:
        esper.create_entity(Place())
    bridge.world.close()
    bridge.world.close()
    assert bridge.world.closed
    assert bridge.world.name not in esper.list_worlds()
    with pytest.raises(EsperError, match="is closed"):
        bridge.process()


def test_closing_inside_goes_back_to_where_it_came_from() -> None:
    world = Context()
    before = esper.current_world
    with world:
        world.close()
    assert esper.current_world == before


def test_a_dropped_program_takes_its_worlds_along() -> None:
    name = Esper().world.name
    gc.collect()
    assert name not in esper.list_worlds()


class Listener:
    def __init__(self, heard: list[str]) -> None:
        self.heard = heard

    def hear(self, what: str) -> None:
        self.heard.append(what)


def test_event_handlers_work_and_can_be_removed(bridge: Esper) -> None:
    heard: list[str] = []
    listener = Listener(heard)

    def overhear(what: str) -> None:
        heard.append(what.upper())

    with bridge.world:
        esper.set_handler("call", listener.hear)
        esper.set_handler("call", overhear)
    esper.dispatch_event("call", "from outside")
    with bridge.world:
        esper.dispatch_event("call", "one")
    assert sorted(heard) == ["ONE", "one"]
    with bridge.world:
        esper.remove_handler("call", overhear)
        esper.dispatch_event("call", "two")
    assert heard[2:] == ["two"]


def test_a_handler_that_dies_while_another_world_is_current_does_no_harm(
    bridge: Esper, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaints: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    listener = Listener([])
    with bridge.world:
        esper.set_handler("call", listener.hear)
    del listener
    gc.collect()
    with bridge.world:
        esper.dispatch_event("call", "anyone")
        assert "call" not in esper.event_registry
    assert complaints == []


def test_an_entity_deleted_twice_does_not_stop_the_program(bridge: Esper) -> None:
    said: list[str] = []
    bridge.add_processor(First(said))
    with bridge.world:
        one = esper.create_entity(Place())
        esper.delete_entity(one)
        esper.delete_entity(one, immediate=True)
    bridge.process()
    bridge.process()
    assert said == ["a", "a"]


def test_set_up_runs_once(bridge: Esper) -> None:
    def setup(count: int) -> None:
        for _ in range(count):
            esper.create_entity(Place())

    assert bridge.once(setup, 3)
    assert not bridge.once(setup, 3)
    with bridge.world:
        assert len(esper.get_component(Place)) == 3


def test_set_up_that_failed_runs_again(bridge: Esper) -> None:
    tries: list[int] = []

    def setup() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("not yet")

    with pytest.raises(ValueError, match="not yet"):
        bridge.once(setup)
    assert bridge.once(setup)


def linked(bridge: Esper, *entities: int) -> list[int]:
    with bridge.world:
        numbers = [esper.create_entity(Place(float(entity))) for entity in entities]
    for number, entity in zip(numbers, entities, strict=True):
        bridge.link(number, entity)
    return numbers


def test_links_are_seen_from_both_sides(bridge: Esper) -> None:
    one, two = linked(bridge, 70, 80)
    assert (bridge.partner(one), bridge.partner(two), bridge.partner(99)) == (70, 80, None)
    entities, places = bridge.pairs(Place)
    assert entities.dtype == np.uint64
    assert (entities.tolist(), [place.x for place in places]) == ([70, 80], [70.0, 80.0])
    with bridge.world:
        assert esper.component_for_entity(one, Link).entity == 70


def test_those_without_a_partner_are_listed(bridge: Esper) -> None:
    linked(bridge, 70)
    with bridge.world:
        lone = esper.create_entity(Place(5))
        esper.create_entity(Name("no place"))
    assert bridge.unlinked(Place) == [(lone, Place(5))]


def test_pairs_leave_out_what_is_dead_or_lacks_the_component(bridge: Esper) -> None:
    one, two, three = linked(bridge, 70, 80, 90)
    with bridge.world:
        esper.delete_entity(one)
        esper.remove_component(two, Place)
    entities, places = bridge.pairs(Place)
    assert (entities.tolist(), len(places)) == ([90], 1)
    assert bridge.partner(three) == 90


def test_a_death_on_the_esper_side_is_reported_until_the_partner_is_dead(bridge: Esper) -> None:
    one, _ = linked(bridge, 70, 80)
    with bridge.world:
        esper.delete_entity(one)
    assert bridge.settle(everyone_alive).tolist() == [70]
    assert bridge.settle(everyone_alive).tolist() == [70]
    assert bridge.settle(lambda ids: ids != 70).tolist() == []
    assert bridge.settle(everyone_alive).tolist() == []


def test_a_death_on_our_side_deletes_the_esper_entity(bridge: Esper) -> None:
    one, two = linked(bridge, 70, 80)
    assert bridge.settle(lambda ids: ids != 80).tolist() == []
    with bridge.world:
        assert (esper.entity_exists(one), esper.entity_exists(two)) == (True, False)
    bridge.process()


def test_an_unlinked_pair_dies_alone(bridge: Esper) -> None:
    one, two = linked(bridge, 70, 80)
    bridge.unlink(one)
    bridge.unlink(one)
    assert bridge.settle(lambda ids: np.zeros(len(ids), bool)).size == 0
    with bridge.world:
        assert (esper.entity_exists(one), esper.entity_exists(two)) == (True, False)
        assert not esper.has_component(one, Link)


def test_linking_anew_replaces_the_earlier_link(bridge: Esper) -> None:
    [one] = linked(bridge, 70)
    bridge.link(one, 71)
    assert bridge.settle(lambda ids: ids != 70).size == 0
    assert bridge.partner(one) == 71


def test_numbers_given_out_again_are_not_taken_for_the_linked_entity(bridge: Esper) -> None:
    [one] = linked(bridge, 70)
    with bridge.world:
        esper.clear_database()
        assert esper.create_entity(Place()) == one
    assert bridge.partner(one) is None
    assert bridge.settle(everyone_alive).tolist() == [70]


def test_linking_what_does_not_exist_is_refused(bridge: Esper) -> None:
    with pytest.raises(EsperError, match="does not exist in this esper world"):
        bridge.link(12, 70)
    assert bridge.settle(everyone_alive).size == 0


def test_links_of_a_world_the_program_left_stay(bridge: Esper) -> None:
    [one] = linked(bridge, 70)
    first = bridge.world.name
    with bridge.world:
        esper.switch_world("elsewhere")
    assert bridge.settle(everyone_alive).size == 0
    with bridge.world:
        esper.switch_world(first)
    assert bridge.partner(one) == 70
