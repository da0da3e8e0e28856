"""The kinds of fault: what is written where, when it strikes, and what the verdict must say.

A kind's code stands in the place of a marker in a role's source. The line with `# here` is the one at fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .playing import ROLES, SOURCES, inject

EVERY_ROLE = ROLES
GAME = ("plugin", "app")


@dataclass(frozen=True)
class Kind:
    """One kind of fault. `says` must be in the verdict's error; `raw` is what is saved in place of an edited source."""

    name: str
    stage: str
    says: str
    code: str = ""
    marker: str = "top"
    roles: tuple[str, ...] = EVERY_ROLE
    raw: bytes | None = None
    line: bool = True
    """Whether the verdict can name a line."""
    note: str = ""
    """What its notes must say."""

    def content(self, role: str) -> bytes:
        """Return what is saved."""
        if self.raw is not None:
            return self.raw.replace(b"SOURCE", SOURCES[role].encode())
        return inject(role, self.code, self.marker).encode()


def staging(name: str, says: str, code: str = "", **more: Any) -> Kind:
    return Kind(name, "staging", says, code, **more)


def commit(name: str, says: str, code: str, **more: Any) -> Kind:
    return Kind(name, "commit", says, code, **more)


def probation(name: str, says: str, code: str, **more: Any) -> Kind:
    more.setdefault("marker", "body")
    return Kind(name, "probation", says, code, **more)


STAGING = [
    staging("syntax", "SyntaxError", "x = = 1  # here"),
    staging("unclosed", "was never closed", "x = (1,  # here"),
    staging("indentation", "IndentationError", "  x = 1  # here"),
    staging("dedent", "IndentationError", "if True:\n        x = 1\n    y = 2  # here"),
    staging("tabs", "TabError", "if True:\n        x = 1\n\ty = 2  # here"),
    staging("merge conflict", "SyntaxError", "<<<<<<< HEAD  # here\nx = 1\n=======\nx = 2\n>>>>>>> other"),
    staging("return outside", "'return' outside function", "return 3  # here"),
    staging("await outside", "'await' outside", "await x  # here"),
    staging("same argument twice", "duplicate argument", "def f(a, a): pass  # here"),
    staging("unknown future", "future feature", "", raw=b"from __future__ import nonsense  # here\nSOURCE"),
    staging("half a string", "unterminated string", "x = 'abc  # here"),
    staging("unknown encoding", "nonsense", raw=b"# coding: nonsense  # here\nSOURCE"),
    staging("wrong encoding", "utf-8", raw=b"SOURCE\nNAME = '\xff\xfe'  # here\n"),
    staging("utf-16", "null bytes", raw="x = 1  # here\n".encode("utf-16"), line=False),
    staging("NUL bytes", "null bytes", raw=b"SOURCE\nx = 1\0  # here\n"),
    staging("deep brackets", "too many nested", "x = " + "(" * 250 + ")" * 250 + "  # here"),
    staging("deep expression", "", "x = " + "-" * 100_000 + "1"),
    staging("long number", "Exceeds the limit", "x = " + "9" * 5000 + "  # here"),
    staging("bare star", "SyntaxError", "def f(*): pass  # here"),
]

