"""Whether a window could be seen, found out from the environment and from who answers."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from engine.display import missing_display

NOTHING = {"XDG_RUNTIME_DIR": "/nonexistent"}


@pytest.mark.parametrize("driver", ["dummy", "offscreen", "DUMMY", "offscreen,dummy"])
def test_a_driver_that_nobody_sees_does_not_count(driver: str) -> None:
    assert missing_display({"SDL_VIDEODRIVER": driver, "DISPLAY": ":0"}, "linux")
    assert missing_display({"SDL_VIDEODRIVER": driver}, "win32")


def test_desktops_always_have_a_display() -> None:
    assert missing_display({}, "win32") is None
    assert missing_display({}, "darwin") is None


def test_without_variables_there_is_none() -> None:
    assert missing_display(NOTHING, "linux") == "neither DISPLAY nor WAYLAND_DISPLAY is set"


@pytest.mark.parametrize("display", [":987", "unix:987", "localhost:987", "nonsense", ":", "a:b", ":99999999"])
def test_a_display_that_does_not_answer_is_none(display: str) -> None:
    reason = missing_display({**NOTHING, "DISPLAY": display}, "linux")
    assert reason == "no display answers at DISPLAY or WAYLAND_DISPLAY"


def test_a_driver_without_a_server_was_asked_for_by_name() -> None:
    assert missing_display({**NOTHING, "SDL_VIDEODRIVER": "kmsdrm"}, "linux") is None


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="Wayland's sockets are Unix sockets")
def test_a_compositor_that_answers_counts(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-7"))
        server.listen()
        assert missing_display({"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "wayland-7"}, "linux") is None
        assert missing_display({"WAYLAND_DISPLAY": str(tmp_path / "wayland-7")}, "linux") is None
        assert missing_display({"XDG_RUNTIME_DIR": str(tmp_path)}, "linux")
