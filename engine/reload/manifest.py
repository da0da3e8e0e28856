"""Manifests: what a module's `module.toml` says, checked, with every mistake named by file and line.

A manifest has five keys, of which only `version` is needed::

    version    = "1.2.0"                                        # PEP 440
    summary    = "Leaves that drift in the wind."
    requires   = ["core.motion~=1.0", "core.render[sprites]~=1.0"]
    implements = ["core.render[sprites]~=1.0"]                  # systems modules only

    [features]
    wind = ["core.random~=1.0"]                                 # requirements that the feature adds, often []

An entry of `requires` is a PEP 508 requirement on another module: name, features in brackets, versions. An entry of
`implements` names a contract, the versions of it that are understood and the features that are provided; without
brackets every feature is. It is a requirement as well. Name and room of a module come from its folder's place.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as PackageRequirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from engine.errors import ManifestError, did_you_mean

ROOMS = ("core", "systems", "plugins", "apps")
FILE_NAME = "module.toml"
KEYS = ("version", "summary", "requires", "implements", "features")

_FEATURE_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_TOML_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one module asks of another: its name, features and versions."""

    name: str
    features: frozenset[str]
    versions: SpecifierSet
    text: str

    def admits(self, version: Version) -> bool:
        """Tell whether a version fits; one that is a pre-release counts like any other."""
        return self.versions.contains(version, prereleases=True)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Manifest:
    """A module's `module.toml` as data, with the `source` it was read from."""

    name: str
    path: Path
    version: Version
    summary: str = ""
    requires: tuple[Requirement, ...] = ()
    implements: tuple[Requirement, ...] = ()
    features: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict)
    source: bytes = field(default=b"", compare=False, repr=False)

    @property
    def room(self) -> str:
        return self.name.partition(".")[0]

    @property
    def compatible(self) -> str:
        """The versions that whoever uses this one should ask for."""
        return f"~={self.version.major}.{self.version.minor}"

    @classmethod
    def read(cls, folder: Path, name: str) -> Manifest:
        """Read the manifest of the module `name` from its folder; a mistake raises `ManifestError`."""
        path = Path(folder) / FILE_NAME
        return cls.parse(_read_file(path, name), name, path)

    @classmethod
    def parse(cls, source: bytes, name: str, path: Path) -> Manifest:
        """Make a manifest of the bytes of a `module.toml`, `path` being where they came from."""
        return _Reader(name, path, source).manifest()

    def all_requirements(self) -> Iterator[Requirement]:
        """Yield every requirement, those of contracts implemented and of features that may be inactive included."""
        yield from self.requires
        yield from self.implements
        for added in self.features.values():
            yield from added


def parse_requirement(text: str) -> Requirement:
    """Read one requirement such as `core.render[sprites]~=1.0`; a `ManifestError` says what is wrong with it."""
    form = 'write it like "core.render[sprites]~=1.0"'
    try:
        parsed = PackageRequirement(text)
    except InvalidRequirement as error:
        why = str(error).splitlines()[0]
        raise ManifestError(f"{text!r} is not a requirement", why=why, remedy=form) from error
    if parsed.url or parsed.marker:
        part = "an address" if parsed.url else "a condition"
        raise ManifestError(f"{text!r} has {part}, which a module's requirement cannot have", remedy=form)
    room, dot, rest = parsed.name.partition(".")
    if room not in ROOMS:
        hint = did_you_mean(room, ROOMS) or f"a module's name begins with its room: {', '.join(ROOMS)}"
        raise ManifestError(f"{text!r} names no room", why=f"there is no room {room!r}", remedy=hint)
    if not dot or not rest.isidentifier():
        raise ManifestError(f"{text!r} names no module", why=f"{parsed.name!r} is not ROOM.NAME", remedy=form)
    return Requirement(parsed.name, frozenset(parsed.extras), parsed.specifier, text.strip())


