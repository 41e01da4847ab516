"""A setting to look at: the equalizer's curve and the room's decay, as far as it has them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from ui.views.canvas import Canvas
from ui.views.eq_view import EqView
from ui.views.reverb_view import ReverbView

_RANGE_DB = 12.0
_EQ_HEIGHT, _ROOM_HEIGHT = 190, 150


class SettingSketch(QWidget):
    """The views of the sound page, to look at only: neither the mouse nor Tab goes there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._eq, self._room = EqView(), ReverbView()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        views: tuple[tuple[Canvas, int], ...] = ((self._eq, _EQ_HEIGHT), (self._room, _ROOM_HEIGHT))
        for view, height in views:
            view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            view.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            view.setMaximumHeight(height)
            column.addWidget(view)
        self.set_chain(Chain())

    def set_chain(self, chain: Chain) -> None:
        """Show a chain; what it lacks is not drawn."""
        eq, room = chain.get(Equalizer), chain.get(Reverb)
        self._eq.setVisible(eq is not None and not eq.is_neutral())
        self._room.setVisible(room is not None and not room.is_neutral())
        self._eq.set_range_db(_RANGE_DB)
        self._eq.set_chain(Chain((eq,)) if eq is not None else Chain())
        if room is not None:
            self._room.set_room(room)
