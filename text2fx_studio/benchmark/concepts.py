"""Whether concepts explain what was done, and whether they can be used to ask for it.

Explanations: after a search for a prompt, do the ten concepts that rose most hold one of the
prompt's ten own words (those that stand in it, then the nearest)? Controls: after a search for
concepts with weights, did the sound move along each named concept the asked way (the projection on
its direction), and did its sparse weight? A sparse weight tells less: of near-synonyms the sum
takes one, and a weight of zero cannot fall.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dsp.reverb import Reverb
from text2fx_studio.benchmark.prompts import CHAIN, PROMPTS
from text2fx_studio.concepts.decompose import Decomposer
from text2fx_studio.concepts.dictionary import Dictionary, dictionary_for
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.encoders.registry import load_encoder
from text2fx_studio.explain.report import explain_setting
from text2fx_studio.explain.story import own_words, sound_path
from text2fx_studio.search.engine import search
from text2fx_studio.search.preparation import listen
from text2fx_studio.search.windows import ArraySource
from text2fx_studio.training.recordings import held_out_clips

EXPLAINED = 20
TOP = 10
PENALTY = 0.05
# What to move towards and away from; each pair is two cases.
WANTED: tuple[tuple[str, str], ...] = (
    ("echo", "muffled"), ("bright", "dark"), ("warm", "tinny"), ("telephone", "boomy"),
    ("cathedral", "thin"), ("muffled", "bright"), ("tinny", "warm"), ("boomy", "sharp"),
    ("crisp", "dull"), ("airy", "muddy"), ("dark", "harsh"), ("thin", "deep"),
    ("underwater", "bright"), ("cave", "crisp"), ("radio", "boomy"), ("deep", "thin"),
    ("bathroom", "muffled"), ("church", "nasal"), ("sharp", "heavy"), ("mellow", "shrill"),
)  # fmt: skip

OnProgress = Callable[[float, str], None]


def run(
    shared: Path,
    *,
    encoder: str | Encoder = "fxsem",
    clips: int = 8,
    seed: int = 0,
    progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Measure both.

    Args:
        shared: Folder with ``audio``.
        encoder: Name or object.
        clips: Recordings of different kinds, never trained on.
        seed: Of clips and searches.
        progress: Called with 0..1 and a text.

    Returns:
        Shares, and one row for each prompt and each pair of concepts.
    """
    enc = load_encoder(encoder) if isinstance(encoder, str) else encoder
    dictionary = dictionary_for(enc)
    sounds = [
        ArraySource(audio, rate, recording.path)
        for recording, audio, rate in held_out_clips(shared / "audio", clips, seed)
    ]

    def say(share: float, text: str) -> None:
        if progress is not None:
            progress(share, text)

    explained = list(_explained(enc, dictionary, sounds, seed, lambda s, t: say(0.5 * s, t)))
    steered = list(_steered(enc, dictionary, sounds, seed, lambda s, t: say(0.5 + 0.5 * s, t)))
    return {
        "benchmark": "concepts",
        "encoder": enc.id,
        "prompts": len(explained),
        "meaning_in_top_ten": float(np.mean([row["found"] for row in explained])),
        "cases": 2 * len(steered),
        "moved_along_direction": float(
            np.mean([row[key] for row in steered for key in ("towards", "away")])
        ),
        "weight_moved": float(
            np.mean([row[key] for row in steered for key in ("weight_rose", "weight_fell")])
        ),
        "explained": explained,
        "steered": steered,
    }


def _explained(
    encoder: Encoder, dictionary: Dictionary, sounds: list[ArraySource], seed: int, say: OnProgress
) -> Iterator[dict[str, Any]]:
    rows = json.loads(PROMPTS.read_text("utf-8"))["prompts"]
    chosen = [rows[int(i)]["prompt"] for i in np.linspace(0, len(rows) - 1, EXPLAINED)]
    for index, prompt in enumerate(chosen):
        say(index / len(chosen), f"Explaining {prompt}")
        source = sounds[index % len(sounds)]
        found = search(source, prompt, chain=CHAIN, encoder=encoder, seed=seed)
        told = explain_setting(source, prompt, found.proposal, encoder=encoder)
        near = own_words(dictionary, encoder, prompt, TOP)
        rose = tuple(c.text for c in told.story.concepts.rose[:TOP])
        yield {"prompt": prompt, "found": bool(set(near) & set(rose)), "near": near, "rose": rose}


def _steered(
    encoder: Encoder, dictionary: Dictionary, sounds: list[ArraySource], seed: int, say: OnProgress
) -> Iterator[dict[str, Any]]:
    for index, (towards, away) in enumerate(WANTED):
        say(index / len(WANTED), f"{towards}, not {away}")
        source = sounds[index % len(sounds)]
        found = search(
            source, "", concepts=f"{towards}:+0.6,{away}:-0.4", chain=CHAIN, encoder=encoder,
            seed=seed,
        )  # fmt: skip
        _, cached = listen(source, encoder, found.device, found.proposal.get(Reverb))
        path = sound_path(encoder, cached, found.chain, steps=1)
        named = Decomposer(dictionary.led_by([towards, away], encoder).distinct(0.8))
        before, after = named.decompose(path, "audio", PENALTY)
        places = named.centred(path, "audio") @ dictionary.directions([towards, away], encoder).T
        step = places[1] - places[0]
        yield {
            "concepts": f"{towards}:+0.6,{away}:-0.4",
            "accepted": found.accepted,
            "towards": bool(step[0] > 0),
            "away": bool(step[1] < 0),
            "weight_rose": after.weight(towards) > before.weight(towards),
            "weight_fell": after.weight(away) < before.weight(away) or after.weight(away) == 0.0,
        }
