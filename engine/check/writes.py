"""What a system does to its parameters, read from the syntax tree: a forgotten `Mut`, a wrong type, a wrong field.

Only what is plain to see is judged: names that the system's own loops bind to the steps of its own queries, and
its resources. What a helper function does to a column it is handed is left to the run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.errors import did_you_mean


@dataclass(frozen=True)
class Viewed:
    """A component, event or resource as a system's parameter shows it.

    `numbers` maps the fields that are numbers to whether they hold whole ones only; `known` are all attributes there
    are, None for any; `writers` are the methods that write fields.
    """

    name: str
    writable: bool
    numbers: Mapping[str, bool]
    texts: frozenset[str] = frozenset()
    known: frozenset[str] | None = None
    writers: frozenset[str] = frozenset()
    is_resource: bool = False
    is_event: bool = False


Step = Viewed | None | tuple["Step", ...]
"""What a name stands for: one view, nothing of interest, or a tuple of these."""


@dataclass(frozen=True)
class Parameters:
    """The parameters that matter: the step that each query, or each parameter of events, yields, and the resources."""

    queries: Mapping[str, Step]
    resources: Mapping[str, Viewed]


def write_problems(function: ast.FunctionDef, parameters: Parameters) -> list[tuple[int, str]]:
    """Return line and text of each problem in a system's body."""
    reader = Reader(parameters)
    reader.read(function.body)
    return sorted(set(reader.problems))


class Reader:
    """Walks a system's body in order and keeps what its names stand for."""

    def __init__(self, parameters: Parameters) -> None:
        self.queries = parameters.queries
        self.names: dict[str, Step] = dict(parameters.resources)
        self.problems: list[tuple[int, str]] = []

    def read(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return
            case ast.For():
                self.expressions(node.iter)
                self.assign(node.target, self.items_of(node.iter))
            case ast.Assign():
                self.expressions(node.value)
                for target in node.targets:
                    self.assign(target, self.value_of(node.value), node.value)
            case ast.AnnAssign() if node.value is not None:
                self.expressions(node.value)
                self.assign(node.target, self.value_of(node.value), node.value)
            case ast.AugAssign():
                self.expressions(node.value)
                self.write(node.target, node.value, node.op)
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.expressions(child)
        for inner in _blocks(node):
            self.read(inner)

    # -- what names stand for

    def items_of(self, node: ast.expr) -> Step:
        """Return what each item of an iterated expression is: the step of a query."""
        if isinstance(node, ast.Name):
            return self.queries.get(node.id)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "enumerate" and node.args:
            return (None, self.items_of(node.args[0]))
        return None

    def value_of(self, node: ast.expr) -> Step:
        match node:
            case ast.Name(id=name):
                return self.names.get(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="single")):
                return self.queries.get(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="at")):
                return (None, self.queries.get(name))
        return None

    def assign(self, target: ast.expr, step: Step, value: ast.expr | None = None) -> None:
        match target:
            case ast.Name(id=name):
                self.names[name] = step
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                steps = step if isinstance(step, tuple) and len(step) == len(parts) else (None,) * len(parts)
                for part, inner in zip(parts, steps, strict=True):
                    self.assign(part, inner)
            case ast.Attribute() | ast.Subscript():
                self.write(target, value, None)

    # -- judging

    def write(self, target: ast.expr, value: ast.expr | None, operator: ast.operator | None) -> None:
        """Judge a write to `view.field` or to a part of it, `view.field[mask]`."""
        inner: ast.expr = target
        while isinstance(inner, ast.Subscript):
            inner = inner.value
        if not isinstance(inner, ast.Attribute):
            return
        viewed, field = self.value_of(inner.value), inner.attr
        if not isinstance(viewed, Viewed):
            return
        self.check_field(viewed, field, inner.lineno)
        if not viewed.writable:
            self.forgotten(f"writes {field} of", viewed, target.lineno)
        elif wrong := _wrong_value(viewed, field, value, operator):
            self.problems.append((target.lineno, wrong))

    def forgotten(self, deed: str, viewed: Viewed, line: int) -> None:
        kind = "parameter" if viewed.is_resource else "query"
        text = f"{deed} {viewed.name}, which the {kind} only reads; ask for Mut[{viewed.name}]"
        if viewed.is_event:
            text = f"{deed} {viewed.name}, but events are facts; change a copy"
        self.problems.append((line, text))

    def check_field(self, viewed: Viewed, field: str, line: int) -> None:
        if viewed.known is not None and field not in viewed.known and not field.startswith("__"):
            guess = did_you_mean(field, viewed.known)
            text = f"uses {field!r}, but {viewed.name} has no such field" + (f"; {guess}" if guess else "")
            self.problems.append((line, text))

    def expressions(self, node: ast.AST) -> None:
        """Judge what an expression reads, and what it writes by `out=`."""
        names = self.names
        match node:
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                self.names = dict(names)
                for part in node.generators:
                    self.expressions(part.iter)
                    self.assign(part.target, self.items_of(part.iter))
                    for condition in part.ifs:
                        self.expressions(condition)
                for item in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
                    self.expressions(item)
                self.names = names
                return
            case ast.Lambda(args=arguments):
                own = {inner.arg for inner in ast.walk(arguments) if isinstance(inner, ast.arg)}
                self.names = {name: step for name, step in names.items() if name not in own}
            case ast.Attribute(value=value):
                viewed = self.value_of(value)
                if isinstance(viewed, Viewed):
                    self.check_field(viewed, node.attr, node.lineno)
            case ast.Call():
                self.call(node.func)
                for keyword in node.keywords:
                    if keyword.arg == "out":
                        self.write(keyword.value, None, None)
        for inner in ast.iter_child_nodes(node):
            self.expressions(inner)
        self.names = names

    def call(self, node: ast.expr) -> None:
        """Judge the call of a method that writes the view it is called on."""
        if isinstance(node, ast.Attribute):
            viewed = self.value_of(node.value)
            if isinstance(viewed, Viewed) and not viewed.writable and node.attr in viewed.writers:
                self.forgotten(f"calls {node.attr}, which writes", viewed, node.lineno)


