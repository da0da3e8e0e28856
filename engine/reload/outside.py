"""What code can change outside the modules while it is executed: compared, put back, or named."""

from __future__ import annotations

import atexit
import builtins
import gc
import logging
import operator
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

_WATCHED = ("os", "random", "math", "time", "json", "threading", "logging", "numpy", "numpy.random", "copy", "pickle")
_HOOKS = ("excepthook", "displayhook", "breakpointhook", "stdin", "stdout", "stderr", "unraisablehook")


class Outside:
    """The state of the process around the modules at one moment."""

    def __init__(self) -> None:
        self.folder = _folder()
        self.environment = dict(os.environ)
        self.chance = random.getstate()
        self.numpy_chance = np.random.get_state()
        self.signals = _signals()
        self.threads = set(threading.enumerate())
        self.search = list(sys.path)
        self.hooks = {name: getattr(sys, name) for name in _HOOKS}
        self.limit = sys.getrecursionlimit()
        self.filters = list(warnings.filters)
        self.spaces = {name: dict(vars(sys.modules[name])) for name in _WATCHED if name in sys.modules}
        self.spaces["builtins"] = dict(vars(builtins))
        self.exits = atexit._ncallbacks()
        self.handlers = _handlers()
        self.thresholds = gc.get_threshold()

    # ---------------------------------------------------------------- telling
    def differences(self) -> list[str]:
        """Say what is different now, each in a few words."""
        found = []
        if _folder() != self.folder:
            found.append(f"the working directory is {_folder()}, it was {self.folder}")
        if dict(os.environ) != self.environment:
            names = sorted(k for k, v in {*self.environment.items()} ^ {*os.environ.items()})
            found.append(f"environment variables changed: {', '.join(dict.fromkeys(names))}")
        if random.getstate() != self.chance or not _same_chance(self.numpy_chance):
            found.append("the global random state was changed; draw from Random instead")
        found += [f"the handler of signal {number} was replaced" for number in self._other_signals()]
        found += [f"a thread was started: {thread.name}" for thread in self._new_threads()]
        if sys.path != self.search:
            found.append("sys.path was changed")
        found += [f"sys.{name} was replaced" for name in _HOOKS if getattr(sys, name) is not self.hooks[name]]
        if sys.getrecursionlimit() != self.limit:
            found.append(f"the recursion limit is {sys.getrecursionlimit()}, it was {self.limit}")
        if list(warnings.filters) != self.filters:
            found.append("warning filters were changed")
        found += [f"{module}.{name} was patched" for module, name in self._patched()]
        if atexit._ncallbacks() > self.exits:
            found.append("a function was registered to run at exit")
        found += [f"handlers of the logger {name or 'root'} changed" for name in self._other_handlers()]
        return found

    def lasting(self) -> list[str]:
        """Say what `restore` cannot put back."""
        return [f"a thread it started goes on: {thread.name}" for thread in self._new_threads()]

    def _new_threads(self) -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread not in self.threads]

    def _other_signals(self) -> list[int]:
        now = _signals()
        return [number for number, handler in self.signals.items() if now.get(number) != handler]

    def _patched(self) -> list[tuple[str, str]]:
        found = []
        for module, before in self.spaces.items():
            now = vars(sys.modules[module]) if module in sys.modules else before
            if len(now) != len(before) or not all(map(operator.is_, now.values(), before.values())):
                found += [(module, name) for name in {**before, **now} if _is_patched(name, before, now)]
        return found

    def _other_handlers(self) -> list[str]:
        now = _handlers()
        return [name for name in {**now, **self.handlers} if now.get(name, []) != self.handlers.get(name, [])]

    # ---------------------------------------------------------------- putting back
    def restore(self) -> None:
        """Put back what can be put back."""
        if self.folder is not None and _folder() != self.folder:
            os.chdir(self.folder)
        if dict(os.environ) != self.environment:
            for name in set(os.environ) - set(self.environment):
                del os.environ[name]
            os.environ.update(self.environment)
        if random.getstate() != self.chance:
            random.setstate(self.chance)
        if not _same_chance(self.numpy_chance):
            np.random.set_state(self.numpy_chance)
        for number in self._other_signals():
            _put_signal(number, self.signals[number])
        sys.path[:] = self.search
        for name, value in self.hooks.items():
            setattr(sys, name, value)
        if sys.getrecursionlimit() != self.limit:
            sys.setrecursionlimit(self.limit)
        if list(warnings.filters) != self.filters:
            warnings.filters[:] = self.filters  # type: ignore[index]
        for module, name in self._patched():
            _put(sys.modules[module], name, self.spaces[module].get(name, _NONE))
        for name in self._other_handlers():
            logging.getLogger(name or None).handlers[:] = self.handlers.get(name, [])
        if gc.get_threshold() != self.thresholds:
            gc.set_threshold(*self.thresholds)


_NONE: Any = object()
_SIGNALS = tuple(sorted(map(int, signal.valid_signals())))
_handler_of: Callable[[int], Any] = import_module("_signal").getsignal
"""What `signal.getsignal` calls: that one makes an Enum member of number and handler, which takes ten times as long."""


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None


def _same_chance(state: Any) -> bool:
    now: Any = np.random.get_state()
    return now[0] == state[0] and now[2:] == state[2:] and bool((now[1] == state[1]).all())


def _signals() -> dict[int, Any]:
    return {number: _handler_of(number) for number in _SIGNALS}


def _put_signal(number: int, handler: Any) -> None:
    set_handler: Callable[..., Any] = signal.signal
    if handler is not None and threading.current_thread() is threading.main_thread():
        set_handler(number, handler)


def _is_patched(name: str, before: dict[str, Any], now: dict[str, Any]) -> bool:
    """Tell whether a name is bound anew; submodules are bound when they are imported."""
    old, new = before.get(name, _NONE), now.get(name, _NONE)
    if old is new or name in ("__build_class__", "_"):
        return False
    return not all(one is _NONE or isinstance(one, ModuleType) for one in (old, new))


def _put(module: ModuleType, name: str, value: Any) -> None:
    if value is _NONE:
        module.__dict__.pop(name, None)
    else:
        module.__dict__[name] = value


def _handlers() -> dict[str, list[logging.Handler]]:
    loggers = {name: one for name, one in logging.root.manager.loggerDict.items() if isinstance(one, logging.Logger)}
    return {name: list(one.handlers) for name, one in [("", logging.root), *loggers.items()] if one.handlers}
