"""A process that is executed anew has its window where the one before had it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkout import Checkout
from test_engine_executed import STICKY


@pytest.fixture
def display() -> Iterator[str]:
    """Start an X server without a screen and yield its name."""
    for tool in ("Xvfb", "xwininfo"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.terminate()
        server.wait(10)


def windows(display: str) -> dict[int, list[int]]:
    """Return the windows that a person sees, by number: width, height, left, top."""
    told = subprocess.run(
        ["xwininfo", "-display", display, "-root", "-children"], capture_output=True, text=True, check=True
    ).stdout
    rows = re.findall(r'^ +(0x\w+) ".*?(\d+)x(\d+)\+-?\d+\+-?\d+  \+(-?\d+)\+(-?\d+)$', told, re.MULTILINE)
    return {int(name, 16): [int(number) for number in numbers] for name, *numbers in rows if int(numbers[0]) > 100}


def put(display: str, window: int, place: list[int]) -> None:
    """Move and resize a window as a person does who has no window manager: ask the X server to."""
    width, height, left, top = place
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(f"/tmp/.X11-unix/X{display.removeprefix(':')}")
        server.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0))
        answer = server.recv(8, socket.MSG_WAITALL)
        assert answer[0] == 1, "the X server lets nobody in"
        server.recv(4 * struct.unpack("<6xH", answer)[0], socket.MSG_WAITALL)
        server.sendall(struct.pack("<BxHIHxxiiII", 12, 7, window, 0b1111, left, top, width, height))
        server.sendall(struct.pack("<BxH", 43, 1))  # an answer to which tells that the one before is done
        server.recv(32, socket.MSG_WAITALL)


def test_the_new_window_has_size_and_place_of_the_one_before(tmp_path: Path, display: str) -> None:
    with Checkout(tmp_path, display=display) as game:
        before = game.wait("the window is there", lambda: windows(display))
        (window,) = before
        place = [702, 410, 61, 43]
        assert before[window] != place
        put(display, window, place)
        game.wait("the window has moved", lambda: windows(display)[window] == place)
        pid = game.goes_on(5)["pid"]
        game.edit_engine(*STICKY)
        assert "executed anew" in game.verdict("current", "transaction.py")["state"]  # which ends the old window
        game.wait("it lies there", lambda: list(windows(display).values()) == [place])
        game.verdict("permanent", "transaction.py")
        assert game.state()["pid"] == pid
        assert list(windows(display).values()) == [place]
