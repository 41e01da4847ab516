"""A plugin's own window, in the plugin's process."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys
import threading
from typing import Any

from text2fx_studio.errors import PluginError

_handlers: list[Any] = []  # the C side keeps only the address


def show(plugin: Any, close_after_s: float | None = None) -> None:
    """Show it until it is closed.

    Args:
        plugin: pedalboard's.
        close_after_s: Close it by itself after this time; None waits for the user.

    Raises:
        PluginError: There is no screen, or the plugin has no window.
    """
    if sys.platform.startswith("linux"):
        if not os.environ.get("DISPLAY"):
            raise PluginError(
                f"{plugin.name}: its window needs an X display, and DISPLAY is not set; set the "
                "parameters in the app instead"
            )
        _survive_x_errors()
    closing = threading.Event()
    timer = None
    if close_after_s is not None:
        timer = threading.Timer(close_after_s, closing.set)
        timer.start()
    try:
        plugin.show_editor(closing)
    except RuntimeError as error:
        raise PluginError(f"{plugin.name}: its window cannot be shown: {error}") from error
    finally:
        if timer is not None:
            timer.cancel()


def _survive_x_errors() -> None:
    """Without a handler, Xlib ends the process at the first error, such as a window gone early."""
    name = ctypes.util.find_library("X11")
    if name is None:
        return

    def ignore(_display: int, _event: int) -> int:
        return 0

    handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(ignore)
    _handlers.append(handler)
    ctypes.CDLL(name).XSetErrorHandler(handler)
