"""The text of syntax trees without layout, by which statements are compared."""

from __future__ import annotations

import ast
from typing import Any

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SILENT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})


class Texts:
    """The texts of one file's nodes; that of a statement is made once."""

    def __init__(self) -> None:
        self._known: dict[int, str] = {}
        self._fields: dict[type, tuple[str, ...]] = {}

    def whole(self, node: ast.AST) -> str:
        """Return a node's text."""
        known = self._known.get(id(node))
        if known is None:
            out: list[str] = []
            self._write(node, out, False, False)
            known = self._known[id(node)] = " ".join(out)
        return known

    def bare(self, target: ast.expr, value: ast.expr) -> str:
        """Return the text of an assignment without its annotation, if it has one."""
        out = [ast.AnnAssign.__name__]
        for part in (target, value):
            self._value(part, out, False, False)
        return " ".join(out)

    def own(self, node: ast.AST) -> str:
        """Return a node's text without the bodies of functions and lambdas inside it."""
        text = self.whole(node)
        return self.masked(node, True) if "FunctionDef" in text or "Lambda" in text else text

    def masked(self, node: ast.AST, lambdas: bool) -> str:
        """Return a node's text without the bodies of functions, and with `lambdas` without those of lambdas."""
        out: list[str] = []
        self._write(node, out, True, lambdas)
        return " ".join(out)

    def _write(self, node: ast.AST, out: list[str], mask: bool, lambdas: bool) -> None:
        kind = type(node)
        fields = self._fields.get(kind)
        if fields is None:
            fields = self._fields[kind] = tuple(name for name in node._fields if name not in _SILENT)
        out.append(kind.__name__)
        hide = (mask and isinstance(node, _FUNCTIONS)) or (lambdas and isinstance(node, ast.Lambda))
        for field in fields:
            if not (hide and field == "body"):
                self._value(getattr(node, field, None), out, mask, lambdas)

    def _value(self, value: Any, out: list[str], mask: bool, lambdas: bool) -> None:
        if isinstance(value, ast.AST):
            if not mask and isinstance(value, ast.stmt):
                out.append(self.whole(value))
            else:
                self._write(value, out, mask, lambdas)
        elif isinstance(value, list):
            out.append("[")
            for item in value:
                self._value(item, out, mask, lambdas)
            out.append("]")
        else:
            out.append(f"{type(value).__name__}:{value!r}")


_SAID = ("__doc__", "__code__", "__annotations__", "__defaults__")
_INSPECTORS = ("signature", "getdoc", "getsource", "getsourcelines", "get_annotations", "get_type_hints")


def looked_into(name: str) -> list[str]:
    """Return the parts of a text in which a function of a plain name is called or looked into."""
    found = [f"Call Name str:{name!r} "]
    found += [f"Attribute Name str:{name!r} str:{said!r}" for said in _SAID]
    found += [f"str:{inspector!r} [ Name str:{name!r} " for inspector in _INSPECTORS]
    return found
