"""The field types: what a component, an event or a resource may hold.

To a type checker each is `Any`: inside a system a field is a whole column, outside it may be one value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

import numpy as np


@dataclass(frozen=True)
class FieldType:
    """A numpy dtype, the shape of one row, and what the bits mean."""

    dtype: str
    shape: tuple[int, ...] = ()
    kind: str = "number"


f32: TypeAlias = Annotated[Any, FieldType("float32")]
f64: TypeAlias = Annotated[Any, FieldType("float64")]
i8: TypeAlias = Annotated[Any, FieldType("int8")]
i16: TypeAlias = Annotated[Any, FieldType("int16")]
i32: TypeAlias = Annotated[Any, FieldType("int32")]
i64: TypeAlias = Annotated[Any, FieldType("int64")]
u8: TypeAlias = Annotated[Any, FieldType("uint8")]
u16: TypeAlias = Annotated[Any, FieldType("uint16")]
u32: TypeAlias = Annotated[Any, FieldType("uint32")]
u64: TypeAlias = Annotated[Any, FieldType("uint64")]
boolean: TypeAlias = Annotated[Any, FieldType("bool")]
vec2: TypeAlias = Annotated[Any, FieldType("float32", (2,))]
vec3: TypeAlias = Annotated[Any, FieldType("float32", (3,))]
vec4: TypeAlias = Annotated[Any, FieldType("float32", (4,))]
text: TypeAlias = Annotated[Any, FieldType("text", (), "text")]
handle: TypeAlias = Annotated[Any, FieldType("text", (), "handle")]
entity: TypeAlias = Annotated[Any, FieldType("uint64", (), "entity")]

WRITTEN = {"bool": "boolean"} | {
    f"{kind}{bits}": f"{kind[0]}{bits}"
    for kind, widths in (("float", (32, 64)), ("int", (8, 16, 32, 64)), ("uint", (8, 16, 32, 64)))
    for bits in widths
}
"""How a class writes a dtype."""

NUMBER_DTYPES = frozenset(
    [
        "float16",
        "float32",
        "float64",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "bool",
        "complex64",
        "complex128",
    ]
)


def whole_numbers(value: Any, dtype: np.dtype[Any]) -> np.ndarray[Any, Any] | None:
    """Return Python whole numbers, one or nested lists of them, as an array; None where some are no whole numbers.

    Raises OverflowError for one that is out of the dtype's range. Numbers above 2**63 stay exact.
    """
    items = np.array(value, object)
    limits = np.iinfo(dtype)
    for item in items.ravel().tolist():
        if not isinstance(item, int | np.integer):
            return None
        if not limits.min <= item <= limits.max:
            raise OverflowError(f"{item} is out of range of {dtype}")
    return items.astype(dtype)
