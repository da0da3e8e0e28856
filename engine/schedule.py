"""The order of the systems of one world: phases, calls, faults and timing.

Order is phase, then module order, then file in path order, then declaration order. The schedule is replaced as a
whole: `plan` binds everything that is new and may refuse, `commit` only swaps lists.
"""

from __future__ import annotations

import dis
import traceback
import typing
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter
from typing import Any, Protocol

from engine.binding import Binding, Parameter, bind, check_access, evidence_of, is_same, read_parameters, where_is
from engine.clock import Time
from engine.ecs.component import qualified_name
from engine.ecs.events import Events
from engine.ecs.terms import DataTerm
from engine.ecs.world import World
from engine.errors import DeadlineError, ScheduleError, describe
from engine.marks import Phase, SystemMark, resource

SIMULATION = (Phase.PreUpdate, Phase.Update, Phase.PostUpdate)


@resource
class Started:
    """The Startup systems that have run in this world, so that none runs twice, nor after a restore."""

    names: list  # type: ignore[type-arg]

    @classmethod
    def make(cls, world: World) -> Started:
        """Make the record of a new world."""
        return cls(names=[])


@dataclass(frozen=True)
class Declared:
    """A marked system as the scan of a module found it, in its place in the order."""

    function: Callable[..., Any]
    mark: SystemMark
    module: str

    @cached_property
    def name(self) -> str:
        """The qualified name, by which everything about the system is kept."""
        return qualified_name(self.function)

    @cached_property
    def sources(self) -> frozenset[str]:
        """The Python names of the modules that the system's function and condition are of."""
        functions = [one for one in (self.function, self.mark.when) if one is not None]
        spaces = [getattr(one, "__globals__", {}) for one in functions]
        return frozenset([*(str(one.__module__) for one in functions), *(str(s.get("__name__")) for s in spaces)])


class Running(Protocol):
    """What a deadline is set to: a system, or an edit while its code is executed."""

    @property
    def name(self) -> str:
        """What it is called in a message."""
        ...


class SystemFault(Exception):
    """A system raised, or ran past its deadline; `system` and `cause` tell which and what.

    `at` is where it was interrupted, for one that caught the interruption; `left` names what it changed that no
    snapshot covers.
    """

    def __init__(self, system: System, cause: BaseException, at: tuple[str, int] | None = None) -> None:
        self.system, self.cause, self.at = system, cause, at
        self.left: list[str] = []
        super().__init__(f"{system.name}: {describe(cause)}")

    @property
    def place(self) -> tuple[str, int]:
        """The file and line to look at: the innermost frame of the game or of the system's file, else its head.

        A plugin's system may call what the game gave it, as the bridge to esper does with processors.
        """
        code = self.system.function.__code__
        for frame, line in reversed(list(traceback.walk_tb(self.cause.__traceback__))):
            owner = str(frame.f_globals.get("__qualified__", "")).partition(".")[0]
            if owner == "app" or frame.f_code.co_filename == code.co_filename:
                return frame.f_code.co_filename, line
        return self.at or (code.co_filename, code.co_firstlineno)

    def place_in(self, files: Collection[str]) -> tuple[str, int]:
        """Return the innermost frame in one of these files, as of an edit that did it; else `place`."""
        for frame, line in reversed(list(traceback.walk_tb(self.cause.__traceback__))):
            if frame.f_code.co_filename in files:
                return frame.f_code.co_filename, line
        return self.place


@dataclass(slots=True)
class System:
    """A system in its place: what it is bound to, and what it has done so far.

    `calls` and `seconds` are counted since the world began, `version` since the system was first loaded. `fault` is
    set while the system is paused because of it.
    """

    declared: Declared
    parameters: tuple[Parameter, ...]
    binding: Binding
    condition: Callable[[], Any] | None = None
    evidence: tuple[object, ...] = ()
    calls: int = 0
    seconds: float = 0.0
    version: int = 1
    fault: SystemFault | None = None
    name: str = field(init=False)
    function: Callable[..., Any] = field(init=False)

    def __post_init__(self) -> None:
        self.name, self.function = self.declared.name, self.declared.function

    @property
    def phase(self) -> Phase:
        """The phase it runs in."""
        return self.declared.mark.phase

    @property
    def where(self) -> str:
        """`file:line` of its declaration."""
        return where_is(self.function)


