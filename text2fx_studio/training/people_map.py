"""From what a word means to how people would draw it: a linear map learned from people's settings.

People draw broad shapes where a lexicon thinks in regions ("dark": less treble in a book, more bass
and less middle under people's hands), and words of mood have a shape of their own. The map is a
ridge regression from the lexicon's curve, the word's sentence embedding and one axis of arousal to
people's mean curve, weighted by the number of settings; it is small enough to be told what it may
not know (a fold of words) and fitted again in milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from text2fx_studio.encoders.settings import GAIN_CENTERS_HZ
from text2fx_studio.training.intents import Intent
from text2fx_studio.training.people import PeopleWord

Vector = NDArray[np.float64]
Embed = Callable[[Sequence[str]], Vector]  # N texts -> [N, D], unit norm

TEMPLATES = ("{}", "this sound is {}", "a {} sound", "make it {}")
AROUSED = ["loud", "hard", "aggressive", "powerful", "strong", "energetic", "intense", "exciting"]
CALM = ["soft", "quiet", "gentle", "calm", "peaceful", "tender", "mild", "relaxing"]
# Chosen by leaving out one stem at a time.
RIDGE, CURVE_SHARE, CURVE_WAVES = 10.0, 0.5, 4
_LOW_HZ, _HIGH_HZ = 80.0, 10_000.0
_LEAST_DB = 0.3  # rms from which a curve has a shape


@dataclass(frozen=True)
class PeopleMap:
    """The fitted map.

    Attributes:
        weights: [features, bands].
        frequencies_hz: Of the bands.
        arousal: Direction in the embeddings, [D].
        middle: Mean and standard deviation of the words' places on it.
        embed: Sentence embeddings.
    """

    weights: Vector
    frequencies_hz: Vector
    arousal: Vector
    middle: tuple[float, float]
    embed: Embed

    @classmethod
    def fit(
        cls,
        frequencies_hz: Vector,
        words: Sequence[PeopleWord],
        meanings: Mapping[str, Intent],
        embed: Embed,
    ) -> PeopleMap:
        """Learn from words.

        Args:
            frequencies_hz: Of the words' curves.
            words: All that may be learned from.
            meanings: What the lexicon says about some of them.
            embed: Sentence embeddings of texts, [N, D] of unit norm.
        """
        use = (frequencies_hz >= _LOW_HZ) & (frequencies_hz <= _HIGH_HZ)
        arousal = mean_embedding(AROUSED, embed).mean(0) - mean_embedding(CALM, embed).mean(0)
        arousal /= np.linalg.norm(arousal)
        texts = [w.word for w in words]
        place = mean_embedding(texts, embed) @ arousal
        middle = (float(place.mean()), float(place.std()) or 1.0)
        empty = cls(np.zeros((0, 0)), frequencies_hz[use], arousal, middle, embed)
        x = empty.features(texts, [meanings.get(text) for text in texts])
        y = np.stack([w.curve[use] - w.curve[use].mean() for w in words])
        weight = np.array([w.trust for w in words])[:, None]
        gram = (x * weight).T @ x + RIDGE * np.eye(x.shape[1])
        return cls(
            np.linalg.solve(gram, (x * weight).T @ y), frequencies_hz[use], arousal, middle, embed
        )

    def features(self, texts: Sequence[str], meanings: Sequence[Intent | None]) -> Vector:
        """[N, features]: one, arousal, the lexicon's curve in cosine waves, sentence embedding."""
        bands = np.arange(len(self.frequencies_hz)) + 0.5
        waves = np.stack(
            [np.cos(np.pi * k * bands / len(bands)) for k in range(1, CURVE_WAVES + 1)]
        )
        waves /= np.linalg.norm(waves, axis=1, keepdims=True) * len(bands) ** 0.5
        shapes = np.stack(
            [
                np.zeros(len(bands)) if m is None else shape_of(m.curve_db(self.frequencies_hz))
                for m in meanings
            ]
        )
        sentence = mean_embedding(texts, self.embed)
        place = (sentence @ self.arousal - self.middle[0]) / self.middle[1]
        ones = np.ones((len(texts), 1))
        return np.concatenate(
            (ones, place[:, None], CURVE_SHARE * shapes @ waves.T, sentence), axis=1
        )

    def shapes(self, texts: Sequence[str], meanings: Sequence[Intent | None]) -> Vector:
        """How people would draw texts, at ``GAIN_CENTERS_HZ``, mean zero, rms one: [N, 8]."""
        curves = self.features(texts, meanings) @ self.weights
        return np.stack([centers_of(self.frequencies_hz, curve) for curve in curves])


def centers_of(frequencies_hz: Vector, curve: Vector) -> Vector:
    """A curve's shape at ``GAIN_CENTERS_HZ``: mean zero, rms one; zero where it is flat."""
    at = np.interp(np.log(GAIN_CENTERS_HZ), np.log(frequencies_hz), curve)
    at = at - at.mean()
    size = float(np.sqrt(np.mean(at**2)))
    return at / size if size > 1e-9 else np.zeros_like(at)


def shape_of(curve_db: Vector) -> Vector:
    """A curve of mean zero and rms one; zero where it is flat."""
    centred = curve_db - curve_db.mean()
    size = float(np.sqrt(np.mean(centred**2)))
    return centred / size if size > _LEAST_DB else np.zeros_like(centred)


def mean_embedding(texts: Sequence[str], embed: Embed) -> Vector:
    """Mean over ``TEMPLATES``, unit norm, [N, D]."""
    rows = embed([t.format(text) for text in texts for t in TEMPLATES])
    mean = rows.reshape(len(texts), len(TEMPLATES), -1).mean(axis=1)
    return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True))