COMMIT = [
    commit("unknown name", "NameError", "x = nothing_of_that_name  # here"),
    commit("unknown module", "nothing_of_that_name", "import nothing_of_that_name  # here"),
    commit("unknown item", "nothing_of_that_name", "from engine import nothing_of_that_name  # here"),
    commit("unknown file of its own", "ModuleNotFoundError", "from .nowhere import x  # here"),
    commit("exception", "ValueError: on purpose", "raise ValueError('on purpose')  # here"),
    commit("division", "ZeroDivisionError", "x = 1 / 0  # here"),
    commit("assertion", "AssertionError", "assert 1 == 2, 'no'  # here"),
    commit("sys.exit", "SystemExit", "import sys\nsys.exit(3)  # here"),
    commit("keyboard interrupt", "KeyboardInterrupt", "raise KeyboardInterrupt  # here"),
    commit("generator exit", "GeneratorExit", "raise GeneratorExit  # here"),
    commit("own base exception", "Odd", "class Odd(BaseException): pass\nraise Odd('odd')  # here"),
    commit("stop iteration", "StopIteration", "x = next(iter(()))  # here"),
    commit("recursion", "RecursionError", "def deep(n):\n    return deep(n + 1)  # here\ndeep(0)"),
    commit("memory", "MemoryError", "x = bytearray(1 << 62)  # here"),
    commit("numpy memory", "MemoryError", "import numpy as n\nx = n.ones(1 << 50)  # here"),
    commit("group", "ExceptionGroup", "raise ExceptionGroup('several', [ValueError(1), KeyError(2)])  # here"),
    commit(
        "broken message",
        "Broken",
        "class Broken(Exception):\n    def __str__(self):\n        raise ValueError('no message')\n"
        "    __repr__ = __str__\nraise Broken()  # here",
    ),
    commit("long message", "ValueError", "raise ValueError('x' * 10_000_000)  # here"),
    commit("decorator", "TypeError", "def bad(f):\n    raise TypeError('bad')  # here\n@bad\ndef f(): pass"),
    commit("default argument", "KeyError", "def f(a={}['x']): pass  # here"),
    commit("class body", "IndexError", "class A:\n    x = [][0]  # here"),
    commit(
        "subclass hook",
        "RuntimeError",
        "class A:\n    def __init_subclass__(cls):\n        raise RuntimeError('no')  # here\nclass B(A): pass",
    ),
    commit(
        "set name",
        "RuntimeError",
        "class D:\n    def __set_name__(self, owner, name):\n        raise RuntimeError('no')\nclass A:\n    d = D()",
    ),
    commit(
        "metaclass conflict",
        "metaclass",
        "class M(type): pass\nclass A(int, metaclass=M): pass\n"
        "class N(type): pass\nclass B(A, metaclass=N): pass  # here",
    ),
    commit("endless loop", "deadline", "while True: pass  # here"),
    commit("sleep", "deadline", "import time\ntime.sleep(1e6)  # here"),
    commit("lock", "deadline", "import threading\nheld = threading.Lock()\nheld.acquire()\nheld.acquire()  # here"),
    commit(
        "swallowed loop",
        "deadline",
        "def forever():\n    while True:\n        try:\n            x = 1\n        except BaseException:\n"
        "            pass\nforever()",
        line=True,
    ),
    commit("changed a list, then failed", "ValueError", "LOG2 = []\nLOG2.append(1)\nraise ValueError('x')  # here"),
    commit("took away what others need", "edition", "del edition  # here\nraise NameError('edition')", roles=()),
    commit(
        "parameter without annotation",
        "has no annotation",
        "from engine import system as s, Update as U\n@s(U)  # here\ndef odd(what): pass",
    ),
    commit(
        "unbound parameter",
        "is no resource",
        "from engine import system as s, Update as U\n@s(U)  # here\ndef odd(what: int): pass",
    ),
    commit(
        "unreadable annotation",
        "cannot be read",
        "from engine import system as s, Update as U\n@s(U)  # here\ndef odd(what: 'Nothing'): pass",
    ),
    commit(
        "writes in Render",
        "may not write",
        "from engine import system as s, Render as R, Commands as C\n@s(R)  # here\ndef odd(what: C): pass",
    ),
    commit(
        "asks twice",
        "asks twice",
        "from engine import system as s, Update as U, Query as Q, Mut as M, component as c, f32 as f\n"
        "@c\nclass Odd:\n    x: f = 0.0\n@s(U)  # here\ndef odd(a: Q[M[Odd]], b: Q[M[Odd]]): pass",
    ),
    commit("field of no type", "Odd", "from engine import component as c\n@c\nclass Odd:\n    x: object = 0  # here"),
    commit(
        "resource that fails to be made",
        "no resource",
        "from engine import resource as r\n@r\nclass Odd:\n    x: int = 0\n    @classmethod\n"
        "    def make(cls, world):\n        raise ValueError('no resource')  # here",
    ),
    commit(
        "two handlers of one name",
        "two handlers",
        "from engine import handler as h\n@h('odd.ask')\ndef ask_one(): pass\n@h('odd.ask')  # here\n"
        "def ask_two(): pass",
        line=True,
    ),
    commit(
        "handler without types",
        "has no type",
        "from engine import handler as h\n@h('odd.ask')  # here\ndef ask_one(x): pass",
        line=True,
    ),
    commit(
        "loop inside import of another file",
        "ValueError",
        "exec(compile('raise ValueError(7)', 'made up', 'exec'))  # here",
    ),
]

AFTER = "if tick >= AT:\n"

