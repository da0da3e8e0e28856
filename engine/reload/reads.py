"""Which names a statement binds, and which it reads while it is imported, from its syntax."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

# Called with a function, class, object or container these look at what is in it.
_CONSUMERS = frozenset(
    [
        "abs",
        "accumulate",
        "all",
        "any",
        "array",
        "asarray",
        "asdict",
        "astuple",
        "bool",
        "bytes",
        "callable",
        "copy",
        "deepcopy",
        "dict",
        "dir",
        "divmod",
        "enumerate",
        "fields",
        "filter",
        "float",
        "format",
        "frozenset",
        "get_annotations",
        "get_args",
        "get_type_hints",
        "getattr",
        "getmembers",
        "hasattr",
        "int",
        "isinstance",
        "issubclass",
        "iter",
        "join",
        "len",
        "list",
        "map",
        "max",
        "min",
        "next",
        "pow",
        "product",
        "range",
        "reduce",
        "repr",
        "replace",
        "reversed",
        "round",
        "set",
        "signature",
        "sorted",
        "starmap",
        "str",
        "sum",
        "tuple",
        "vars",
        "zip",
    ]
)
_DISPLAYS = (ast.Tuple, ast.List)
_NAME = re.compile(r"[^\W\d]\w*")
_NAMESPACES = (("globals",), ("vars",), ("locals",), ("dir",))


class Reader:
    """Collects reads, binds, stores and imports of statements in the scope of a module or a class body."""

    def __init__(self, late_annotations: bool, absolute: Callable[[int, str | None], str]) -> None:
        self.late_annotations = late_annotations
        self.absolute = absolute
        self.reads: dict[tuple[tuple[str, ...], str], None] = {}
        self.binds: dict[str, None] = {}
        self.deletes: dict[str, None] = {}
        self.stores: dict[tuple[str, ...], None] = {}
        self.imports: dict[tuple[str, str, str], None] = {}
        self.lazy: dict[str, None] = {}
        self.calls: dict[str, None] = {}
        self.hints: dict[str, None] = {}
        self.acts = False
        self._hidden: list[set[str]] = []
        self._class_depth = 0
        self._class_imports: dict[str, tuple[str, ...]] = {}  # the modules that names of class bodies stand for

    # ---------------------------------------------------------------- statements
    def statement(self, node: ast.stmt) -> None:
        """Take in one statement."""
        visit = getattr(self, "_" + type(node).__name__, None)
        if visit is not None:
            visit(node)
            return
        for child in ast.iter_child_nodes(node):
            self._any(child)

    def _any(self, node: ast.AST) -> None:
        if isinstance(node, ast.stmt):
            self.statement(node)
        elif isinstance(node, ast.expr):
            if isinstance(getattr(node, "ctx", None), ast.Store):
                self._target(node)
            else:
                self._expr(node, "use")
        elif isinstance(node, ast.ExceptHandler):
            if node.name:
                self._bind(node.name)
            self._children(node)
        else:
            self._pattern_names(node)
            self._children(node)

    def _children(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            self._any(child)

    def _pattern_names(self, node: ast.AST) -> None:
        if isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            self._bind(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            self._bind(node.rest)

    def _FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._decorators(node.decorator_list)
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default is not None:
                self._expr(default, "hold")
        for arg in ast.walk(node.args):
            if isinstance(arg, ast.arg):
                self._annotation(arg.annotation)
        self._annotation(node.returns)
        self._lazy_imports(node)
        self._bind(node.name)

    _AsyncFunctionDef = _FunctionDef

    def _ClassDef(self, node: ast.ClassDef) -> None:
        self._decorators(node.decorator_list)
        for base in [*node.bases, *(word.value for word in node.keywords)]:
            self.acts = True
            path = dotted(base)
            if path is not None:
                self._read(path, "base")
            else:
                self._expr(base, "use")
        outer_binds, self.binds = self.binds, {}
        self._hidden.append(set())
        self._class_depth += 1
        for item in node.body:
            self.statement(item)
            self._hidden[-1].update(self.binds)
        self._class_depth -= 1
        self._hidden.pop()
        self.binds = outer_binds
        self._bind(node.name)

    def _annotation(self, node: ast.expr | None) -> None:
        """Take in an annotation: it is read now, or by whoever makes something of its text."""
        if node is None:
            return
        if self.late_annotations or isinstance(node, ast.Constant):
            for part in ast.walk(node):
                if isinstance(part, ast.Name):
                    self.hints.setdefault(part.id)
                elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                    self.hints.update(dict.fromkeys(_NAME.findall(part.value)))
        else:
            self._expr(node, "hold")

    def _decorators(self, nodes: list[ast.expr]) -> None:
        for node in nodes:
            self.acts = True
            path = dotted(node)
            if path is not None:
                self._read(path, "mark")
                self.calls.setdefault(path[-1])
            elif isinstance(node, ast.Call):
                self._call(node, "mark")
            else:
                self._expr(node, "use")

    def _lazy_imports(self, function: ast.AST) -> None:
        """Take in what a function imports when it is called, but for what it tries to and can do without."""
        todo = list(ast.iter_child_nodes(function))
        while todo:
            node = todo.pop()
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.lazy.setdefault(alias.name)
            elif isinstance(node, ast.ImportFrom):
                self.lazy.setdefault(self.absolute(node.level, node.module))
            elif isinstance(node, ast.Try):
                todo += [*node.handlers, *node.orelse, *node.finalbody]
            elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
                todo += ast.iter_child_nodes(node)

    def _Import(self, node: ast.Import) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            self.imports.setdefault((alias.name, "", bound if not alias.asname else "=" + bound))
            self._bind(bound)
            if self._class_depth:
                self._class_imports[bound] = tuple(alias.name.split("."))

    def _ImportFrom(self, node: ast.ImportFrom) -> None:
        module = self.absolute(node.level, node.module)
        for alias in node.names:
            bound = alias.asname or alias.name
            self.imports.setdefault((module, alias.name, bound))
            if alias.name != "*":
                self._bind(bound)

    def _Expr(self, node: ast.Expr) -> None:
        self._expr(node.value, "hold" if isinstance(node.value, ast.Call) else "use")

    def _Assign(self, node: ast.Assign) -> None:
        unpacks = any(isinstance(one, _DISPLAYS) for one in node.targets) and not isinstance(node.value, _DISPLAYS)
        self._expr(node.value, "use" if unpacks else "hold")
        for target in node.targets:
            self._target(target)

    def _AnnAssign(self, node: ast.AnnAssign) -> None:
        self._annotation(node.annotation)
        if node.value is not None:
            self._expr(node.value, "hold")
            self._target(node.target)

    def _AugAssign(self, node: ast.AugAssign) -> None:
        self._expr(node.value, "use")
        path = dotted(node.target)
        if path is not None:
            self._read(path, "use")
        self._target(node.target)

    def _Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.deletes.setdefault(target.id)
            else:
                self._target(target)

    def _TypeAlias(self, node: ast.stmt) -> None:
        name = getattr(node, "name", None)
        if isinstance(name, ast.Name):
            self._bind(name.id)
        value = getattr(node, "value", None)
        if isinstance(value, ast.expr):
            self._expr(value, "hold")

    def _target(self, node: ast.expr) -> None:
        if isinstance(node, ast.Name):
            self._bind(node.id)
        elif isinstance(node, ast.Tuple | ast.List):
            for item in node.elts:
                self._target(item)
        elif isinstance(node, ast.Starred):
            self._target(node.value)
        elif isinstance(node, ast.Attribute | ast.Subscript):
            self.acts = True
            path = dotted(node.value)
            if path is not None:
                if isinstance(node, ast.Attribute):
                    self._read((*path, node.attr), "store")
                else:
                    self._read(path, "store")
                self.stores.setdefault(path)
            elif not self._is_namespace(node.value):
                self._expr(node.value, "use")
            if isinstance(node, ast.Subscript):
                self._expr(node.slice, "use")

    def _bind(self, name: str) -> None:
        self.binds.setdefault(name)

    # ---------------------------------------------------------------- expressions
    def _read(self, path: tuple[str, ...], context: str) -> None:
        if not any(path[0] in names for names in self._hidden):
            self.reads.setdefault((path, context))
        elif path[0] in self._class_imports and len(path) > 1:
            module = self._class_imports[path[0]]
            rest = path[len(module) :] if path[: len(module)] == module else path[1:]
            if rest:
                self._item(".".join(module), rest[0])

    def _item(self, module: str, name: str) -> None:
        """Take in what is read of a module that no name of the file stands for."""
        self.imports.setdefault((module, name, name))

    def _expr(self, node: ast.expr, context: str) -> None:
        path = dotted(node)
        if path is not None:
            self._read(path, context)
        elif isinstance(node, ast.Call):
            self._call(node, "call")
            called = dotted(node.func) if context == "use" else None
            if called is not None:
                self._read(called, "ask")
        elif isinstance(node, ast.Attribute) and (module := self._imported(node.value)):
            self._item(module, node.attr)
            self._expr(node.value, "use")
        elif isinstance(node, ast.List | ast.Tuple | ast.Set):
            for item in node.elts:
                self._expr(item, "use" if context == "use" else "hold")
        elif isinstance(node, ast.Dict):
            for part in (*node.keys, *node.values):
                if part is not None:
                    self._expr(part, "use" if context == "use" else "hold")
        elif isinstance(node, ast.IfExp):
            self._expr(node.test, "use")
            self._expr(node.body, context)
            self._expr(node.orelse, context)
        elif isinstance(node, ast.NamedExpr):
            self._expr(node.value, context)
            self._bind(node.target.id)
        elif isinstance(node, ast.Lambda):
            self._lambda(node)
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            self._comprehension(node)
        elif isinstance(node, ast.Subscript):
            if self._is_namespace(node.value) and isinstance(node.slice, ast.Constant):
                self._read((str(node.slice.value),), "use")
            else:
                self._expr(node.value, "use")
            self._expr(node.slice, "hold")
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self._expr(child, "use")
                elif not isinstance(child, ast.expr_context | ast.operator):
                    self._children(child)

    def _call(self, node: ast.Call, context: str) -> None:
        self.acts = True
        path = dotted(node.func)
        if self._is_namespace(node):
            self._read(("*",), "use")
        if path is not None:
            self._read(path, context)
            self.calls.setdefault(path[-1])
        else:
            self.calls.setdefault("")
            path = dotted(node.func.value) if isinstance(node.func, ast.Subscript) else None
            if path is not None and isinstance(node.func, ast.Subscript):
                self._read(path, "index")
                self._expr(node.func.slice, "hold")
            else:
                self._expr(node.func, "use")
        called = node.func.attr if isinstance(node.func, ast.Attribute) else path[-1] if path else ""
        inner = "use" if called in _CONSUMERS else "hold"
        for item in [*node.args, *(word.value for word in node.keywords)]:
            self._expr(item, inner)

    def _imported(self, node: ast.expr) -> str:
        """Return the module that a call such as `import_module("rules")` gives; an empty text for all else."""
        if not isinstance(node, ast.Call) or not node.args:
            return ""
        path, first = dotted(node.func), node.args[0]
        if path is None or not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            return ""
        name = first.value
        if path[-1] == "__import__":
            return name.partition(".")[0]
        level = len(name) - len(name.lstrip("."))
        return self.absolute(level, name[level:]) if path[-1] == "import_module" else ""

    def _is_namespace(self, node: ast.expr) -> bool:
        """Tell whether an expression is the module's namespace, as of `globals()`."""
        path = dotted(node.func) if isinstance(node, ast.Call) and not (node.args or node.keywords) else None
        if path not in _NAMESPACES:
            return False
        return path == ("globals",) or not self._class_depth

    def _lambda(self, node: ast.Lambda) -> None:
        names = {arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg)}
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default is not None:
                self._expr(default, "hold")
        # A lambda that is only kept reads its names when it is called; inside a call it may run at once.
        if self.calls:
            self._hidden.append(names)
            self._expr(node.body, "use")
            self._hidden.pop()

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        names: set[str] = set()
        self._hidden.append(names)
        for part in node.generators:
            self._expr(part.iter, "use")
            names.update(n.id for n in ast.walk(part.target) if isinstance(n, ast.Name))
            for test in part.ifs:
                self._expr(test, "use")
        parts: list[ast.expr | None] = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for item in parts:
            if item is not None:
                self._expr(item, "hold")
        self._hidden.pop()


def dotted(node: ast.AST) -> tuple[str, ...] | None:
    """Return the names of `a.b.c`, or None for any other expression."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    names.append(node.id)
    return tuple(reversed(names))
