"""Whether words move the sound the way that they mean, measured on rendered waveforms.

Prompts of Text2FX's four kinds (concrete, abstract, combination, imagery) stand in
``directions.json`` with the changes that they should cause. The checks are physical: the spectral
centroid, the level of a band against the whole, the energy of the room's sound.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp.chain import Chain
from dsp.render import render_array
from dsp.reverb import Reverb
from text2fx_studio import optimize
from text2fx_studio.benchmark.words import Nearest
from text2fx_studio.encoders.fxsem import Fxsem
from text2fx_studio.encoders.proposal import propose
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.encoders.registry import load_encoder
from text2fx_studio.search.starts import propose_chain
from text2fx_studio.training.recordings import held_out_clips

PROMPTS = Path(__file__).with_name("directions.json")
BANDS_HZ: Mapping[str, tuple[float, float]] = {
    "low": (40.0, 200.0), "low_mid": (200.0, 600.0), "mid": (600.0, 2000.0),
    "presence": (2000.0, 5500.0), "high": (5500.0, 15_000.0),
}  # fmt: skip
NO_ENERGY_DB = -120.0
LEAST_OCTAVES = 0.03  # of the centroid
LEAST_DB = 0.3  # of a band
EMPTY_DB = -45.0  # a band below this share of the sound is not asked about
ROOM_DB, NO_ROOM_DB = -18.0, -24.0  # energy of the room's sound against the direct sound
CHAIN = "eq,reverb"

OnProgress = Callable[[float, str], None]
Audio = NDArray[np.float32]


def run(
    shared: Path,
    *,
    encoder: str | Encoder = "fxsem",
    clips: int = 8,
    prompts: int | None = None,
    loss: str = "cosine",
    seed: int = 0,
    progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Measure.

    Args:
        shared: Folder with ``audio``.
        encoder: Name or object.
        clips: Recordings of different kinds, never trained on.
        prompts: Only so many, spread over the kinds; None for all.
        loss: Of the search.
        seed: Of clips, search and random settings.
        progress: Called with 0..1 and a text.

    Returns:
        Share of checks met by the search and by every baseline, by kind, and what was missed.
    """
    enc = load_encoder(encoder) if isinstance(encoder, str) else encoder
    rows = json.loads(PROMPTS.read_text("utf-8"))["prompts"]
    if prompts is not None and prompts < len(rows):
        rows = [rows[int(i)] for i in np.linspace(0, len(rows) - 1, prompts)]
    sounds = held_out_clips(shared / "audio", clips, seed)
    nearest = Nearest(enc) if isinstance(enc, Fxsem) else None
    rng = np.random.default_rng([seed, 17])
    met: Counter[tuple[str, str]] = Counter()
    asked: Counter[tuple[str, str]] = Counter()
    missed = []
    worse = 0
    for number, row in enumerate(rows):
        prompt = row["prompt"]
        for index, (recording, audio, rate) in enumerate(sounds):
            if progress:
                done = (number + index / len(sounds)) / len(rows)
                progress(done, f"searching: {prompt}")
            result = optimize(audio, rate, prompt, chain=CHAIN, encoder=enc, loss=loss, seed=seed)
            worse += int(result.score_wet < result.score_dry - 1e-6)
            chains = {"search": result.chain, "dry": Chain.parse(CHAIN)}
            proposal = propose(enc, prompt)
            if proposal is not None:
                chains["text_only"] = propose_chain(Chain.parse(CHAIN), proposal, rate)
            if nearest is not None:
                chains["nearest_entry"] = nearest.chain(prompt, CHAIN, rate)
            chains["random"] = _random_chain(rng)
            before = measure(audio, rate)
            for name, chain in chains.items():
                rendered = render_array(audio, rate, chain, tail=True)
                after = measure(rendered, rate, audio.shape[1])
                after["space"] = room_db(audio, rate, chain, rendered)
                for check, wanted in row["checks"].items():
                    verdict = check_change(check, wanted, before, after)
                    if verdict is None:
                        continue
                    asked[name, row["kind"]] += 1
                    met[name, row["kind"]] += int(verdict)
                    if name == "search" and not verdict:
                        missed.append(
                            {
                                "prompt": prompt, "clip": recording.path, "check": check,
                                "wanted": wanted, "before": round(before[check], 2),
                                "after": round(after[check], 2), "accepted": result.accepted,
                            }
                        )  # fmt: skip
    systems = sorted({name for name, _ in asked}, key=lambda n: (n != "search", n))
    kinds = sorted({kind for _, kind in asked})
    return {
        "benchmark": "directions",
        "encoder": enc.id,
        "prompts": len(rows),
        "clips": len(sounds),
        "checks": sum(asked["search", kind] for kind in kinds),
        "met": {
            s: round(sum(met[s, k] for k in kinds) / max(1, sum(asked[s, k] for k in kinds)), 3)
            for s in systems
        },
        "met_by_kind": {
            kind: {s: round(met[s, kind] / max(1, asked[s, kind]), 3) for s in systems}
            for kind in kinds
        },
        "worse_than_dry": worse,
        "missed": missed,
    }


