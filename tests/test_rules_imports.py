"""Who imports whom, proven from the syntax trees; and that these proofs fail when a rule is broken."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support import ROOT

from engine.check.imports import import_problems, imports_of
from engine.reload.discover import Found, discover
from engine.reload.manifest import Manifest

ENGINE = ROOT / "engine"
PUBLIC = frozenset(re.findall(r'"(\w+)"', (ENGINE / "__init__.py").read_text(encoding="utf-8").partition("__all__")[2]))

LAYERS = (
    ("errors",),
    ("marks", "ecs"),
    ("kernels",),
    ("clock", "binding", "schedule"),
    ("reload",),
    ("",),  # what belongs to the app: every file that is not named in another layer
    ("check", "display", "inputs", "control"),
    ("mcp",),
    ("commands_*", "bench"),
    ("cli",),
)
APP = next(rank for rank, names in enumerate(LAYERS) if "" in names)
LIBRARIES = {
    "numpy": ("engine/**",),
    "xxhash": ("engine/ecs/*", "engine/bench/peers/bare.py"),
    "packaging": ("engine/**",),
    "watchdog": ("engine/reload/watch.py",),
    "pytest": ("engine/testing.py",),
    "llvmlite": ("engine/kernels/native.py",),
    **dict.fromkeys(("esper", "snecs", "tcod", "ecs_pattern", "microecs"), ("engine/bench/peers/with_*.py",)),
    **dict.fromkeys(("mcp", "pydantic", "anyio", "uvicorn", "PIL"), ("engine/mcp/*",)),
}


def sources(folder: Path) -> Iterable[Path]:
    """Return the Python files of a folder, templates left out."""
    return (path for path in sorted(folder.rglob("*.py")) if ENGINE / "templates" not in path.parents)


def dotted(path: Path, root: Path = ROOT) -> str:
    """Return the Python name of a file below the root."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def layer(name: str) -> int:
    """Return the rank of an engine module; imports go to the same rank or a lower one."""
    part = name.split(".")[1] if "." in name else "errors"
    for rank, names in enumerate(LAYERS):
        if any(re.fullmatch(known.replace("*", r"\w+"), part) for known in names):
            return rank
    return APP


