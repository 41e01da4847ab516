"""Every command with its words, shortcut and icon; menus, shortcuts and help are made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QMenu, QWidget

from ui.theme import icon


class Spec(NamedTuple):
    """One command.

    Attributes:
        name: By which the code finds it.
        menu: Title of its menu.
        text: As it stands there.
        keys: Its shortcut, in Qt's portable form; empty for none.
        icon: Of the icon set; empty for none.
    """

    name: str
    menu: str
    text: str
    keys: str = ""
    icon: str = ""


COMMANDS: tuple[Spec, ...] = (
    Spec("open", "File", "Open recording…", "Ctrl+O", "open"),
    Spec("demo", "File", "Open the demo loop", "", "waveform"),
    Spec("save_sound", "File", "Save shaped sound as…", "Ctrl+S", "save"),
    Spec("save_preset", "File", "Save as preset…", "Ctrl+Shift+S"),
    Spec("load_preset", "File", "Load preset…", "Ctrl+Shift+O"),
    Spec("export", "File", "Export to other programs…", "Ctrl+E", "export"),
    Spec("quit", "File", "Quit", "Ctrl+Q"),
    Spec("neutral", "Edit", "Reset to neutral", "Ctrl+Backspace"),
    Spec("settings", "Edit", "Settings…", "Ctrl+,", "settings"),
    Spec("prompt", "Shape", "Go to the prompt", "Ctrl+L"),
    Spec("shape", "Shape", "Shape", "Ctrl+Return"),
    Spec("stop_search", "Shape", "Stop the search", "Ctrl+."),
    Spec("accept", "Shape", "Accept the proposal", "Ctrl+Shift+Return"),
    Spec("discard", "Shape", "Discard the proposal", "Ctrl+D"),
    Spec("explain", "Shape", "Explain this setting", "Ctrl+Shift+E"),
    Spec("play", "Listen", "Play or stop", "Space"),
    Spec("hear_dry", "Listen", "Hear A, dry", "A"),
    Spec("hear_wet", "Listen", "Hear B, wet", "B"),
    Spec("loop", "Listen", "Loop on or off", "L"),
    Spec("loop_start", "Listen", "Loop starts here", "["),
    Spec("loop_end", "Listen", "Loop ends here", "]"),
    Spec("rewind", "Listen", "Back to the start", "Home"),
    Spec("snapshot_1", "Listen", "Snapshot A", "1"),
    Spec("snapshot_2", "Listen", "Snapshot B", "2"),
    Spec("snapshot_3", "Listen", "Snapshot C", "3"),
    Spec("snapshot_4", "Listen", "Snapshot D", "4"),
    Spec("store_1", "Listen", "Keep in snapshot A", "Shift+1"),
    Spec("store_2", "Listen", "Keep in snapshot B", "Shift+2"),
    Spec("store_3", "Listen", "Keep in snapshot C", "Shift+3"),
    Spec("store_4", "Listen", "Keep in snapshot D", "Shift+4"),
    Spec("page_sound", "View", "Sound", "F2"),
    Spec("page_presets", "View", "Presets", "F3"),
    Spec("page_export", "View", "Export", "F4"),
    Spec("page_batch", "View", "Batch", "F5"),
    Spec("page_rack", "View", "Plugin rack", "F6"),
    Spec("page_settings", "View", "Settings", "F7"),
    Spec("keys", "Help", "Keyboard shortcuts", "F1"),
    Spec("about", "Help", "About text2fx studio"),
)
MENUS = ("File", "Edit", "Shape", "Listen", "View", "Help")


class Actions(QObject):
    """All commands as actions of a window.

    Args:
        window: Takes the shortcuts.
        handlers: What each command does, by its name; commands without one are left out.
        undo: The undo and redo actions, which stand first in Edit.
    """

    def __init__(
        self,
        window: QWidget,
        handlers: Mapping[str, Callable[[], None]],
        undo: tuple[QAction, QAction],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._actions: dict[str, QAction] = {}
        self._undo = undo
        for action, keys in zip(undo, ("Ctrl+Z", "Ctrl+Shift+Z"), strict=True):
            action.setShortcuts([QKeySequence(keys)])
            window.addAction(action)
        for spec in COMMANDS:
            if spec.name not in handlers:
                continue
            action = QAction(spec.text, self)
            if spec.icon:
                action.setIcon(icon(spec.icon))
            if spec.keys:
                action.setShortcut(QKeySequence(spec.keys))
            run = handlers[spec.name]
            action.triggered.connect(lambda _=False, run=run: run())
            window.addAction(action)
            self._actions[spec.name] = action
        application = QApplication.instance()
        assert application is not None  # there is a window
        application.installEventFilter(self)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def menu(self, parent: QWidget, recent: QMenu) -> QMenu:
        """One menu with everything; ``recent`` stands after Open."""
        whole = QMenu(parent)
        for title in MENUS:
            part = whole.addMenu(title)
            if title == "Edit":
                part.addActions(list(self._undo))
                part.addSeparator()
            for spec in COMMANDS:
                if spec.menu == title and spec.name in self._actions:
                    part.addAction(self._actions[spec.name])
                    if spec.name == "open":
                        part.addMenu(recent)
        return whole

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Bare keys belong to what has the focus, then to the window.

        A widget names those that it takes in ``own_keys``.
        """
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            focus = QApplication.focusWidget()
            space = event.key() == Qt.Key.Key_Space and isinstance(focus, QAbstractButton)
            own = event.key() in getattr(focus, "own_keys", ())
            if watched is focus and (own or space or isinstance(focus, QComboBox)):
                bare = event.modifiers() in (
                    Qt.KeyboardModifier.NoModifier,
                    Qt.KeyboardModifier.ShiftModifier,
                )
                if bare:
                    event.accept()
                    return True
        return False


def shortcut_rows() -> list[tuple[str, str, str]]:
    """(menu, command, keys) of every command with a shortcut, for the help page."""
    native = QKeySequence.SequenceFormat.NativeText
    rows = [
        ("Edit", "Undo", QKeySequence("Ctrl+Z").toString(native)),
        ("Edit", "Redo", QKeySequence("Ctrl+Shift+Z").toString(native)),
    ]
    rows += [
        (spec.menu, spec.text, QKeySequence(spec.keys).toString(native))
        for spec in COMMANDS
        if spec.keys
    ]
    return sorted(rows, key=lambda row: MENUS.index(row[0]))
