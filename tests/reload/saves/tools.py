"""Real editors and tools, driven to replace the content of a file; and git, or a stand-in that acts as it does."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from types import MappingProxyType

USUAL: Mapping[str, float] = MappingProxyType({"emacs": 1.0, "vim": 0.4, "nano": 0.4})
"""Seconds that a program takes, almost all of it before and after the save itself."""

_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "a"), ("EMAIL", "a@b.invalid"))
}


def run(*command: str, cwd: Path | None = None, given: bytes | None = None, **environment: str) -> str:
    """Run a program to its end and return what it prints."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        input=given,
        stdin=subprocess.DEVNULL if given is None else None,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout.decode().strip()


def _vim(path: Path, source: Path, copy: str) -> None:
    commands = [f"set backupcopy={copy}", "silent %d _", f"silent 0r {source}", "wq"]
    run("vim", "-u", "NONE", "-i", "NONE", "-es", *(f"+{command}" for command in commands), str(path))


def vim_renaming(path: Path, source: Path, chance: Random) -> None:
    _vim(path, source, "no")


def vim_copying(path: Path, source: Path, chance: Random) -> None:
    _vim(path, source, "yes")


def emacs(path: Path, source: Path, chance: Random) -> None:
    steps = f'(find-file "{path}") (erase-buffer) (insert-file-contents "{source}") (save-buffer)'
    settings = "(setq auto-mode-alist nil vc-handled-backends nil)"
    run("emacs", "-Q", "--batch", "--eval", f"(progn {settings} {steps})")


def nano(path: Path, source: Path, chance: Random) -> None:
    """Type into nano: cut everything, read the other file, save, leave."""
    import fcntl
    import pty
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    keys = b"\x1bt\x12" + os.fsencode(source) + b"\r\x13\x18"
    process = subprocess.Popen(
        ["nano", "--ignorercfiles", str(path)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, "TERM": "xterm"},
        start_new_session=True,
    )
    os.close(slave)
    shown = b""
    with os.fdopen(master, "r+b", buffering=0) as terminal:
        while select.select([terminal], [], [], 20)[0]:
            try:
                shown += terminal.read(65536)
            except OSError:  # the other end is closed
                break
            if keys and b"\x1b[?25h" in shown:  # the cursor is shown: keys are read now, and not by the terminal
                terminal.write(keys)
                keys = b""
        process.kill()
        process.wait()
    assert path.read_bytes() == source.read_bytes(), f"nano has not saved what was typed: {shown!r}"


def sed(path: Path, source: Path, chance: Random) -> None:
    place = ["-i", ""] if sys.platform == "darwin" else ["-i"]
    run("sed", *place, "-e", f"1r {source}", "-e", "d", str(path))


def cp(path: Path, source: Path, chance: Random) -> None:
    run("cp", str(source), str(path))


def cp_with_times(path: Path, source: Path, chance: Random) -> None:
    os.utime(source, (1e9, 1e9))
    run("cp", "-p", str(source), str(path))


def mv(path: Path, source: Path, chance: Random) -> None:
    run("mv", str(source), str(path))


class Repository:
    """The game's folder as a git repository. `index` is a file for an index beside git's own."""

    def __init__(self, folder: Path, index: Path) -> None:
        self.folder, self.index = folder, index
        self.real = shutil.which("git") is not None
        if not self.real:
            (folder / ".git").mkdir()
            return
        self._git("init", "-q")
        links = [str(path.relative_to(folder)) for path in folder.rglob("*.py") if path.is_symlink()]
        (folder / ".git" / "info").mkdir(exist_ok=True)
        (folder / ".git" / "info" / "exclude").write_text("\n".join(["__pycache__", *links]) + "\n")
        self.keep()

    def _git(self, *arguments: str, given: bytes | None = None, **environment: str) -> str:
        settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, **_IDENTITY, **environment}
        options = ("-c", "core.autocrlf=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false")
        return run("git", *options, *arguments, cwd=self.folder, given=given, **settings)

    def keep(self) -> None:
        """Commit what lies there, which changes no file."""
        if self.real:
            self._git("add", "-A")
            self._git("commit", "-q", "--allow-empty", "-m", "kept")

    def _commit(self, contents: dict[Path, bytes], base: str | None, parent: str) -> str:
        """Return a commit with these contents on top of another, or of what lies there; no file is touched."""
        index = {"GIT_INDEX_FILE": str(self.index)}
        self._git("read-tree", base or parent, **index)
        if base is None:
            self._git("add", "-A", **index)
        for path, content in contents.items():
            blob = self._git("hash-object", "-w", "--stdin", given=content)
            name = path.relative_to(self.folder).as_posix()
            self._git("update-index", "--cacheinfo", f"100644,{blob},{name}", **index)
        tree = self._git("write-tree", **index)
        return self._git("commit-tree", tree, "-p", parent, "-m", "edited")

    def checkout(self, contents: dict[Path, bytes]) -> None:
        """Switch to a commit with these contents."""
        if not self.real:
            self._switch(contents)
            return
        target = self._commit(contents, None, self._git("rev-parse", "HEAD"))
        self._git("checkout", "-q", "-f", "--detach", target)

    def stash(self, meanwhile: Callable[[], None]) -> None:
        """Put away what is not committed, and bring it back later."""
        if self.real:
            self._git("stash", "-q")
            meanwhile()
            self._git("stash", "pop", "-q")
        else:
            meanwhile()

    def rebase(self, mine: dict[Path, bytes], theirs: dict[Path, bytes]) -> None:
        """Put a commit with some contents on top of one with others."""
        if not self.real:
            self._switch(theirs)
            self._switch(mine)
            return
        base = self._commit({}, None, self._git("rev-parse", "HEAD"))
        other = self._commit(theirs, base, base)
        self._git("checkout", "-q", "-f", "--detach", self._commit(mine, base, base))
        self._git("rebase", "-q", other)

    def _switch(self, contents: dict[Path, bytes]) -> None:
        """Act as git does: take the lock, delete every file, create every file, give the lock back."""
        lock = self.folder / ".git" / "index.lock"
        lock.touch()
        for path in contents:
            path.unlink()
        for path, content in contents.items():
            path.write_bytes(content)
        lock.replace(self.folder / ".git" / "index")
