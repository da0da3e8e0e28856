"""The page of settings: how loud, and in a window or not."""

from __future__ import annotations

from engine import Mut, PreUpdate, system
from modules.core.audio import Volume
from modules.core.input import Actions
from modules.core.window import Window

from .menu import Menu


def on_settings(menu: Menu) -> bool:
    """Tell whether the page is open."""
    return menu.at("settings")


@system(PreUpdate, when=on_settings)
def settings(menu: Mut[Menu], volume: Mut[Volume], window: Mut[Window], actions: Actions) -> None:
    """Draw the page."""
    menu.title("Settings", veil=True)
    volume.master = menu.slider("Volume", volume.master)
    volume.sounds = menu.slider("Sounds", volume.sounds)
    volume.music = menu.slider("Music", volume.music)
    window.fullscreen = menu.toggle("Full screen", window.fullscreen)
    if actions.defaults:
        menu.link("Controls", "controls")
    menu.back()
