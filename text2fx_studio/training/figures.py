"""How good the towers are, on what they did not see."""

from __future__ import annotations

from collections.abc import Container, Sequence

import numpy as np
import torch

from text2fx_studio.encoders.coordinates import CURVE_COUNT, lift
from text2fx_studio.encoders.negation import negates
from text2fx_studio.encoders.towers import AudioTower, TextTower
from text2fx_studio.training.examples import Examples
from text2fx_studio.training.phrases import Phrase
from text2fx_studio.training.splits import stems

SAMPLE = 2000  # phrases of a kind that are read again
STRONG = 0.4  # length of a curve from which its shape is worth comparing (1.6 dB rms)


@torch.no_grad()
def audio_figures(tower: AudioTower, examples: Examples) -> dict[str, float]:
    """On recordings of the ``check`` split: how well what was done is heard.

    Returns:
        ``curve_*``: of the tonal balance, against the truth; ``change_*``: of what changed
        between two effects on one window (cosine, and slope: 1 is the true size);
        ``dry_length``: mean length of what is read into untouched sounds.
    """
    found = tower(examples.statistics)
    truth = examples.points
    change, true_change = found[:, 1:] - found[:, :1], truth[:, 1:] - truth[:, :1]
    curve = slice(0, CURVE_COUNT)
    return {
        "embedding_cosine": float((lift(found) * lift(truth)).sum(-1).mean()),
        "curve_cosine": _mean_cosine(found[:, 1:, curve], truth[:, 1:, curve]),
        "change_cosine": _mean_cosine(change[..., curve], true_change[..., curve]),
        "change_slope": _slope(change[..., curve], true_change[..., curve]),
        "wetness_change_r": _r(change[..., CURVE_COUNT], true_change[..., CURVE_COUNT]),
        "length_change_r": _r(change[..., CURVE_COUNT + 1], true_change[..., CURVE_COUNT + 1]),
        "dry_length": float(found[:, 0, curve].norm(dim=-1).mean()),
        "dry_wetness_mean": float(found[:, 0, CURVE_COUNT].mean()),
    }


@torch.no_grad()
def text_figures(
    tower: TextTower,
    features: torch.Tensor,
    points: torch.Tensor,
    phrases: Sequence[Phrase],
    own: Container[str],
) -> dict[str, float]:
    """How well the tower says what it was taught, by kind of phrase: cosine of curves.

    At most ``SAMPLE`` phrases of a kind, evenly spaced; without those that have a meaning of their
    ``own``, which is not the one in ``points``.
    """
    result = {}
    for kind in sorted({p.kind for p in phrases if p.text not in own}):
        rows = [i for i, p in enumerate(phrases) if p.kind == kind and p.text not in own]
        rows = rows[:: max(1, len(rows) // SAMPLE)]
        found = read_points(tower, features[rows], [phrases[i].text for i in rows])
        result[f"curve_cosine_{kind}"] = _mean_cosine(
            found[:, :CURVE_COUNT], points[rows][:, :CURVE_COUNT]
        )
    return result


@torch.no_grad()
def read_points(tower: TextTower, features: torch.Tensor, texts: Sequence[str]) -> torch.Tensor:
    """Points [N, 27] of texts, those that negate read without the memory as ``fxsem`` does."""
    alone = torch.tensor([negates(text) for text in texts])[:, None]
    return torch.where(alone, tower(features, remembering=False)[0], tower(features)[0])


@torch.no_grad()
def unseen_figures(
    tower: TextTower,
    features: torch.Tensor,
    points: torch.Tensor,
    phrases: Sequence[Phrase],
    held: frozenset[str],
) -> dict[str, float]:
    """Single words whose stems a tower was not taught: cosine of curves, share of opposites.

    ``nearest_*`` is the baseline: the intent of the taught text nearest in MiniLM's space.
    """
    plain = [i for i, p in enumerate(phrases) if p.kind == "plain"]
    taught = [i for i in plain if not stems(phrases[i].text) & held]
    test = [
        i
        for i in plain
        if " " not in phrases[i].text and stems(phrases[i].text) and stems(phrases[i].text) <= held
    ]
    truth = points[test]
    found = read_points(tower, features[test], [phrases[i].text for i in test])
    half = features.shape[1] // 2
    nearest = points[
        torch.as_tensor(taught)[(features[test, :half] @ features[taught, :half].T).argmax(1)]
    ]
    strong = truth[:, :CURVE_COUNT].norm(dim=-1) > STRONG
    result: dict[str, float] = {"words": float(strong.sum())}
    for name, guess in (("tower", found), ("nearest", nearest)):
        cosine = torch.nn.functional.cosine_similarity(
            guess[strong, :CURVE_COUNT], truth[strong, :CURVE_COUNT], dim=-1
        )
        result[f"{name}_curve_cosine_mean"] = float(cosine.mean())
        result[f"{name}_curve_cosine_median"] = float(cosine.median())
        result[f"{name}_opposite_share"] = float((cosine < 0).float().mean())
        result[f"{name}_wetness_r"] = _r(guess[:, CURVE_COUNT], truth[:, CURVE_COUNT])
    return result


def _mean_cosine(found: torch.Tensor, truth: torch.Tensor) -> float:
    strong = truth.norm(dim=-1) > STRONG
    cosine = torch.nn.functional.cosine_similarity(found[strong], truth[strong], dim=-1)
    return float(cosine.mean()) if len(cosine) else float("nan")


def _slope(found: torch.Tensor, truth: torch.Tensor) -> float:
    return float((found * truth).sum() / truth.square().sum().clamp(min=1e-9))


def _r(found: torch.Tensor, truth: torch.Tensor) -> float:
    table = np.corrcoef(found.flatten().numpy(), truth.flatten().numpy())
    return float(table[0, 1])
