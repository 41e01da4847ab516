"""Paints a map of words: dots, labels where there is room, and the way from dry to the result."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from ui.theme import Tokens
from ui.theme.metrics import font
from ui.views.canvas import faded
from ui.views.paths import points
from ui.views.word_places import LabelRoom, MapView, WordPlaces

_SHOWN = 90  # labels at most; the rest are dots until one zooms in
_CROWDED = 200  # words in a row without room: there is none left
_WIDTHS: dict[str, float] = {}  # of labels, in pixels

_End = tuple[QPointF, QRectF, str, str]


@dataclass
class WordMapScene:
    """What is drawn; painting fills in where things came to stand.

    Attributes:
        rect: Of the widget.
        view: Which part of the map is seen.
        places: The words.
        path: The way, shape [n, 2]; fewer than two places for none.
        found: Words that a search found.
        lively: Words at the ends of the way.
        tokens: Colours.
        boxes: Labels that were painted.
        end_boxes: Both ends of the way with their labels.
    """

    rect: QRectF
    view: MapView
    places: WordPlaces
    path: NDArray[np.float64]
    found: frozenset[str]
    lively: tuple[str, ...]
    tokens: Tokens
    boxes: dict[str, QRectF] = field(default_factory=dict)
    end_boxes: list[QRectF] = field(default_factory=list)

    def paint(self, painter: QPainter) -> None:
        """Dots, labels and the way; what the pointer is at comes on top, and moves nothing."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view, tokens, room = self.view, self.tokens, LabelRoom()
        pixels = view.pixels(self.places.at)
        area = view.area.adjusted(-20, -10, 20, 10)
        inside = (
            (pixels[:, 0] >= area.left()) & (pixels[:, 0] <= area.right())
            & (pixels[:, 1] >= area.top()) & (pixels[:, 1] <= area.bottom())
        )  # fmt: skip
        self._paint_dots(painter, pixels, inside)
        ends = self._label_ends(room)
        self.end_boxes = [box.united(QRectF(c.x() - 6, c.y() - 6, 12, 12)) for c, box, *_ in ends]
        painter.setFont(font("small"))
        metrics = QFontMetricsF(font("small"))
        crowded = 0
        for index in self._order():
            if inside[index]:
                word, (x, y) = self.places.words[index], pixels[index].tolist()
                placed = self._paint_word(painter, word, x, y, metrics, room)
                crowded = 0 if placed else crowded + 1
                if len(self.boxes) >= _SHOWN or crowded > _CROWDED:
                    break
        if len(self.path) > 1:
            self._paint_path(painter)
        painter.setFont(font("small", bold=True))
        for center, box, text, colour in ends:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawEllipse(center, 5.5, 5.5)
            painter.fillRect(box, faded(tokens.field, 0.85))
            painter.setPen(QColor(colour))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _label_ends(self, room: LabelRoom) -> list[_End]:
        """Dots of both ends of the way, each with the first place beside it that is free."""
        if len(self.path) < 2:
            return []
        metrics = QFontMetricsF(font("small", bold=True))
        found = []
        for place, onward, text, colour in (
            (self.path[0], self.path[1], "dry", self.tokens.dry),
            (self.path[-1], self.path[-2], "result", self.tokens.wet),
        ):
            center = self.view.pixel(place)
            room.take(QRectF(center.x() - 6, center.y() - 6, 12, 12))
            wide = metrics.horizontalAdvance(text) + 4
            right = (center.x() + 8, center.y() - 7)
            left = (center.x() - 8 - wide, center.y() - 7)
            leaves_right = (
                self.view.pixel(onward).x() > center.x()
            )  # the label stands on the other side
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
        words = self.places.words
        lively = [self.places.index(w) for w in self.lively if self.places.place(w) is not None]
        found = [i for i, word in enumerate(words) if word in self.found]
        return list(dict.fromkeys([*lively, *found, *range(len(words))]))

    def _paint_dots(
        self, painter: QPainter, pixels: NDArray[np.float64], inside: NDArray[np.bool_]
    ) -> None:
        """A dot for every word, the fainter the more there are; found ones stand out."""
        alpha = 0.5 if inside.sum() < 200 else 0.28
        found = np.isin(self.places.words, list(self.found)) if self.found else ~inside & False
        faint = alpha * 0.5 if self.found else alpha
        for shown, colour in (
            (inside & ~found, faded(self.tokens.muted, faint)),
            (inside & found, faded(self.tokens.text, 0.9)),
        ):
            pen = QPen(colour, 3)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            if shown.any():
                painter.drawPoints(points(*pixels[shown].T))

    def _paint_word(
        self, painter: QPainter, word: str, x: float, y: float, metrics: QFontMetricsF,
        room: LabelRoom,
    ) -> bool:  # fmt: skip
        """The word's label over its dot, if there is room for it; whether there was."""
        width = _WIDTHS.get(word)
        if width is None:
            width = _WIDTHS[word] = metrics.horizontalAdvance(word)
        if room.is_taken(x, y, width):
            return False
        box = QRectF(x - width / 2 - 3, y - 7.5, width + 6, 15)
        if not self.rect.contains(box) or not room.take(box):
            return False
        ground = faded(self.tokens.field, 0.85)
        self.boxes[word] = box
        painter.fillRect(box, ground)
        back = bool(self.found) and word not in self.found
        lively = word in self.found or word in self.lively
        tone = QColor(self.tokens.text if lively else self.tokens.muted)
        painter.setPen(faded(self.tokens.muted, 0.45) if back else tone)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)
        return True

    def _paint_path(self, painter: QPainter) -> None:
        path = QPainterPath(self.view.pixel(self.path[0]))
        for place in self.path[1:]:
            path.lineTo(self.view.pixel(place))
        pen = QPen(QColor(self.tokens.wet), 1.75)
        pen.setDashPattern([2, 3])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawPath(path)
