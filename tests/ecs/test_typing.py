"""What type checkers see of queries, in mypy and in pyright."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SAMPLES = HERE / "typing_samples"


def mypy(path: Path) -> set[int]:
    """Return the lines of a file in which mypy finds errors."""
    command = [sys.executable, "-m", "mypy", "--strict", "--show-error-codes", "--no-color-output", str(path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert "error: " in result.stdout or result.returncode == 0, result.stdout + result.stderr
    return {int(n) for n in re.findall(rf"{re.escape(path.name)}:(\d+): error: ", result.stdout)}


def pyright(path: Path) -> set[int]:
    """Return the lines of a file in which pyright finds errors."""
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, str(path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    found = json.loads(result.stdout)["generalDiagnostics"]
    return {item["range"]["start"]["line"] + 1 for item in found if item["severity"] == "error"}


@pytest.mark.parametrize("check", [mypy, pyright])
def test_steps_have_their_exact_types_and_mistakes_are_found(check: object) -> None:
    assert callable(check)
    assert check(SAMPLES / "steps.py") == set()
    mistakes = SAMPLES / "mistakes.py"
    marked = {n for n, line in enumerate(mistakes.read_text().splitlines(), 1) if "# ERROR" in line}
    assert check(mistakes) == marked


def test_the_overloads_are_what_the_script_writes() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import generate_steps
    finally:
        sys.path.pop(0)
    assert generate_steps.TARGET.read_text(encoding="utf-8") == generate_steps.text()
