"""A game in a window nobody sees, that counts what the control port adds to its frames; run by `test_load.py`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

from engine.app import App
from engine.control.place import Place
from engine.control.port import ControlPort


def main(game: str, folder: str, report: str) -> None:
    """Run until told to end; write, for each frame, wall seconds, wall and CPU seconds for the port, and tick."""
    app = App(game, reload=False)
    port = app.control = ControlPort(Place.make(Path(folder)), app)
    rows: list[list[float]] = []
    drain, one_frame = port.drain, app._one_frame

    def counted(*arguments: Any, **more: Any) -> None:
        begin, cpu = perf_counter(), thread_time()
        drain(*arguments, **more)
        rows.append([0.0, perf_counter() - begin, thread_time() - cpu, app.world.tick])

    def whole(*arguments: Any, **more: Any) -> None:
        begin = perf_counter()
        one_frame(*arguments, **more)
        rows[-1][0] = perf_counter() - begin

    port.drain = counted  # type: ignore[method-assign]
    app._one_frame = whole  # type: ignore[method-assign]
    try:
        app.run()
    finally:
        port.close()
        app.close()
        Path(report).write_text(json.dumps(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
