"""Reload one module of a running game thousands of times, most of them with a fault, and measure what stays behind."""

from __future__ import annotations

import gc
import statistics
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from time import thread_time

from engine.app import App
from engine.bench.reloads import Figure, opened
from engine.reload.saves import stage_now
from engine.report import peak_rss_mb

ROWS = 1_000
MODULES = 30

SUBJECT = '''"""A module with a bit of everything that can be left behind."""

import abc
import dataclasses
import enum
import functools
import logging

from engine import Commands, Events, Mut, Query, Send, Startup, Update, component, event, f32, handler, resource, system

NUMBER = {number}
TABLE = {{name: NUMBER for name in ("a", "b", "c")}}
log = logging.getLogger(__name__)


class Kind(enum.Enum):
    PLAIN = NUMBER
    OTHER = -1


@dataclasses.dataclass(slots=True)
class Pair:
    left: float
    right: float = float(NUMBER)


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self) -> float: ...


class Square(Shape):
    def area(self) -> float:
        return 1.0 * NUMBER


Shape.register(Pair)


@functools.singledispatch
def told(value: object) -> str:
    return "object"


@told.register
def _(value: int) -> str:
    return f"int {{value + NUMBER}}"


@functools.lru_cache
def doubled(value: float) -> float:
    return value * 2 + NUMBER


@component
class Heat:
    amount: f32 = {number}.0
    {extra}


@event
class Warmed:
    amount: f32


@resource
class Total:
    amount: float = 0.0


@handler("plugins.subject.total")
def total(total: Total) -> float:
    """Tell how much there is."""
    return total.amount + NUMBER


@system(Startup)
def warm(commands: Commands) -> None:
    commands.spawn(Heat(), count=10)


@system(Update)
def heat(rows: Query[Mut[Heat]], warmed: Send[Warmed]) -> None:
    for row in rows:
        row.amount += doubled(0.5) * 1e-6
    warmed.send(amount=Pair(1.0).left * Square().area() * len(told(1)))
    {fault}


@system(Update)
def add(warmed: Events[Warmed], total: Mut[Total]) -> None:
    for one in warmed:
        total.amount += float(one.amount.sum())
{more}
'''
FAULTS: tuple[dict[str, str], ...] = (
    {"more": "def broken(:"},
    {"more": "raise ValueError('at import')"},
    {"more": "import nowhere_at_all"},
    {"fault": "raise RuntimeError('at the first tick')"},
    {"more": "@system(Update)\ndef lost(rows: Query['Nowhere']) -> None:\n    pass\n"},
    {"more": "def decorator(f):\n    raise TypeError('in a decorator')\n\n\n@decorator\ndef decorated():\n    pass\n"},
)
EDITS: tuple[dict[str, str], ...] = (
    {},
    {"more": "@system(Update)\ndef further(rows: Query[Heat]) -> None:\n    pass\n"},
    {"extra": "flow: f32 = 0.0"},
    {"more": "class Added(Square):\n    def area(self) -> float:\n        return 2.0\n"},
)


def versions(reloads: int) -> Iterator[tuple[str, bool]]:
    """Yield so many versions of the module, three of five with a fault, and whether each is good."""
    faults, edits = cycle(FAULTS), cycle(EDITS)
    for number in range(1, reloads + 1):
        good = number % 5 in (0, 2)
        change = {"extra": "", "fault": "", "more": "", **next(edits if good else faults)}
        if change["extra"] == "" and good and number % 3:
            change["extra"] = "drift: f32 = 0.0"
        yield SUBJECT.format(number=number, **change), good


@dataclass
class Soak:
    """What a soak has measured.

    `generations` tells by qualified name how many more classes are alive than at first, `surprises` names versions
    whose verdict was not the expected one.
    """

    reloads: int
    kilobytes: float = 0.0
    threads: int = 0
    handles: int = 0
    generations: dict[str, int] = field(default_factory=dict)
    tick_ratio: float = 1.0
    commit_ms: list[float] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)

    def figures(self) -> list[Figure]:
        """Return the figures beside their budgets."""
        return [
            Figure("memory a reload", self.kilobytes, "KB", 1.0),
            Figure("threads more", float(self.threads), "", 0.0),
            Figure("handles more", float(self.handles), "", 0.0),
            Figure("generations of a class more", float(max(self.generations.values(), default=0)), "", 1.0),
            Figure("tick at the end against the beginning", self.tick_ratio, "times", 1.2),
            Figure("verdicts other than expected", float(len(self.surprises)), "", 0.0),
            Figure("transaction, median", statistics.median(self.commit_ms), "ms"),
        ]


def soak(reloads: int, tell: Callable[[str], None] = print, *, modules: int = MODULES, warm: int | None = None) -> Soak:
    """Reload a module so many times after as many as `warm` that do not count.

    By default these are a fifth, and enough to fill what the game keeps of its last seconds.
    """
    if warm is None:
        warm = max(reloads // 5, 350)
    result = Soak(reloads)
    with opened(
        modules, ROWS, watch=False, more={"subject": SUBJECT.format(number=0, extra="", fault="", more="")}
    ) as (
        app,
        game,
    ):
        part = game / "modules" / "plugins" / "subject" / "__init__.py"
        feed = versions(warm + reloads)
        _reload(app, part, feed, warm, Soak(warm), tell)
        first = _tick_ms(app)
        before, alive = _held(), live_classes()
        _reload(app, part, feed, reloads, result, tell)
        last = _tick_ms(app)
        after = _held()
        result.kilobytes = max(after[0] - before[0], 0.0) / reloads
        result.threads, result.handles = after[1] - before[1], after[2] - before[2]
        result.tick_ratio = last / first
        result.generations = {name: count - alive[name] for name, count in live_classes().items() if name in alive}
    return result


def _reload(
    app: App, part: Path, feed: Iterator[tuple[str, bool]], count: int, result: Soak, tell: Callable[[str], None]
) -> None:
    for number in range(1, count + 1):
        text, good = next(feed)
        part.write_text(text)
        verdict = app.submit([stage_now(app.code, part)])
        app.step(2)
        if verdict is None or verdict.good != good:
            result.surprises.append(f"{number}: {verdict and (verdict.outcome, verdict.error)}")
        if verdict is not None:
            result.commit_ms.append(verdict.commit_ms)
        if number % 1000 == 0:
            tell(f"{number} reloads")


def _tick_ms(app: App, ticks: int = 200) -> float:
    """Return the median processor time of ticks, after everything on probation has become permanent."""
    app.step(60)
    times = []
    for _ in range(ticks):
        begin = thread_time()
        app.step()
        times.append((thread_time() - begin) * 1000)
    return statistics.median(times)


def _held() -> tuple[float, int, int]:
    """Return what the process holds now: kilobytes, threads, handles."""
    gc.collect()
    return rss_kb(), threading.active_count(), _handles()


def rss_kb() -> float:
    """Return the memory in use now, or the most there was where the platform tells no more, in KiB."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return peak_rss_mb() * 1024
    import resource

    return pages * resource.getpagesize() / 1024


def _handles() -> int:
    try:
        return len(list(Path("/proc/self/fd").iterdir()))
    except OSError:
        return 0


def live_classes() -> Counter[str]:
    """Count the live classes of each qualified name that modules have made, the views of a component among them."""
    gc.collect()
    found: Counter[str] = Counter()
    for one in gc.get_objects():
        if issubclass(type(one), type) and str(type.__dict__["__module__"].__get__(one)).startswith("modules."):
            found[f"{one.__module__}.{one.__qualname__}"] += 1
    return found
