"""Opposites on opposite sides; "not", "slightly" and "very" in their places.

Pairs of opposites stand in ``antonyms.json``, by what they oppose: ``tone`` or ``space``. Three
views of each text are asked: where the encoder embeds it, what the words' proposal does, and what
the search finds on pink noise, a sound without a colour or a room of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.reverb import Reverb
from text2fx_studio.benchmark.clips import Clip, pink_noise
from text2fx_studio.benchmark.searches import Wanted
from text2fx_studio.benchmark.workbench import Workbench
from text2fx_studio.encoders.proposal import neutral_embedding
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.search.losses import POSITIVE_TEMPLATE

PAIRS = Path(__file__).with_name("antonyms.json")
CHAIN = "eq,reverb"
VIEWS = ("embedded", "proposal", "search")
WEAKER, STRONGER, NEGATED = "slightly {}", "very {}", "not {}"
ROOM_STEP_DB = 6.0  # of wet level, between a wet text and its dry opposite
NO_ROOM_DB = -48.0

_FREQUENCIES_HZ = np.geomspace(80.0, 12_000.0, 64)

Point = NDArray[np.float64]
T = TypeVar("T")


@dataclass(frozen=True)
class Pair:
    """Two texts of opposite meaning; of a ``space`` pair the first asks for more room."""

    first: str
    second: str
    kind: str


def read_pairs() -> tuple[tuple[Pair, ...], tuple[str, ...]]:
    """The pairs, and the words whose degrees and negations are asked."""
    data = json.loads(PAIRS.read_text("utf-8"))
    pairs = tuple(Pair(row["pair"][0], row["pair"][1], row["kind"]) for row in data["pairs"])
    return pairs, tuple(data["degrees"])


def run(
    bench: Workbench,
    *,
    pairs: int | None = None,
    words: int | None = None,
    search: bool = True,
) -> dict[str, Any]:
    """Measure.

    Args:
        bench: The encoder.
        pairs: Only so many, spread over the file.
        words: Only so many words for degrees and negations.
        search: Whether the search is asked too; the other two views take no time.

    Returns:
        Shares by view, and every text that is not in its place.
    """
    every, degrees = read_pairs()
    chosen = _spread(every, pairs)
    asked = _spread(degrees, words)
    views = VIEWS if search else VIEWS[:2]
    sound = pink_noise(seed=bench.seed)
    if search:
        texts = [text for pair in chosen for text in (pair.first, pair.second)]
        texts += [t.format(w) for w in asked for t in ("{}", WEAKER, STRONGER, NEGATED)]
        bench.prefetch(Wanted(sound, text, CHAIN, seed=bench.seed) for text in texts)
    found: dict[str, Any] = {}
    wrong: list[dict[str, str]] = []
    for view in views:
        see = _Seer(bench, view, sound)
        opposite = []
        for number, pair in enumerate(chosen):
            bench.tell(number / len(chosen), f"opposites, {view}: {pair.first}")
            right = are_opposite(see, pair)
            opposite.append(right)
            if not right:
                wrong.append(
                    {"view": view, "what": "pair", "text": f"{pair.first} | {pair.second}"}
                )
        ordered, negated = [], []
        for number, word in enumerate(asked):
            bench.tell(number / len(asked), f"degrees, {view}: {word}")
            right = in_order(see.tone, word)
            ordered.append(right)
            if not right:
                wrong.append({"view": view, "what": "degrees", "text": word})
            right = is_negated(see.tone, word)
            negated.append(right)
            if not right:
                wrong.append({"view": view, "what": "negation", "text": word})
        found[view] = {
            "opposite_share": _share(opposite),
            "opposite_tone_share": _share(
                [right for right, pair in zip(opposite, chosen, strict=True) if pair.kind == "tone"]
            ),
            "opposite_space_share": _share(
                [right for right, pair in zip(opposite, chosen, strict=True)
                 if pair.kind == "space"]
            ),
            "degrees_in_order_share": _share(ordered),
            "negation_share": _share(negated),
            "negations_and_degrees_share": _share(ordered + negated),
        }  # fmt: skip
    return {
        "benchmark": "antonyms",
        "encoder": bench.encoder.id,
        "weights": bench.encoder.weights_hash,
        "pairs": len(chosen),
        "words": len(asked),
        "views": found,
        "wrong": wrong,
    }


class _Seer:
    """What a view says of a text: a tone (any number of axes, neutral at 0) and a room in dB."""

    def __init__(self, bench: Workbench, view: str, sound: Clip) -> None:
        self._bench, self._view, self._sound = bench, view, sound
        self._origin = origin_of(bench.encoder)

    def tone(self, text: str) -> Point:
        if self._view == "embedded":
            return self._embedded(text)
        eq = self._chain(text).get(Equalizer) or Equalizer()
        curve = Chain((eq,)).frequency_response_db(_FREQUENCIES_HZ)
        return np.asarray(curve - curve.mean())

    def room(self, text: str) -> float:
        room = self._chain(text).get(Reverb) or Reverb()
        return NO_ROOM_DB if room.is_neutral() else room.values["wet_db"]

    def opposite_rooms(self, wet: str, dry: str) -> bool:
        if self._view == "embedded":
            first, second = self._embedded(wet), self._embedded(dry)
            return bool(first @ second < 0)
        return self.room(wet) >= self.room(dry) + ROOM_STEP_DB

    def _chain(self, text: str) -> Chain:
        if self._view == "search":
            return self._bench.search(self._sound, text, CHAIN).chain
        return self._bench.text_only(text, CHAIN, self._sound.sample_rate)

    def _embedded(self, text: str) -> Point:
        with torch.no_grad():
            place = self._bench.encoder.embed_text([POSITIVE_TEMPLATE.format(text)])[0]
        return np.asarray((place.double().cpu() - self._origin).numpy())


def are_opposite(see: _Seer, pair: Pair) -> bool:
    """Tones point to opposite sides of neutral; of a space pair one is clearly wetter."""
    if pair.kind == "space":
        return see.opposite_rooms(pair.first, pair.second)
    return bool(see.tone(pair.first) @ see.tone(pair.second) < 0)


def in_order(tone: Callable[[str], Point], word: str) -> bool:
    """Whether "slightly X" goes less far along X than X, and "very X" farther."""
    plain = tone(word)
    size = float(np.linalg.norm(plain))
    if size < 1e-6:
        return False
    weak, strong = (float(tone(t.format(word)) @ plain) / size for t in (WEAKER, STRONGER))
    return weak < size < strong


def is_negated(tone: Callable[[str], Point], word: str) -> bool:
    """Whether "not X" points to the other side of neutral."""
    return bool(tone(NEGATED.format(word)) @ tone(word) < 0)


def origin_of(encoder: Encoder) -> torch.Tensor:
    """Where texts that ask for nothing lie, float64 [D].

    ``fxsem`` says so by construction; of others the mean of all texts of the pairs is taken.
    """
    known = neutral_embedding(encoder)
    if known is not None:
        return known.double().cpu()
    texts = [text for pair in read_pairs()[0] for text in (pair.first, pair.second)]
    with torch.no_grad():
        return encoder.embed_text([POSITIVE_TEMPLATE.format(t) for t in texts]).mean(0).double()


def _spread(items: Sequence[T], count: int | None) -> tuple[T, ...]:
    if count is None or count >= len(items):
        return tuple(items)
    return tuple(items[int(i)] for i in np.linspace(0, len(items) - 1, count).round())


def _share(values: Sequence[bool]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None


def headline(data: Mapping[str, Any]) -> float | None:
    """The share that counts: of the pairs that the strictest view puts on opposite sides."""
    shares = [view["opposite_share"] for view in data["views"].values()]
    return min((s for s in shares if s is not None), default=None)
