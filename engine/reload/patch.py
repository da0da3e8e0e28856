"""A set of saved files, and what bringing them to life has done."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from engine.reload.analyse import Analysis
from engine.reload.undo import Undo


@dataclass(frozen=True)
class Change:
    """One saved file: `kind` is changed, created or deleted."""

    path: Path
    kind: str
    source: bytes | None = None
    analysis: Analysis | None = None


@dataclass
class Patch:
    """What `Code.apply` has done, and the way back.

    Names are `module.qualname`. `notes` name what could not be patched and what was changed outside the modules,
    `touched` the modules, by their Python names, that may declare something else now.
    """

    files: list[Path] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    log: Undo = field(default_factory=Undo, repr=False)

    def undo(self) -> None:
        """Return the code to exactly what it was before; does nothing after `seal`."""
        self.log.rewind()

    def seal(self) -> None:
        """Give up the way back and free what it holds."""
        self.log.clear()

    def tidy(self) -> None:
        """Name each thing once."""
        for names in (self.functions, self.classes, self.values, self.added, self.removed, self.notes):
            names[:] = dict.fromkeys(names)
