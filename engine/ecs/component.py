"""From a marked class to its schema and its constructor."""

from __future__ import annotations

import contextlib
import copy
import enum
import inspect
import sys
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from engine.ecs.fields import NUMBER_DTYPES, FieldType, whole_numbers
from engine.ecs.schema import Field, Kind, Schema
from engine.errors import ComponentError, did_you_mean
from engine.marks import MISSING, ClassMark, ComponentMark, EventMark, FieldSpec, ResourceMark, VectorSpec

__all__ = ["Field", "Schema", "construct_default", "field_enum", "mark_of", "qualified_name", "schema_of"]

_KINDS: tuple[tuple[type, Kind], ...] = (
    (ComponentMark, "component"),
    (EventMark, "event"),
    (ResourceMark, "resource"),
)
_RESERVED = frozenset({"self", "rest", "unknown"})


def qualified_name(obj: Any) -> str:
    """Return the name under which a class or function is known in a world: module name, then `__qualname__`.

    A module's own `__qualified__` stands for its Python name, so that a copied or renamed game keeps its names.
    """
    namespace = getattr(obj, "__globals__", None)
    if namespace is None or namespace.get("__name__") != obj.__module__:  # a wrapper goes by what it wraps
        namespace = _namespace(obj)
    prefix = namespace.get("__qualified__")
    if prefix is None:
        prefix = str(obj.__module__).removeprefix("modules.")
    return f"{prefix}.{obj.__qualname__}"


def _namespace(obj: Any) -> dict[str, Any]:
    """Return the names of the module that a class or function is declared in."""
    module = sys.modules.get(obj.__module__)
    if module is not None:
        return vars(module)
    mark = getattr(obj, "__dict__", {}).get("__mark__")
    return mark.namespace if isinstance(mark, ClassMark) else {}


def mark_of(cls: Any, kind: Kind | None = None) -> ClassMark:
    """Return the mark of a component, event or resource class; raise where there is none or it is of another kind."""
    mark = cls.__dict__.get("__mark__") if isinstance(cls, type) else None
    wanted = kind or "component"
    if mark is None:
        shown = cls.__qualname__ if isinstance(cls, type) else repr(cls)
        why = f"it lacks the decorator @{wanted}"
        raise ComponentError(f"{shown} is no {wanted}", why=why, remedy=f"put @{wanted} on the class", subject=cls)
    found = next((name for marked, name in _KINDS if isinstance(mark, marked)), None)
    if found is None or (kind is not None and found != kind):
        raise ComponentError(f"{cls.__qualname__} is no {wanted}", why=f"it is marked as {found}", subject=cls)
    return mark  # type: ignore[no-any-return]


def schema_of(cls: type, *, fresh: bool = False) -> Schema:
    """Return the schema that a marked class declares, built on first use and again once the class is marked anew.

    `fresh` builds it anew in any case. Raises ComponentError where the declaration makes no sense.
    """
    own = cls.__dict__ if isinstance(cls, type) else {}
    cached = own.get("__schema__")
    if not fresh and cached is not None and cached[0] is own.get("__mark__"):
        return cached[1]  # type: ignore[no-any-return]
    mark = mark_of(cls, _kind_of(cls))
    schema, enums = _build(cls, mark)
    if cached is not None and cached[1] == schema:
        schema = cached[1]
    cls.__schema__ = (mark, schema, enums)  # type: ignore[attr-defined]
    if getattr(cls.__dict__.get("__init__"), "__made_for__", mark) is not mark:
        # The constructor was generated for an earlier declaration, and has its fields and defaults.
        install_constructor(cls)
    return schema


def field_enum(cls: type | None, name: str) -> type[enum.Enum] | None:
    """Return the Enum class of a field, if it has one and the class is known."""
    if cls is None:
        return None
    schema_of(cls)
    return cls.__dict__["__schema__"][2].get(name)  # type: ignore[no-any-return]


def _kind_of(cls: Any) -> Kind | None:
    mark = cls.__dict__.get("__mark__") if isinstance(cls, type) else None
    return next((kind for marked, kind in _KINDS if isinstance(mark, marked)), None)


def _build(cls: type, mark: ClassMark) -> tuple[Schema, dict[str, type[enum.Enum]]]:
    kind = _kind_of(cls)
    assert kind is not None
    fields: dict[str, Field] = {}
    vectors: dict[str, tuple[str, ...]] = {}
    enums: dict[str, type[enum.Enum]] = {}
    if issubclass(cls, enum.Enum):
        fields["member"] = Field("member", "member", (), "value", None)
    else:
        for name, annotation, owner in _annotations(cls):
            value = owner.__dict__.get(name, MISSING)
            if name.startswith("__") or name in _RESERVED:
                raise ComponentError(f"field {name!r} cannot be used", where=cls.__qualname__, remedy="rename it")
            if isinstance(value, VectorSpec):
                vectors[name] = value.names
            elif kind == "resource":
                fields[name] = _value_field(name, annotation, value)
            else:
                try:
                    fields[name] = _column_field(cls, kind, name, annotation, value, enums)
                except ComponentError as error:
                    error.subject, error.field = cls, name  # type: ignore[attr-defined]
                    raise
    _check_vectors(cls, fields, vectors)
    schema = Schema(
        name=qualified_name(cls),
        version=mark.version,
        kind=kind,
        fields=tuple(fields.values()),
        vectors=tuple(vectors.items()),
        renamed_from=mark.renamed_from,
        dropped=tuple(mark.dropped),
        transient=isinstance(mark, ResourceMark) and mark.transient,
    )
    return schema, enums


