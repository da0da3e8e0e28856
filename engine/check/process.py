"""The helper process of `hotloop check`: whatever the examined code does, it does it here.

Started as `python -m engine.check.process RESULT [FOLDER]`. It writes one JSON value a line: the name of each file
before it is loaded, so that one that hangs or ends the process can be named, and a list of problems at the end.
"""

from __future__ import annotations

import json
import sys
from dataclasses import astuple
from pathlib import Path

from engine.check.examine import Examination


def main(result: str, folder: str | None = None) -> None:
    """Examine a game, or all built-in modules, and write the result."""
    with open(result, "w", encoding="utf-8") as out:

        def tell(value: object) -> None:
            out.write(json.dumps(value) + "\n")
            out.flush()

        problems = Examination(Path(folder) if folder else None, lambda path: tell(str(path))).run()
        tell([astuple(problem) for problem in problems])


if __name__ == "__main__":
    main(*sys.argv[1:])
