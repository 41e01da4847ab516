"""Agreement with people: the equalizer that the search finds for a word against people's own.

People's settings are SocialFX (Zheng, Seetharaman, Pardo 2016): relative gains in 40 bands, a
shape without a unit, so agreement is Pearson's r over the bands between 80 Hz and 10 kHz.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp.chain import Chain
from text2fx_studio import optimize
from text2fx_studio.encoders.fxsem import Fxsem
from text2fx_studio.encoders.proposal import Proposal, propose
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.encoders.registry import load_encoder
from text2fx_studio.errors import UsageError
from text2fx_studio.lexicon import load_lexicon
from text2fx_studio.search.starts import propose_chain
from text2fx_studio.training.intents import Intent, intent_of
from text2fx_studio.training.people import PeopleWord, read_people
from text2fx_studio.training.recordings import held_out_clips
from text2fx_studio.training.splits import people_word_is_test

LOW_HZ, HIGH_HZ = 80.0, 10_000.0
HALVES_DRAWN = 200

OnProgress = Callable[[float, str], None]
Curve = NDArray[np.float64]


def run(
    shared: Path,
    *,
    encoder: str | Encoder = "fxsem",
    clips: int = 4,
    least_count: int = 4,
    held_out_only: bool = True,
    seed: int = 0,
    progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Measure.

    Args:
        shared: Folder with ``data/socialfx`` and ``audio``.
        encoder: Name or object.
        clips: Recordings (never trained on) over which the found responses are averaged.
        least_count: Words with fewer settings are left out of the means.
        held_out_only: Only words that the training kept out.
        seed: Of clips, search and random settings.
        progress: Called with 0..1 and a text.

    Returns:
        ``mean_r`` of the search and of every baseline, ``ceiling_split_half_r``, one row a word.

    Raises:
        UsageError: There is no word to measure on.
    """
    enc = load_encoder(encoder) if isinstance(encoder, str) else encoder
    frequencies, every = read_people(shared / "data" / "socialfx")
    words = [
        w
        for w in every
        if w.count >= least_count and (not held_out_only or people_word_is_test(w.word))
    ]
    if not words:
        raise UsageError(f"{shared}: no held-out word has {least_count} settings or more")
    sounds = held_out_clips(shared / "audio", clips, seed)
    use = (frequencies >= LOW_HZ) & (frequencies <= HIGH_HZ)
    nearest = Nearest(enc) if isinstance(enc, Fxsem) else None
    rng = np.random.default_rng([seed, 11])
    rows = []
    for number, word in enumerate(words):
        found = []
        for index, (_, audio, rate) in enumerate(sounds):
            if progress:
                done = (number + index / len(sounds)) / len(words)
                progress(done, f"searching: {word.word}")
            result = optimize(audio, rate, word.word, chain="eq", encoder=enc, seed=seed)
            found.append(result.chain.frequency_response_db(frequencies))
        curves: dict[str, Curve] = {"search": np.mean(found, axis=0)}
        proposal = propose(enc, word.word)
        if proposal is not None:
            curves["text_only"] = setting_curve(proposal, frequencies)
        if nearest is not None:
            curves["nearest_entry"] = nearest.intent(word.word).curve_db(frequencies)
        curves["random"] = np.interp(np.arange(40) / 5.0, np.arange(8), rng.normal(0, 4, 8))
        rows.append(
            {
                "word": word.word,
                "count": word.count,
                **{name: round(agreement(curve, word, use), 3) for name, curve in curves.items()},
            }
        )
    names = [name for name in rows[0] if name not in ("word", "count")]
    return {
        "benchmark": "words",
        "encoder": enc.id,
        "words": len(rows),
        "clips": len(sounds),
        "least_count": least_count,
        "held_out_only": held_out_only,
        "mean_r": {n: round(float(np.mean([row[n] for row in rows])), 3) for n in names},
        "median_r": {n: round(float(np.median([row[n] for row in rows])), 3) for n in names},
        "dry_r": 0.0,
        "ceiling_split_half_r": round(split_half(shared, words, use, seed), 3),
        "rows": rows,
    }


def agreement(curve: Curve, word: PeopleWord, use: NDArray[np.bool_]) -> float:
    """Pearson's r with people's mean setting; 0 where the curve is flat."""
    if float(np.std(curve[use])) < 1e-6:
        return 0.0
    return float(np.corrcoef(curve[use], word.curve[use])[0, 1])


def setting_curve(proposal: Proposal, frequencies_hz: Curve) -> Curve:
    """Response of a proposed setting in dB."""
    intent = Intent(proposal.gains_db, proposal.high_pass_hz, proposal.low_pass_hz)
    return intent.curve_db(frequencies_hz)


def split_half(
    shared: Path, words: Sequence[PeopleWord], use: NDArray[np.bool_], seed: int
) -> float:
    """Mean r between the means of two random halves of a word's settings: people's own limit."""
    rng = np.random.default_rng([seed, 13])
    path = shared / "data" / "socialfx" / "eq.jsonl"
    rows: dict[str, list[list[float]]] = {}
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        rows.setdefault(str(row["word"]).strip().lower(), []).append(row["gains"])
    found = []
    for word in words:
        table = np.asarray(rows[word.word])[:, use]
        for _ in range(HALVES_DRAWN):
            order = rng.permutation(len(table))
            first, second = table[order[: len(order) // 2]], table[order[len(order) // 2 :]]
            found.append(np.corrcoef(first.mean(0), second.mean(0))[0, 1])
    return float(np.mean(found))


class Nearest:
    """The baseline without a trained encoder: the lexicon entry nearest in MiniLM's space."""

    def __init__(self, encoder: Fxsem) -> None:
        self._encoder = encoder
        pairs = load_lexicon().texts()
        self._entries = [entry for _, entry in pairs]
        self._table = encoder.minilm.embed([text for text, _ in pairs])

    def intent(self, prompt: str) -> Intent:
        """The nearest entry's intent."""
        similar = self._table @ self._encoder.minilm.embed([prompt])[0]
        return intent_of(self._entries[int(similar.argmax())])

    def chain(self, prompt: str, kinds: str, sample_rate: float) -> Chain:
        """The nearest entry as a setting of the chain ``kinds``."""
        intent = self.intent(prompt)
        proposal = Proposal(
            intent.gains_db, intent.high_pass_hz, intent.low_pass_hz,
            float(intent.space != "none"), intent.t60_s,
            intent.wet_db if intent.space == "room" else -48.0,
            intent.predelay_ms, intent.damping, 1.0,
        )  # fmt: skip
        return propose_chain(Chain.parse(kinds), proposal, sample_rate)
