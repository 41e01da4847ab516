"""Words in the plane: nearest ones, neighbours in a direction, and which labels have room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

Word = tuple[str, float, float]
_WIDEST_TURN = 1.0  # how much more a step to the side counts than one ahead


class WordPlaces:
    """Words with their places, asked for neighbours."""

    def __init__(self, words: Sequence[Word] = ()) -> None:
        self.words = tuple(str(w) for w, *_ in words)
        self.at: NDArray[np.float64] = np.array(
            [(x, y) for _, x, y in words], dtype=np.float64
        ).reshape(-1, 2)
        self._index = {word: i for i, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def index(self, word: str) -> int:
        """Number of a word that there is."""
        return self._index[word]

    def place(self, word: str) -> NDArray[np.float64] | None:
        """Where a word stands, or None."""
        index = self._index.get(word)
        return None if index is None else self.at[index]

    def near(self, place: NDArray[np.float64] | Sequence[float], count: int) -> list[str]:
        """The nearest words, the nearest first."""
        distance = np.linalg.norm(self.at - np.asarray(place, dtype=np.float64), axis=1)
        return [self.words[int(i)] for i in np.argsort(distance, kind="stable")[:count]]

    def towards(self, word: str, dx: float, dy: float) -> str | None:
        """The next word in a direction (a unit vector), or None at the edge."""
        start = self.place(word)
        if start is None:
            return self.words[0] if self.words else None
        step = self.at - start
        ahead = step @ np.array([dx, dy])
        aside = np.abs(step @ np.array([-dy, dx]))
        cost = np.where((ahead > 1e-9) & (ahead >= _WIDEST_TURN * aside), ahead + aside, np.inf)
        best = int(np.argmin(cost)) if len(cost) else 0
        return self.words[best] if len(cost) and np.isfinite(cost[best]) else None

    def matching(self, text: str) -> tuple[str, ...]:
        """Words that hold a text, those that begin with it first."""
        wanted = text.strip().casefold()
        if not wanted:
            return ()
        found = [w for w in self.words if wanted in w.casefold()]
        return tuple(sorted(found, key=lambda w: (not w.casefold().startswith(wanted), w)))


@dataclass
class MapView:
    """Which part of the plane is seen, and where in the widget.

    Both axes are stretched to fill the widget: what lies near still lies near, labels have room.
    """

    center: NDArray[np.float64]
    spans: NDArray[np.float64]  # of the plane, across and along the widget
    area: QRectF

    @classmethod
    def around(cls, points: NDArray[np.float64], area: QRectF) -> MapView:
        """The view that shows all points with a margin."""
        if not len(points):
            return cls(np.zeros(2), np.full(2, 2.0), area)
        low, high = points.min(axis=0), points.max(axis=0)
        return cls((low + high) / 2, np.maximum(high - low, 1e-3) * 1.08, area)

    @property
    def scales(self) -> NDArray[np.float64]:
        """Pixels per unit, across and along."""
        return np.array([self.area.width(), self.area.height()]) / self.spans

    def pixel(self, place: Iterable[float]) -> QPointF:
        """Where a place of the plane is drawn; y grows upwards."""
        x, y = (np.asarray(tuple(place)) - self.center) * self.scales
        middle = self.area.center()
        return QPointF(middle.x() + float(x), middle.y() - float(y))

    def pixels(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where many places [N, 2] are drawn, [N, 2]."""
        middle = self.area.center()
        signs = np.array([1.0, -1.0])
        moved = (places - self.center) * self.scales * signs
        return np.asarray(moved + np.array([middle.x(), middle.y()]))

    def place(self, pixel: QPointF) -> NDArray[np.float64]:
        """Inverse of :meth:`pixel`."""
        step = pixel - self.area.center()
        return self.center + np.array([step.x(), -step.y()]) / self.scales

    def zoomed(self, factor: float, pixel: QPointF, widest: NDArray[np.float64]) -> MapView:
        """Seen ``factor`` times larger, the place under a pixel kept; never wider than all."""
        spans = np.clip(self.spans / factor, widest / 40, widest)
        held = self.place(pixel)
        changed = MapView(self.center, spans, self.area)
        return MapView(self.center + held - changed.place(pixel), spans, self.area)


class LabelRoom:
    """Hands out room for labels on a grid of small cells, first come, first served."""

    _CELL_PX = 5.0

    def __init__(self) -> None:
        self._taken: set[tuple[int, int]] = set()

    def is_taken(self, x: float, y: float, width: float = 0.0) -> bool:
        """Whether either end of a line around a point is taken: quickly says no to a crowd."""
        size, row = self._CELL_PX, int(y // self._CELL_PX)
        taken = self._taken
        first, last = int((x - width / 2) // size), int((x + width / 2) // size)
        return (first, row) in taken or (last, row) in taken

    def take(self, box: QRectF) -> bool:
        """Whether a box is free; it is taken from then on."""
        size = self._CELL_PX
        columns = range(int(box.left() // size), int(box.right() // size) + 1)
        cells = [
            (column, row)
            for row in range(int(box.top() // size), int(box.bottom() // size) + 1)
            for column in columns
        ]
        if not self._taken.isdisjoint(cells):
            return False
        self._taken.update(cells)
        return True
