"""Machine code from LLVM's assembly, made in another thread, or for a game that watches for edits, another process."""

from __future__ import annotations

import ctypes
import importlib.util
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any


def is_available() -> bool:
    """Tell whether the extra `kernels` is installed."""
    return importlib.util.find_spec("llvmlite") is not None


class Compiler:
    """The thread in which a world's kernels become machine code, one after another.

    `emit` does what `object_code` does, in this process or, so that LLVM does not take turns with the game for the
    interpreter, in another. A game that waits between its ticks says so by `go_on`: from then on work is begun only
    there. A busy system may take the processor away from a thread that has just taken the interpreter from the game.
    """

    def __init__(self) -> None:
        self.emit: Callable[[str], bytes] = object_code
        self._is_patient = False
        self._asked: deque[Callable[[], None]] = deque()
        # Its thread is no daemon: a process must not end in the middle of LLVM's work.
        self._thread = ThreadPoolExecutor(1, "hotloop-kernel")

    def ask(self, work: Callable[[], None]) -> None:
        """Have something done in the thread."""
        self._asked.append(work)
        if not self._is_patient:
            self._begin()

    def go_on(self) -> None:
        """Begin what was asked for, now that the game waits for its next tick; nothing is begun elsewhere any more."""
        self._is_patient = True
        self._begin()

    def hurry(self) -> None:
        """Begin what was asked for, as somebody waits for it."""
        self._is_patient = False
        self._begin()

    def _begin(self) -> None:
        while self._asked:
            self._thread.submit(self._asked.popleft())


class Native:
    """The machine code of one kernel, as soon as it is there.

    `run` is None until then, and afterwards a function that takes its arguments from memory: the address of the list
    of tables is the first of `words`, the scalars follow in `words` or, where they are floats, in `floats`, which are
    the same memory. `why` tells why there will be none.
    """

    words: memoryview[int]
    floats: memoryview[float]

    def __init__(self, text: str, scalars: int, calls: Iterable[str], compiler: Compiler) -> None:
        self.run: Callable[[], None] | None = None
        self.why = ""
        self._text, self._scalars, self._calls = text, scalars, tuple(calls)
        self._compiler, self._decided = compiler, Event()
        self._engine: Any = None
        compiler.ask(self._make)

    def wait(self) -> None:
        """Wait until it is decided."""
        self._compiler.hurry()
        self._decided.wait()

    def _make(self) -> None:
        try:
            code = self._compiler.emit(self._text)
        except Exception as error:
            self._give_up(f"{type(error).__name__}: {error}")
        else:
            self._compiler.ask(lambda: self._load(code))

    def _load(self, code: bytes) -> None:
        try:
            address = self._address(code)
        except Exception as error:
            self._give_up(f"{type(error).__name__}: {error}")
            return
        place = self._engine.get_global_value_address("arguments")
        memory = memoryview((ctypes.c_int64 * (1 + self._scalars)).from_address(place)).cast("B")
        self.words, self.floats = memory.cast("q"), memory.cast("d")
        # Unlike CFUNCTYPE it keeps the interpreter's lock: giving it away costs more than most kernels run.
        self.run = ctypes.PYFUNCTYPE(None)(address)
        self._decided.set()

    def _give_up(self, why: str) -> None:
        self.why = why
        self._decided.set()

    def _address(self, code: bytes) -> int:
        """Load an object file and return where its kernel lies."""
        llvm = _llvm()
        missing = [name for name in self._calls if not llvm.address_of_symbol(name)]
        if missing:
            raise LookupError(f"this system's C library has no {', '.join(missing)}")
        # Whoever has the function needs the engine to stay.
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine(llvm))
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        address: int = self._engine.get_function_address("kernel")
        return address


def object_code(text: str) -> bytes:
    """Return assembly as an object file for this machine."""
    llvm = _llvm()
    module = llvm.parse_assembly(text)
    module.verify()
    machine = _machine(llvm)
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = options.slp_vectorization = True
    passes = llvm.create_pass_builder(machine, options)
    passes.getModulePassManager().run(module, passes)
    code: bytes = machine.emit_object(module)
    return code


def _llvm() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


def _machine(llvm: Any) -> Any:
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=3, jit=True
    )
