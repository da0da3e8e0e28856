"""README, pages and docstrings are executed.

Each page is worked through from top to bottom in an empty folder: a block that names a file is written there
(`toml`, `python`, `file`) or changes it (`diff`), any other `python` block is executed, `toml` must be a manifest, and
`sh` runs. In the end every game that the page made must pass `hotloop check`.
"""

from __future__ import annotations

import doctest
import importlib
import os
import re
import subprocess
import sys
import tomllib
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from support import LAUNCHER, ROOT, Run, bare_environment

from engine import App
from engine.reload.manifest import Manifest
from engine.reload.places import games

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = {"text", "powershell"}  # languages that are for reading only
SET_UP = re.compile(r"^(python3 -m venv|uv) ")  # lines that `.ci/run` proves, or that need a tool we do not install
FIRST_GAME = ROOT / "docs" / "writing-a-game.md"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file it is or changes, its text and its line in the page."""

    language: str
    file: str | None
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        yield Block(found[1], found[2], found[3], text.count("\n", 0, found.start()) + 1)


def apply_diff(diff: str, path: Path) -> None:
    """Change a file as a diff of lines to remove and lines to add says, its parts between lines of `@@`.

    The old lines of each part must be there once.
    """
    path.write_text(patched(path.read_text(encoding="utf-8"), diff), encoding="utf-8")


def patched(source: str, diff: str) -> str:
    """Return a text as a diff changes it."""
    for part in diff.split("@@\n"):
        lines = part.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] in "- ")
        new = "".join(line[1:] for line in lines if line[0] in "+ ")
        assert source.count(old) == 1, f"this is not there once:\n{old}"
        source = source.replace(old, new)
    return source


def run_shell(command: str, folder: Path) -> None:
    """Run a command as a person would who has activated the environment."""
    scripts = folder / ".bin"
    scripts.mkdir(exist_ok=True)
    hotloop = scripts / "hotloop"
    hotloop.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{LAUNCHER}" "$@"\n')
    hotloop.chmod(0o755)
    path = os.pathsep.join([str(scripts), str(Path(sys.executable).parent), os.environ["PATH"]])
    libraries = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = {**bare_environment(), "PATH": path, "PYTHONPATH": libraries}
    done = subprocess.run(
        ["bash", "-euc", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


class Page:
    """Works through the blocks of one page."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path, self.folder = path, folder
        self.module = types.ModuleType(f"page_{path.stem.replace('-', '_')}")
        sys.modules[self.module.__name__] = self.module  # annotations are looked up there

    def work(self, block: Block) -> None:
        """Do what a block is for."""
        match block.language:
            case "toml" | "python" | "file" if block.file:
                target = self.folder / block.file
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(block.text, encoding="utf-8")
            case "diff" if block.file:
                apply_diff(block.text, self.folder / block.file)
            case "python":
                source = "\n" * block.line + block.text
                exec(compile(source, str(self.path), "exec", dont_inherit=True), vars(self.module))
            case "toml":
                room = "systems" if "implements" in block.text else "plugins"
                Manifest.parse(block.text.encode(), f"{room}.example", self.path)
            case "sh":
                for command in block.text.splitlines():
                    if not SET_UP.match(command):
                        run_shell(command, self.folder)
            case _:
                assert block.language in SHOWN, f"{self.path}:{block.line}: nothing executes {block.language}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_page_shows_works(path: Path, tmp_path: Path, hotloop: Run) -> None:
    page = Page(path, tmp_path)
    for block in blocks(path):
        page.work(block)
    for manifest in tmp_path.glob("*/module.toml"):
        done = hotloop("check", manifest.parent)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    text = BLOCK.sub("", path.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"https?://", target):
            assert (path.parent / target.partition("#")[0]).exists(), f"{path}: {target}"


