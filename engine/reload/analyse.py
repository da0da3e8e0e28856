"""What a file says, statement by statement, as plain data: nothing is executed.

The result of `analyse` is a pure function of source, path and name, and survives `marshal`, so that another process
can compute it. A file is cut into its top-level statements. Each knows the names it binds, what it reads while it
is imported, a digest that ignores layout, a second digest (the skeleton) that also ignores the bodies of functions,
and its code.
"""

from __future__ import annotations
import __future__

import ast
import hashlib
import marshal
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property, reduce
from operator import or_
from types import CodeType
from typing import Any

from engine.reload.nested import nested_defaults
from engine.reload.reads import Reader, dotted
from engine.reload.texts import Texts, looked_into

Path_ = tuple[str, ...]
Read = tuple[Path_, str]


@dataclass(frozen=True, slots=True)
class ClassBody:
    """A class statement: its statements with the names they bind, their digest and the paths they read and call.

    `firsts` are the attributes that `__init__` always sets to a value that can be worked out without its arguments.
    """

    qualname: str
    statements: tuple[tuple[tuple[str, ...], str, tuple[Path_, ...], tuple[Path_, ...]], ...]
    firsts: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """One top-level statement.

    `reads` pairs a dotted path with how it is used while the statement runs: `hold` (only the reference is kept),
    `store` (an attribute of it is set), `use` (its content matters), `call`, `ask` (what calling it gives is used at
    once), `index` (an item of it is called), `mark` (applied as a decorator) or `base`. `imports` lists absolute module
    name, imported name (empty for the module itself, `*` for all), bound name. `hints` are the names in annotations
    that are kept as text.
    `is_for_types` marks an `if TYPE_CHECKING:`, whose imports never happen.
    """

    kind: str
    line: int
    digest: str
    skeleton: str
    value: str
    binds: tuple[str, ...]
    deletes: tuple[str, ...]
    annotates: tuple[str, ...]
    reads: tuple[Read, ...]
    stores: tuple[Path_, ...]
    imports: tuple[tuple[str, str, str], ...]
    lazy: tuple[str, ...]
    acts: bool
    calls: tuple[str, ...]
    hints: tuple[str, ...]
    functions: tuple[tuple[str, int, str, str, bool], ...]
    classes: tuple[ClassBody, ...]
    defaults: tuple[tuple[str, tuple[Any, ...], tuple[tuple[str, Any], ...]], ...]
    code: bytes
    annotation: bytes
    is_for_types: bool


@dataclass(frozen=True, slots=True)
class SourceError:
    """Why a source cannot be compiled."""

    line: int
    column: int
    text: str
    message: str
    kind: str


@dataclass(frozen=True)
class Analysis:
    """A file's statements, or the error that keeps it from having any.

    The statements travel between processes as bytes and are unpacked when they are first asked for.
    """

    path: str
    name: str
    is_package: bool
    packed: bytes
    error: SourceError | None

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """The top-level statements in file order."""
        return tuple(map(_unit, marshal.loads(self.packed)))


_FIELDS = tuple(field.name for field in fields(Unit))
_BODY_FIELDS = tuple(field.name for field in fields(ClassBody))
_CLASSES_AT = _FIELDS.index("classes")


def _plain(unit: Unit) -> list[Any]:
    values = [getattr(unit, name) for name in _FIELDS]
    values[_CLASSES_AT] = [[getattr(body, name) for name in _BODY_FIELDS] for body in unit.classes]
    return values


def _unit(values: list[Any]) -> Unit:
    values[_CLASSES_AT] = tuple(ClassBody(*body) for body in values[_CLASSES_AT])
    return Unit(*values)


