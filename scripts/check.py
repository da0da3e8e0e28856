"""Check everything: `python scripts/check.py`, or some steps by name, or all but the tests with `--no-tests`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parent.parent
MADE = (("game", "trial"), ("plugin", "glow"), ("system", "wind"))


def run(*command: str, cwd: Path = ROOT) -> bool:
    """Run a command of this Python and tell whether it succeeded."""
    return subprocess.run([sys.executable, *command], cwd=cwd, stdin=subprocess.DEVNULL, check=False).returncode == 0


def check_format() -> bool:
    """Compare with the formatter's output."""
    return run("-m", "ruff", "format", "--check", ".")


def check_lint() -> bool:
    """Run the linter."""
    return run("-m", "ruff", "check", ".")


def check_types() -> bool:
    """Run both type checkers on the engine, the modules and the examples."""
    return all([run("-m", "mypy"), run("-m", "pyright", "--pythonpath", sys.executable)])


def check_docs() -> bool:
    """Execute what README, pages and docstrings show."""
    return run("-m", "pytest", "tests/test_docs.py")


def check_games() -> bool:
    """Run `hotloop check` on the built-in modules and the examples."""
    return run("run_game.py", "check")


def check_templates() -> bool:
    """Make a module of each template and check it like any other, its types included."""
    launcher = str(ROOT / "run_game.py")
    with tempfile.TemporaryDirectory() as home:
        game = Path(home, "trial")
        for kind, name in MADE:
            folder = Path(home) if kind == "game" else game
            if not run(launcher, "new", kind, name, cwd=folder):
                return False
        files = [str(path) for path in sorted(game.rglob("*.py")) if "tests" not in path.parts]
        config = ("--config-file", str(ROOT / "pyproject.toml"), "--exclude", "nothing")
        return all(
            [
                run(launcher, "check", "trial", cwd=Path(home)),
                run("-m", "pytest", "-n", "0", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(game), str(game)),
                run("-m", "mypy", *config, *files, cwd=game),
            ]
        )


def check_tests() -> bool:
    """Run the test suite."""
    return run("-m", "pytest")


STEPS: dict[str, Callable[[], bool]] = {
    "format": check_format,
    "lint": check_lint,
    "types": check_types,
    "docs": check_docs,
    "games": check_games,
    "templates": check_templates,
    "tests": check_tests,
}


def main() -> int:
    """Run the steps, all of them even if one fails; return 1 if any did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(STEPS))
    parser.add_argument("--no-tests", action="store_true", help="leave out the test suite")
    options = parser.parse_args()
    unknown = [step for step in options.steps if step not in STEPS]
    if unknown:
        parser.error(f"no step is called {unknown[0]!r}; there are {', '.join(STEPS)}")
    failed = []
    for name in options.steps or [step for step in STEPS if not (options.no_tests and step == "tests")]:
        begin = perf_counter()
        print(f"== {name}", flush=True)
        good = STEPS[name]()
        print(f"== {name} {'ok' if good else 'FAILED'}, {perf_counter() - begin:.1f} s", flush=True)
        if not good:
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "everything is in order")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