def test_the_first_game_takes_less_than_twenty_lines_and_its_edit_is_seen(tmp_path: Path) -> None:
    """Follow the page on writing a game word for word up to its first edit, made while the game runs."""
    page = Page(FIRST_GAME, tmp_path)
    steps: list[Block] = []
    for block in blocks(FIRST_GAME):
        steps.append(block)
        if block.language == "diff":
            break
        page.work(block)
    edit = steps[-1]
    lines = [line for step in steps for line in step.text.splitlines() if line.strip()]
    assert len(lines) < 20, f"{len(lines)} lines"

    from modules.core.motion import Position

    game = tmp_path / "mine"
    app = App(game, headless=True)
    try:
        app.step(60)
        before = app.world.query(Position).entities()
        x, y = place(app)
        app.step(7)
        assert place(app)[0] != x
        assert place(app)[1] == y
        app.screenshot(tmp_path / "before.png")
        assert shows_a_sprite(tmp_path / "before.png")

        assert edit.file is not None
        apply_diff(edit.text, tmp_path / edit.file)
        wait_until(app, lambda: place(app)[1] != y)
        x, y = place(app)
        app.step(7)
        assert place(app)[0] == x
        assert place(app)[1] != y
        assert (app.world.query(Position).entities() == before).all()
    finally:
        app.close()


def place(app: App) -> tuple[float, float]:
    """Return where the only sprite is."""
    from modules.core.motion import Position

    row = app.world.query(Position).single()
    return float(row.x), float(row.y)


def shows_a_sprite(picture: Path) -> bool:
    """Tell whether a picture has more than its background."""
    from PIL import Image

    colors = Image.open(picture).convert("RGB").getcolors(1 << 24)
    return colors is not None and len(colors) > 10


def wait_until(app: App, condition: object, seconds: float = 20) -> None:
    """Let the game run until something is so."""
    from time import monotonic

    deadline = monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert monotonic() < deadline, "the edit had no effect"
        app.step()


def test_readme_begins_as_promised() -> None:
    """First what it is, in two sentences, then the moving picture, then the two commands."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first, _, rest = text.partition("![")
    sentences = re.findall(r"\.(?=\s|$)", first.partition("\n")[2])
    assert len(sentences) == 2
    assert re.match(r"[^\]]*\]\([^)]*\.gif\)", rest)
    commands = next(block for block in blocks(ROOT / "README.md")).text.splitlines()
    assert commands == [
        "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/python run_game.py",
        'python3 -m venv .venv && .venv/bin/pip install -e ".[dev]" && .venv/bin/python -m pytest',
    ]
    assert text[: text.index(commands[-1])].count("\n") < 24, "the commands are below the first screen"


def test_readme_gives_a_reason_for_each_dependency_and_shows_each_game() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for requirement in project["dependencies"]:
        name = re.match(r"[\w-]+", requirement)
        assert name is not None
        assert re.search(rf"^\| {name[0]} \| \w.{{10,}} \|$", text, re.MULTILINE), name[0]
    for requirement in project["optional-dependencies"]["dev"]:
        name = re.match(r"[\w-]+", requirement)
        assert name is not None
        assert name[0] in text, name[0]
    for game in games():
        assert game == "gallery" or f"**{game}**" in text, game


MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for folder in ("engine", "modules")
    for path in (ROOT / folder).rglob("*.py")
    if "templates" not in path.parts
)


def not_for_this_python() -> set[str]:
    """Return the libraries of the extras that pip leaves out under this version of Python."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [Requirement(line) for lines in project["optional-dependencies"].values() for line in lines]
    return {one.name.replace("-", "_") for one in wanted if one.marker and not one.marker.evaluate()}


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_work(name: str) -> None:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in not_for_this_python():
            raise
        pytest.skip(f"{error.name} is not for this version of Python")
    failed, _ = doctest.testmod(module)
    assert failed == 0


def test_a_page_that_is_wrong_fails(tmp_path: Path) -> None:
    page = Page(tmp_path / "wrong.md", tmp_path)
    with pytest.raises(AssertionError):
        page.work(Block("python", None, "assert 1 == 2", 1))
    with pytest.raises(AssertionError):
        page.work(Block("sh", None, "hotloop list nosuchgame", 1))
    with pytest.raises(AssertionError):
        page.work(Block("ruby", None, "puts 1", 1))
    (tmp_path / "a.py").write_text("x = 1\n")
    with pytest.raises(AssertionError):
        apply_diff("-x = 2\n+x = 3\n", tmp_path / "a.py")
    apply_diff("-x = 1\n+x = 3\n", tmp_path / "a.py")
    assert (tmp_path / "a.py").read_text() == "x = 3\n"