def writing_methods(declaration: ast.ClassDef) -> frozenset[str]:
    """Return the names of a class's methods that write attributes of their first parameter."""
    return frozenset(node.name for node in declaration.body if isinstance(node, ast.FunctionDef) and _writes_self(node))


def _writes_self(method: ast.FunctionDef) -> bool:
    if not method.args.args or any(isinstance(d, ast.Name) and d.id == "classmethod" for d in method.decorator_list):
        return False
    own = Viewed("self", writable=False, numbers={})
    parameters = Parameters({}, {method.args.args[0].arg: own})
    return bool(write_problems(method, parameters))


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Yield the blocks inside a statement: bodies, `else`, `finally`, handlers, cases."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list) and not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield block
    for name in ("handlers", "cases"):
        for part in getattr(node, name, ()):
            yield part.body


def _wrong_value(viewed: Viewed, field: str, value: ast.expr | None, operator: ast.operator | None) -> str | None:
    """Say what is wrong with a constant, or a division, going into a field; None where nothing is."""
    what = f"{field} of {viewed.name}"
    constant = value.value if isinstance(value, ast.Constant) else None
    if field in viewed.texts:
        if isinstance(constant, (int, float)):
            return f"{what} holds text, not {constant!r}"
        return None
    if field not in viewed.numbers or viewed.is_resource:
        return None
    if isinstance(constant, (str, bytes)):
        return f"{what} holds numbers, not {constant!r}"
    whole = viewed.numbers[field]
    if whole and isinstance(operator, ast.Div):
        return f"{what} holds whole numbers, which `/=` cannot divide in place; use `//=` or a field of f32"
    if whole and isinstance(constant, float) and (operator is not None or not constant.is_integer()):
        return f"{what} holds whole numbers, not {constant!r}; round it or use a field of f32"
    return None
