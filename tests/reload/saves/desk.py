"""A person at work: saves modules in every style, and remembers what each must run as in the end."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from types import MappingProxyType

from saving import WAYS, Save

from saves import tools
from saves.game import LINKS, content_of

SLOW = 0.15
"""Seconds for which a file may be away or empty; a machine that makes it longer is too busy to save as editors do."""


class Desk:
    """The saves of one run. `latest` holds the version that each module must come to."""

    def __init__(self, home: Path, paths: list[Path], seed: int) -> None:
        self.home, self.paths, self.chance = home, paths, Random(seed)
        self.outside = home / "outside"
        self.own = len(paths) - LINKS
        self.latest = dict.fromkeys(range(len(paths)), 0)
        self.saved: dict[tuple[int, int], tuple[str, float]] = {}
        self.slow: list[tuple[str, float]] = []
        self.version = self.saves = 0
        self.repository = tools.Repository(home / "saved", home / "index")
        self.gap = 0.0

    def save(self, style: str) -> None:
        """Save in a style, and note when the content was there."""
        self.saves += 1
        self.gap = 0.0
        before = dict(self.latest)
        STYLES[style](self)
        for part, version in self.latest.items():
            if version != before[part]:
                self.saved[part, version] = (style, time.monotonic() - self._age(style, self.paths[part]))
        if self.gap > SLOW:
            self.slow.append((style, self.gap))

    def _age(self, style: str, path: Path) -> float:
        """Return how long ago a program that has ended since wrote the file: its end is no part of a save."""
        if style not in PROGRAMS:
            return 0.0
        return max(0.0, time.time() - path.stat().st_ctime)

    def new(self, part: int) -> bytes:
        """Return the next version of a module, which it must come to from now on."""
        self.version += 1
        self.latest[part] = self.version
        return content_of(part, self.version)

    def part(self) -> int:
        """Pick one of the modules that are plain files."""
        return self.chance.randrange(self.own)

    def parts(self) -> list[int]:
        """Pick some of the modules that are plain files."""
        return self.chance.sample(range(self.own), self.chance.randint(2, 8))

    def source(self, content: bytes) -> Path:
        """Put content into a file outside the game, for a program to take it from."""
        path = self.outside / "source"
        path.write_bytes(content)
        return path


def imitated(way: str) -> Callable[[Desk], None]:
    """Return a style that makes the system calls of an editor by itself."""

    def save(desk: Desk) -> None:
        part = desk.part()
        one = Save(desk.paths[part], desk.new(part), desk.outside, desk.chance)
        WAYS[way](one)
        desk.gap = one.gap

    return save


def by_program(name: str, program: Callable[[Path, Path, Random], None], way: str) -> Callable[[Desk], None]:
    """Return a style that lets a program save, or imitates it where it is not installed."""
    stand_in = imitated(way)

    def save(desk: Desk) -> None:
        if shutil.which(name) is None:
            stand_in(desk)
            return
        part = desk.part()
        begin = time.monotonic()
        program(desk.paths[part], desk.source(desk.new(part)), desk.chance)
        assert desk.paths[part].read_bytes() == content_of(part, desk.version), f"{name} saved something else"
        desk.gap = max(0.0, time.monotonic() - begin - tools.USUAL.get(name, 0.1))

    return save


def slowly(desk: Desk) -> None:
    """Keep the file open and write it in a few pieces, most of which end where a function does."""
    part = desk.part()
    content = desk.new(part)
    ends = [at for at in range(len(content)) if content.startswith(b"\n\n\n", at)]
    cuts = sorted({*desk.chance.sample(ends, min(3, len(ends))), desk.chance.randrange(len(content))})
    with desk.paths[part].open("wb", buffering=0) as file:
        for begin, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
            file.write(content[begin:end])
            time.sleep(desk.chance.uniform(0, 0.12))


def touched(desk: Desk) -> None:
    path = desk.paths[desk.part()]
    if shutil.which("touch"):
        tools.run("touch", str(path))
    else:
        os.utime(path)


def same_content(desk: Desk) -> None:
    path = desk.paths[desk.part()]
    path.write_bytes(path.read_bytes())


def link_retargeted(desk: Desk) -> None:
    part = desk.chance.randrange(desk.own, len(desk.paths))
    link, content = desk.paths[part], desk.new(part)
    target = desk.outside / f"{link.parent.name}_{desk.version}.py"
    target.write_bytes(content)
    old = link.resolve()
    link.with_name("link.tmp").symlink_to(target)
    link.with_name("link.tmp").replace(link)
    old.unlink()


def target_of_a_link(desk: Desk) -> None:
    """Write the file that a link leads to: nothing in the watched folder tells of it."""
    part = desk.chance.randrange(desk.own, len(desk.paths))
    desk.paths[part].resolve().write_bytes(desk.new(part))


def folder_renamed(desk: Desk) -> None:
    """Rename a module's folder, save in it and rename it back."""
    part = desk.part()
    folder, content = desk.paths[part].parent, desk.new(part)
    away = desk.outside / "away"
    begin = time.monotonic()
    folder.replace(away)
    time.sleep(desk.chance.choice([0, 0.01, 0.05]))
    (away / "__init__.py").write_bytes(content)
    away.replace(folder)
    desk.gap = time.monotonic() - begin


def git_checkout(desk: Desk) -> None:
    desk.repository.checkout({desk.paths[part]: desk.new(part) for part in desk.parts()})


def git_stash(desk: Desk) -> None:
    """Save some modules, put the edits away, and bring them back."""
    desk.repository.keep()
    for part in desk.parts():
        desk.paths[part].write_bytes(desk.new(part))
    time.sleep(desk.chance.choice([0, 0.03, 0.1]))
    desk.repository.stash(lambda: time.sleep(desk.chance.choice([0, 0.03, 0.1])))


def git_rebase(desk: Desk) -> None:
    parts = desk.parts()
    half = len(parts) // 2
    mine, theirs = ({desk.paths[part]: desk.new(part) for part in some} for some in (parts[:half], parts[half:]))
    desk.repository.rebase(mine, theirs)


_STYLES: dict[str, Callable[[Desk], None]] = {
    **{
        way: imitated(way)
        for way in WAYS
        if way not in ("slowly", "by_a_link", "folder_moved_there_and_back", "vim", "vim_backupcopy", "emacs", "sed")
    },
    "slowly": slowly,
    "vim": by_program("vim", tools.vim_renaming, "vim"),
    "vim, backupcopy=yes": by_program("vim", tools.vim_copying, "vim_backupcopy"),
    "nano": by_program("nano", tools.nano, "in_place"),
    "emacs": by_program("emacs", tools.emacs, "emacs"),
    "sed -i": by_program("sed", tools.sed, "sed"),
    "cp": by_program("cp", tools.cp, "copied"),
    "cp -p": by_program("cp", tools.cp_with_times, "copied_with_times"),
    "mv": by_program("mv", tools.mv, "renamed_from_outside"),
    "touch": touched,
    "same content": same_content,
    "link retargeted": link_retargeted,
    "target of a link": target_of_a_link,
    "folder renamed": folder_renamed,
    "git checkout": git_checkout,
    "git stash": git_stash,
    "git rebase": git_rebase,
}
STYLES: Mapping[str, Callable[[Desk], None]] = MappingProxyType(_STYLES)
PROGRAMS = frozenset(
    ("vim", "vim, backupcopy=yes", "nano", "emacs", "sed -i", "cp", "cp -p", "mv", "git checkout", "git rebase")
)
UNTOLD = frozenset(("link retargeted", "target of a link"))
"""Styles of which no event tells, or none that can be relied on: a sweep finds them."""
