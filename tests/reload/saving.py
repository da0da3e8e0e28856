"""Ways in which editors and tools save a file, each told apart by what the file system sees of it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from time import perf_counter, sleep
from types import MappingProxyType

GAP = 0.15
"""Seconds, at most, for which a way of saving leaves a file empty or away: well below the time that is waited."""


class Save:
    """One save: the content, and the chance and pauses of its way. `gap` is the longest the file was not whole."""

    def __init__(self, path: Path, content: bytes, outside: Path, chance: Random) -> None:
        self.path, self.content, self.outside, self.chance = path, content, outside, chance
        self.gap = 0.0
        self._since = perf_counter()

    def write(self, path: Path, content: bytes | None = None) -> None:
        path.write_bytes(self.content if content is None else content)

    def pause(self, longest: float) -> None:
        """Let time pass while the file is not whole; an editor does, too."""
        sleep(self.chance.uniform(0, longest))

    def broken(self) -> None:
        """Note that from here on the file is empty or away."""
        self._since = perf_counter()

    def whole(self) -> None:
        self.gap = max(self.gap, perf_counter() - self._since)

    def beside(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)


def in_place(save: Save) -> None:
    save.write(save.path)


def slowly(save: Save) -> None:
    """Keep the file open and write it in pieces, some of which end at a line."""
    longest = 0.06 if sys.platform.startswith("linux") else 0.004
    with save.path.open("wb", buffering=0) as file:
        for line in save.content.splitlines(keepends=True):
            cut = save.chance.randrange(len(line) + 1)
            for piece in (line[:cut], line[cut:]):
                file.write(piece)
            save.pause(longest)


def truncated_first(save: Save) -> None:
    save.broken()
    save.write(save.path, b"")
    save.pause(GAP)
    save.write(save.path)
    save.whole()


def renamed_into_place(save: Save) -> None:
    save.write(save.beside(".tmp"))
    save.beside(".tmp").replace(save.path)


def renamed_from_outside(save: Save) -> None:
    target = save.outside / save.path.name
    save.write(target)
    target.replace(save.path)


def old_one_moved_outside(save: Save) -> None:
    save.broken()
    save.path.replace(save.outside / save.path.name)
    save.pause(GAP)
    save.write(save.path)
    save.whole()


def backup_and_rename(save: Save) -> None:
    """As an IDE with safe write: the new file beside, the old one away, the new one in its place, the old one gone."""
    save.write(save.beside("___jb_tmp___"))
    save.broken()
    save.path.replace(save.beside("___jb_old___"))
    save.beside("___jb_tmp___").replace(save.path)
    save.whole()
    save.beside("___jb_old___").unlink()


def vim(save: Save) -> None:
    """With its defaults: a swap file, a probe, the old file renamed, a new one written, the backup removed."""
    swap = save.path.with_name(f".{save.path.name}.swp")
    swap.write_bytes(b"b0VIM")
    (save.path.parent / "4913").touch()
    (save.path.parent / "4913").unlink()
    save.broken()
    save.path.replace(save.beside("~"))
    save.path.touch()
    save.pause(0.02)
    save.write(save.path)
    save.whole()
    save.beside("~").unlink()
    swap.unlink()


def vim_backupcopy(save: Save) -> None:
    """With `backupcopy=yes`: the old content copied, the file itself written over."""
    shutil.copy2(save.path, save.beside("~"))
    save.broken()
    with save.path.open("wb", buffering=0) as file:
        save.pause(0.02)
        file.write(save.content)
        os.fsync(file.fileno())
    save.whole()
    save.beside("~").unlink()


def emacs(save: Save) -> None:
    lock, auto = save.path.with_name(f".#{save.path.name}"), save.path.with_name(f"#{save.path.name}#")
    lock.symlink_to("person@machine.1")
    save.write(auto)
    save.broken()
    save.path.replace(save.beside("~"))
    save.path.touch()
    save.write(save.path)
    save.whole()
    lock.unlink()
    auto.unlink()


def sed(save: Save) -> None:
    temporary = save.path.with_name("sed" + "".join(save.chance.choices("abcXYZ019", k=6)))
    save.write(temporary)
    temporary.replace(save.path)


def copied(save: Save) -> None:
    save.write(save.outside / "source")
    shutil.copyfile(save.outside / "source", save.path)


def copied_with_times(save: Save) -> None:
    """As `cp -p` and `rsync -t` do: the times of a file that is older than the one replaced."""
    save.write(save.outside / "source")
    os.utime(save.outside / "source", (1e9, 1e9))
    shutil.copy2(save.outside / "source", save.path)


def deleted_and_restored(save: Save) -> None:
    save.broken()
    save.path.unlink()
    save.pause(GAP)
    save.write(save.path)
    save.whole()


def twice_in_a_row(save: Save) -> None:
    save.write(save.path, save.content.replace(b"# end", b"# end of the first"))
    save.pause(0.015)
    save.write(save.path)


def by_a_link(save: Save) -> None:
    """Replace the file by a link to one outside, which is put in place at once."""
    target = save.outside / f"target{save.chance.randrange(10**9)}.py"
    save.write(target)
    save.beside(".link").symlink_to(target)
    save.beside(".link").replace(save.path)


def folder_moved_there_and_back(save: Save) -> None:
    away = save.path.parent.with_name(f"{save.path.parent.name}_away")
    save.broken()
    save.path.parent.replace(away)
    save.write(away / save.path.name)
    away.replace(save.path.parent)
    save.whole()


WAYS: Mapping[str, Callable[[Save], None]] = MappingProxyType(
    {
        way.__name__: way
        for way in (
            in_place,
            slowly,
            truncated_first,
            renamed_into_place,
            renamed_from_outside,
            old_one_moved_outside,
            backup_and_rename,
            vim,
            vim_backupcopy,
            sed,
            copied,
            copied_with_times,
            deleted_and_restored,
            twice_in_a_row,
            *((emacs, by_a_link, folder_moved_there_and_back) if sys.platform != "win32" else ()),
        )
    }
)
