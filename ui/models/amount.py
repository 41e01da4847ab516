"""Editing a setting that is shown at less than its full amount.

What is drawn, heard and edited is the setting at its amount; what is kept is the full one. A drag
changes what is seen, so the full value is found by going back along the parameter's own scale.
"""

from __future__ import annotations

from dsp.chain import Chain
from dsp.effect import Effect
from dsp.equalizer import Equalizer
from dsp.parameters import Parameter
from dsp.reverb import T60_LOW_S, Reverb

LEAST_AMOUNT = 0.05  # below, going back would blow up what the hand did


def at_full_amount(full: Chain, edited: Chain, amount: float) -> Chain:
    """The full setting whose scaled form is ``edited``.

    Args:
        full: The full setting before the edit.
        edited: The setting at ``amount``, after the edit.
        amount: 0..1.

    Returns:
        The full setting; a value that would leave its range stays at the range's end. Parameters
        that were not edited keep their full value exactly.
    """
    if amount == 1.0:
        return edited
    share = max(amount, LEAST_AMOUNT)
    shown = {effect.kind: effect for effect in full.with_amount(amount)}
    kept = {effect.kind: effect for effect in full}
    return Chain(
        tuple(
            _unscaled(kept[effect.kind], shown[effect.kind], effect, share)
            if effect.kind in kept
            else effect
            for effect in edited
        )
    )


def _unscaled(full: Effect, shown: Effect, edited: Effect, amount: float) -> Effect:
    values = dict(full.values)
    for name, value in edited.values.items():
        if value == shown.values[name]:
            continue
        parameter = full.parameter(name)
        start = _start(full, parameter)
        if start is None:
            values[name] = value
            continue
        first, reached = parameter.to_scale(start), parameter.to_scale(value)
        values[name] = parameter.clip(parameter.from_scale(first + (reached - first) / amount))
    return type(full)(values, edited.enabled)


def _start(effect: Effect, parameter: Parameter) -> float | None:
    """Where amount 0 lies; None for what an amount leaves alone (see each effect's scaling)."""
    if isinstance(effect, Equalizer):
        if parameter.off is None and parameter.name.endswith(("_frequency_hz", "_q")):
            return None
    elif isinstance(effect, Reverb):
        if parameter.name == "t60_s":
            return T60_LOW_S
        if parameter.name != "wet_db":
            return None
    return parameter.default if parameter.off_value is None else parameter.off_value