def analyse(source: bytes, path: str, python_name: str, is_package: bool) -> Analysis:
    """Cut a source into statements; a source that does not compile gives an `Analysis` with `error` set."""
    try:
        tree = ast.parse(source, path)
        units = _Cutter(tree, path, python_name, is_package).units()
        if any(unit.kind == "future" for unit in units):
            compile(tree, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        return Analysis(path, python_name, is_package, marshal.dumps(()), _source_error(error, source))
    return Analysis(path, python_name, is_package, marshal.dumps([_plain(unit) for unit in units]), None)


def _source_error(error: BaseException, source: bytes) -> SourceError:
    line = getattr(error, "lineno", None)
    if not line:  # Python does not say on which line the NUL byte is
        line = source[: max(source.find(b"\0"), 0)].count(b"\n") + 1
    column = getattr(error, "offset", None) or 0
    message = getattr(error, "msg", None) or str(error) or "nested too deeply to be compiled"
    text = getattr(error, "text", None)
    if text is None:
        lines = source.splitlines()
        text = lines[line - 1].decode("utf-8", "replace") if 0 < line <= len(lines) else ""
    return SourceError(line, column, text.rstrip("\r\n"), message, type(error).__name__)


def absolute_name(python_name: str, is_package: bool, level: int, target: str | None) -> str:
    """Return the absolute name of a module imported with `level` leading dots."""
    if not level:
        return target or ""
    parts = python_name.split(".")
    keep = len(parts) - level + (1 if is_package else 0)
    return ".".join(parts[: max(keep, 0)] + ([target] if target else []))


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_KINDS: dict[type, str] = {
    ast.FunctionDef: "def",
    ast.AsyncFunctionDef: "def",
    ast.ClassDef: "class",
    ast.Import: "import",
    ast.Assign: "assign",
    ast.AnnAssign: "annotated",
    ast.AugAssign: "augmented",
    ast.Expr: "expr",
    ast.Delete: "del",
}


class _Cutter:
    """The pass over one syntax tree."""

    def __init__(self, tree: ast.Module, path: str, name: str, is_package: bool) -> None:
        self.tree, self.path, self.name, self.is_package = tree, path, name, is_package
        names = [
            alias.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and node.module == "__future__"
            for alias in node.names
        ]
        features = [getattr(__future__, name, None) for name in names]
        self.flags: int = reduce(or_, (feature.compiler_flag for feature in features if feature), 0)
        self.late_annotations = "annotations" in names
        self.salt = ",".join(sorted(names))
        self.texts = Texts()

    def units(self) -> list[Unit]:
        return [self._unit(node, index == 0) for index, node in enumerate(self.tree.body)]

    def _unit(self, node: ast.stmt, first: bool) -> Unit:
        reader = Reader(self.late_annotations, self._absolute)
        reader.statement(node)
        lambdas_free = isinstance(node, ast.Assign | ast.AnnAssign) and not reader.calls
        kind = self._kind(node, first)
        masks = kind in ("def", "class", "block") or lambdas_free
        digest = self._digest(self.texts.whole(node))
        code = self._compile(node)
        return Unit(
            kind=kind,
            line=node.lineno,
            digest=digest,
            skeleton=self._digest(self.texts.masked(node, lambdas_free)) if masks else digest,
            value=self._digest(self._said(node)) if is_plain(node) else "",
            binds=tuple(reader.binds),
            deletes=tuple(reader.deletes),
            annotates=_annotated(node),
            reads=tuple(reader.reads),
            stores=tuple(reader.stores),
            imports=tuple(reader.imports),
            lazy=tuple(reader.lazy),
            acts=reader.acts,
            calls=tuple(reader.calls),
            hints=tuple(reader.hints),
            functions=tuple(self._functions(node)),
            classes=tuple(self._classes(node)),
            defaults=tuple(nested_defaults(node)),
            code=marshal.dumps(code),
            annotation=marshal.dumps(self._compile(_annotation(node))) if isinstance(node, ast.AnnAssign) else b"",
            is_for_types=_is_for_types(node),
        )

    def _kind(self, node: ast.stmt, first: bool) -> str:
        if isinstance(node, ast.ImportFrom):
            if node.module == "__future__":
                return "future"
            return "star" if node.names[0].name == "*" else "from"
        if first and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return "doc" if isinstance(node.value.value, str) else "expr"
        return _KINDS.get(type(node), "block")

    def _compile(self, node: ast.stmt) -> CodeType:
        code = compile(ast.Module([node], []), self.path, "exec", flags=self.flags, dont_inherit=True)
        assert isinstance(code, CodeType)
        return code

    def _absolute(self, level: int, target: str | None) -> str:
        return absolute_name(self.name, self.is_package, level, target)

    def _digest(self, text: str) -> str:
        return hashlib.blake2b((self.salt + text).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()

    def _said(self, node: ast.stmt) -> str:
        """Return a statement's text without the annotation of what it sets: that sets no name anew."""
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            return self.texts.bare(node.target, node.value)
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            return self.texts.bare(node.targets[0], node.value)
        return self.texts.whole(node)

    def _functions(self, node: ast.AST, prefix: str = "") -> list[tuple[str, int, str, str, bool]]:
        """List functions outside functions: qualified name, first line, digests with and without nested bodies.

        The last item says whether the function calls or inspects one of its own parameters while it runs, as a
        decorator that looks for more than the identity of what it marks does.
        """
        found: list[tuple[str, int, str, str, bool]] = []
        if isinstance(node, _FUNCTIONS):
            first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
            own = "\0".join(map(self.texts.own, node.body))
            names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
            calls = any(part in own for name in names for part in looked_into(name))
            digest = self._digest(self.texts.whole(node))
            return [(prefix + node.name, first, digest, self._digest(own), calls)]
        if isinstance(node, ast.ClassDef):
            prefix += node.name + "."
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
                found += self._functions(child, prefix)
        return found

    def _classes(self, node: ast.AST, prefix: str = "") -> list[ClassBody]:
        found: list[ClassBody] = []
        if isinstance(node, _FUNCTIONS):
            return found
        if isinstance(node, ast.ClassDef):
            found.append(self._class(node, prefix + node.name))
            prefix += node.name + "."
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
                found += self._classes(child, prefix)
        return found

    def _class(self, node: ast.ClassDef, qualname: str) -> ClassBody:
        rows: list[tuple[tuple[str, ...], str, tuple[Path_, ...], tuple[Path_, ...]]] = []
        slots = False
        first: ast.FunctionDef | None = None
        for item in node.body:
            reader = Reader(self.late_annotations, self._absolute)
            reader.statement(item)
            slots = slots or "__slots__" in reader.binds
            rows.append(
                (
                    tuple(reader.binds),
                    "" if reader.imports else self._digest(self._said(item)),
                    tuple(dict.fromkeys(path for path, _ in reader.reads)),
                    tuple(path for path, how in reader.reads if how in ("call", "mark")),
                )
            )
            if isinstance(item, ast.FunctionDef) and item.name == "__init__":
                first = item
        firsts = self._firsts(first, slots) if first is not None else []
        return ClassBody(qualname, tuple(rows), tuple(firsts))

    def _firsts(self, node: ast.FunctionDef, slots: bool) -> list[tuple[str, bytes]]:
        """List attributes that `__init__` always sets, to a value without parameters and variables or to a default."""
        names = {arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg)}
        defaults = _defaults(node.args)
        names |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        own = node.args.args[0].arg if node.args.args else ""
        found = []
        for target, value in _assignments(node.body, not slots):
            if not (isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)):
                continue
            if isinstance(value, ast.Name) and value.id in defaults:
                value = defaults[value.id]
            if target.value.id == own and not any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(value)):
                code = compile(ast.Expression(value), self.path, "eval", flags=self.flags, dont_inherit=True)
                found.append((target.attr, marshal.dumps(code)))
        return found


