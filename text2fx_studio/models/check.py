"""What a checkpoint is, whether it is whole, how it listens, and whether it makes sense."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from text2fx_studio.encoders.clap_precision import PROBE_TEXTS, probe_sounds
from text2fx_studio.encoders.laion import load_laion
from text2fx_studio.encoders.msclap import load_msclap
from text2fx_studio.encoders.safe_load import read_checkpoint, weights_of
from text2fx_studio.errors import EncoderError

# Two texts that mean nothing alike, and how alike a sound model may find them. Sound models give
# about 0.0 to 0.5; the broken upload of larger_clap_music gives 0.999.
TEXTS = PROBE_TEXTS[2:]
MOST_ALIKE = 0.98


@dataclass(frozen=True)
class Checked:
    """The findings.

    Attributes:
        path: The checkpoint.
        kind: ``laion`` or ``msclap``.
        id: As presets name it.
        sha256: Of the weights file.
        sample_rate: In Hz.
        window_s: Seconds that it hears at once.
        passband_hz: What it hears.
        mels: Mel bands.
        n_fft: Length of the Fourier transform.
        hop: Samples between frames.
        dim: Numbers in an embedding.
        tensors_used: Tensors that the networks took.
        tensors_left_over: Tensors that were needed in training only.
        text_cosine: Of ``TEXTS``.
        sound_cosine: Of white and of dark noise.
        repeats: Whether the same sound gives the same bits twice.
        problems: What is wrong; none if it can be used.
    """

    path: str
    kind: str
    id: str
    sha256: str
    sample_rate: int
    window_s: float
    passband_hz: tuple[float, float]
    mels: int
    n_fft: int
    hop: int
    dim: int
    tensors_used: int
    tensors_left_over: int
    text_cosine: float
    sound_cosine: float
    repeats: bool
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether it can be used."""
        return not self.problems

    def to_data(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {**asdict(self), "usable": self.sound}


def kind_of(path: Path) -> str:
    """``laion`` or ``msclap``, from the tensors' names.

    Raises:
        EncoderError: It is neither.
    """
    if path.is_dir():
        return "laion"
    names = tuple(weights_of(path, read_checkpoint(path)))
    starts = {name.split(".")[0] for name in names}
    if "audio_branch" in starts:
        return "laion"
    if starts & {"audio_encoder", "caption_encoder"}:
        return "msclap"
    raise EncoderError(
        f"{path}: neither a LAION-CLAP nor an MS-CLAP checkpoint (its tensors begin with "
        f"{', '.join(sorted(starts)[:3])})"
    )


def check(path: Path) -> Checked:
    """Load a checkpoint and look at what it does.

    Raises:
        EncoderError: It is missing, damaged, hostile, or of a variant that is not read.
    """
    kind = kind_of(path)
    encoder = load_laion(path) if kind == "laion" else load_msclap(path)
    texts = encoder.embed_text(TEXTS)
    text_cosine = float(texts[0] @ texts[1])
    sounds = probe_sounds(round(encoder.window_s * encoder.sample_rate))
    with torch.no_grad():
        first, second = encoder.embed_audio(sounds), encoder.embed_audio(sounds)
    sound_cosine = float(first[0] @ first[1])
    repeats = bool(torch.equal(first, second))
    finite = bool(torch.isfinite(first).all() and torch.isfinite(texts).all())
    front = encoder.parts.front_end
    return Checked(
        path=str(path),
        kind=kind,
        id=encoder.id,
        sha256=encoder.weights_hash,
        sample_rate=encoder.sample_rate,
        window_s=encoder.window_s,
        passband_hz=encoder.passband_hz,
        mels=int(front.mel_basis.shape[0]),
        n_fft=front.n_fft,
        hop=front.hop,
        dim=encoder.dim,
        tensors_used=len(encoder.parts.accounting.used),
        tensors_left_over=len(encoder.parts.accounting.left_over),
        text_cosine=text_cosine,
        sound_cosine=sound_cosine,
        repeats=repeats,
        problems=_problems(text_cosine, sound_cosine, repeats, finite),
    )


def _problems(text: float, sound: float, repeats: bool, finite: bool) -> tuple[str, ...]:
    found = []
    if not finite:
        found.append("its embeddings are not finite numbers")
    if text > MOST_ALIKE:
        found.append(
            f"two texts that mean nothing alike have cosine {text:.4f}: its text side does not "
            "tell words apart (a broken upload is known under larger_clap_music; take laion-music)"
        )
    if sound > 0.9999:
        found.append(f"white and dark noise have cosine {sound:.5f}: it does not hear")
    if not repeats:
        found.append("the same sound gives other numbers at the second time")
    return tuple(found)
