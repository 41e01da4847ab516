"""Every page by keyboard alone: Tab reaches all that can be used, names it, and comes round."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QButtonGroup, QWidget

from tests.ui.window import open_file
from ui.shell.top_bar import PAGES

MOST_STOPS = 120
SHIFT = Qt.KeyboardModifier.ShiftModifier
PLACES = ("empty", *(name for name, *_ in PAGES), "why", "map")


@pytest.fixture
def place(request, qtbot, window, loop):
    """The window at a place, with a recording in it, or none at "empty"."""
    if request.param != "empty":
        open_file(qtbot, window, loop)
    if request.param in ("why", "map"):
        window.reveal(request.param)
    elif request.param != "empty":
        window.show_page(request.param)
    window.activateWindow()
    qtbot.wait(50)
    return window


def name_of(widget):
    """What a screen reader says of a widget."""
    found = QAccessible.queryAccessibleInterface(widget)
    return found.text(QAccessible.Text.Name) if found else ""


def stops(window, key, modifier=Qt.KeyboardModifier.NoModifier):
    """The widgets that a key leads through, until it comes round; a canvas's own steps are one."""
    if QApplication.focusWidget() is None:
        QTest.keyClick(window, key, modifier)
    found = [QApplication.focusWidget()]
    for _ in range(MOST_STOPS):
        QTest.keyClick(QApplication.focusWidget(), key, modifier)
        now = QApplication.focusWidget()
        if now is found[-1]:
            continue
        if now in found:
            return found
        found.append(now)
    pytest.fail(f"after {MOST_STOPS} keys it is at {name_of(found[-1])!r} and not round")


def usable(window):
    """All that is seen, enabled and not a part of another widget."""
    return [
        w for w in window.findChildren(QWidget)
        if w.isVisible() and w.isEnabled() and not isinstance(w.parent(), QAbstractSpinBox)
    ]  # fmt: skip


@pytest.mark.parametrize("place", PLACES, indirect=True)
def test_tab_reaches_everything_and_names_it(place):
    there = stops(place, Qt.Key.Key_Tab)
    back = stops(place, Qt.Key.Key_Backtab, SHIFT)
    # A panel that was brought to the front has the focus once, but is no stop.
    assert set(there[1:]) <= set(back)
    assert [type(w).__name__ for w in there if not name_of(w)] == []
    wanted = [w for w in usable(place) if w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert [name_of(w) for w in wanted if w not in there] == []
    # Buttons that are no stop are choices beside one that is: arrows lead on to them.
    rest = [w for w in usable(place) if isinstance(w, QAbstractButton) and w not in there]
    assert [name_of(w) for w in rest if w.group() is None] == []
    for group in {w.group() for w in rest}:
        assert isinstance(group, QButtonGroup)
        assert group.exclusive()
        assert group.checkedButton() in there


def test_arrows_lead_from_page_to_page(qtbot, window):
    names = [name for name, *_ in PAGES]
    window.show_page("rack")  # as by its shortcut
    window.activateWindow()
    titles = [name_of(w) for w in stops(window, Qt.Key.Key_Tab)]
    assert "Rack" in titles
    window.parts.top._pages["rack"].setFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: window.parts.top._pages[names[names.index("rack") - 1]].isChecked())
    assert window._stack.currentWidget() is window.pages.framed("batch")
