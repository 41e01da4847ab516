"""Long lines for a painter, made from arrays in one go: a point at a time costs milliseconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QDataStream, QIODevice
from PySide6.QtGui import QPainterPath, QPolygonF

# As QDataStream writes a QPainterPath: count, elements, start of the subpath, fill rule.
_ELEMENT = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])
_MOVE, _LINE = 0, 1


def line_path(xs: NDArray[np.float64], ys: NDArray[np.float64]) -> QPainterPath:
    """One line through finite points, shapes [n], n of at least 1."""
    return _path(xs, ys, np.r_[_MOVE, np.full(len(xs) - 1, _LINE)])


def strokes_path(
    xs: NDArray[np.floating], tops: NDArray[np.floating], bottoms: NDArray[np.floating]
) -> QPainterPath:
    """A vertical stroke at each x, shapes [n]."""
    kinds = np.tile([_MOVE, _LINE], len(xs))
    return _path(np.repeat(xs, 2), np.stack((tops, bottoms), axis=1).ravel(), kinds)


def points(xs: NDArray[np.float64], ys: NDArray[np.float64]) -> QPolygonF:
    """Points for ``QPainter.drawPoints``, shapes [n]."""
    found = QPolygonF()
    count = np.array(len(xs), dtype=">i4").tobytes()
    data = QByteArray(count + np.stack((xs, ys), axis=1).astype(">f8").tobytes())
    stream = QDataStream(data, QIODevice.OpenModeFlag.ReadOnly)
    stream >> found
    return found


def _path(
    xs: NDArray[np.float64], ys: NDArray[np.float64], kinds: NDArray[np.int64]
) -> QPainterPath:
    path = QPainterPath()
    if not len(xs):
        return path
    elements = np.empty(len(xs), dtype=_ELEMENT)
    elements["kind"], elements["x"], elements["y"] = kinds, xs, ys
    count = np.array(len(xs), dtype=">i4").tobytes()
    data = QByteArray(count + elements.tobytes() + bytes(8))
    stream = QDataStream(data, QIODevice.OpenModeFlag.ReadOnly)
    stream >> path
    return path
