"""Everything that is computed once per recording and prompt, before the descent."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from dsp.chain import Chain
from dsp.reverb import Reverb
from dsp.spectrum import CachedSpectrum
from text2fx_studio.encoders.hearing import heard_colour_db, heard_room_db, tilt_of
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.encoders.registry import load_encoder
from text2fx_studio.search.effort import effort_for
from text2fx_studio.search.given_back import Energy, HeardColour, less_heard_room
from text2fx_studio.search.objective import Objective
from text2fx_studio.search.options import Options, resolve_device
from text2fx_studio.search.prior import Prior, prior_around
from text2fx_studio.search.starts import (
    SPACE_THRESHOLD,
    Proposal,
    build_starts,
    neutral_start,
    propose_chain,
)
from text2fx_studio.search.target import Target
from text2fx_studio.search.variables import Variables
from text2fx_studio.search.windows import (
    CONTEXT_S,
    Source,
    Windows,
    loud_windows,
    to_encoder,
    window_seconds,
)


@dataclass(frozen=True)
class Prepared:
    """A search that is ready to descend.

    Attributes:
        windows: What is listened to.
        target: What is to be met.
        chain: As asked for, neutral.
        proposed: What the words alone suggest, as a setting of the chain; None where they cannot.
        held_still: Whether the reverb was left out because the words are silent about space.
        cached: The fast path over the windows.
    """

    encoder: Encoder
    device: str
    windows: Windows
    target: Target
    chain: Chain
    proposed: Chain | None
    held_still: bool
    cached: CachedSpectrum
    variables: Variables
    starts: torch.Tensor
    prior: Prior
    objective: Objective

    def as_chain(self, x: torch.Tensor) -> Chain:
        """One row of variables, shape [P], as the chain that was asked for."""
        return _completed(self.variables.to_chain(x), self.chain)


def prepare(
    source: Source,
    target: Target,
    chain: Chain,
    encoder: Encoder,
    device: str,
    *,
    seed: int,
    prior_weight: float,
) -> Prepared:
    """Choose the windows, read the words, and set up variables, starts, prior and objective.

    Args:
        source: The recording.
        target: What is to be met.
        chain: The effects to search, neutral.
        encoder: On ``device``.
        device: Where the encoder computes.
        seed: Of the jittered starts.
        prior_weight: Of the Gaussian prior, see ``prior.Prior``.

    Raises:
        AudioContentError: The recording is too short, silent, or not finite.
    """
    proposal = target.proposal
    searched = _without_silent_room(chain, proposal)
    proposed = propose_chain(searched, proposal, source.sample_rate) if proposal else None
    likely = proposed if proposed is not None else neutral_start(searched)

    effort = effort_for(encoder, device)
    windows, cached = listen(source, encoder, device, likely.get(Reverb))
    # What is not searched (the predelay) stays as the likely setting has it: the cache holds it.
    variables = Variables(likely, encoder.passband_hz)
    objective = Objective(encoder, cached, target)
    room_db = heard_room_db(encoder, cached.dry_power)
    prior = prior_around(
        variables,
        likely if room_db is None else less_heard_room(likely, room_db),
        prior_weight,
        source.sample_rate,
        proposal.confidence if proposal is not None else 0.0,
        _colour(encoder, cached),
        _energy(encoder, cached),
        proposal,
    )
    starts = build_starts(variables, searched, proposed, count=effort.starts, seed=seed)
    return Prepared(
        encoder=encoder,
        device=device,
        windows=windows,
        target=target,
        chain=chain,
        proposed=None if proposed is None else _completed(proposed, chain),
        held_still=searched != chain,
        cached=cached,
        variables=variables,
        starts=_best(starts, effort.kept, variables, objective, prior),
        prior=prior,
        objective=objective,
    )


def _completed(found: Chain, chain: Chain) -> Chain:
    """A chain with the settings of those of its effects that were found."""
    for effect in found:
        chain = chain.replace(effect)
    return chain


def _colour(encoder: Encoder, cached: CachedSpectrum) -> HeardColour | None:
    """What tonal colour the windows have already, where the encoder can say."""
    heard = heard_colour_db(encoder, cached.dry_power)
    tilt = tilt_of(encoder, cached.dry_power)
    return None if heard is None or tilt is None else HeardColour(*heard, tilt)


def _energy(encoder: Encoder, cached: CachedSpectrum) -> Energy:
    """Where the windows have energy that the encoder can hear."""
    power = cached.dry_power.mean(dim=(0, 2)).double().cpu()
    level_db = 10 * torch.log10(power.clamp(min=float(power.max()) * 1e-15))
    low_hz, high_hz = encoder.passband_hz
    frequencies, lines = cached.long_term()
    heard = (frequencies >= low_hz) & (frequencies <= high_hz)
    return Energy(
        encoder.mel_centers_hz.double().cpu().numpy(),
        level_db.numpy(),
        (frequencies[heard].numpy(), lines[heard].numpy()),
    )


@torch.no_grad()
def _best(
    starts: torch.Tensor, count: int, variables: Variables, objective: Objective, prior: Prior
) -> torch.Tensor:
    """The ``count`` starts of the least loss, [B, P] -> [count, P]."""
    if count >= starts.shape[0]:
        return starts
    settings = variables.settings(starts)
    losses = objective(settings).double().cpu()
    losses = losses + prior.penalty(variables.positions(starts), settings).cpu()
    return starts[losses.argsort()[:count]]


def encoder_for(options: Options) -> tuple[Encoder, str]:
    """The encoder that the options ask for, on its device, and the device's name.

    Raises:
        UsageError: The device is unknown or not present.
        EncoderError: The encoder cannot be loaded.
    """
    device = resolve_device(options.get("device", "auto"))
    wanted = options.get("encoder", "fxsem")
    if isinstance(wanted, str):
        return load_encoder(wanted, checkpoint=options.get("checkpoint"), device=device), device
    return wanted.to(device), device


def listen(
    source: Source, encoder: Encoder, device: str, room: Reverb | None
) -> tuple[Windows, CachedSpectrum]:
    """Choose the loud windows and set up the fast path over them.

    Args:
        source: The recording.
        encoder: On ``device``.
        device: Where the encoder computes.
        room: A reverb whose predelay the fast path is to hold; None for a chain without one.

    Raises:
        AudioContentError: The recording is too short, silent, or not finite.
    """
    context_s = CONTEXT_S if room is not None else 0.0
    count = effort_for(encoder, device).windows
    window_s = window_seconds(encoder, source.frames / source.sample_rate)
    windows = loud_windows(source, window_s, count=count, context_s=context_s)
    mono, context = to_encoder(windows, encoder.sample_rate, window_s)
    cached = CachedSpectrum(
        encoder,
        mono.to(device),
        context=context,
        file_rate_hz=source.sample_rate,
        predelay_ms=room.values["predelay_ms"] if room is not None else 0.0,
        with_reverb=room is not None,
    )
    return windows, cached


def _without_silent_room(chain: Chain, proposal: Proposal | None) -> Chain:
    """Leave the reverb out of the search where the words say nothing about space.

    Encoders drift towards more room for any prompt; silence about space means no change of it.
    A chain of reverb alone is a request for space, whatever the words.
    """
    others = tuple(effect for effect in chain if not isinstance(effect, Reverb))
    if proposal is None or proposal.says_space >= SPACE_THRESHOLD or not others:
        return chain
    return Chain(others)