def _assignments(body: list[ast.stmt], pairs: bool) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield each target with the expression of its value, with `pairs` also those of `a, b = 1, 2` one by one."""
    for item in body:
        if isinstance(item, ast.AnnAssign) and item.value is not None:
            yield item.target, item.value
        elif isinstance(item, ast.Assign):
            for target in item.targets:
                if pairs and isinstance(target, ast.Tuple) and isinstance(item.value, ast.Tuple):
                    yield from zip(target.elts, item.value.elts, strict=False)
                else:
                    yield target, item.value


def _defaults(arguments: ast.arguments) -> dict[str, ast.expr]:
    """Return the parameters that have a default, with it."""
    names = [arg.arg for arg in (*arguments.posonlyargs, *arguments.args)]
    found = dict(zip(names[len(names) - len(arguments.defaults) :], arguments.defaults, strict=True))
    for arg, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            found[arg.arg] = default
    return found


def is_plain(node: ast.stmt) -> bool:
    """Tell whether a statement gives one name a value."""
    target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
    target = node.target if isinstance(node, ast.AnnAssign) and node.value is not None else target
    return isinstance(target, ast.Name)


def _annotated(node: ast.stmt) -> tuple[str, ...]:
    return (node.target.id,) if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else ()


def _is_for_types(node: ast.stmt) -> bool:
    path = dotted(node.test) if isinstance(node, ast.If) and not node.orelse else None
    return path is not None and path[-1] == "TYPE_CHECKING"


def _annotation(node: ast.AnnAssign) -> ast.stmt:
    return ast.copy_location(ast.AnnAssign(node.target, node.annotation, None, node.simple), node)
