"""The starts of the search: neutral, the text's own proposal, and seeded neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from dsp.chain import Chain
from dsp.effect import Effect
from dsp.equalizer import Equalizer
from dsp.equalizer_fit import fit_equalizer
from dsp.reverb import Reverb
from text2fx_studio.lexicon.curve import Tone, intent_curve_db
from text2fx_studio.search.variables import Variables

SPACE_THRESHOLD = 0.5
JITTER = 0.25  # standard deviation of a neighbour's x

_AUDIBLE_WET_DB = -18.0  # where the wet level of a search without a proposal starts


class Proposal(Tone, Protocol):
    """What the words alone suggest (see ``encoders.proposal``)."""

    @property
    def says_space(self) -> float:
        """How surely the words speak of space, 0..1."""
        ...

    @property
    def t60_s(self) -> float:
        """Decay time."""
        ...

    @property
    def wet_db(self) -> float:
        """Wet level."""
        ...

    @property
    def predelay_ms(self) -> float:
        """Predelay."""
        ...

    @property
    def damping(self) -> float:
        """0..1."""
        ...

    @property
    def confidence(self) -> float:
        """0 (guessed) to 1 (sure)."""
        ...


@dataclass(frozen=True)
class PlainProposal:
    """A proposal put together by hand; says nothing about space unless told."""

    gains_db: tuple[float, ...]
    high_pass_hz: float | None = None
    low_pass_hz: float | None = None
    says_space: float = 0.0
    t60_s: float = 1.0
    wet_db: float = -48.0
    predelay_ms: float = 10.0
    damping: float = 0.4
    confidence: float = 0.0


def propose_chain(chain: Chain, proposal: Proposal, sample_rate: float) -> Chain:
    """Turn what the words suggest into a setting of ``chain``.

    The equalizer is fitted to the suggested gains; a reverb stays off unless the words speak of
    space.
    """
    return Chain(tuple(_propose_effect(effect, proposal, sample_rate) for effect in chain))


def _propose_effect(effect: Effect, proposal: Proposal, sample_rate: float) -> Effect:
    if isinstance(effect, Equalizer):
        return _propose_equalizer(effect, proposal, sample_rate)
    if isinstance(effect, Reverb) and proposal.says_space >= SPACE_THRESHOLD:
        wanted = {
            "wet_db": proposal.wet_db,
            "t60_s": proposal.t60_s,
            "predelay_ms": proposal.predelay_ms,
            "damping": proposal.damping,
        }
        return effect.replace(
            **{name: effect.parameter(name).clip(value) for name, value in wanted.items()}
        )
    return effect


def _propose_equalizer(eq: Equalizer, proposal: Proposal, sample_rate: float) -> Equalizer:
    filters = {}
    for name, value in (
        ("high_pass_frequency_hz", proposal.high_pass_hz),
        ("low_pass_frequency_hz", proposal.low_pass_hz),
    ):
        if value is not None:
            filters[name] = eq.parameter(name).clip(value)
    frequencies = np.geomspace(50.0, min(15_000.0, 0.45 * sample_rate), 96)
    target = intent_curve_db(PlainProposal(tuple(proposal.gains_db)), frequencies)
    return fit_equalizer(target, frequencies, sample_rate, eq).replace(**filters)


def neutral_start(chain: Chain) -> Chain:
    """A setting from which every parameter has a gradient, yet close to neutral."""
    room = chain.get(Reverb)
    return chain if room is None else chain.replace(room.replace(wet_db=_AUDIBLE_WET_DB))


def build_starts(
    variables: Variables, chain: Chain, proposed: Chain | None, *, count: int, seed: int
) -> torch.Tensor:
    """The batch of starts, float64 [count, P].

    Neutral first; with a proposal then the proposal and half of it; the rest are seeded
    neighbours of the last of these.
    """
    chains = [neutral_start(chain)]
    if proposed is not None:
        chains += [proposed, proposed.with_amount(0.5)]
    starts = variables.from_chains(chains[:count])
    missing = count - len(starts)
    if missing > 0:
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(missing, len(variables), generator=generator, dtype=torch.float64)
        starts = torch.cat((starts, starts[-1:] + JITTER * noise))
    return starts
