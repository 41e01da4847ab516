"""Our encoders beside their authors' packages, on the same full-size random checkpoints.

    tests/parity/run [FOLDER]

Audio and text embeddings must agree within 1e-4 in cosine, and the checkpoints that our tests are
written against must have exactly the names and shapes of the packages' own state. Prints one JSON
object; exit code 1 if anything differs.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from tests.encoders import clap_fixtures as fixtures
from tests.parity import upstream
from tests.parity.vocabularies import write_vocabularies
from text2fx_studio.encoders.clap_encoder import ClapEncoder
from text2fx_studio.encoders.laion import load_laion, slaney
from text2fx_studio.encoders.msclap import load_msclap
from text2fx_studio.encoders.upstream import Upstream

MOST_APART = 1e-4  # 1 - cosine
PACKAGES = ("torch", "torchaudio", "torchvision", "numpy", "transformers", "tokenizers",
            "laion-clap", "msclap", "torchlibrosa", "librosa")  # fmt: skip
TEXTS = [
    "this sound is warm",
    "This sound is NOT Warm and full-bodied; it's thin, tinny & far away?",
    "coming through an old telephone, 300 to 3,400 Hz",
    "a dog barks twice in a large café – echo…",
    "dry",
]
LONG = "a very long description of a very warm and full sound, " * 20
# Names that the packages keep and older transformers stored, or the other way round.
BUFFERS = ("position_ids", "token_type_ids", "attn.bias", "attn.masked_bias")


def sounds(count: int, rate: int) -> torch.Tensor:
    """White noise, dark noise, clicks and a sliding tone, [4, T]."""
    generator = torch.Generator().manual_seed(7)
    white = 0.1 * torch.randn(count, generator=generator)
    dark = 0.02 * torch.randn(count, generator=generator).cumsum(0) * 0.05
    clicks = torch.zeros(count)
    clicks[:: rate // 3] = 0.9
    seconds = torch.arange(count) / rate
    slide = 0.3 * torch.sin(2 * torch.pi * (60 * seconds + 900 * seconds**2))
    return torch.stack((white, dark - dark.mean(), clicks, slide)).clamp(-1, 1)


def apart(ours: torch.Tensor, theirs: torch.Tensor) -> dict[str, float]:
    """How far rows differ, at the worst."""
    cosine = torch.nn.functional.cosine_similarity(ours.double(), theirs.double(), dim=-1)
    return {
        "worst_1_minus_cosine": float((1 - cosine).max()),
        "largest_difference": float((ours - theirs).abs().max()),
    }


def layout(ours: Mapping[str, torch.Tensor], theirs: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    """Names and shapes that differ, buffers of transformers left aside."""
    mine = {n: tuple(t.shape) for n, t in ours.items() if not n.endswith(BUFFERS)}
    other = {n: s for n, s in theirs.items() if not n.endswith(BUFFERS)}
    return {
        "names": len(mine),
        "only_in_ours": sorted(set(mine) - set(other)),
        "only_in_theirs": sorted(set(other) - set(mine)),
        "other_shapes": sorted(n for n in set(mine) & set(other) if mine[n] != other[n]),
    }


def compare(
    ours: ClapEncoder, theirs: Upstream, state: Mapping[str, torch.Tensor], seconds: int,
    texts: list[str],
) -> dict[str, Any]:  # fmt: skip
    """One checkpoint's figures."""
    sound = sounds(seconds * ours.sample_rate, ours.sample_rate)
    with torch.no_grad():
        heard = ours.embed_audio(sound)
        audio = apart(heard, theirs.embed_audio(sound))
    text = apart(ours.embed_text(texts), theirs.embed_text(texts))
    found = {
        "id": ours.id,
        "layout": layout(state, theirs.names()),
        "audio": audio,
        "text": text,
        # Not everything is alike: the figures above would show a difference.
        "least_cosine_between_sounds": float((heard @ heard.T).min()),
    }
    same = not any(found["layout"][k] for k in ("only_in_ours", "only_in_theirs", "other_shapes"))
    close = all(side["worst_1_minus_cosine"] < MOST_APART for side in (audio, text))
    found["agrees"] = same and close
    return found


def filters() -> dict[str, float]:
    """Our filters and window beside librosa's, largest difference over the largest value.

    The checkpoints hold filters; where one does not, ours take their place.
    """
    import librosa

    found = {}
    for rate in (48_000, 44_100, 32_000):
        theirs = torch.from_numpy(
            librosa.filters.mel(sr=rate, n_fft=1024, n_mels=64, fmin=50, fmax=14_000)
        )
        ours = slaney(64, 50.0, 14_000.0, rate)
        found[f"mel_{rate}_hz"] = float((ours - theirs).abs().max() / theirs.max())
    window = torch.from_numpy(librosa.filters.get_window("hann", 1024, fftbins=True))
    found["window"] = float((torch.hann_window(1024) - window).abs().max())
    return found


def exclamation(ours: ClapEncoder, theirs: Upstream) -> dict[str, float]:
    """Where we differ on purpose: '!' in a prompt of MS-CLAP 2023."""
    return apart(ours.embed_text(["warm! and full"]), theirs.embed_text(["warm! and full"]))


def run(folder: Path, wanted: list[str]) -> dict[str, Any]:
    """All comparisons."""
    folder.mkdir(parents=True, exist_ok=True)
    write_vocabularies(folder)
    upstream.start_offline(folder)
    results: dict[str, Any] = {}
    laion = {"laion-tiny": fixtures.TINY, "laion-base": fixtures.BASE}
    for name, sizes in laion.items():
        if name in wanted:
            path = folder / f"{name}.pt"
            state = fixtures.write_laion(path, sizes)
            results[name] = compare(
                load_laion(path), Upstream("laion", path), state, 10, [*TEXTS, LONG, "warm! !!"]
            )
            path.unlink()
    for version, seconds in (("2022", 5), ("2023", 7)):
        name = f"msclap-{version}"
        if name in wanted:
            path = folder / f"{name}.pth"
            state = fixtures.write_msclap(path, version, fixtures.TINY)
            ours, theirs = load_msclap(path), Upstream("msclap", path)
            results[name] = compare(ours, theirs, state, seconds, TEXTS)
            if version == "2023":
                results[name]["exclamation_mark_on_purpose_apart"] = exclamation(ours, theirs)
            path.unlink()
    librosa_s = filters()
    agree = [result["agrees"] for result in results.values()]
    return {
        "agrees": all(agree) and max(librosa_s.values()) < MOST_APART,
        "filters_beside_librosas": librosa_s,
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
        "checkpoints": results,
    }


def main() -> int:
    """Run and print."""
    names = ["laion-tiny", "laion-base", "msclap-2022", "msclap-2023"]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="for checkpoints, 2 GB")
    parser.add_argument("names", nargs="*", default=names, help=" ".join(names))
    args = parser.parse_args()
    report = run(args.folder, args.names)
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 0 if report["agrees"] else 1


if __name__ == "__main__":
    sys.exit(main())
