"""What the game's own thread does for the control port: take the requests that wait, between two ticks.

A request is a call over the bus. Small ones are answered within `BUDGET` a frame. A handler that returns an iterator
works step by step, a slice in each frame, until what it returns is the answer; the game meanwhile stays responsive.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import TYPE_CHECKING, Any

from engine.control.frames import detached
from engine.control.handlers import provide_control
from engine.control.notices import Notices
from engine.errors import DeadlineError, HotloopError, describe
from engine.reload.bus import ENGINE
from engine.schedule import SystemFault, is_ctrl_c

if TYPE_CHECKING:
    from engine.app import App
    from engine.reload.transaction import Verdict

EQUIPPED = "control.handlers"
BUDGET = 0.001
"""Seconds a frame may spend on small requests; one that is begun is ended."""
SLICE = 0.012
"""Seconds a frame may spend on a request that works step by step."""
IDLE = 0.005
"""Seconds for which a paused game without a pace of its own waits for a request."""


@dataclass
class Request:
    """One call that waits. `answer` takes what is to be sent, in any thread; `gone` tells that nobody waits for it."""

    number: int
    message: str
    arguments: dict[str, Any]
    answer: Callable[[dict[str, Any]], None]
    gone: Callable[[], bool]


class Desk:
    """The requests of one process, and what every answer carries: `tick`, `epoch` and `paused`.

    `epoch` rises with each change of the code that runs. `seen` is when the game's thread came by last, `app` what
    ran then.
    """

    def __init__(self, root: App, folder: Path) -> None:
        self.app, self.folder = root, folder
        self.epoch = sum(1 for verdict in root.reloader.verdicts if verdict.good)
        self.seen = monotonic()
        self.job: tuple[Request, Iterator[Any]] | None = None
        self._inbox: deque[Request] = deque()
        self._answers: list[tuple[Request, dict[str, Any]]] = []
        self._wake = threading.Event()
        self.notices = Notices(self.facts)
        logging.getLogger("hotloop").addHandler(self.notices)
        root.on_verdict.append(self._on_verdict)

    def close(self) -> None:
        """Hear no more."""
        self.deliver()
        logging.getLogger("hotloop").removeHandler(self.notices)

    def _on_verdict(self, verdict: Verdict) -> None:
        if verdict.outcome in ("current", "rolled back"):
            self.epoch += 1

    def rest(self, seconds: float) -> None:
        """Wait so long, in a paused game only until a request comes."""
        if self.app.paused:
            self._wake.wait(seconds)
        else:
            sleep(seconds)

    def put(self, request: Request) -> None:
        """Let a request wait for the next frame; from any thread."""
        self._inbox.append(request)
        self._wake.set()

    def drain(self, app: App, *, idle: bool) -> None:
        """Answer what waits; an `idle` game, which has nothing else to do, waits for it a little."""
        if idle and self.job is None:
            self._wake.wait(IDLE)
        self._wake.clear()
        self.app, self.seen = app, monotonic()
        if EQUIPPED not in app.bus:
            provide_control(app, self.folder, self.notices)
        end = perf_counter() + BUDGET
        while self._inbox and perf_counter() < end:
            self._begin(self._inbox.popleft(), app)
        if self.job is not None:
            self._work(*self.job)
        if app.paused:
            self.deliver()
        if self._inbox or self.job is not None:
            self._wake.set()

    def deliver(self) -> None:
        """Hand over the answers of a frame once that is over: encoding them keeps nobody waiting who has work to do."""
        answers, self._answers = self._answers, []
        for request, answer in answers:
            request.answer(answer)

    def facts(self) -> dict[str, Any]:
        """Return what every answer carries."""
        return {"tick": self.app.world.tick, "epoch": self.epoch, "paused": self.app.paused}

    def _begin(self, request: Request, app: App) -> None:
        if request.gone():
            return
        try:
            result = self._call(request, app)
        except BaseException as error:
            self._fail(request, error)
            return
        if not isinstance(result, Iterator):
            self._reply(request, result)
        elif self.job is not None:
            self._fail(request, HotloopError("another request is being worked on", remedy="wait for its answer"))
        else:
            self.job = (request, result)

    def _call(self, request: Request, app: App) -> Any:
        """Call a handler; one of a module gets the care a system gets, the engine's own drive systems themselves."""
        if app.bus.find(request.message).module == ENGINE:
            return app.bus.call(request.message, **request.arguments)
        deadline = app.simulation.deadline
        with deadline.armed(deadline.patience.steady):
            return app.schedule.deliver(request.message, **request.arguments)

    def _work(self, request: Request, steps: Iterator[Any]) -> None:
        end = perf_counter() + SLICE
        try:
            while perf_counter() < end:
                if request.gone():
                    steps.close()  # type: ignore[attr-defined]
                    self.job = None
                    return
                next(steps)
                self.seen = monotonic()
        except StopIteration as end_of_work:
            self.job = None
            self._reply(request, end_of_work.value)
        except BaseException as error:
            self.job = None
            self._fail(request, error)

    def _reply(self, request: Request, result: Any) -> None:
        try:
            answer = {"result": detached(result)}
        except Exception as error:
            self._fail(request, error)
        else:
            self._answers.append((request, {"id": request.number, **answer, **self.facts()}))

    def _fail(self, request: Request, error: BaseException) -> None:
        cause = error.cause if isinstance(error, SystemFault) else error
        if is_ctrl_c(cause) or isinstance(cause, SystemExit | GeneratorExit):
            raise cause
        text = "it ran past its deadline" if isinstance(cause, DeadlineError) else describe(cause)
        said = {"kind": type(cause).__name__, "text": text}
        self._answers.append((request, {"id": request.number, "error": said, **self.facts()}))
