"""Which command of the table does what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.main_window import MainWindow


def handlers(window: MainWindow) -> Mapping[str, Callable[[], None]]:
    """By the names of ``ui.actions.table.COMMANDS``."""
    files, shape, listen, prompt = window.files, window.shape, window.listen, window.parts.prompt

    def to_prompt() -> None:
        window.show_page("sound")
        prompt.field.setFocus()
        prompt.field.selectAll()

    found: dict[str, Callable[[], None]] = {
        "open": files.ask_open,
        "demo": files.open_demo,
        "save_sound": files.ask_save_sound,
        "save_preset": files.ask_save_preset,
        "load_preset": files.ask_load_preset,
        "export": lambda: window.show_page("export"),
        "quit": lambda: (window.close(), None)[1],
        "neutral": shape.reset,
        "settings": lambda: window.show_page("settings"),
        "prompt": to_prompt,
        "shape": shape.start_again,
        "stop_search": shape.stop,
        "accept": shape.accept,
        "discard": shape.discard,
        "explain": shape.explain,
        "play": listen.play,
        "hear_dry": lambda: listen.hear(False),
        "hear_wet": lambda: listen.hear(True),
        "loop": listen.toggle_loop,
        "loop_start": lambda: listen.mark_loop(start=True),
        "loop_end": lambda: listen.mark_loop(start=False),
        "rewind": listen.rewind,
        "keys": window.pages.show_keys,
        "about": window.pages.show_about,
    }
    for index in range(4):
        found[f"snapshot_{index + 1}"] = partial(listen.press, index)
        found[f"store_{index + 1}"] = partial(listen.store, index)
    for name in ("sound", "presets", "export", "batch", "rack", "settings"):
        found[f"page_{name}"] = partial(window.show_page, name)
    return found
