"""Where a control port is found: a folder that is its owner's alone, with the token and the address in it.

On POSIX systems the address is a Unix socket in the folder; elsewhere it is a port of the loopback interface.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from engine.errors import GameError

TOKEN_BYTES = 32
LONGEST_SOCKET = 100
"""Characters a Unix socket's path may have; the systems allow from 104 on."""
HAS_SOCKETS = hasattr(socket, "AF_UNIX") and hasattr(os, "getuid")


@dataclass(frozen=True)
class Place:
    """A folder with the token that opens the port."""

    folder: Path
    token: str

    @classmethod
    def make(cls, folder: Path) -> Self:
        """Make the folder private and put a fresh token in it, or take the one that whoever starts the game put there.

        Raises `GameError` if it is not, or cannot be made, its owner's alone.
        """
        folder = folder.absolute()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _check_private(folder)
            if HAS_SOCKETS and len(str(folder / "socket")) > LONGEST_SOCKET:
                raise _unfit(folder, "its path is too long for a socket", "name one with a shorter path")
            with contextlib.suppress(FileExistsError):
                write_private(folder / "token", secrets.token_hex(TOKEN_BYTES), new=True)
        except OSError as error:
            raise _unfit(folder, error.strerror or str(error), "name a folder that can be made") from error
        return cls.find(folder)

    @classmethod
    def find(cls, folder: Path) -> Self:
        """Return the place in a folder. Raises `GameError` if there is none, or others could have written it."""
        folder = folder.absolute()
        try:
            _check_private(folder)
            _check_private(folder / "token")
            token = (folder / "token").read_text("ascii").strip()
        except OSError as error:
            why = error.strerror or str(error)
            raise _unfit(folder, why, f"start a game with --control {folder}") from error
        if len(token) != 2 * TOKEN_BYTES:
            raise _unfit(folder, "its token is none", "remove the folder")
        return cls(folder, token)

    def opens(self, token: object) -> bool:
        """Tell whether a token is the right one, in the same time however wrong it is."""
        return isinstance(token, str) and hmac.compare_digest(token.encode("utf-8", "replace"), self.token.encode())

    @property
    def address(self) -> str | tuple[str, int]:
        """The path of the socket, or host and port. Raises `GameError` while nothing listens."""
        if HAS_SOCKETS:
            return str(self.folder / "socket")
        try:
            found = json.loads((self.folder / "address").read_text("ascii"))
            return "127.0.0.1", int(found["port"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _unfit(self.folder, "nothing listens there", "start the game") from error

    def listening(self) -> socket.socket:
        """Return a socket that listens at the address, which only the owner can reach."""
        if not HAS_SOCKETS:
            listener = socket.create_server(("127.0.0.1", 0))
            write_private(self.folder / "address", json.dumps({"port": listener.getsockname()[1]}))
            return listener
        path = self.folder / "socket"
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        before = os.umask(0o177)  # between bind and chmod anybody could connect
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
        listener.listen(16)
        return listener

    def connect(self, timeout: float) -> socket.socket:
        """Return a connection to the port. Raises OSError where nothing listens."""
        address: Any = self.address
        found = socket.socket(socket.AF_UNIX if HAS_SOCKETS else socket.AF_INET)
        try:
            found.settimeout(timeout)
            found.connect(address)
        except BaseException:
            found.close()
            raise
        return found

    def forget(self) -> None:
        """Remove the address."""
        for name in ("socket", "address"):
            with contextlib.suppress(OSError):
                (self.folder / name).unlink()


def write_private(path: Path, text: str, *, new: bool = False) -> None:
    """Write a file that only its owner can read. Raises FileExistsError if it has to be `new` and is not."""
    how = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | (os.O_EXCL if new else os.O_TRUNC)
    with os.fdopen(os.open(path, how, 0o600), "w", encoding="ascii") as file:
        file.write(text)


def _check_private(path: Path) -> None:
    """Refuse what belongs to somebody else, or what others may read or write."""
    found = os.lstat(path)
    if stat.S_ISLNK(found.st_mode):
        raise _unfit(path, "it is a link", "name the folder itself")
    if HAS_SOCKETS and (found.st_uid != os.getuid() or found.st_mode & 0o077):
        raise _unfit(path, "others may read or write it", f"chmod go= {path}, or name another folder")


def _unfit(folder: Path, why: str, remedy: str) -> GameError:
    return GameError(f"{folder} is no place for a control port", why=why, remedy=remedy, folder=folder)