PROBATION = [
    probation("exception", "ValueError: late", AFTER + "    raise ValueError('late')  # here"),
    probation("attribute", "AttributeError", AFTER + "    tick.nothing  # here"),
    probation("name", "NameError", AFTER + "    nothing_of_that_name  # here"),
    probation("sys.exit", "SystemExit", AFTER + "    raise SystemExit(2)  # here"),
    probation("keyboard interrupt", "KeyboardInterrupt", "if tick >= AT: raise KeyboardInterrupt  # here"),
    probation("generator exit", "GeneratorExit", AFTER + "    raise GeneratorExit  # here"),
    probation("stop iteration", "StopIteration", AFTER + "    next(iter(()))  # here"),
    probation("own base exception", "Odd", "class Odd(BaseException): pass\n" + AFTER + "    raise Odd  # here"),
    probation(
        "broken message",
        "Odd",
        "class Odd(Exception):\n    def __str__(self): raise ValueError\n" + AFTER + "    raise Odd  # here",
    ),
    probation("recursion", "RecursionError", "def deep(n): return deep(n + 1)  # here\n" + AFTER + "    deep(0)"),
    probation("memory", "MemoryError", AFTER + "    bytearray(1 << 62)  # here"),
    probation("assertion", "AssertionError", AFTER + "    assert tick < 0  # here"),
    probation("endless loop", "deadline", AFTER + "    while True: pass  # here"),
    probation("sleep", "deadline", "import time as t\n" + AFTER + "    t.sleep(1e6)  # here"),
    probation(
        "lock",
        "deadline",
        "import threading as t\n" + AFTER + "    k = t.Lock()\n    k.acquire()\n    k.acquire()  # here",
    ),
    probation("condition variable", "deadline", "import threading as t\n" + AFTER + "    t.Event().wait()  # here"),
    probation("regex", "deadline", "import re as r\n" + AFTER + "    r.match('(a+)+$', 'a' * 40 + 'b')  # here"),
    probation("big number", "deadline", AFTER + "    n = 3\n    while True: n = n * n % (1 << 40000)  # here"),
    probation("generator", "deadline", "import itertools as i\n" + AFTER + "    for _ in i.count(): pass  # here"),
    probation(
        "swallowed exception",
        "deadline",
        AFTER + "    while True:\n        try: tick += 1\n        except Exception: pass",
    ),
    probation(
        "swallowed interruption",
        "deadline",
        AFTER + "    while True:\n        try:\n            tick += 1\n        except BaseException:\n            pass",
    ),
    probation(
        "bare except",
        "deadline",
        AFTER + "    while True:\n        try:\n            tick += 1\n        except:\n            continue",
    ),
    probation(
        "swallowed in two frames",
        "deadline",
        "def inner():\n    while True:\n        try:\n            sum(range(9))\n"
        "        except BaseException:\n            pass\n"
        + AFTER
        + "    while True:\n        try:\n            inner()\n        except BaseException:\n"
        "            pass",
    ),
    probation(
        "swallowed by finally",
        "deadline",
        "def inner():\n    while True:\n        try:\n"
        "            sum(range(9))\n        finally:\n            continue\n" + AFTER + "    inner()",
    ),
    probation(
        "swallowed, then returned",
        "deadline",
        AFTER + "    try:\n        while True: pass\n    except BaseException:\n        pass",
    ),
    probation(
        "swallowed in __del__",
        "deadline",
        "class D:\n    def __del__(self):\n        while True: pass\n" + AFTER + "    D()",
    ),
    probation("group", "ExceptionGroup", AFTER + "    raise ExceptionGroup('several', [ValueError(1)])  # here"),
    probation("shape", "ValueError", "import numpy as n\n" + AFTER + "    n.ones(3) + n.ones(4)  # here"),
    probation(
        "read-only column",
        "read-only",
        AFTER + "    for ping in pings._stream.blocks: pass\n    raise ValueError('read-only')  # here",
        roles=(),
    ),
    probation("structure inside a system", "while", AFTER + "    world.spawn(Mass())  # here", roles=("app",)),
    probation("preupdate", "ValueError", AFTER + "    raise ValueError(1)  # here", marker="preupdate", roles=("app",)),
    probation(
        "postupdate", "ValueError", AFTER + "    raise ValueError(1)  # here", marker="postupdate", roles=("app",)
    ),
    probation("condition", "ValueError", AFTER + "    raise ValueError(1)  # here", marker="condition", roles=("app",)),
    probation(
        "condition that hangs", "deadline", AFTER + "    while True: pass  # here", marker="condition", roles=("app",)
    ),
    probation("render", "ValueError", AFTER + "    raise ValueError(1)  # here", marker="render", roles=("app",)),
    probation("render that hangs", "deadline", AFTER + "    while True: pass  # here", marker="render", roles=("app",)),
    probation(
        "commands of the wrong kind",
        "is no component",
        AFTER + "    commands.spawn(tick)  # here",
        roles=("plugin", "app"),
    ),
    probation(
        "commands on no ids",
        "is no entity id",
        AFTER + "    commands.despawn('nobody')  # here",
        roles=("plugin", "app"),
    ),
    probation(
        "wrong signal handler",
        "deadline",
        "import signal as s\n" + AFTER + "    s.signal(s.SIGALRM, s.SIG_IGN)\n    while True: pass  # here",
        roles=(),
    ),
    probation(
        "floating point made an error",
        "FloatingPointError",
        "import numpy as n\n"
        + AFTER
        + "    with n.errstate(all='raise'):\n        n.float32(1) / n.float32(0)  # here",
    ),
    probation(
        "after a change of everything",
        "ValueError",
        AFTER + "    for _, mass in masses: mass.x = 9.0\n    raise ValueError(1)  # here",
        roles=GAME,
    ),
]

ALL = [kind for kind in (*STAGING, *COMMIT, *PROBATION) if kind.roles]
CASES = [(kind, role) for kind in ALL for role in kind.roles]