def _annotations(cls: type) -> Iterable[tuple[str, Any, type]]:
    """Yield name, evaluated annotation and declaring class of each annotated attribute, bases first."""
    for owner in reversed(cls.__mro__):
        namespace = _namespace(owner)
        scope = {owner.__name__: owner, **vars(owner)}
        for name, annotation in inspect.get_annotations(owner).items():
            value = annotation
            if isinstance(value, str):
                # An annotation that only a type checker can read stays text; a resource's field may have one.
                # The class's own names come second, so that `text: text = ""` means the type.
                value = _evaluate(value, namespace, scope)
            if typing.ClassVar in (value, typing.get_origin(value)):
                continue
            if isinstance(value, str) and value.startswith(("ClassVar", "typing.ClassVar")):
                continue
            yield name, value, owner


def _evaluate(annotation: str, namespace: dict[str, Any], scope: dict[str, Any]) -> Any:
    for names in ({}, scope):
        with contextlib.suppress(Exception):
            return eval(annotation, namespace, names)
    return annotation


def _value_field(name: str, annotation: Any, value: Any) -> Field:
    text = annotation if isinstance(annotation, str) else _annotation_text(annotation)
    spec = value if isinstance(value, FieldSpec) else FieldSpec(value, None, None, True)
    required = spec.default is MISSING and spec.factory is None
    default = spec.default if isinstance(spec.default, bool | int | float | str) else None
    if isinstance(default, enum.Enum):
        default = default.name
    return Field(name, text, (), "value", default, required, spec.renamed_from, spec.hashed)


def _annotation_text(annotation: Any) -> str:
    for item in getattr(annotation, "__metadata__", ()):
        if isinstance(item, FieldType):
            return f"{item.dtype}{list(item.shape) if item.shape else ''}"
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation.__qualname__
    return str(annotation)


def _column_field(
    cls: type, kind: Kind, name: str, annotation: Any, value: Any, enums: dict[str, type[enum.Enum]]
) -> Field:
    spec = value if isinstance(value, FieldSpec) else FieldSpec(value, None, None, True)
    if isinstance(annotation, FieldSpec):
        spec = annotation if value is MISSING else spec
        annotation = annotation.of
    where = f"{cls.__qualname__}.{name}"
    found = _field_type(spec.of if spec.of is not None else annotation)
    if found is None and isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        enums[name] = annotation
        found = FieldType("int64" if issubclass(annotation, int) else "text", (), "enum")
    if found is None:
        remedy = {float: "write f32 or f64", int: "write i32 or i64", bool: "write boolean", str: "write text"}.get(
            annotation if isinstance(annotation, type) else object,
            "use a field type such as f32, i32, boolean, text, entity, vec2 or an Enum, or keep it in a resource",
        )
        why = f"{kind} fields are columns, and {_annotation_text(annotation)} is no field type"
        raise ComponentError(f"{where} has no field type", why=why, remedy=remedy, subject=cls)
    shape = found.shape if spec.length is None else (spec.length,)
    required = spec.default is MISSING
    default = _plain_default(spec.default, found, shape, enums.get(name), where)
    of = qualified_name(enums[name]) if name in enums else ""
    numbers = numbers_of(enums[name]) if name in enums else ()
    return Field(name, found.dtype, shape, found.kind, default, required, spec.renamed_from, spec.hashed, of, numbers)


def numbers_of(members: type[enum.Enum]) -> tuple[tuple[str, int], ...]:
    """Return the number of each member of an Enum of numbers, nothing for any other."""
    return tuple((name, int(one)) for name, one in members.__members__.items()) if issubclass(members, int) else ()


def _field_type(annotation: Any) -> FieldType | None:
    for item in getattr(annotation, "__metadata__", ()):
        if isinstance(item, FieldType):
            return item
    if isinstance(annotation, type) and issubclass(annotation, np.generic):
        name = np.dtype(annotation).name
        return FieldType(name) if name in NUMBER_DTYPES else None
    return None


def _plain_default(
    value: Any, found: FieldType, shape: tuple[int, ...], members: type[enum.Enum] | None, where: str
) -> Any:
    """Return a default as plain data: a number, a text, or a list of numbers."""
    if value is MISSING:
        if members is not None:
            first = next(iter(members), None)
            value = first if first is not None else 0
        else:
            value = "" if found.dtype == "text" else 0
    if found.dtype == "text":
        return text_of(value, plain=found.kind == "enum")
    try:
        dtype = np.dtype(found.dtype)
        whole = whole_numbers(value, dtype) if dtype.kind in "iu" else None
        if whole is None and dtype.kind in "iu":
            raise ValueError(f"{value!r} is no whole number")
        cast = np.broadcast_to(np.array(value, dtype) if whole is None else whole, shape)
    except (ValueError, TypeError, OverflowError) as error:
        remedy = f"give a value of dtype {found.dtype} and shape {shape}"
        raise ComponentError(f"default {value!r} does not fit", where=where, remedy=remedy, cause=error) from error
    return cast.tolist()