@dataclass
class Plan:
    """A schedule that is bound and checked but does not run yet."""

    systems: dict[str, System]
    added: list[str]
    removed: list[str]
    changed: list[str]


@dataclass
class Schedule:
    """The systems of one world in the order they run.

    `running` is what runs now, or None; a deadline looks at it, and sets `overdue` to what it interrupted and
    `overdue_at` to the place, so that a system that swallowed the interruption is still at fault. `answering` holds
    the handlers that `deliver` has called, which count as systems when they fail.
    """

    world: World
    bus: Any = None
    systems: dict[str, System] = field(default_factory=dict)
    answering: dict[str, System] = field(default_factory=dict)
    running: Running | None = None
    overdue: Running | None = None
    overdue_at: tuple[str, int] | None = None
    _phases: dict[Phase, list[System]] = field(default_factory=lambda: {phase: [] for phase in Phase})
    _startup: list[System] = field(default_factory=list)
    _simulation: list[list[System]] = field(default_factory=list)

    def __iter__(self) -> Iterator[System]:
        for phase in Phase:
            yield from self._phases[phase]

    def everything(self) -> Iterator[System]:
        """Go through the systems, then the handlers that have been called for the loop."""
        yield from self
        yield from self.answering.values()

    def plan(self, declared: Iterable[Declared], touched: Collection[str] | None = None) -> Plan:
        """Bind and check the declared systems without touching what runs.

        Systems whose function and signature are as before keep their binding and counters. With `touched`, the
        Python names of the modules that an edit has changed, those of others are taken as they are. Raises
        `ScheduleError` or `QueryError`; nothing has happened then.
        """
        systems: dict[str, System] = {}
        changed = []
        for one in declared:
            if one.name in systems:
                raise ScheduleError(
                    f"two systems are called {one.name}",
                    where=where_is(one.function),
                    remedy="rename one of them",
                    function=one.function,
                )
            systems[one.name], is_changed = self._prepare(one, touched)
            if is_changed:
                changed.append(one.name)
        added = [name for name in systems if name not in self.systems]
        removed = [name for name in self.systems if name not in systems]
        return Plan(systems, added, removed, changed)

    def _prepare(self, declared: Declared, touched: Collection[str] | None) -> tuple[System, bool]:
        old = self.systems.get(declared.name)
        is_untouched = touched is not None and declared.sources.isdisjoint(touched)
        if old is not None and old.declared is declared and is_untouched:
            return old, False
        evidence = _evidence(declared)
        if old is not None and old.declared == declared and is_same(old.evidence, evidence):
            return old, False
        parameters = read_parameters(declared.function)
        check_access(parameters, declared.function, declared.mark.phase)
        if old is None or old.parameters != parameters or old.phase is not declared.mark.phase:
            binding = self._bind(parameters, declared)
        else:
            binding = old.binding
        system = System(declared, parameters, binding, self._condition(declared), evidence)
        if old is not None:
            system.calls, system.seconds, system.version, system.fault = (
                old.calls,
                old.seconds,
                old.version + 1,
                old.fault,
            )
        return system, old is not None

    def _bind(self, parameters: tuple[Parameter, ...], declared: Declared) -> Binding:
        render = declared.mark.phase is Phase.Render
        return bind(parameters, declared.name, self.world, self.bus, render=render)

    def _condition(self, declared: Declared) -> Callable[[], Any] | None:
        when = declared.mark.when
        if when is None:
            return None
        parameters = read_parameters(when)
        check_access(parameters, when, Phase.Render)
        binding = bind(parameters, qualified_name(when), self.world, self.bus)
        return lambda: when(*binding.fill())

    def commit(self, plan: Plan) -> None:
        """Let a plan take the place of what runs."""
        self.systems = plan.systems
        phases: dict[Phase, list[System]] = {phase: [] for phase in Phase}
        for system in plan.systems.values():
            phases[system.phase].append(system)
        self._arrange(phases)

    def _arrange(self, phases: dict[Phase, list[System]]) -> None:
        self._phases = phases
        self._startup = phases[Phase.Startup]
        self._simulation = [phases[phase] for phase in SIMULATION if phases[phase]]

    def remember(self) -> tuple[Any, ...]:
        """Return what `put_back` needs to make the schedule what it is now."""
        return self.systems, self._phases, [(system, system.fault) for system in self.everything()]

    def put_back(self, remembered: tuple[Any, ...]) -> None:
        """Make the schedule what it was."""
        self.systems, phases, faults = remembered
        self._arrange(phases)
        for system, fault in faults:
            system.fault = fault

    def rebind(self) -> None:
        """Bind every system anew, as after its world was restored under other schemas."""
        for system in self.systems.values():
            system.parameters = read_parameters(system.function)
            system.binding = self._bind(system.parameters, system.declared)
            system.condition = self._condition(system.declared)

    def start(self) -> None:
        """Run the Startup systems that have not run in this world; raise `SystemFault` for one that fails."""
        if not self._startup:
            return
        started = self.world.resource(Started)
        for system in self._startup:
            if system.name not in started.names and system.fault is None:
                started.names.append(system.name)
                self._run([system], None)

    def tick(self) -> None:
        """Run the simulation phases once; raise `SystemFault` at the first system that fails."""
        if self._startup:
            self.start()
        for systems in self._simulation:
            if self._call(systems, None):
                self._apply(systems, None)

    def run(self, phase: Phase, on_fault: Callable[[SystemFault], None] | None = None) -> None:
        """Run one phase and apply its commands at the end, in system order.

        A fault is raised, or handed to `on_fault`, after which the phase goes on without the system.
        """
        self._run(self._phases[phase], on_fault)

    def _run(self, systems: list[System], on_fault: Callable[[SystemFault], None] | None) -> None:
        """Run systems and apply their commands."""
        if self._call(systems, on_fault):
            self._apply(systems, on_fault)

    def _call(self, systems: list[System], on_fault: Callable[[SystemFault], None] | None) -> bool:
        """Run systems and tell whether some may have commands. All that one costs beside its own code is here."""
        world, resources = self.world, self.world.resource_store
        if world.storage.laid != world.storage.version:
            world.storage.lay()
        changing = False
        begin = perf_counter()
        try:
            for system in systems:
                if system.fault is not None:
                    continue
                world.locked = system.name
                binding = system.binding
                try:
                    self.running = system
                    if system.condition is None or system.condition():
                        is_filled = binding.version == resources.version
                        system.function(*(binding.arguments if is_filled else binding.fill()))
                        system.calls += 1
                    self.running = None
                except BaseException as error:
                    _pass_on(self._fault(system, error), on_fault)
                if self.overdue is system:
                    _pass_on(self._overrun(system), on_fault)
                if binding.commands is not None:
                    changing = True
                now = perf_counter()
                system.seconds += now - begin
                begin = now
        finally:
            world.locked = False
        return changing

    def one_by_one(self) -> Iterator[str]:
        """Run the simulation phases once, pausing to say what has been done: each system, and what each commanded.

        Raises `SystemFault` at the first system that fails.
        """
        self.start()
        yield "Startup"
        for phase in SIMULATION:
            runs = [system for system in self._phases[phase] if system.fault is None]
            for system in runs:
                self._call([system], None)
                yield system.name
            try:
                for system in runs:
                    self._apply_one(system, None)
                    yield f"the commands of {system.name}"
            finally:
                self.world.storage.settle()

    def deliver(self, message: str, **arguments: Any) -> Any:
        """Call a handler with the care a system gets: what it raises, or its hanging, is a `SystemFault`.

        A handler that is paused because of one is left out.
        """
        handler = self.bus.find(message)
        system = self.answering.get(message)
        if system is None or system.function is not handler.function:
            declared = Declared(handler.function, SystemMark(Phase.PreUpdate), handler.module)
            system = self.answering[message] = System(declared, (), Binding())
        if system.fault is not None:
            return None
        return self._guarded(system, lambda: self.bus.call(message, **arguments))

    def _guarded(self, system: System, call: Callable[[], Any]) -> Any:
        self.overdue = self.overdue_at = None
        try:
            self.running = system
            result = call()
            self.running = None
        except BaseException as error:
            raise self._fault(system, error) from error
        if self.overdue is system:
            raise self._overrun(system)
        return result

    def _fault(self, system: System, error: BaseException) -> SystemFault:
        """Return what a system's error means; raise it as it is where it is no fault of the system."""
        self.running = None
        if is_ctrl_c(error):
            raise error
        late, at = self.overdue is system, self.overdue_at
        self.overdue = self.overdue_at = None
        cause = error
        if late and not isinstance(error, DeadlineError):
            cause = DeadlineError(f"then raised {describe(error)}").with_traceback(error.__traceback__)
        fault = SystemFault(system, cause, at if late else None)
        fault.__cause__ = error
        return fault

    def _overrun(self, system: System) -> SystemFault:
        at, self.overdue, self.overdue_at = self.overdue_at, None, None
        return SystemFault(system, DeadlineError("ran past its deadline"), at)

    def _apply(self, systems: list[System], on_fault: Callable[[SystemFault], None] | None) -> None:
        """Apply what systems have commanded, those paused left out."""
        try:
            for system in systems:
                if system.fault is None:
                    self._apply_one(system, on_fault)
        finally:
            self.world.storage.settle()

    def _apply_one(self, system: System, on_fault: Callable[[SystemFault], None] | None) -> None:
        commands = system.binding.commands
        if not commands:
            return
        try:
            commands.apply(settle=False)
        except Exception as error:
            commands.clear()
            fault = SystemFault(system, error)
            fault.__cause__ = error
            _pass_on(fault, on_fault)

    def skip_shown(self) -> None:
        """Let the systems of Render pass over the events so far, as when ticks that were shown run once more."""
        for system in self._phases[Phase.Render]:
            for argument in system.binding.arguments:
                if isinstance(argument, Events):
                    argument.read()

    def clear_commands(self) -> None:
        """Forget every recorded structural change, as after a fault."""
        for system in self.systems.values():
            if system.binding.commands is not None:
                system.binding.commands.clear()

    def explain(self) -> str:
        """Return the order as text: a line per system with its phase, place, and what it reads and writes."""
        lines = []
        for phase in Phase:
            if self._phases[phase]:
                lines.append(phase.name)
            for system in self._phases[phase]:
                wants = ", ".join(_describe(parameter) for parameter in system.parameters)
                lines.append(f"  {system.name}({wants})  {system.where}" + ("  paused" if system.fault else ""))
        return "\n".join(lines)

    def statistics(self) -> dict[str, dict[str, Any]]:
        """Return calls, seconds, version and fault by system."""
        return {
            system.name: {
                "calls": system.calls,
                "seconds": system.seconds,
                "version": system.version,
                "fault": str(system.fault) if system.fault else None,
            }
            for system in self
        }


