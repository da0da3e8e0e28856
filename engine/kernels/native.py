"""Machine code from LLVM's assembly, made in a thread: llvmlite lets other threads run while it works."""

from __future__ import annotations

import ctypes
import importlib.util
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

C_TYPES = {"double": ctypes.c_double, "float": ctypes.c_float, "i64": ctypes.c_int64, "i1": ctypes.c_bool}


def is_available() -> bool:
    """Tell whether the extra `kernels` is installed."""
    return importlib.util.find_spec("llvmlite") is not None


class Native:
    """The machine code of one kernel, as soon as it is there.

    `run` is None until then, and afterwards a function of the number of tables, the address of their list, and the
    scalars. `why` tells why there will be none.
    """

    def __init__(self, text: str, scalars: Sequence[str], calls: Iterable[str]) -> None:
        self.run: Callable[..., None] | None = None
        self.why = ""
        self._text, self._scalars, self._calls = text, scalars, tuple(calls)
        self._engine: Any = None
        # No daemon: a process must not end in the middle of LLVM's work.
        self._thread = threading.Thread(target=self._compile, name="hotloop-kernel")
        self._thread.start()

    def wait(self) -> None:
        """Wait until it is decided."""
        self._thread.join()

    def _compile(self) -> None:
        try:
            address = self._emit()
        except Exception as error:
            self.why = f"{type(error).__name__}: {error}"
            return
        if not address:
            return
        kinds: list[Any] = [C_TYPES[kind] for kind in self._scalars]
        # Unlike CFUNCTYPE it keeps the interpreter's lock: giving it away costs more than most kernels run.
        kind: Any = ctypes.PYFUNCTYPE(None, ctypes.c_int64, ctypes.c_void_p, *kinds)
        self.run = kind(address)

    def _emit(self) -> int:
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        missing = [name for name in self._calls if not llvm.address_of_symbol(name)]
        if missing:
            self.why = f"this system's C library has no {', '.join(missing)}"
            return 0
        module = llvm.parse_assembly(self._text)
        module.verify()
        target = llvm.Target.from_default_triple().create_target_machine(
            cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=3
        )
        options = llvm.create_pipeline_tuning_options(speed_level=3)
        options.loop_vectorization = options.slp_vectorization = True
        passes = llvm.create_pass_builder(target, options)
        passes.getModulePassManager().run(module, passes)
        # Whoever has the function needs the engine to stay.
        self._engine = llvm.create_mcjit_compiler(module, target)
        self._engine.finalize_object()
        address: int = self._engine.get_function_address("kernel")
        return address
