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
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.metrics import font
from ui.views.canvas import Canvas, faded
from ui.views.word_places import LabelRoom, MapView, Word, WordPlaces

_HIT_PX = 14.0
_LATER_MS = 40
_SHOWN = 90  # labels at most; the rest are dots until one zooms in
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
        self._widths: dict[str, float] = {}
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
                self._picture = self._draw(ratio)
            painter.drawPixmap(0, 0, self._picture)
            for word in dict.fromkeys((self._selected, self._hovered)):
                if word:
                    self._paint_strong(painter, word)
        painter.end()

    def _draw(self, ratio: float) -> QPixmap:
        """Dots, labels and the way; what the pointer is at comes on top, and moves nothing."""
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view, tokens, room = self._now(), self.tokens, LabelRoom()
        pixels = view.pixels(self._places.at).tolist()
        area = view.area.adjusted(-20, -10, 20, 10)
        left, top, right, bottom = area.left(), area.top(), area.right(), area.bottom()
        seen = [
            (self._places.words[i], QPointF(x, y))
            for i in self._order()
            for x, y in (pixels[i],)
            if left <= x <= right and top <= y <= bottom
        ]
        self._paint_dots(painter, seen)
        ends = self._label_ends(view, room)
        self._end_boxes = [box.united(QRectF(c.x() - 6, c.y() - 6, 12, 12)) for c, box, *_ in ends]
        self._boxes = {}
        painter.setFont(font("small"))
        metrics = QFontMetricsF(font("small"))
        for word, center in seen:
            if len(self._boxes) < _SHOWN:
                self._paint_word(painter, word, center, metrics, room)
        if len(self._path) > 1:
            self._paint_path(painter, view, tokens.wet)
        painter.setFont(font("small", bold=True))
        for center, box, text, colour in ends:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawEllipse(center, 5.5, 5.5)
            painter.fillRect(box, faded(tokens.field, 0.85))
            painter.setPen(QColor(colour))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
        return picture

    def _label_ends(self, view: MapView, room: LabelRoom) -> list[tuple[QPointF, QRectF, str, str]]:
        """Dots of both ends of the way, each with the first place beside it that is free."""
        if len(self._path) < 2:
            return []
        metrics = QFontMetricsF(font("small", bold=True))
        found = []
        for place, onward, text, colour in (
            (self._path[0], self._path[1], "dry", self.tokens.dry),
            (self._path[-1], self._path[-2], "result", self.tokens.wet),
        ):
            center = view.pixel(place)
            room.take(QRectF(center.x() - 6, center.y() - 6, 12, 12))
            wide = metrics.horizontalAdvance(text) + 4
            right = (center.x() + 8, center.y() - 7)
            left = (center.x() - 8 - wide, center.y() - 7)
            leaves_right = view.pixel(onward).x() > center.x()  # the label stands on the other side
            corners = (
                left if leaves_right else right,
                (center.x() - wide / 2, center.y() + 7), (center.x() - wide / 2, center.y() - 21),
                right if leaves_right else left,
            )  # fmt: skip
            boxes = [QRectF(x, y, wide, 14) for x, y in corners]
            box = next((b for b in boxes if room.take(b)), boxes[0])
            found.append((center, box, text, colour))
        return found

    def _order(self) -> list[int]:
        """Numbers of the words, in the order in which their labels get room."""
        words = self._places.words
        lively = [self._places.index(w) for w in self._lively if self._places.place(w) is not None]
        found = [i for i, word in enumerate(words) if word in self._found]
        return list(dict.fromkeys([*lively, *found, *range(len(words))]))

    def _paint_dots(self, painter: QPainter, seen: Sequence[tuple[str, QPointF]]) -> None:
        """A dot for every word, the fainter the more there are; found ones stand out."""
        alpha = 0.5 if len(seen) < 200 else 0.28
        found = [center for word, center in seen if word in self._found]
        others = [center for word, center in seen if word not in self._found]
        faint = alpha * 0.5 if self._found else alpha
        for centers, colour in (
            (others, faded(self.tokens.muted, faint)), (found, faded(self.tokens.text, 0.9)),
        ):  # fmt: skip
            pen = QPen(colour, 3)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            if centers:
                painter.drawPoints(centers)

    def _paint_word(
        self, painter: QPainter, word: str, center: QPointF, metrics: QFontMetricsF, room: LabelRoom
    ) -> None:
        """The word's label over its dot, if there is room for it."""
        width = self._widths.get(word)
        if width is None:
            width = self._widths[word] = metrics.horizontalAdvance(word)
        if room.is_taken(center.x(), center.y(), width):
            return
        box = QRectF(center.x() - width / 2 - 3, center.y() - 7.5, width + 6, 15)
        if not QRectF(self.rect()).contains(box) or not room.take(box):
            return
        ground = faded(self.tokens.field, 0.85)
        self._boxes[word] = box
        painter.fillRect(box, ground)
        back = bool(self._found) and word not in self._found
        lively = word in self._found or word in self._lively
        tone = QColor(self.tokens.text if lively else self.tokens.muted)
        painter.setPen(faded(self.tokens.muted, 0.45) if back else tone)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)

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

    def _paint_path(self, painter: QPainter, view: MapView, colour: str) -> None:
        path = QPainterPath(view.pixel(self._path[0]))
        for place in self._path[1:]:
            path.lineTo(view.pixel(place))
        pen = QPen(QColor(colour), 1.75)
        pen.setDashPattern([2, 3])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawPath(path)