def _pass_on(fault: SystemFault, on_fault: Callable[[SystemFault], None] | None) -> None:
    if on_fault is None:
        raise fault
    on_fault(fault)


def _evidence(declared: Declared) -> tuple[object, ...]:
    """Return what a system's place, binding and condition follow from."""
    when = declared.mark.when
    return (*evidence_of(declared.function), *(evidence_of(when) if when is not None else ()))


def is_ctrl_c(error: BaseException) -> bool:
    """Tell a Ctrl-C from a `raise KeyboardInterrupt` in somebody's code: only the second comes from a statement."""
    if not isinstance(error, KeyboardInterrupt):
        return False
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None:
        return True
    return dis.opname[last.tb_frame.f_code.co_code[last.tb_lasti]] not in ("RAISE_VARARGS", "RERAISE")


def _describe(parameter: Parameter) -> str:
    if parameter.kind == "query":
        return f"{parameter.name}: {', '.join(_term(term) for term in parameter.target)}"
    if parameter.kind in ("events", "send"):
        return f"{parameter.name}: {parameter.kind} {qualified_name(parameter.target)}"
    if parameter.kind == "resource":
        return f"{parameter.name}: {'Mut ' if parameter.mutable else ''}{qualified_name(parameter.target)}"
    return parameter.kind


def _term(term: Any) -> str:
    """Return a term of a query as it is written: `Mut[Position]`, `With[Boid]`."""
    words = [mark.word for mark in getattr(term, "__metadata__", ()) if isinstance(mark, DataTerm)]
    if words == ["Entity"]:
        return "Entity"
    inner = [arg for arg in typing.get_args(term) if isinstance(arg, type) and arg is not type(None)]
    if words and not inner:
        inner = [arg for arg in typing.get_args(term.__origin__) if arg is not type(None)]
    word = words[0] if words else getattr(typing.get_origin(term), "__name__", "")
    return f"{word}[{inner[0].__name__}]" if word else term.__name__


def set_clock(world: World, frame: int, alpha: float) -> None:
    """Tell the clock which picture is drawn and how far it lies between two ticks."""
    time = world.resource(Time)
    time.frame, time.alpha = frame, alpha
