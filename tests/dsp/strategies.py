"""Random settings for property tests."""

import torch
from hypothesis import strategies as st

from dsp.equalizer import Equalizer
from dsp.reverb import Reverb


def settings_of(effect_type, *, full_range=False):
    """Hypothesis strategy: a valid setting of an effect."""

    def value(parameter):
        low, high = (parameter.low, parameter.high) if full_range else parameter.search_range
        return st.floats(0.02, 0.98).map(
            lambda u: parameter.clip(
                parameter.from_scale(
                    parameter.to_scale(low)
                    + u * (parameter.to_scale(high) - parameter.to_scale(low))
                )
            )
        )

    return st.fixed_dictionaries({p.name: value(p) for p in effect_type.parameters}).map(
        effect_type
    )


equalizers = settings_of(Equalizer)
reverbs = settings_of(Reverb)


def random_values(effect_type, batch, generator, *, gain_db=8.0):
    """A batch of plausible settings as tensors of shape [batch]."""
    values = {}
    for parameter in effect_type.parameters:
        low, high = (parameter.to_scale(edge) for edge in parameter.search_range)
        share = torch.rand(batch, generator=generator, dtype=torch.float64)
        position = low + share * (high - low)
        if parameter.name.endswith("_gain_db"):
            position = (2 * share - 1) * gain_db
        if parameter.name == "high_pass_frequency_hz":
            position = 4.0 + share * 4.0  # 16..256 Hz
        values[parameter.name] = torch.exp2(position) if parameter.scale == "log" else position
    return values