class _Reader:
    """Checks one manifest, keeping the source at hand so that each mistake is named with its line."""

    def __init__(self, name: str, path: Path, source: bytes) -> None:
        self.name, self.path = name, path
        self.source, self.text = source, self.decode(source)
        self.table = self.parse()

    def error(self, what: str, *, line: int | None = None, **parts: Any) -> ManifestError:
        where = str(self.path) if line is None else f"{self.path}:{line}"
        return ManifestError(what, where=where, module=self.name, path=self.path, line=line, **parts)

    def line_of(self, *words: str) -> int | None:
        """Find the first line that holds one of the words, the earlier words before the later ones."""
        lines = self.text.splitlines()
        return next((i for word in words for i, line in enumerate(lines, 1) if word in line), None)

    def decode(self, source: bytes) -> str:
        try:
            return source.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = source.count(b"\n", 0, error.start) + 1
            raise self.error(
                "is not UTF-8", line=line, why=f"byte 0x{source[error.start]:02x}", remedy="save the file as UTF-8"
            ) from error

    def parse(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            place = _TOML_PLACE.search(str(error))
            line = int(place[1]) if place and place[1] else max(1, len(self.text.splitlines()))
            why = _TOML_PLACE.sub("", str(error))
            raise self.error("is not valid TOML", line=line, why=why, remedy="correct this line") from error

    def manifest(self) -> Manifest:
        for key in self.table:
            if key not in KEYS:
                hint = did_you_mean(key, KEYS) or f"the keys are {', '.join(KEYS)}"
                raise self.error(f"unknown key {key!r}", line=self.line_of(key), remedy=hint)
        return Manifest(
            name=self.name,
            path=self.path,
            version=self.version(),
            summary=self.summary(),
            requires=self.requirements("requires", self.table.get("requires", [])),
            implements=self.contracts(),
            features=self.features(),
            source=self.source,
        )

    def version(self) -> Version:
        if "version" not in self.table:
            raise self.error("has no version", remedy='add a line such as version = "0.1.0"')
        value, line = self.table["version"], self.line_of("version")
        if not isinstance(value, str):
            raise self.wrong_type("version", "a string", value, 'version = "1.0.0"')
        try:
            return Version(value)
        except InvalidVersion as error:
            raise self.error(
                f"version {value!r} is no version", line=line, why="PEP 440 decides", remedy='write it like "1.2.0"'
            ) from error

    def summary(self) -> str:
        value = self.table.get("summary", "")
        if not isinstance(value, str):
            raise self.wrong_type("summary", "a string", value, 'summary = "What the module does."')
        return value

    def requirements(self, key: str, values: object) -> tuple[Requirement, ...]:
        example = f'{key} = ["core.motion~=1.0"]'
        if not isinstance(values, list):
            raise self.wrong_type(key, "a list of strings", values, example)
        read = []
        for value in values:
            if not isinstance(value, str):
                raise self.wrong_type(key, "a list of strings", value, example)
            try:
                requirement = parse_requirement(value)
            except ManifestError as error:
                raise self.error(
                    f"{key}: {error.what}", line=self.line_of(value, key), why=error.why, remedy=error.remedy
                ) from error
            if requirement.name == self.name:
                raise self.error(
                    f"{key}: {self.name} names itself", line=self.line_of(value, key), remedy=f"take {value!r} out"
                )
            read.append(requirement)
        return tuple(read)

    def contracts(self) -> tuple[Requirement, ...]:
        read = self.requirements("implements", self.table.get("implements", []))
        room = self.name.partition(".")[0]
        line = self.line_of("implements")
        if read and room != "systems":
            raise self.error(
                f"implements: {self.name} is in the room {room!r}",
                line=line,
                why="only modules in the room 'systems' implement contracts",
                remedy="move the folder to modules/systems or take the key out",
            )
        for contract in read:
            if not contract.name.startswith("core."):
                raise self.error(
                    f"implements: {contract.name} is no contract",
                    line=line,
                    why="contracts are modules in the room 'core'",
                    remedy="name the core module that this one implements",
                )
        return read

    def features(self) -> dict[str, tuple[Requirement, ...]]:
        table = self.table.get("features", {})
        if not isinstance(table, dict):
            raise self.wrong_type("features", "a table", table, "[features] with lines like wind = []")
        for name in table:
            if not _FEATURE_NAME.fullmatch(name):
                raise self.error(
                    f"features: {name!r} is no name for a feature",
                    line=self.line_of(name),
                    remedy="use letters, digits and underscores",
                )
        return {name: self.requirements(name, added) for name, added in table.items()}

    def wrong_type(self, key: str, wanted: str, value: object, example: str) -> ManifestError:
        return self.error(
            f"{key} is not {wanted}",
            line=self.line_of(key),
            why=f"it holds {value!r} ({type(value).__name__})",
            remedy=f"write {example}",
        )


def _read_file(path: Path, name: str) -> bytes:
    """Read a regular file without ever waiting for one that is not (a pipe named `module.toml`)."""

    def error(what: str, **parts: Any) -> ManifestError:
        return ManifestError(what, where=str(path), module=name, path=path, line=None, **parts)

    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise error("is not a file", remedy='put the manifest there: a file with a line version = "0.1.0"')
        return path.read_bytes()
    except FileNotFoundError as cause:
        raise error(
            "there is no module.toml",
            why=f"{name} is a module only with one" if path.parent.is_dir() else f"{path.parent} does not exist",
            remedy='write one with at least version = "0.1.0"',
        ) from cause
    except OSError as cause:
        raise error(
            "cannot be read", why=cause.strerror or str(cause), remedy="check the file's permissions"
        ) from cause
