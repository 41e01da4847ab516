"""What keys do to the equalizer's bands."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt

from dsp.equalizer import Equalizer
from ui.views.eq_bands import band, with_band

_SEMITONE = 2.0 ** (1 / 12)
_FINE_STEP = 2.0 ** (1 / 120)
_Q_STEP = 2.0 ** (1 / 4)
_WIDER = (Qt.Key.Key_Minus, Qt.Key.Key_Underscore)
_NARROWER = (Qt.Key.Key_Plus, Qt.Key.Key_Equal)


def moved_by_key(eq: Equalizer, name: str, key: Qt.Key, *, fine: bool) -> Equalizer | None:
    """The equalizer after an arrow (frequency by a semitone, gain by 0.5 dB), plus or minus (Q).

    ``fine`` moves by a tenth of a semitone and 0.1 dB. None if the key does nothing here.
    """
    found = band(eq, name)
    if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
        ratio = _FINE_STEP if fine else _SEMITONE
        up = key == Qt.Key.Key_Right
        return with_band(eq, name, frequency_hz=found.frequency_hz * (ratio if up else 1 / ratio))
    if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
        if found.gain_db is None:
            return eq
        step_db = 0.1 if fine else 0.5
        gain_db = found.gain_db + (step_db if key == Qt.Key.Key_Up else -step_db)
        return with_band(eq, name, gain_db=round(gain_db, 6))
    if key in _WIDER or key in _NARROWER:
        return with_q_scaled(eq, name, _Q_STEP if key in _NARROWER else 1 / _Q_STEP)
    return None


def with_q_scaled(eq: Equalizer, name: str, factor: float) -> Equalizer:
    """The equalizer with a band's Q times ``factor``; unchanged for a band without Q."""
    q = band(eq, name).q
    return eq if q is None else with_band(eq, name, q=q * factor)


def walked_by_key(names: Sequence[str], here: str, key: Qt.Key) -> str | None:
    """The band that Page Up, Page Down, Home or End chooses; None for other keys."""
    if not names:
        return None
    if key == Qt.Key.Key_Home:
        return names[0]
    if key == Qt.Key.Key_End:
        return names[-1]
    if key not in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
        return None
    down = key == Qt.Key.Key_PageDown
    if here not in names:
        return names[0 if down else -1]
    index = names.index(here) + (1 if down else -1)
    return names[min(max(index, 0), len(names) - 1)]
