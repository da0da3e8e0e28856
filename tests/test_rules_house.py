"""Public names, docstrings and module-level state; and that these checks fail when a rule is broken."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import ROOT

import engine

ENGINE = ROOT / "engine"
FILES = [path for path in sorted(ENGINE.rglob("*.py")) if ENGINE / "templates" not in path.parents]
CONTRACTS = sorted(path.parent.name for path in (ROOT / "modules" / "core").glob("*/module.toml"))
MOST_PUBLIC_NAMES = 46


# ---------------------------------------------------------------- public names


def test_public_names_are_few_and_exist() -> None:
    assert len(engine.__all__) <= MOST_PUBLIC_NAMES
    assert len(set(engine.__all__)) == len(engine.__all__)
    assert [name for name in engine.__all__ if not hasattr(engine, name)] == []


def test_the_package_only_reexports() -> None:
    tree = ast.parse((ENGINE / "__init__.py").read_bytes())
    assert not [node for node in tree.body if isinstance(node, ast.ClassDef)]
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert set(functions) <= {"__getattr__", "__dir__"}


def test_every_public_name_is_on_the_page_of_names() -> None:
    page = (ROOT / "docs" / "names.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)", page, re.MULTILINE)
    assert sorted(rows) == sorted(set(rows))
    assert set(rows) == set(engine.__all__)


def undocumented(value: object, name: str) -> Iterator[str]:
    """Yield the names of a class or function, and of a class's own public methods, that have no docstring."""
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return
    if not (value.__doc__ or "").strip():
        yield name
    for inner, member in vars(value).items() if inspect.isclass(value) else ():
        function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        if not inner.startswith("_") and inspect.isfunction(function) and not (function.__doc__ or "").strip():
            yield f"{name}.{inner}"


def test_every_public_name_is_documented() -> None:
    assert [text for name in engine.__all__ for text in undocumented(getattr(engine, name), name)] == []


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_name_of_a_contract_is_documented(contract: str) -> None:
    module = importlib.import_module(f"modules.core.{contract}")
    assert module.__doc__
    assert [text for name in module.__all__ for text in undocumented(getattr(module, name), name)] == []


def test_missing_docstrings_are_really_found() -> None:
    class Bare:
        def method(self) -> None: ...

        @property
        def read(self) -> None: ...

    assert list(undocumented(Bare, "Bare")) == ["Bare", "Bare.method", "Bare.read"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ENGINE).as_posix())
def test_every_file_says_what_it_is_and_documents_its_public_names(path: Path) -> None:
    tree = ast.parse(path.read_bytes())
    bare = [] if ast.get_docstring(tree) else ["the file"]
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_"):
            # Overloads and what they stand for share the docstring of the last one.
            overloaded = any("overload" in ast.unparse(decorator) for decorator in node.decorator_list)
            if not overloaded and not ast.get_docstring(node):
                bare.append(node.name)
    assert bare == []


# ---------------------------------------------------------------- no state outside objects


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


MUTABLE = words(
    "list dict set bytearray deque defaultdict Counter OrderedDict WeakKeyDictionary WeakValueDictionary WeakSet "
    "SimpleNamespace Lock RLock Event Queue SimpleQueue ContextVar local count cycle Random default_rng zeros ones "
    "empty array"
)
LITERALS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)
CHANGERS = words("append add extend insert update setdefault pop popitem remove discard clear sort reverse appendleft")


def module_state(source: str, changed: frozenset[str] = frozenset()) -> list[str]:
    """Return what a file keeps at module level, or at class level, that could change while it runs.

    A table of constants may be a plain dict or list if it is filled where it stands, has a name in capitals, and
    is not among the names that some file changes.
    """
    tree = ast.parse(source)
    changed |= changed_names(tree)
    found = [f"line {node.lineno}: global" for node in ast.walk(tree) if isinstance(node, ast.Global)]
    bodies = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef) and not _is_data(node))]
    for statement in (statement for body in bodies for statement in body):
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        if names and names != ["__all__"] and names != ["__slots__"] and _is_mutable(statement.value):
            constant = _is_filled(statement.value) and names[0].isupper() and names[0] not in changed
            found += [] if constant else [f"line {statement.lineno}: {names[0]}"]
    return found


def changed_names(tree: ast.AST) -> frozenset[str]:
    """Return the names, plain or as attributes, whose values a file changes in place."""
    found: set[str] = set()
    for node in ast.walk(tree):
        target: ast.expr | None = None
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
            target = node.value
        elif isinstance(node, ast.AugAssign):
            target = node.target
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGERS:
            target = node.func.value
        if isinstance(target, ast.Name):
            found.add(target.id)
        elif isinstance(target, ast.Attribute):
            found.add(target.attr)
    return frozenset(found)


def _is_data(node: ast.ClassDef) -> bool:
    """Tell a class whose body declares fields, whose defaults are copied, from one whose body holds values."""
    return any(re.match(r"(dataclass|component|event|resource)\b", ast.unparse(one)) for one in node.decorator_list)


def _is_mutable(value: ast.expr) -> bool:
    if isinstance(value, LITERALS):
        return True
    if isinstance(value, ast.Call):
        called = ast.unparse(value.func).rsplit(".", 1)[-1]
        return called in MUTABLE
    return False


def _is_filled(value: ast.expr) -> bool:
    """Tell whether a table is written out where it stands."""
    if isinstance(value, ast.Dict):
        return bool(value.keys)
    return isinstance(value, (ast.List, ast.Set)) and bool(value.elts)


CHANGED = frozenset().union(*(changed_names(ast.parse(path.read_bytes())) for path in FILES))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ENGINE).as_posix())
def test_the_engine_keeps_no_state_in_modules(path: Path) -> None:
    assert module_state(path.read_text(encoding="utf-8"), CHANGED) == []


@pytest.mark.parametrize(
    "source",
    [
        "CACHE = {}",
        "NAMES: list[str] = []",
        "SEEN = set()",
        "import weakref\nLIVE = weakref.WeakSet()",
        "import threading\nLOCK = threading.Lock()",
        "class Code:\n    instances = []",
        "count = 0\ndef f():\n    global count\n    count += 1",
        "SQUARES = [n * n for n in range(3)]",
        "ROOMS = {'a': 1}\ndef f():\n    ROOMS['b'] = 2",
        "NAMES = ['a']\ndef f():\n    NAMES.append('b')",
        "names = ['a']",
    ],
)
def test_state_is_really_found(source: str) -> None:
    assert module_state(source)


@pytest.mark.parametrize(
    "source",
    [
        "__all__ = ['a']",
        "LIMIT = 3\nNAMES = ('a', 'b')\nKINDS = frozenset({1})",
        "ROOMS = {'a': 1}\ndef f():\n    return ROOMS['a']",
        "def f():\n    found = []\n    return found",
        "class A:\n    __slots__ = ['a']",
        "@dataclass\nclass A:\n    names: list = field(default_factory=list)",
    ],
)
def test_constants_are_left_alone(source: str) -> None:
    assert module_state(source) == []