def measure(audio: Audio, sample_rate: int, dry_samples: int | None = None) -> dict[str, float]:
    """Physical measures of a sound, the room apart (see :func:`room_db`).

    Args:
        audio: [channels, samples].
        sample_rate: In Hz.
        dry_samples: Length of the sound before the effect; what comes later is left out.

    Returns:
        ``centroid`` in octaves re 1 kHz (mean of log frequency weighted by power), bands in dB
        of the whole, ``space``: energy after the end in dB of the whole.
    """
    count = audio.shape[1] if dry_samples is None else dry_samples
    body = audio[:, :count].astype(np.float64)
    power = (np.abs(np.fft.rfft(body)) ** 2).sum(axis=0)
    frequency = np.fft.rfftfreq(count, 1 / sample_rate)
    heard = (frequency >= 40.0) & (frequency <= 15_000.0)
    whole = float(power[heard].sum()) or 1e-30
    found = {"centroid": float((np.log2(frequency[heard] / 1000) * power[heard]).sum() / whole)}
    for name, (low, high) in BANDS_HZ.items():
        share = float(power[(frequency >= low) & (frequency < high)].sum()) / whole
        found[name] = 10 * float(np.log10(share + 1e-12))
    found["space"] = NO_ENERGY_DB
    return found


def room_db(audio: Audio, sample_rate: int, chain: Chain, rendered: Audio) -> float:
    """Energy of the room's sound in dB of the direct sound, both as rendered waveforms."""
    reverb = chain.get(Reverb)
    if reverb is None or reverb.is_neutral():
        return NO_ENERGY_DB
    direct = render_array(audio, sample_rate, chain.replace(Reverb()), tail=False)
    room = rendered.astype(np.float64)
    channels = min(room.shape[0], direct.shape[0])
    room = room[:channels].copy()
    room[:, : direct.shape[1]] -= direct[:channels]
    energy = float((room**2).sum()) / (float((direct[:channels] ** 2).sum()) or 1e-30)
    return 10 * float(np.log10(energy + 1e-12))


def check_change(
    check: str, wanted: str, before: Mapping[str, float], after: Mapping[str, float]
) -> bool | None:
    """Whether a measure changed as ``wanted`` (``up``, ``down``; space: ``room``, ``none``).

    Returns:
        None where the question makes no sense: a band without energy.
    """
    if check == "space":
        return after[check] > ROOM_DB if wanted == "room" else after[check] < NO_ROOM_DB
    if check in BANDS_HZ and before[check] < EMPTY_DB:
        return None
    change = after[check] - before[check]
    least = LEAST_OCTAVES if check == "centroid" else LEAST_DB
    return change > least if wanted == "up" else change < -least


def _random_chain(rng: np.random.Generator) -> Chain:
    effects = []
    for effect in Chain.parse(CHAIN):
        drawn = {}
        for parameter in effect.parameters:
            if not parameter.searched:
                continue
            low, high = parameter.search_range
            if parameter.unit == "dB" and parameter.off is None:
                drawn[parameter.name] = parameter.clip(float(rng.normal(0.0, 4.0)))
            elif parameter.off is not None and parameter.unit == "Hz":
                continue
            else:
                ends = parameter.to_scale(low), parameter.to_scale(high)
                drawn[parameter.name] = parameter.clip(parameter.from_scale(rng.uniform(*ends)))
        effects.append(effect.replace(**drawn))
    return Chain(tuple(effects))
