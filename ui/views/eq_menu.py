"""The right-click menu of a band: on and off, another kind, default, typed values."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from dsp.equalizer import Equalizer
from ui.views.eq_bands import KIND_TITLES, band, turned_into


class BandMenu(QMenu):
    """What can be done with one band."""

    toggled = Signal()
    reset = Signal()
    typed = Signal()
    turned = Signal(object, str)  # Equalizer, name of the band that took over


def band_menu(parent: QWidget, eq: Equalizer, name: str) -> BandMenu:
    """Build the menu; it deletes itself when it closes."""
    found = band(eq, name)
    menu = BandMenu(parent)
    menu.setAccessibleName(f"{found.title}: what to do")
    menu.aboutToHide.connect(menu.deleteLater)
    menu.addAction(found.title).setEnabled(False)
    menu.addSeparator()
    menu.addAction("Type values…\tEnter").triggered.connect(menu.typed)
    menu.addAction(("Switch off" if found.on else "Switch on") + "\tO").triggered.connect(
        menu.toggled
    )
    menu.addAction("Default\tDel").triggered.connect(menu.reset)
    menu.addSeparator()
    for kind, title in KIND_TITLES.items():
        action = menu.addAction(title)
        action.setCheckable(True)
        action.setChecked(kind == found.kind)
        if kind == found.kind:
            continue
        result = turned_into(eq, name, kind)
        if result is None:
            action.setText(f"{title} (all in use)")
            action.setEnabled(False)
        else:
            action.triggered.connect(lambda _=False, to=result: menu.turned.emit(to[0], to[1]))
    return menu
