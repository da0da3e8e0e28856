"""A recorded kernel as LLVM's assembly: one function that goes through all tables, one call for all their rows.

The function takes nothing: handing over an argument costs Python more than a small table costs it. It finds in
`@arguments` the address of a list of 64-bit numbers, and then the scalars, truths as whole numbers. The list holds the
number of tables, then for each table its rows and the addresses of its columns. Nothing is contracted or reordered, so
that exact operations give the same bits as numpy.
"""

from __future__ import annotations

import struct
from itertools import count
from typing import Any

import numpy as np

from engine.kernels.nodes import COMPARISONS, Node
from engine.kernels.trace import Program
from engine.kernels.vector import Uniforms

TYPES = {"f4": "float", "f8": "double", "b1": "i1"}
FLOATS = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
WHOLES = {"add": "add", "sub": "sub", "mul": "mul", "and": "and", "or": "or", "xor": "xor"}
ORDERED = {"lt": "olt", "le": "ole", "gt": "ogt", "ge": "oge", "eq": "oeq", "ne": "une"}
LIBRARY = {"tan": "tan", "arctan2": "atan2", "hypot": "hypot"}
"""Functions that come from the C library; all others are known to LLVM, which may call the library for them."""
CALLED = {"abs": "fabs", "sqrt": "sqrt", "floor": "floor", "ceil": "ceil", "trunc": "trunc", "sin": "sin",
          "cos": "cos", "exp": "exp", "log": "log", "pow": "pow"}  # fmt: skip
CALLS = frozenset({"sin", "cos", "exp", "log", "pow", *LIBRARY})


def type_of(kind: Any) -> str:
    """Return the type of a value in a register."""
    if isinstance(kind, type):
        return {float: "double", int: "i64", bool: "i1"}[kind]
    return TYPES.get(kind.str[1:]) or f"i{kind.itemsize * 8}"


def stored_type(kind: Any) -> str:
    """Return the type of a value in a column."""
    return "i8" if kind == np.bool_ else type_of(kind)


def libcalls(program: Program) -> set[str]:
    """Return the functions of the C library that the code may call."""
    names = set()
    for node in program.needed:
        if node.op in CALLS and not node.uniform:
            suffix = "f" if type_of(node.kind) == "float" else ""
            names.add(LIBRARY.get(node.op, CALLED.get(node.op, "")) + suffix)
    return names


def assembly(program: Program, uniforms: Uniforms) -> str:
    """Return a module with the function `kernel`."""
    return _Writer(program, uniforms).module()


