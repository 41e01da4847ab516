"""The rack: other makers' plugins before and after the app's own effects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui.theme import icon
from ui.views.buttons import icon_button, text_button
from ui.views.panel import Panel, label
from ui.views.plugin_parameters import PluginParameters
from ui.views.rack_slots import RackModel, RackSlot

_OWN_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_IDENTIFIER = Qt.ItemDataRole.UserRole
_HEARD = (
    "Plugins are heard while you play, a little later than the app's own knobs, and stand in every "
    "file and preset that is saved."
)


@dataclass(frozen=True)
class AvailablePlugin:
    """A plugin that was found on this machine.

    Attributes:
        identifier: What the host knows it by.
        name: For people.
        maker: Who made it; may be empty.
        category: Of its maker; may be empty.
        problem: Why it cannot be added; empty if it can.
        quarantined: Whether it failed, so that it may be tried again.
    """

    identifier: str
    name: str
    maker: str = ""
    category: str = ""
    problem: str = ""
    quarantined: bool = False


class _SlotList(QListView):
    removal_wanted = Signal()
    bypass_wanted = Signal()
    move_wanted = Signal(int)

    def event(self, event: QEvent) -> bool:
        # Its own keys go before the window's: Space would play.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
            if event.key() in _OWN_KEYS or (
                alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)
            ):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removal_wanted.emit()
        elif event.key() == Qt.Key.Key_Space:
            self.bypass_wanted.emit()
        elif alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.move_wanted.emit(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)


class RackPage(Panel):
    """Slots at the left, the chosen one's parameters at the right, or plugins to add.

    Attributes:
        slots: The list of slots. Space bypasses, Alt and arrows move, Delete removes.
        parameters: Of the chosen slot.
    """

    add_requested = Signal(str)  # identifier
    remove_requested = Signal(str)  # key
    move_requested = Signal(str, int)  # key, -1 earlier or +1 later
    bypass_toggled = Signal(str, bool)  # key, enabled
    parameter_previewed = Signal(str, str, float)  # slot, parameter, raw 0..1
    parameter_committed = Signal(str, str, float)
    choice_made = Signal(str, str, str)  # slot, parameter, text
    editor_requested = Signal(str)  # key
    reload_requested = Signal(str)  # key, after a crash
    scan_requested = Signal()
    cancel_scan_requested = Signal()
    retry_requested = Signal()  # those that were set aside

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Rack", parent)
        self._model = RackModel(self)
        self._available: tuple[AvailablePlugin, ...] = ()
        self._scanning = ""
        self._resetting = False
        self._editing: frozenset[str] = frozenset()
        self._add = text_button("Add plugin …", "", "Choose one of the plugins on this machine")
        self._add.setCheckable(True)
        self._scan = icon_button("retry", "Look for plugins again", role="muted")
        self.header.addWidget(self._add)
        self._cancel = text_button("Cancel", "", "Stop looking; what was found is kept")
        self._cancel.hide()
        self.header.addWidget(self._cancel)
        self.header.addWidget(self._scan)
        self.slots = _SlotList()
        self.slots.setAccessibleName("Rack, in signal order")
        self.slots.setModel(self._model)
        self.slots.setMinimumWidth(240)
        self.slots.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._up = icon_button("up", "Earlier in the chain", shortcut="Alt+Up")
        self._down = icon_button("down", "Later in the chain", shortcut="Alt+Down")
        self._power = icon_button("power", "On", checkable=True, shortcut="Space")
        self._remove = icon_button("trash", "Remove from the rack", shortcut="Del")
        self.parameters = PluginParameters()
        self._stack = QStackedWidget()
        for page in (self._make_details(), self._make_choice()):
            self._stack.addWidget(page)
        left = QVBoxLayout()
        left.addWidget(self.slots, 1)
        row = QHBoxLayout()
        row.setSpacing(4)
        for button in (self._up, self._down, self._power, self._remove):
            row.addWidget(button)
        row.addStretch(1)
        left.addLayout(row)
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addLayout(left, 2)
        both.addWidget(self._stack, 5)
        self.body.addLayout(both, 1)
        self.body.addWidget(label(_HEARD, "muted", wrap=True))
        self._connect()
        self._show()

    def _make_details(self) -> QWidget:
        page = QFrame()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        line = QHBoxLayout()
        self._title = label("", "title")
        self._editor = text_button("Open its window", "", "The plugin's own window")
        line.addWidget(self._title, 1)
        self._reload = text_button("Load again", "", "Start the plugin anew with its last state")
        line.addWidget(self._reload)
        line.addWidget(self._editor)
        column.addLayout(line)
        self._detail = label("", "muted", wrap=True)
        self._problem = label("", "problem", wrap=True)
        column.addWidget(self._detail)
        column.addWidget(self._problem)
        column.addSpacing(8)
        column.addWidget(self.parameters, 1)
        return page

    def _make_choice(self) -> QWidget:
        page = QFrame()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search plugins …")
        self._search.setAccessibleName("Search plugins")
        self._search.setClearButtonEnabled(True)
        self._choice = QListWidget()
        self._choice.setAccessibleName("Plugins on this machine")
        self._none = label("", "muted", wrap=True)
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._search)
        column.addWidget(self._choice, 1)
        column.addWidget(self._none, 1)
        self._retry = text_button(
            "Try again those set aside", "", "Load the plugins again that crashed, hung or failed"
        )
        column.addWidget(self._retry, 0, Qt.AlignmentFlag.AlignLeft)
        return page

    def _connect(self) -> None:
        self._add.toggled.connect(self._choose)
        self._scan.clicked.connect(self.scan_requested)
        self._cancel.clicked.connect(self.cancel_scan_requested)
        self._retry.clicked.connect(self.retry_requested)
        self._reload.clicked.connect(lambda: self._with_plugin(self.reload_requested.emit))
        self.slots.selectionModel().currentRowChanged.connect(self._row_changed)
        self.slots.removal_wanted.connect(self._remove_now)
        self.slots.bypass_wanted.connect(self._bypass_now)
        self.slots.move_wanted.connect(self._move_now)
        self._up.clicked.connect(lambda: self._move_now(-1))
        self._down.clicked.connect(lambda: self._move_now(1))
        self._power.clicked.connect(self._bypass_now)
        self._remove.clicked.connect(self._remove_now)
        self._editor.clicked.connect(lambda: self._with_plugin(self.editor_requested.emit))
        self._search.textChanged.connect(lambda _: self._list_available())
        self._search.returnPressed.connect(self._add_first)
        self._choice.itemActivated.connect(self._add_item)
        for source, target in (
            (self.parameters.previewed, self.parameter_previewed),
            (self.parameters.committed, self.parameter_committed),
            (self.parameters.chosen, self.choice_made),
        ):
            source.connect(lambda key, value, t=target: self._with_slot(t, key, value))

    def set_slots(self, slots: Sequence[RackSlot], current: str | None = None) -> None:
        """Show the rack; ``current`` chooses a slot, else the chosen one stays chosen."""
        chosen = self.selected()
        wanted = current or (chosen.key if chosen else None)
        here = max(self.slots.currentIndex().row(), 0)
        if current is not None:
            self.show_choice(False)
        self._resetting = True
        self._model.set_slots(slots)
        row = self._model.row_of(wanted) if wanted else None
        if slots:
            row = min(here, len(slots) - 1) if row is None else row
            self.slots.setCurrentIndex(self._model.index(row, 0))
        self._resetting = False
        self._show_facts()
        self._show()

    def set_available(self, plugins: Sequence[AvailablePlugin]) -> None:
        """Which plugins can be added; quarantined ones are listed with their reason."""
        self._available = tuple(plugins)
        self._list_available()

    def set_scanning(self, text: str) -> None:
        """What the scan is at; empty when it has ended."""
        self._scanning = text
        self._scan.setVisible(not text)
        self._cancel.setVisible(bool(text))
        self._retry.setEnabled(not text)
        self._show_facts()
        if not self._available:
            self._list_available()

    def set_editing(self, keys: Iterable[str]) -> None:
        """Whose own windows are open."""
        self._editing = frozenset(keys)
        self._show()

    def set_parameter(self, slot: str, key: str, raw: float, text: str) -> None:
        """Show a value as the plugin writes it, if its slot is shown."""
        chosen = self.selected()
        if chosen is not None and chosen.key == slot:
            self.parameters.set_value(key, raw, text)

    def selected(self) -> RackSlot | None:
        """The chosen slot, or None."""
        index = self.slots.currentIndex()
        return self._model.slot(index.row()) if index.isValid() else None

    def show_choice(self, on: bool) -> None:
        """Show the plugins that can be added."""
        self._add.setChecked(on)

    def _show_facts(self) -> None:
        count = self._model.plugin_count()
        self.set_facts(self._scanning or (f"{count} plugins" if count != 1 else "1 plugin"))

    def _row_changed(self, *_: QModelIndex) -> None:
        if not self._resetting:
            self.show_choice(False)
        self._show()

    def _show(self) -> None:
        slot = self.selected()
        plugin = slot is not None and not slot.own
        for button in (self._up, self._down, self._remove):
            button.setEnabled(plugin)
        self._power.setEnabled(plugin and slot is not None and not slot.missing)
        self._power.setChecked(slot is not None and slot.enabled)
        self._editor.setVisible(plugin and slot is not None and slot.state in ("on", "bypassed"))
        editing = slot is not None and slot.key in self._editing
        self._editor.setEnabled(not editing)
        self._editor.setText("Its window is open" if editing else "Open its window")
        self._reload.setVisible(slot is not None and bool(slot.problem) and not slot.missing)
        self._problem.setVisible(False)
        self.parameters.setVisible(slot is not None)
        if slot is None:
            self._title.setText("No plugin yet")
            self._detail.setText("Add one: it runs outside the app, so that it cannot harm it.")
            self.parameters.set_parameters(())
            return
        self._title.setText(slot.title)
        self._detail.setText(slot.detail)
        self._detail.setVisible(bool(slot.detail))
        problem = slot.problem
        if slot.missing:
            problem = (
                "Not installed here. Its state is kept and comes back with the plugin; until then "
                "the sound passes it unchanged."
            )
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self.parameters.set_parameters(slot.parameters)

    def _choose(self, on: bool) -> None:
        self._stack.setCurrentIndex(int(on))
        if on:
            self._list_available()
            self._search.setFocus()

    def _list_available(self) -> None:
        words = self._search.text().casefold().split()
        self._choice.clear()
        for plugin in self._available:
            text = f"{plugin.name} {plugin.maker} {plugin.category}".casefold()
            if not all(word in text for word in words):
                continue
            by = f"  ·  {plugin.maker}" if plugin.maker else ""
            why = f"  ·  set aside: {plugin.problem}" if plugin.problem else by
            item = QListWidgetItem(f"{plugin.name}{why}")
            item.setData(_IDENTIFIER, plugin.identifier)
            if plugin.problem:
                item.setIcon(icon("warning", "problem"))
                item.setToolTip(f"Set aside: {plugin.problem}")
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            else:
                item.setIcon(icon("plugin", "muted"))
                item.setToolTip(plugin.category or "Enter or double-click adds it")
            self._choice.addItem(item)
        found = self._choice.count() > 0
        self._choice.setVisible(found)
        self._none.setVisible(not found)
        self._none.setText(
            "No plugin has that name."
            if self._available
            else self._scanning
            or "No plugins were found. Name their folders in the settings, then look again."
        )
        self._retry.setVisible(any(plugin.quarantined for plugin in self._available))

    def _add_item(self, item: QListWidgetItem) -> None:
        if item.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.show_choice(False)
            self.add_requested.emit(item.data(_IDENTIFIER))

    def _add_first(self) -> None:
        for row in range(self._choice.count()):
            if self._choice.item(row).flags() & Qt.ItemFlag.ItemIsEnabled:
                self._add_item(self._choice.item(row))
                return

    def _with_plugin(self, act: object) -> None:
        slot = self.selected()
        if slot is not None and not slot.own and callable(act):
            act(slot.key)

    def _with_slot(self, signal: object, key: str, value: object) -> None:
        slot = self.selected()
        if slot is not None:
            signal.emit(slot.key, key, value)  # type: ignore[attr-defined]

    def _remove_now(self) -> None:
        self._with_plugin(self.remove_requested.emit)

    def _move_now(self, step: int) -> None:
        self._with_plugin(lambda key: self.move_requested.emit(key, step))

    def _bypass_now(self) -> None:
        slot = self.selected()
        if slot is not None and not slot.missing and not slot.own:
            self._power.setChecked(slot.enabled)
            self.bypass_toggled.emit(slot.key, not slot.enabled)
