"""Every widget of the gallery: drawn in both themes at odd sizes, then gone without a trace."""

import gc
import weakref

import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QToolButton, QWidget

from ui.theme import DARK, LIGHT
from ui.views.gallery_scenes import SCENES

SMALLEST = ("equalizer", "reverb", "why", "word-map", "proposal-ready")


def shown(qtbot, name: str) -> QWidget:
    widget = SCENES[name]()
    qtbot.addWidget(widget)
    widget.show()
    QApplication.processEvents()
    return widget


@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_change_of_theme_repaints_the_ground(qtbot, theme, name):
    widget = shown(qtbot, name)
    for mode, tokens in (("dark", DARK), ("light", LIGHT)):
        theme.set_mode(mode)
        QApplication.processEvents()
        image = widget.grab().toImage()
        assert image.pixelColor(4, 4) == QColor(tokens.window)


@pytest.mark.parametrize("name", sorted(SCENES))
def test_every_button_has_a_name_and_nothing_is_cut(qtbot, theme, name):
    widget = shown(qtbot, name)
    for button in widget.findChildren(QPushButton) + widget.findChildren(QToolButton):
        if not button.isVisible() or isinstance(button.parent(), QLineEdit):  # Qt's own
            continue
        assert button.accessibleName() or button.text(), "a button without a name"
        if isinstance(button, QPushButton):
            assert button.width() >= button.minimumSizeHint().width(), button.text()


@pytest.mark.parametrize("name", SMALLEST)
def test_what_a_small_window_gives_is_enough(qtbot, theme, name):
    # 1000 x 640: the proposal has 330 pixels, the panels about 640 by 300.
    ground = SCENES[name]()
    qtbot.addWidget(ground)
    panel = ground.findChildren(QWidget)[0]
    width = 330 if name.startswith("proposal") else 640
    assert panel.minimumSizeHint().width() <= width
    assert panel.minimumSizeHint().height() <= 300


@pytest.mark.parametrize("name", sorted(SCENES))
def test_nothing_is_left_of_a_closed_widget(qapp, theme, name):
    widget = SCENES[name]()
    widget.show()
    qapp.processEvents()
    parts = [weakref.ref(part) for part in widget.findChildren(QWidget)]
    timers = widget.findChildren(QTimer)
    widget.close()
    widget.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.processEvents()
    del widget
    gc.collect()
    from shiboken6 import isValid

    alive = [type(part()).__name__ for part in parts if part() is not None and isValid(part())]
    assert alive == []
    assert not any(isValid(timer) and timer.isActive() for timer in timers)


def test_tab_reaches_every_part_of_the_equalizer(qtbot, theme):
    widget = shown(qtbot, "equalizer")
    widget.activateWindow()
    seen: set[str] = set()
    start = widget.nextInFocusChain()
    at = start
    while True:
        if at.focusPolicy() & Qt.FocusPolicy.TabFocus and at.isVisible():
            seen.add(at.accessibleName())
        at = at.nextInFocusChain()
        if at is start:
            break
    assert {"Equalizer curve", "Show the bands as a table", "Equalizer on"} <= seen
    assert any(name.startswith("Range: ±12") for name in seen)
