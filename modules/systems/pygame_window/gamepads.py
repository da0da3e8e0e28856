"""Gamepads: SDL's events about them as raw events, with devices coming and going.

A device that SDL knows as a controller reports named controls; any other one is read as a plain joystick whose
buttons and axes lie as on the most common pads. Events count even where their device could not be opened.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ._pygame import pygame

BUTTONS = ("a", "b", "x", "y", "back", "guide", "start", "l3", "r3", "l1", "r1", "up", "down", "left", "right")
AXES = ("leftx", "lefty", "rightx", "righty", "l2", "r2")
JOYSTICK_BUTTONS = ("a", "b", "x", "y", "l1", "r1", "back", "start", "guide", "l3", "r3")
JOYSTICK_AXES = ("leftx", "lefty", "l2", "rightx", "righty", "r2")
FEW_AXES = ("leftx", "lefty", "rightx", "righty")
TRIGGERS = ("l2", "r2")
LONGEST_RUMBLE = 5.0
"""Seconds; a pad that is never told to stop would shake on."""
HAT = (("left", 0, -1), ("right", 0, 1), ("up", 1, 1), ("down", 1, -1))


class Pads:
    """Know the pads that are plugged in, each under the lowest number that was free when it came."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}
        self.devices: dict[int, Any] = {}
        self.named: dict[int, Any] = {}
        self.controllers: set[int] = set()
        self.hats: dict[int, tuple[int, int]] = {}

    def open_all(self) -> None:
        """Start SDL's joystick part, which then announces each device that is there."""
        with suppress(pygame.error):
            pygame.joystick.init()
        with suppress(pygame.error, ImportError):
            _controllers().init()

    def close(self) -> None:
        """Close all devices and end SDL's joystick part."""
        for instance in list(self.numbers):
            self._removed(instance)
        with suppress(pygame.error, ImportError):
            _controllers().quit()
        with suppress(pygame.error):
            pygame.joystick.quit()

    def translate(self, event: Any) -> list[list[Any]]:
        """Return the raw events for an event of SDL; none for one that is not about gamepads."""
        match event.type:
            case pygame.JOYDEVICEADDED | pygame.CONTROLLERDEVICEADDED:
                return self._added(event)
            case pygame.JOYDEVICEREMOVED | pygame.CONTROLLERDEVICEREMOVED:
                return self._removed(event.instance_id)
            case pygame.CONTROLLERBUTTONDOWN | pygame.CONTROLLERBUTTONUP:
                return self._controller(event.instance_id) + self._button(event, BUTTONS, "CONTROLLER")
            case pygame.CONTROLLERAXISMOTION:
                number = event.value
                value = number / 32767 if abs(number) > 1 or isinstance(number, int) else number
                return self._controller(event.instance_id) + self._axis(event.instance_id, _at(AXES, event.axis), value)
            case pygame.JOYBUTTONDOWN | pygame.JOYBUTTONUP if event.instance_id not in self.controllers:
                return self._plug(event.instance_id) + self._button(event, JOYSTICK_BUTTONS, "JOY")
            case pygame.JOYAXISMOTION if event.instance_id not in self.controllers:
                return self._plug(event.instance_id) + self._joystick_axis(event)
            case pygame.JOYHATMOTION if event.instance_id not in self.controllers:
                return self._plug(event.instance_id) + self._hat(event.instance_id, event.value)
        return []

    def rumble(self, pad: int, low: float, high: float, seconds: float) -> None:
        """Let a pad shake, or all of them for -1; one that cannot does not."""
        for instance, device in self.devices.items():
            if pad in (-1, self.numbers.get(instance)):
                with suppress(pygame.error, AttributeError):
                    device.rumble(_share(low), _share(high), round(1000 * min(LONGEST_RUMBLE, max(0.0, seconds))))

    def _added(self, event: Any) -> list[list[Any]]:
        """Open a device by its index; where that fails, the event may still carry the id that later ones have."""
        device = _open(event.device_index)
        instance = getattr(event, "instance_id", None) if device is None else device.get_instance_id()
        if instance is None:
            return []
        if device is not None and instance not in self.devices:
            self.devices[instance] = device
            self.named[instance] = _open_controller(event.device_index)
        if event.type == pygame.CONTROLLERDEVICEADDED or self.named.get(instance) is not None:
            self.controllers.add(instance)
        return self._plug(instance, "gamepad" if device is None else device.get_name())

    def _plug(self, instance: int, name: str = "gamepad") -> list[list[Any]]:
        """Number a pad that is new, telling so."""
        if instance in self.numbers:
            return []
        taken = set(self.numbers.values())
        number = next(n for n in range(len(taken) + 1) if n not in taken)
        self.numbers[instance] = number
        return [["pad", "added", number, name]]

    def _controller(self, instance: int) -> list[list[Any]]:
        self.controllers.add(instance)
        return self._plug(instance)

    def _removed(self, instance: int) -> list[list[Any]]:
        """Forget a pad; it is told twice where SDL knew the device as a controller too."""
        self.controllers.discard(instance)
        self.hats.pop(instance, None)
        for device in (self.named.pop(instance, None), self.devices.pop(instance, None)):
            if device is not None:
                with suppress(pygame.error):
                    device.quit()
        number = self.numbers.pop(instance, None)
        return [] if number is None else [["pad", "removed", number, ""]]

    def _button(self, event: Any, names: tuple[str, ...], family: str) -> list[list[Any]]:
        name = _at(names, event.button)
        way = "down" if event.type == getattr(pygame, f"{family}BUTTONDOWN") else "up"
        return [] if name is None else [["padbutton", way, self.numbers[event.instance_id], name]]

    def _joystick_axis(self, event: Any) -> list[list[Any]]:
        device = self.devices.get(event.instance_id)
        names = FEW_AXES if device is not None and device.get_numaxes() < len(JOYSTICK_AXES) else JOYSTICK_AXES
        name = _at(names, event.axis)
        value = (event.value + 1) / 2 if name in TRIGGERS else event.value
        return self._axis(event.instance_id, name, value)

    def _axis(self, instance: int, name: str | None, value: float) -> list[list[Any]]:
        value = round(min(1.0, max(-1.0, float(value))), 4)
        return [] if name is None else [["padaxis", self.numbers[instance], name, value]]

    def _hat(self, instance: int, value: tuple[int, int]) -> list[list[Any]]:
        """Return the four directions that went down or came up on a hat."""
        before, self.hats[instance] = self.hats.get(instance, (0, 0)), value
        number = self.numbers[instance]
        events: list[list[Any]] = []
        for name, axis, sign in HAT:
            was, now = before[axis] == sign, value[axis] == sign
            if was != now:
                events.append(["padbutton", "down" if now else "up", number, name])
        return events


def _share(value: float) -> float:
    return min(1.0, value) if value > 0 else 0.0


def _at(names: tuple[str, ...], index: int) -> str | None:
    return names[index] if 0 <= index < len(names) else None


def _controllers() -> Any:
    """Return pygame's controller part, which is older than its public name."""
    from pygame._sdl2 import controller

    return controller


def _open(index: int) -> Any:
    with suppress(pygame.error, ValueError):
        return pygame.joystick.Joystick(index)
    return None


def _open_controller(index: int) -> Any:
    """Open a device as a controller, without which SDL sends none of its named events; None where it is not one."""
    with suppress(pygame.error, ImportError, ValueError):
        if _controllers().is_controller(index):
            return _controllers().Controller(index)
    return None
