"""A map of words: near means alike. The way from dry to the result runs through it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.metrics import font
from ui.views.canvas import Canvas
from ui.views.word_map_scene import WordMapScene
from ui.views.word_places import MapView, Word, WordPlaces

_HIT_PX = 14.0
_LATER_MS = 40
Places = Sequence[Sequence[float]]


class WordMapView(Canvas):
    """Words as labels; a click or Enter uses one.

    The wheel or + and - zoom, a drag moves, a double click shows all. Arrow keys walk to the next
    word in a direction.
    """

    word_chosen = Signal(str)
    word_selected = Signal(str)  # under the keyboard's cursor
    own_keys = frozenset({Qt.Key.Key_Home})

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Word map", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._places = WordPlaces()
        self._path: np.ndarray = np.zeros((0, 2))
        self._found: frozenset[str] = frozenset()
        self._lively: tuple[str, ...] = ()
        self._selected = ""
        self._hovered = ""
        self._view: MapView | None = None
        self._all_spans = np.full(2, 2.0)
        self._boxes: dict[str, QRectF] = {}
        self._end_boxes: list[QRectF] = []
        self._picture: QPixmap | None = None
        self._drag: QPointF | None = None
        self._dragged = False
        self._describe()

    def set_words(self, words: Sequence[Word]) -> None:
        """Show words: (word, x, y) in any unit; y grows upwards."""
        self._places = WordPlaces(words)
        self._selected = self._hovered = ""
        self._view = None
        self._describe()
        self._redraw()

    def set_path(
        self, path: Places, near_dry: Sequence[str] = (), near: Sequence[str] = ()
    ) -> None:
        """Show the way from dry (first place) to the result (last), and name words at its ends.

        Args:
            path: Places [(x, y)]; fewer than two hide the way.
            near_dry: Words near the dry sound, whose labels always find room.
            near: Words near the result.
        """
        self._path = np.asarray(path, dtype=np.float64).reshape(-1, 2)
        self._lively = (*near[:3], *near_dry[:3])
        self._view = None
        self._describe()
        self._picture = None
        QTimer.singleShot(_LATER_MS, self, self.update)  # much else changes with the way

    def set_search(self, text: str) -> None:
        """Mark the words that hold a text; the rest steps back."""
        self._found = frozenset(self._places.matching(text))
        self._redraw()

    def select(self, word: str) -> None:
        """Put the cursor on a word, moving the view if it is outside."""
        place = self._places.place(word)
        if place is None or word == self._selected:
            return
        self._selected = word
        view = self._now()
        if not view.area.contains(view.pixel(place)):
            view.center = np.array(place)
            self._picture = None
        self._describe()
        self.word_selected.emit(word)
        self.update()

    def selected_word(self) -> str:
        """The word under the keyboard's cursor, or empty."""
        return self._selected

    def word_position(self, word: str) -> QPointF:
        """Where a word's dot is drawn."""
        place = self._places.place(word)
        if place is None:
            raise ValueError(f"map: there is no word {word!r}")
        return self._now().pixel(place)

    def near(self, word: str, count: int = 6) -> list[str]:
        """The words nearest to a word, without itself."""
        place = self._places.place(word)
        return [] if place is None else self._places.near(place, count + 1)[1:]

    def show_all(self) -> None:
        """Zoom out as far as it goes."""
        self._view = None
        self._redraw()

    def _describe(self) -> None:
        if not len(self._places):
            self.describe("no words yet")
            return
        told = f"{len(self._places)} words"
        if len(self._path) > 1 and self._lively:
            told += f"; the sound moves towards {', '.join(self._lively[:3])}"
        if self._selected:
            told = f"{self._selected}, near {', '.join(self.near(self._selected, 3))}. {told}"
        self.describe(told)

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(24, 14, -24, -14)

    def _now(self) -> MapView:
        if self._view is None:
            points = np.concatenate((self._places.at, self._path))
            self._view = MapView.around(points, self._area())
            self._all_spans = self._view.spans
        return self._view

    def _at(self, position: QPointF) -> str:
        for word, box in self._boxes.items():
            if box.contains(position):
                return word
        if not len(self._places):
            return ""
        view = self._now()
        (nearest,) = self._places.near(view.place(position), 1)
        offset = self.word_position(nearest) - position
        return nearest if math.hypot(offset.x(), offset.y()) <= _HIT_PX else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is None:
            hovered = self._at(event.position())
            if hovered != self._hovered:
                self._hovered = hovered
                shape = Qt.CursorShape.PointingHandCursor if hovered else Qt.CursorShape.ArrowCursor
                self.setCursor(shape)
                near = ", ".join(self.near(hovered, 5)) if hovered else ""
                self.setToolTip(f"{hovered}: click to use it. Near it: {near}" if hovered else "")
                self.update()
            return
        step = event.position() - self._drag
        if not self._dragged and step.manhattanLength() < 4:
            return
        self._dragged = True
        self._drag = event.position()
        view = self._now()
        view.center = view.center + np.array([-step.x(), step.y()]) / view.scales
        self._redraw()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._drag is None:
            return
        self._drag = None
        word = "" if self._dragged else self._at(event.position())
        if word:
            self.select(word)
            self.word_chosen.emit(word)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._at(event.position()):
            self.show_all()

    def leaveEvent(self, event: object) -> None:
        self._hovered = ""
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta().y() / 120
        if not delta or not len(self._places):
            event.ignore()
            return
        self._view = self._now().zoomed(1.25**delta, event.position(), self._all_spans)
        self._redraw()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        directions = {
            Qt.Key.Key_Left: (-1.0, 0.0), Qt.Key.Key_Right: (1.0, 0.0),
            Qt.Key.Key_Up: (0.0, 1.0), Qt.Key.Key_Down: (0.0, -1.0),
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key in directions and len(self._places):
            start = self._selected or self._middle_word()
            word = self._places.towards(start, *directions[key]) if self._selected else start
            if word is not None:
                self.select(word)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._selected:
            self.word_chosen.emit(self._selected)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus) and len(self._places):
            factor = 1 / 1.25 if key == Qt.Key.Key_Minus else 1.25
            view = self._now()
            anchor = self.word_position(self._selected) if self._selected else view.area.center()
            self._view = view.zoomed(factor, anchor, self._all_spans)
            self._redraw()
        elif key == Qt.Key.Key_Home:
            self.show_all()
        else:
            super().keyPressEvent(event)

    def _middle_word(self) -> str:
        return self._places.near(self._now().center, 1)[0]

    def sizeHint(self) -> QSize:
        return QSize(320, 180)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 110)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._view = None
        self._picture = None
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        self._picture = None
        super().changeEvent(event)

    def _redraw(self) -> None:
        """Draw words and way again at the next paint."""
        self._picture = None
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_ground(painter)
        painter.setClipRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        if not len(self._places):
            painter.setPen(QColor(self.tokens.muted))
            painter.setFont(font("small"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No words yet")
        else:
            ratio = self.devicePixelRatioF()
            if self._picture is None or self._picture.devicePixelRatio() != ratio:
                self._picture = self._draw()
            painter.drawPixmap(0, 0, self._picture)
            for word in dict.fromkeys((self._selected, self._hovered)):
                if word:
                    self._paint_strong(painter, word)
        painter.end()

    def _draw(self) -> QPixmap:
        """Drawn once a change, in device pixels."""
        picture = self.blank_picture()
        scene = WordMapScene(
            QRectF(self.rect()), self._now(), self._places, self._path, self._found, self._lively,
            self.tokens,
        )  # fmt: skip
        painter = QPainter(picture)
        scene.paint(painter)
        painter.end()
        self._boxes, self._end_boxes = scene.boxes, scene.end_boxes
        return picture

    def _paint_strong(self, painter: QPainter, word: str) -> None:
        """The label of the word under the pointer or the cursor, on top of all."""
        place = self._places.place(word)
        if place is None:
            return
        tokens, face = self.tokens, font("body", bold=True)
        center = self._now().pixel(place)
        width = QFontMetricsF(face).horizontalAdvance(word)
        box = QRectF(center.x() - width / 2 - 5, center.y() - 10, width + 10, 20)
        room = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        for end in self._end_boxes:
            if box.intersects(end):
                box.moveBottom(end.top() - 1)
        box.moveLeft(min(max(box.left(), room.left()), room.right() - box.width()))
        box.moveTop(min(max(box.top(), room.top()), room.bottom() - box.height()))
        cursor = word == self._selected and self.hasFocus()
        painter.setPen(QPen(QColor(tokens.wet if cursor else tokens.line), 1))
        painter.setBrush(QColor(tokens.raised))
        painter.drawRoundedRect(box, 4, 4)
        painter.setFont(face)
        painter.setPen(QColor(tokens.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)
