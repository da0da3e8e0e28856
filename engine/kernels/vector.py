"""A recorded kernel as numpy calls on whole columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.kernels.nodes import BINARY, COMPARISONS, UNARY, Node
from engine.kernels.trace import Place, Program

SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
         "eq": "==", "ne": "!="}  # fmt: skip


class Uniforms:
    """What depends on scalars alone: computed once a call, by Python itself, and then passed to whatever runs rows.

    `nodes` are the values that rows need. `typed(*scalars)` returns them as 0-d arrays of their dtypes, with which
    numpy is twice as fast. `caller(native, address)` returns a function of the scalars that calls machine code for a
    list of tables with them as plain numbers.
    """

    def __init__(self, program: Program, scalars: int) -> None:
        needed = program.needed
        self.nodes = [node for node in needed if is_passed(node)]
        found = {one for node in needed if node.op == "select" for one in node.args if one.kind is bool}
        self.nodes += [node for node in needed if node in found]
        given = ", ".join(f"s{number}" for number in range(scalars))
        lines = [f"    u{node.number} = {_python(node)}" for node in needed if node.uniform]
        plain = [f"u{node.number if node.uniform else node.args[0].number}" for node in self.nodes]
        space: dict[str, Any] = {f"d{node.number}": node.kind for node in self.nodes} | {"array": np.array}
        typed = [
            name if node.uniform else f"array({name}, d{node.number})"
            for name, node in zip(plain, self.nodes, strict=True)
        ]
        returned = f"    return ({''.join(f'{name}, ' for name in typed)})"
        self.typed: Callable[..., tuple[Any, ...]] = compiled(
            [f"def typed({given}):", *lines, returned], "typed", space
        )
        stores = [
            f"    {'floats' if (node if node.uniform else node.args[0]).kind is float else 'words'}[{at}] = {name}"
            for at, (name, node) in enumerate(zip(plain, self.nodes, strict=True), 1)
        ]
        body = [f"def call({given}):", *lines, "    words[0] = address", *stores, "    run()"]
        head = ["def caller(native, address):", "    run, words, floats = native.run, native.words, native.floats"]
        self.caller: Callable[..., Callable[..., None]] = compiled(
            [*head, *("    " + line for line in body), "    return call"], "caller", {}
        )


def is_passed(node: Node) -> bool:
    """Tell whether a node is a scalar that takes the dtype of the columns it meets."""
    return node.op == "cast" and bool(node.args[0].uniform)


def _python(node: Node) -> str:
    """Return a scalar operation as Python."""
    if node.op == "scalar":
        return f"{node.kind.__name__}(s{node.args[0]})"
    args = [f"u{one.number}" if isinstance(one, Node) else f"({one!r})" for one in node.args]
    if node.op in SIGNS:
        return f"{args[0]} {SIGNS[node.op]} {args[1]}"
    return f"-{args[0]}" if node.op == "neg" else f"abs({args[0]})"


def compiled(lines: list[str], name: str, space: dict[str, Any]) -> Any:
    """Return a function of generated source."""
    exec(compile("\n".join(lines), "<kernel>", "exec"), space)
    return space[name]


def vector_step(program: Program, uniforms: Uniforms) -> Callable[..., None]:
    """Return a function of the columns, in the order of `program.places`, and of the typed scalars."""
    return _Writer(program, uniforms).function()


class _Writer:
    """Writes a program out, a line for each operation."""

    def __init__(self, program: Program, uniforms: Uniforms) -> None:
        self.program, self.uniforms = program, uniforms
        self.columns = {place: f"c{at}" for at, place in enumerate(program.places)}
        self.targets = _in_place(program)
        self.names: dict[int, str] = {node.number: f"u{node.number}" for node in uniforms.nodes}
        self.space: dict[str, Any] = {"where": np.where, "copyto": np.copyto}
        self.lines: list[str] = []

    def function(self) -> Callable[..., None]:
        """Return the finished function."""
        for node in self.program.needed:
            if not node.uniform and node.number not in self.names:
                self.names[node.number] = self._name(node)
        self._store()
        names = [*self.columns.values(), *(f"u{node.number}" for node in self.uniforms.nodes)]
        found: Callable[..., None] = compiled([f"def step({', '.join(names)}):", *self.lines], "step", self.space)
        return found

    def _name(self, node: Node) -> str:
        """Write a node and return the name of its value."""
        name = f"t{node.number}"
        if node.op == "field":
            return self.columns[_place(node)]
        if node.op == "constant":
            self.space[name] = np.array(node.args[0], node.kind)
            return name
        args = [self.names[one.number] for one in node.args]
        if node.op == "cast":
            self.space[f"d{node.number}"] = node.kind
            self.lines.append(f"    {name} = {args[0]}.astype(d{node.number})")
        elif node.op == "select":
            self.lines.append(f"    {name} = where({', '.join(args)})")
        else:
            self.space[node.op] = BINARY.get(node.op) or UNARY[node.op]
            target = self.targets.get(node.number)
            if target is not None:
                name = self.columns[target]
                self.lines.append(f"    {node.op}({', '.join(args)}, {name})")
            else:
                self.lines.append(f"    {name} = {node.op}({', '.join(args)})")
        return name

    def _store(self) -> None:
        """Write the results that are no part of a column yet; those that are moved between columns are kept first."""
        moved = {node.number for node in self.program.writes.values() if node.op == "field"}
        for node in self.program.writes.values():
            if node.number in moved and _place(node) in self.program.writes:
                self.lines.append(f"    t{node.number} = {self.columns[_place(node)]}.copy()")
                self.names[node.number] = f"t{node.number}"
        for place, node in self.program.writes.items():
            if self.targets.get(node.number) != place:
                self.lines.append(f"    copyto({self.columns[place]}, {self.names[node.number]})")
        self.lines.append("    return None")


def _place(node: Node) -> Place:
    number, name = node.args
    return number, name


def _in_place(program: Program) -> dict[int, Place]:
    """Return, by node, the field that an operation may write straight into: one that nothing needs after it."""
    last_use: dict[Place, int] = {}
    results = {node.number: place for place, node in reversed(program.writes.items())}
    for node in program.needed:
        for one in node.args:
            if isinstance(one, Node) and one.op == "field":
                last_use[_place(one)] = node.number
    plain = (BINARY.keys() - COMPARISONS) | UNARY.keys()
    moved = {_place(node) for node in program.writes.values() if node.op == "field"}
    return {
        node.number: results[node.number]
        for node in program.needed
        if node.number in results
        and node.op in plain
        and last_use.get(results[node.number], -1) <= node.number
        and results[node.number] not in moved
    }
