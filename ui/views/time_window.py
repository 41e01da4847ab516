"""The stretch of a recording that is in view: zoomed, moved, kept inside."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF

ZOOM = 1.3  # a notch of the wheel, a press of a key
FOLLOW_SHARE = 0.05  # where the playhead stands after the view has turned over


@dataclass(frozen=True)
class TimeWindow:
    """From ``start_s``, ``span_s`` long, of a recording of ``duration_s``.

    Attributes:
        duration_s: Of the recording; 0 without one.
        start_s: Left end.
        span_s: What is seen.
        shortest_s: As far as one may zoom in.
    """

    duration_s: float = 0.0
    start_s: float = 0.0
    span_s: float = 0.0
    shortest_s: float = 0.0

    @classmethod
    def whole(cls, duration_s: float, shortest_s: float = 0.2) -> TimeWindow:
        """All of a recording."""
        return cls(duration_s, 0.0, duration_s, min(shortest_s, duration_s))

    @property
    def end_s(self) -> float:
        """Right end."""
        return self.start_s + self.span_s

    @property
    def fits(self) -> bool:
        """Whether all is in view."""
        return self.span_s >= self.duration_s

    def x(self, seconds: float, area: QRectF) -> float:
        """Pixel of a time, where ``area`` shows the window; may lie outside."""
        share = (seconds - self.start_s) / self.span_s if self.span_s else 0.0
        return area.left() + area.width() * share

    def zoomed(self, factor: float, at_s: float) -> TimeWindow:
        """Closer (factor above 1) or wider; ``at_s`` stays where it stands."""
        span = min(max(self.span_s / factor, self.shortest_s), self.duration_s)
        share = (at_s - self.start_s) / self.span_s if self.span_s else 0.0
        return self._at(at_s - share * span, span)

    def scrolled(self, share: float) -> TimeWindow:
        """Moved by a share of what is seen; positive is later."""
        return self._at(self.start_s + share * self.span_s, self.span_s)

    def following(self, position_s: float) -> TimeWindow:
        """Turned over so that a place outside is seen; the same where it is inside."""
        if self.fits or self.start_s <= position_s <= self.end_s:
            return self
        return self._at(position_s - FOLLOW_SHARE * self.span_s, self.span_s)

    def around(self, first_s: float, last_s: float) -> TimeWindow:
        """So that a stretch fills nine tenths of the view."""
        span = min(max((last_s - first_s) / 0.9, self.shortest_s), self.duration_s)
        return self._at((first_s + last_s - span) / 2, span)

    def _at(self, start_s: float, span_s: float) -> TimeWindow:
        start = min(max(start_s, 0.0), max(self.duration_s - span_s, 0.0))
        return replace(self, start_s=start, span_s=span_s)