class _Writer:
    """Writes a program out, a line or two for each operation."""

    def __init__(self, program: Program, uniforms: Uniforms) -> None:
        self.program, self.uniforms = program, uniforms
        self.places = program.places
        kinds = {node.args: node.kind for node in program.reads.values()}
        kinds |= {place: node.kind for place, node in program.writes.items()}
        self.kinds: dict[Any, Any] = kinds
        self._numbers = count()
        self.lines: list[str] = []
        self.names: dict[int, str] = {}
        self.declared: set[str] = set()
        self.scalars = [
            (f"%s{at}", type_of(node.kind if node.uniform else node.args[0].kind))
            for at, node in enumerate(uniforms.nodes)
        ]

    def module(self) -> str:
        """Return the finished text."""
        for (register, given), node in zip(self.scalars, self.uniforms.nodes, strict=True):
            self.names[node.number] = register if node.uniform else self._converted(register, given, node)
        before, self.lines = self.lines, []
        for place in self.places:
            self._load(place)
        for node in self.program.needed:
            if not node.uniform and node.number not in self.names:
                self.names[node.number] = self._write(node)
        for place, node in self.program.writes.items():
            self._put(place, node)
        return "\n".join([*self._rows(before, self.lines), *self._kernel(), *sorted(self.declared)]) + "\n"

    def _rows(self, before: list[str], body: list[str]) -> list[str]:
        columns = "".join(f", ptr noalias %c{at}" for at in range(len(self.places)))
        scalars = "".join(f", {kind} {name}" for name, kind in self.scalars)
        return [
            f"define internal void @rows(i64 %n{columns}{scalars}) {{", "entry:", *before,
            "  %some = icmp sgt i64 %n, 0", "  br i1 %some, label %loop, label %end", "loop:",
            "  %i = phi i64 [0, %entry], [%next, %loop]", *body,
            "  %next = add i64 %i, 1", "  %more = icmp slt i64 %next, %n",
            "  br i1 %more, label %loop, label %end", "end:", "  ret void", "}",
        ]  # fmt: skip

    def _kernel(self) -> list[str]:
        width = len(self.places) + 1
        lines = [
            f"@arguments = global [{len(self.scalars) + 1} x i64] zeroinitializer",
            "define void @kernel() {",
            "entry:",
        ]
        for at, (name, kind) in enumerate(self.scalars):
            lines.append(f"  %g{at} = getelementptr i64, ptr @arguments, i64 {at + 1}")
            if kind == "i1":
                lines += [f"  %w{at} = load i64, ptr %g{at}", f"  {name} = icmp ne i64 %w{at}, 0"]
            else:
                lines.append(f"  {name} = load {kind}, ptr %g{at}")
        lines += [
            "  %list = load ptr, ptr @arguments", "  %tables = load i64, ptr %list",
            "  %some = icmp sgt i64 %tables, 0", "  br i1 %some, label %loop, label %end", "loop:",
            "  %t = phi i64 [0, %entry], [%next, %loop]", f"  %base = mul i64 %t, {width}",
            "  %first = add i64 %base, 1", "  %p = getelementptr i64, ptr %list, i64 %first", "  %n = load i64, ptr %p",
        ]  # fmt: skip
        for at in range(len(self.places)):
            lines += [f"  %p{at} = getelementptr i64, ptr %p, i64 {at + 1}", f"  %a{at} = load i64, ptr %p{at}",
                      f"  %c{at} = inttoptr i64 %a{at} to ptr"]  # fmt: skip
        columns = "".join(f", ptr %c{at}" for at in range(len(self.places)))
        scalars = "".join(f", {kind} {name}" for name, kind in self.scalars)
        return [
            *lines, f"  call void @rows(i64 %n{columns}{scalars})", "  %next = add i64 %t, 1",
            "  %more = icmp slt i64 %next, %tables", "  br i1 %more, label %loop, label %end", "end:",
            "  ret void", "}",
        ]  # fmt: skip

    def _line(self, text: str) -> str:
        """Add an instruction and return the name of its value."""
        name = f"%v{next(self._numbers)}"
        self.lines.append(f"  {name} = {text}")
        return name

    def _load(self, place: Any) -> None:
        at, kind = self.places.index(place), self.kinds[place]
        self.lines.append(f"  %e{at} = getelementptr {stored_type(kind)}, ptr %c{at}, i64 %i")
        node = self.program.reads.get(place)
        if node is not None:
            value = self._line(f"load {stored_type(kind)}, ptr %e{at}")
            self.names[node.number] = self._line(f"icmp ne i8 {value}, 0") if kind == np.bool_ else value

    def _put(self, place: Any, node: Node) -> None:
        value, kind = self.names[node.number], self.kinds[place]
        if kind == np.bool_:
            value = self._line(f"zext i1 {value} to i8")
        self.lines.append(f"  store {stored_type(kind)} {value}, ptr %e{self.places.index(place)}")

    def _write(self, node: Node) -> str:
        if node.op == "constant":
            return literal(node.args[0], node.kind)
        if node.op == "cast":
            source = node.args[0]
            return self._converted(self.names[source.number], type_of(source.kind), node, source.kind)
        args = [self.names[one.number] for one in node.args]
        if node.op == "select":
            kind = type_of(node.kind)
            return self._line(f"select i1 {args[0]}, {kind} {args[1]}, {kind} {args[2]}")
        kind = node.args[0].kind
        return self._float(node, args) if kind.kind == "f" else self._whole(node, args, kind)

    def _float(self, node: Node, args: list[str]) -> str:
        kind = type_of(node.args[0].kind)
        if node.op in FLOATS:
            return self._line(f"{FLOATS[node.op]} {kind} {args[0]}, {args[1]}")
        if node.op in COMPARISONS:
            return self._line(f"fcmp {ORDERED[node.op]} {kind} {args[0]}, {args[1]}")
        if node.op == "neg":
            return self._line(f"fneg {kind} {args[0]}")
        if node.op in LIBRARY:
            function = f"@{LIBRARY[node.op]}{'f' * (kind == 'float')}"
        else:
            function = f"@llvm.{CALLED[node.op]}.f{node.kind.itemsize * 8}"
        self.declared.add(f"declare {kind} {function}({', '.join([kind] * len(args))})")
        return self._line(f"call {kind} {function}({', '.join(f'{kind} {one}' for one in args)})")

    def _whole(self, node: Node, args: list[str], kind: Any) -> str:
        name, sign = type_of(kind), "s" if kind.kind == "i" else "u"
        if node.op in WHOLES:
            return self._line(f"{WHOLES[node.op]} {name} {args[0]}, {args[1]}")
        if node.op in ("eq", "ne"):
            return self._line(f"icmp {node.op} {name} {args[0]}, {args[1]}")
        if node.op in COMPARISONS:
            return self._line(f"icmp {sign}{node.op} {name} {args[0]}, {args[1]}")
        if node.op == "neg":
            return self._line(f"sub {name} 0, {args[0]}")
        if kind.kind != "i":  # floor, ceil, trunc, and the amount of what has no sign
            return args[0]
        negative, turned = self._line(f"icmp slt {name} {args[0]}, 0"), self._line(f"sub {name} 0, {args[0]}")
        return self._line(f"select i1 {negative}, {name} {turned}, {name} {args[0]}") if node.op == "abs" else args[0]

    def _converted(self, value: str, given: str, node: Node, kind: Any = None) -> str:
        """Return a value as the dtype of a node, converted as numpy converts it."""
        wanted = type_of(node.kind)
        signed = kind is None or isinstance(kind, type) or kind.kind == "i"
        whole = given.startswith("i")
        if given == wanted:
            return value
        if given == "i1":
            return self._line(f"{'zext' if wanted.startswith('i') else 'uitofp'} i1 {value} to {wanted}")
        if whole and not wanted.startswith("i"):
            return self._line(f"{'s' if signed else 'u'}itofp {given} {value} to {wanted}")
        if whole:
            narrow = int(wanted[1:]) < int(given[1:])
            return self._line(f"{'trunc' if narrow else 'sext' if signed else 'zext'} {given} {value} to {wanted}")
        return self._line(f"{'fptrunc' if wanted == 'float' else 'fpext'} {given} {value} to {wanted}")


def literal(value: float, kind: np.dtype[Any]) -> str:
    """Return a constant; floats as the bits of the double that is equal to it."""
    if kind.kind == "f":
        return f"0x{struct.unpack('>Q', struct.pack('>d', value))[0]:016X}"
    return str(int(value))
