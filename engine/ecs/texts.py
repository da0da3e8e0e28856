"""Interned text: a column of text is a column of codes, and equal texts have equal codes within a world."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from engine.ecs.component import text_of
from engine.errors import ComponentError

Codes = NDArray[np.uint32]


class Interner:
    """The texts of a world, each with a code; code 0 is the empty text. Codes are never part of a hash or a file."""

    __slots__ = ("codes", "digests", "limit", "strings")

    def __init__(self) -> None:
        self.codes: dict[str, int] = {"": 0}
        self.strings: list[str] = [""]
        self.limit = 10_000  # with more texts than this, a world looks which of them it still needs
        self.digests: NDArray[np.uint64] = np.zeros(64, np.uint64)
        self.digests[0] = _digest("")

    def code(self, value: str) -> int:
        """Return the code of a text, interning it if it is new."""
        code = self.codes.get(value)
        if code is None:
            code = len(self.strings)
            self.strings.append(value)
            if code == self.digests.size:
                self.digests = np.concatenate([self.digests, np.zeros(code, np.uint64)])
            self.digests[code] = _digest(value)
            self.codes[value] = code
        return code

    def encode(self, value: Any, plain: bool = False) -> int | Codes:
        """Return the code of one text or Enum member, or the codes of a list, array or column of them."""
        if isinstance(value, TextColumn):
            if value.interner is self:
                return value.codes
            return np.array([self.code(item) for item in value.texts()], np.uint32)
        if isinstance(value, str | enum.Enum):
            return self.code(text_of(value, plain))
        if isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.dtype.kind in "UO"):
            return np.array([self.code(text_of(item, plain)) for item in value], np.uint32)
        return self.code(text_of(value, plain))


def _digest(value: str) -> int:
    return xxhash.xxh3_64_intdigest(value.encode("utf-8", "surrogatepass"))


class TextColumn:
    """A column of text or of Enum members: compared with a text or member as a whole, indexed, sliced and assigned."""

    __slots__ = ("codes", "interner", "members")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, codes: Codes, interner: Interner, members: type[enum.Enum] | None = None) -> None:
        self.codes, self.interner, self.members = codes, interner, members

    def texts(self) -> list[str]:
        """Return every row's text."""
        strings = self.interner.strings
        return [strings[code] for code in self.codes.tolist()]

    def tolist(self) -> list[Any]:
        """Return every row's text, or Enum member."""
        return [self._shown(text) for text in self.texts()]

    def _shown(self, value: str) -> Any:
        return value if self.members is None else self.members.__members__.get(value, value)

    def _compare(self, other: Any) -> NDArray[np.bool_]:
        if isinstance(other, TextColumn):
            if other.interner is self.interner:
                return np.equal(self.codes, other.codes)
            other = other.texts()
        if isinstance(other, str | enum.Enum):
            code = self.interner.codes.get(text_of(other, self.members is not None), -1)
            return np.full(self.codes.shape, False) if code < 0 else np.equal(self.codes, code)
        if isinstance(other, list | tuple | np.ndarray):
            return np.equal(self.codes, self.interner.encode(list(other), self.members is not None))
        raise ComponentError(
            f"text compared with {other!r:.80}", remedy="compare with a str, an Enum member or a column"
        )

    def __eq__(self, other: object) -> NDArray[np.bool_]:  # type: ignore[override]
        return self._compare(other)

    def __ne__(self, other: object) -> NDArray[np.bool_]:  # type: ignore[override]
        return ~self._compare(other)

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def __getitem__(self, key: Any) -> Any:
        found = self.codes[key]
        if isinstance(found, np.ndarray):
            return TextColumn(found, self.interner, self.members)
        return self._shown(self.interner.strings[int(found)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self.codes[key] = self.interner.encode(value, self.members is not None)

    def __repr__(self) -> str:
        return f"TextColumn({self.tolist()!r})"
