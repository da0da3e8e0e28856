"""Start Hotloop from a checkout: `python run_game.py ARGS` is what `hotloop ARGS` is once installed.

Only the standard library is imported here, and no module is known by name: what to run is the engine's business.
The file is written in Python that also very old interpreters read, so that they too get a message.
"""

import os
import re
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
NEEDED = (3, 11)


def missing_packages():
    """Return the names of the distributions that pyproject.toml asks for and that are not installed."""
    import tomllib
    from importlib import metadata

    with open(os.path.join(FOLDER, "pyproject.toml"), "rb") as file:
        wanted = tomllib.load(file)["project"]["dependencies"]
    missing = []
    for requirement in wanted:
        name = re.match(r"[\w.-]+", requirement).group()
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
    return missing


def install_command():
    """Return the one line that installs what is missing, for the interpreter that runs this."""
    if sys.prefix != sys.base_prefix:
        return f'"{sys.executable}" -m pip install -e "{FOLDER}"'
    if os.name == "nt":
        command = r"py -m venv .venv; .venv\Scripts\pip install -e .; .venv\Scripts\python run_game.py"
        return f'cd "{FOLDER}"; {command}'
    command = "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/python run_game.py"
    return f'cd "{FOLDER}" && {command}'


def main():
    """Check the interpreter and the packages, then hand over; return the exit status."""
    if sys.version_info < NEEDED:
        version = ".".join(map(str, sys.version_info[:2]))
        sys.stderr.write(f"run_game.py: Python {version} is too old; Hotloop needs 3.11 or newer\n")
        return 2
    missing = missing_packages()
    if missing:
        what = ", ".join(missing)
        sys.stderr.write(f"run_game.py: missing {what}; install with:\n  {install_command()}\n")
        return 2
    sys.path.insert(0, FOLDER)
    from engine.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