def text_of(value: Any, plain: bool = False) -> str:
    """Return a text field's value: text as it is, an Enum member as "Class.NAME", or as "NAME" if `plain`."""
    if isinstance(value, enum.Enum):
        return value.name if plain else f"{type(value).__name__}.{value.name}"
    if isinstance(value, str):
        return str(value)
    raise ComponentError(f"{value!r:.80} is no text", remedy="give a str or an Enum member")


def _check_vectors(cls: type, fields: dict[str, Field], vectors: dict[str, tuple[str, ...]]) -> None:
    """Refuse vectors that are not made of neighbouring scalar fields of one dtype, in the declared order."""
    for name, parts in vectors.items():
        where = f"{cls.__qualname__}.{name}"
        for part in parts:
            if part not in fields:
                remedy = did_you_mean(part, fields) or "declare the field before the vector"
                raise ComponentError(f"vector names {part!r}, which is no field", where=where, remedy=remedy)
        first = fields[parts[0]]
        if first.kind == "value":
            continue
        same = [field.name for field in fields.values() if field.dtype == first.dtype]
        at = same.index(parts[0])
        if tuple(same[at : at + len(parts)]) != parts or any(fields[part].shape for part in parts):
            why = "a vector is a view of neighbouring scalar fields of one type"
            raise ComponentError("fields are no neighbours", where=where, why=why, remedy="declare them in a row")


def stack(parts: Sequence[Any]) -> Any:
    """Return the parts of a vector as one array, columns and single values broadcast together."""
    return np.stack(np.broadcast_arrays(*parts))


def construct_default(cls: type, name: str) -> Any:
    """Return a fresh default of a resource's field; raise ComponentError where it has none."""
    for owner in cls.__mro__:
        if name in owner.__dict__:
            value = owner.__dict__[name]
            if isinstance(value, FieldSpec):
                if value.factory is not None:
                    return value.factory()
                value = value.default
            if value is not MISSING and not isinstance(value, types.MemberDescriptorType):
                return copy.deepcopy(value)
    raise ComponentError(f"{cls.__qualname__} needs a value for {name!r}", remedy="give it, or declare a default")


def install_constructor(cls: type) -> Callable[..., None]:
    """Generate the constructor of a marked class, put it on the class, and return it."""
    schema = schema_of(cls)
    scope: dict[str, Any] = {"_M": MISSING, "_fail": _refuse_call, "_default": construct_default, "_cls": cls}
    params, checks, body = [], [], []
    for field in schema.fields:
        name = field.name
        params.append(f"{name}=_M")
        fresh = f"_default(_cls, {name!r})"
        if not field.required and schema.kind != "resource":
            scope[f"_d_{name}"] = _default_value(cls, name)
            params[-1] = f"{name}=_d_{name}"
        elif field.required:
            checks.append(f"{name} is _M")
        else:
            body.append(f"    if {name} is _M: {name} = {fresh}")
        body.append(f"    self.{name} = {name}")
    checks = ["rest", "unknown", *checks]
    source = f"def __init__(self, {', '.join([*params, '*rest', '**unknown'])}):\n"
    source += f"    if {' or '.join(checks)}: _fail(_cls, locals())\n" + "\n".join(body) + "\n"
    exec(compile(source, f"<constructor of {schema.name}>", "exec", dont_inherit=True), scope)
    made: Callable[..., None] = scope["__init__"]
    made.__module__, made.__qualname__ = cls.__module__, f"{cls.__qualname__}.__init__"
    made.__generated__ = True  # type: ignore[attr-defined]
    made.__made_for__ = cls.__dict__["__mark__"]  # type: ignore[attr-defined]
    cls.__init__ = made  # type: ignore[misc]
    return made


def _default_value(cls: type, name: str) -> Any:
    value = next(owner.__dict__[name] for owner in cls.__mro__ if name in owner.__dict__)
    return value.default if isinstance(value, FieldSpec) else value


def _refuse_call(cls: type, given: dict[str, Any]) -> None:
    """Say what is wrong with the arguments of a constructor."""
    names = [field.name for field in schema_of(cls).fields]
    for name in given["unknown"]:
        remedy = did_you_mean(name, names) or f"its fields are {', '.join(names) or 'none'}"
        raise ComponentError(f"{cls.__qualname__} has no field {name!r}", remedy=remedy, subject=cls)
    if given["rest"]:
        count = len(names) + len(given["rest"])
        raise ComponentError(f"{cls.__qualname__} takes {len(names)} values, {count} were given", subject=cls)
    lacking = [name for name in names if given[name] is MISSING]
    raise ComponentError(
        f"{cls.__qualname__} needs a value for {', '.join(lacking)}",
        remedy="give it, or declare a default",
        subject=cls,
    )