def typing_only(tree: ast.Module) -> set[int]:
    """Return the lines of imports that only type checkers read."""
    blocks = (node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
    return {
        inner.lineno for block in blocks for part in block.body for inner in ast.walk(part) if hasattr(inner, "lineno")
    }


def deferred(tree: ast.Module) -> set[int]:
    """Return the lines inside functions, which run later than the import of their file."""
    functions = (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
    return {inner.lineno for function in functions for inner in ast.walk(function) if hasattr(inner, "lineno")}


def engine_imports(path: Path, known: frozenset[str], *, at_import: bool) -> set[str]:
    """Return the engine modules that a file imports; `at_import` leaves out what functions import when called."""
    tree = ast.parse(path.read_bytes())
    skipped = typing_only(tree) | (deferred(tree) if at_import else set())
    found = set()
    for one in imports_of(tree, dotted(path), path.name == "__init__.py"):
        if one.top == "engine" and one.line not in skipped:
            found.add(one.full if one.full in known else one.module)
    return found - {dotted(path)}


ENGINE_FILES = {dotted(path): path for path in sources(ENGINE)}
KNOWN = frozenset(ENGINE_FILES)


def upward(name: str, imported: Iterable[str]) -> list[str]:
    """Return the imports that point the wrong way."""
    return [other for other in imported if layer(other) > layer(name)]


def find_cycle(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """Return one cycle of a graph, or an empty list."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        done.add(name)
        return next((cycle for other in sorted(graph.get(name, ())) if (cycle := visit(other, [*path, name]))), [])

    return next((cycle for name in sorted(graph) if (cycle := visit(name, []))), [])


# ---------------------------------------------------------------- the engine


@pytest.mark.parametrize("name", sorted(KNOWN - {"engine"}))
def test_imports_of_the_engine_point_one_way(name: str) -> None:
    assert upward(name, engine_imports(ENGINE_FILES[name], KNOWN, at_import=False)) == []


def test_the_direction_is_really_checked() -> None:
    assert upward("engine.ecs.world", ["engine.reload.watch"])
    assert upward("engine.schedule", ["engine.app"])
    assert upward("engine.app", ["engine.cli"])
    assert upward("engine.services", ["engine.commands_run"])
    assert not upward("engine.cli", ["engine.app", "engine.commands_run", "engine.errors"])


def test_the_engine_has_no_import_cycle() -> None:
    graph = {
        name: engine_imports(path, KNOWN, at_import=True) for name, path in ENGINE_FILES.items() if name != "engine"
    }
    assert find_cycle(graph) == []


def test_cycles_are_really_found() -> None:
    assert find_cycle({"a": ["b"], "b": ["c"], "c": ["a"]})
    assert not find_cycle({"a": ["b", "c"], "b": ["c"], "c": []})


def test_errors_import_nothing_of_the_engine() -> None:
    assert engine_imports(ENGINE_FILES["engine.errors"], KNOWN, at_import=False) == set()


def test_the_engine_uses_few_libraries_each_in_its_place() -> None:
    for path in sources(ENGINE):
        for one in imports_of(ast.parse(path.read_bytes()), dotted(path), path.name == "__init__.py"):
            if one.top in sys.stdlib_module_names or one.top == "engine":
                continue
            assert one.top in LIBRARIES, f"{path}:{one.line} imports {one.top}"
            assert any("**" in home or path in ROOT.glob(home) for home in LIBRARIES[one.top]), f"{path}:{one.line}"


def test_the_launcher_imports_the_standard_library_and_the_command_line() -> None:
    tree = ast.parse((ROOT / "run_game.py").read_bytes())
    imported = {one.module for one in imports_of(tree, "run_game", False)}
    assert {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names} == {"engine.cli"}
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert not [word for word in words if re.search(r"\b(core|systems|plugins|apps)\.\w", word)], "it names a module"


# ---------------------------------------------------------------- modules, examples, templates


def all_modules() -> dict[str, Found]:
    """Return the built-in modules and the examples, by name."""
    found = dict(discover())
    for folder in sorted((ROOT / "examples").iterdir()):
        if (folder / "module.toml").is_file():
            found.update({name: one for name, one in discover(folder).items() if one.origin == "game"})
    return found


MODULES = all_modules()


def module_sources(found: Found) -> Iterable[Path]:
    """Return the files of a module, without those of modules that a game carries."""
    inner = found.folder / "modules"
    return (path for path in sorted(found.folder.rglob("*.py")) if inner not in path.parents)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_imports_public_names_and_what_it_requires(name: str) -> None:
    found = MODULES[name]
    for path in module_sources(found):
        if "scripts" in path.parts:
            continue
        python_name = f"{found.python_name}.{dotted(path, found.folder)}".rstrip(".")
        problems = import_problems(ast.parse(path.read_bytes()), path, python_name, found, PUBLIC)
        assert not problems, "\n".join(map(str, problems))


@pytest.mark.parametrize("name", sorted(MODULES))
def test_pygame_and_esper_stay_where_they_belong(name: str) -> None:
    found = MODULES[name]
    bridged = {"plugins.esper_bridge"} & {name, *(one.name for one in found.manifest.requires)}
    allowed = {"pygame": name.startswith("systems.pygame_"), "esper": bool(bridged), "watchdog": False}
    allowed["pymunk"] = name == "plugins.physics"
    for path in module_sources(found):
        for one in imports_of(ast.parse(path.read_bytes()), "module.file", False):
            assert allowed.get(one.top, True), f"{path}:{one.line} imports {one.top}"


def judged(source: str, name: str = "plugins.rain", requires: str = '"core.motion~=1.0"') -> list[str]:
    """Judge the imports of a file of a made-up module."""
    text = f'version = "1.0"\nrequires = [{requires}]\n'
    path = Path("/made/up", *name.split("."), "__init__.py")
    manifest = Manifest.parse(text.encode(), name, path.with_name("module.toml"))
    found = Found(name, name.partition(".")[0], path.parent, manifest, "game")
    problems = import_problems(ast.parse(source), path, found.python_name, found, frozenset({"component", "App"}))
    return [problem.text for problem in problems]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("from engine.ecs.world import World", "the engine's own business"),
        ("from engine import secret", "the engine's own business"),
        ("import engine.schedule", "the engine's own business"),
        ("def f():\n    import watchdog", "the engine's own business"),
        ("from modules.core.input import Pointer", "without requiring it"),
        ("import modules.core.input", "without requiring it"),
        ("from modules.core import input", "without requiring it"),
        ("from modules.systems.kinematics import move", "nothing imports an implementation"),
        ("from modules import core", "names no module"),
        ("from ....core.motion import Position", "without requiring it\nleaves the module's folder"),
        ("from .... import x", "leaves the module's folder"),
        ("import pygame.draw", "only the room 'systems'"),
    ],
)
def test_a_forbidden_import_is_found(source: str, says: str) -> None:
    texts = judged(source)
    assert len(texts) == 1, texts
    assert any(part in texts[0] for part in says.splitlines())


@pytest.mark.parametrize(
    "source",
    [
        "from engine import App, component",
        "import engine",
        "from modules.core.motion import Position",
        "from modules.core import motion",
        "import modules.core.motion",
        "from . import drops\nfrom .drops import fall",
        "from modules.plugins.rain.drops import fall",
        "import numpy as np\nimport scipy",
    ],
)
def test_an_allowed_import_is_left_alone(source: str) -> None:
    assert judged(source) == []


def test_a_game_imports_its_own_files_relatively() -> None:
    assert "import relatively" in judged("from modules.apps.mine.rocks import Rock", "apps.mine")[0]
    assert judged("from .rocks import Rock", "apps.mine") == []


def test_a_contract_imports_no_libraries() -> None:
    assert "a contract imports nothing but" in judged("import scipy", "core.rain")[0]
    assert judged("import numpy\nimport math", "core.rain") == []


def test_nothing_we_depend_on_requires_pygame() -> None:
    """Follow what an installation with all extras brings; extras of others that nobody asks for are not installed."""
    ours = metadata.metadata("hotloop").get_all("Provides-Extra") or []
    wanted, seen = [Requirement(f"hotloop[{','.join(ours)}]")], set()
    while wanted:
        one = wanted.pop()
        name, extras = canonicalize_name(one.name), one.extras or {""}
        if (name, *sorted(extras)) in seen:
            continue
        seen |= {(name, *sorted(extras)), name}
        try:
            requirements = [Requirement(text) for text in metadata.requires(name) or []]
        except metadata.PackageNotFoundError:
            continue
        wanted += [
            other
            for other in requirements
            if other.marker is None or any(other.marker.evaluate({"extra": extra}) for extra in extras)
        ]
    assert "pygame-ce" in seen
    assert "pygame" not in seen, "its files overwrite those of pygame-ce"
