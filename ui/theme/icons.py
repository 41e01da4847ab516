"""The project's icons: SVG line drawings of one weight, tinted by the theme at any scale.

An icon is drawn when it is shown, in the colour that its role has then, so a change of theme needs
nothing but a repaint, and nothing is ever scaled from a bitmap.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui.theme.theme import RESOURCES, current_tokens

_FOLDER = RESOURCES / "icons"


def icon_names() -> tuple[str, ...]:
    """Names of all icons, sorted."""
    return tuple(sorted(p.stem for p in _FOLDER.glob("*.svg")))


@lru_cache(maxsize=64)
def _source(name: str) -> str:
    file: Path = _FOLDER / f"{name}.svg"
    if not file.is_file():
        raise ValueError(f"icon: found {name!r}, allowed are {', '.join(icon_names())}")
    return file.read_text(encoding="utf-8")


def draw_icon(painter: QPainter, name: str, rect: QRectF, colour: str) -> None:
    """Draw an icon into a rectangle in a colour ``#RRGGBB``."""
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))
    side = min(rect.width(), rect.height())
    square = QRectF(0, 0, side, side)
    square.moveCenter(rect.center())
    renderer.render(painter, square)


# Qt owns a clone, but the binding lets Python collect it: without a reference here, an icon that
# is changed after copying draws with an engine that is gone.
_CLONES: list[QIconEngine] = []


@lru_cache(maxsize=256)
def _drawn(name: str, colour: str, wide: int, high: int, scale: float) -> QPixmap:
    """In device pixels; kept, because reading SVG takes half a millisecond."""
    image = QImage(QSize(wide, high), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_icon(painter, name, QRectF(0, 0, wide, high), colour)
    painter.end()
    pixmap = QPixmap.fromImage(image)
    pixmap.setDevicePixelRatio(scale)
    return pixmap


class _Engine(QIconEngine):
    def __init__(self, name: str, role: str, checked_role: str) -> None:
        super().__init__()
        self._name, self._role, self._checked_role = name, role, checked_role

    def _colour(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        tokens = current_tokens()
        if mode == QIcon.Mode.Disabled:
            return _blend(tokens.muted, tokens.panel, 0.45)
        role = self._checked_role if state == QIcon.State.On else self._role
        return str(getattr(tokens, role))

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        draw_icon(painter, self._name, QRectF(rect), self._colour(mode, state))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        wide, high = round(size.width() * scale), round(size.height() * scale)
        return QPixmap(_drawn(self._name, self._colour(mode, state), wide, high, scale))

    def clone(self) -> QIconEngine:
        copy = _Engine(self._name, self._role, self._checked_role)
        _CLONES.append(copy)
        return copy


def icon(name: str, role: str = "text", checked_role: str | None = None) -> QIcon:
    """An icon in the colour of a token.

    Args:
        name: One of :func:`icon_names`.
        role: Field of :class:`ui.theme.tokens.Tokens`.
        checked_role: The same while a button is checked; None for ``role``.

    Raises:
        ValueError: There is no such icon.
    """
    _source(name)
    return QIcon(_Engine(name, role, checked_role or role))


def app_icon() -> QIcon:
    """The application's icon, in all its sizes."""
    result = QIcon()
    for file in sorted((RESOURCES / "app").glob("text2fx-studio-*.png")):
        result.addFile(str(file))
    return result


def _blend(first: str, second: str, share: float) -> str:
    a, b = QColor(first), QColor(second)
    red, green, blue = (
        round(x * share + y * (1 - share))
        for x, y in ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    )
    return QColor(red, green, blue).name()
