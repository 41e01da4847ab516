"""``fxsem``: the bundled encoder. Small, trained in this project on what words do to sound.

Sound: power spectrum -> 128 mel bands -> statistics -> point (tonal balance, space).
Text: MiniLM sentence embedding -> point; words that nobody taught by those beside them in
thesaurus and dictionary. Both are lifted to the unit sphere, see ``coordinates``.
It knows effects, not sources: it cannot tell a dog from a piano, and it is not a CLAP model.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from text2fx_studio.encoders.content_words import content_words
from text2fx_studio.encoders.coordinates import DIM, POINT_COUNT, lift
from text2fx_studio.encoders.degrees import (
    scaled_point,
    scaled_setting,
    split_degree,
    without_lead,
)
from text2fx_studio.encoders.distances import without_lengths
from text2fx_studio.encoders.files import read_tensors_and_notes, sha256_of
from text2fx_studio.encoders.joined import joined_point, joined_setting, split_joined
from text2fx_studio.encoders.mel import bin_frequencies, k_weighting_power, mel_filterbank
from text2fx_studio.encoders.memory import BESIDE_SHARE, KNOWN_IN_PHRASE, STRANGE_IN_PHRASE
from text2fx_studio.encoders.minilm import FEATURE_DIM, MiniLM
from text2fx_studio.encoders.negation import negates, opposite, split_negation
from text2fx_studio.encoders.rare_words import Book, RareWords
from text2fx_studio.encoders.statistics import statistics
from text2fx_studio.encoders.statistics_stages import MEL_COUNT
from text2fx_studio.encoders.towers import AudioTower, TextTower
from text2fx_studio.errors import EncoderError

SAMPLE_RATE = 32_000
N_FFT = 1024
HOP = 640  # half as many frames hear nearly as well, and a step takes little more than half
MEL_LOW_HZ, MEL_HIGH_HZ = 20.0, 15_000.0
FORMAT = "fxsem-7"
_CACHED_TEXTS = 4096
_TEMPLATE = "this sound is "


class Fxsem:
    """The bundled encoder; implements :class:`text2fx_studio.encoders.protocol.Encoder`.

    Args:
        audio: Statistics to points.
        text: Sentence embeddings to points and settings.
        minilm: The sentence model; None loads the installed one at the first text.
        rare_words: Asked at the first text that nobody taught; None asks the installed books.
        version: For ``id``.
        weights_hash: SHA-256 of the weights file; None hashes the towers' tensors.
    """

    sample_rate = SAMPLE_RATE
    dim = DIM
    window_s = 4.0
    passband_hz = (40.0, 15_000.0)
    cpu_threads: int | None = 1
    heavy = False
    repeats = False

    def __init__(
        self,
        audio: AudioTower,
        text: TextTower,
        *,
        minilm: MiniLM | None = None,
        rare_words: RareWords | None = None,
        version: str = "untrained",
        weights_hash: str | None = None,
        notes: Mapping[str, Any] | None = None,
    ) -> None:
        self.id = f"fxsem-{version}"
        self.audio_tower = _frozen(audio)
        self.text_tower = _frozen(text)
        self.notes: dict[str, Any] = dict(notes or {})
        self._minilm = minilm
        self.rare_words = rare_words or RareWords()
        self.weights_hash = weights_hash or _hash_tensors(audio, text)
        self._basis, self._centers = mel_filterbank(
            SAMPLE_RATE, N_FFT, MEL_COUNT, MEL_LOW_HZ, MEL_HIGH_HZ,
            least_width_hz=SAMPLE_RATE / N_FFT,
        )  # fmt: skip
        self._bins = bin_frequencies(SAMPLE_RATE, N_FFT)
        self._loudness = k_weighting_power(self._centers)
        self._window = torch.hann_window(N_FFT)
        self._device = torch.device("cpu")
        self._sentences: OrderedDict[str, torch.Tensor] = OrderedDict()
        self._known: OrderedDict[str, bool] = OrderedDict()

    @classmethod
    def load(cls, path: Path, *, device: torch.device | str = "cpu") -> Fxsem:
        """Read a weights file.

        Raises:
            EncoderError: It is missing, damaged, or not of this format.
        """
        tensors, header = read_tensors_and_notes(path)
        if header.get("format") != FORMAT:
            raise EncoderError(
                f"{path}: format is {header.get('format', 'not stated')!r}, this version reads "
                f"{FORMAT!r}"
            )
        try:
            notes = json.loads(header.get("notes", "{}"))
            audio = AudioTower(tensors["audio.inner.0.weight"].shape[0])
            members, _, hidden = tensors["text.w1"].shape
            text = TextTower(
                hidden, members, texts=tensors["text.memory.codes"].shape[0],
                meanings=tensors["text.memory.meanings"].shape[0],
            )  # fmt: skip
            audio.load_state_dict(_part(tensors, "audio."))
            text.load_state_dict(_part(tensors, "text."))
        except (KeyError, RuntimeError, ValueError) as error:
            raise EncoderError(f"{path}: not a complete fxsem file ({error})") from error
        for name, tensor in tensors.items():
            silent = name == "text.memory.meanings"  # NaN: the text says nothing about that
            if not bool((torch.isfinite(tensor) | (tensor.isnan() & silent)).all()):
                raise EncoderError(f"{path}: tensor {name} holds values that are not finite")
        version = header.get("version", "unknown")
        encoder = cls(audio, text, version=version, weights_hash=sha256_of(path), notes=notes)
        return encoder.to(device)

    @property
    def mel_basis(self) -> torch.Tensor:
        """Weights of the spectrum's bins in each mel band, [128, 513]."""
        return self._basis

    @property
    def mel_centers_hz(self) -> torch.Tensor:
        """Centers of the mel bands in Hz, [128]."""
        return self._centers

    @property
    def bin_frequencies_hz(self) -> torch.Tensor:
        """Frequencies of the spectrum's bins in Hz, [513]."""
        return self._bins

    @property
    def fft_window(self) -> torch.Tensor:
        """The analysis window of the spectrum, [1024]."""
        return self._window

    @property
    def minilm(self) -> MiniLM:
        """The sentence model, loaded at first use."""
        if self._minilm is None:
            self._minilm = MiniLM(device=self._device)
        return self._minilm

    def to(self, device: torch.device | str) -> Fxsem:
        """Move weights and buffers to a device; returns itself."""
        self._device = torch.device(device)
        self.audio_tower.to(self._device)
        self.text_tower.to(self._device)
        for name in ("_basis", "_centers", "_bins", "_loudness", "_window"):
            setattr(self, name, getattr(self, name).to(self._device))
        if self._minilm is not None:
            self._minilm.to(self._device)
        self._sentences.clear()
        return self

    def spectrum(self, audio: torch.Tensor) -> torch.Tensor:
        """Short-time Fourier transform, [B, T] -> complex [B, 513, frames], a frame each 20 ms."""
        return torch.stft(
            audio, N_FFT, HOP, window=self._window, center=True, pad_mode="constant",
            return_complex=True,
        )  # fmt: skip

    def statistics(self, mel_power: torch.Tensor) -> torch.Tensor:
        """Mel power [B, 128, frames] -> statistics [B, S]; level and silence do not matter."""
        return statistics(mel_power, self._loudness)

    def point(self, mel_power: torch.Tensor) -> torch.Tensor:
        """Mel power [B, 128, frames] -> points [B, 27] of ``coordinates``; differentiable."""
        tower: AudioTower = self.audio_tower
        return tower.hear(self.statistics(mel_power))

    def embed_mel(self, mel_power: torch.Tensor) -> torch.Tensor:
        """Mel power [B, 128, frames] -> unit-norm embeddings [B, 28]; differentiable."""
        return lift(self.point(mel_power))

    def embed_audio(self, audio: torch.Tensor) -> torch.Tensor:
        """Mono audio [B, T] at 32 kHz -> unit-norm embeddings [B, 28]; differentiable."""
        power = self.spectrum(audio)
        power = power.real.square() + power.imag.square()
        return self.embed_mel(self._basis @ power)

    @torch.no_grad()
    def read_texts(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Points [N, 27] and raw settings [N, 17] of texts.

        Raises:
            PromptError: A text is blank.
        """
        # One by one, as in `sentences`: a matrix product of another height rounds otherwise.
        read = [self._read(normalise_text(text)) for text in texts]
        if not read:
            empty = self.text_tower(self.sentences(()))
            return empty[0], empty[1]
        return torch.stack([point for point, _ in read]), torch.stack([row for _, row in read])

    def _read(self, text: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Point [27] and raw setting [17] of one text."""
        parts = self._parts(text)
        if len(parts) > 1:
            read = [self._read(part) for part in parts]
            return (
                joined_point(torch.stack([point for point, _ in read])),
                joined_setting(torch.stack([row for _, row in read])),
            )
        text = parts[0]
        if not self._knows(text):
            rest, amount = split_degree(text)
            if amount != 1.0:
                point, row = self._read(rest)
                return scaled_point(point, amount), scaled_setting(row, amount)
            rest, amount = split_negation(text)
            if amount and (self._knows(rest) or self._beside(rest)):
                return opposite(self._read(rest)[0], amount)
        found = self._members(text).mean(0)[0]
        return found[:POINT_COUNT], found[POINT_COUNT:]

    def _parts(self, text: str) -> tuple[str, ...]:
        """What a text says one after the other, its distances in the lexicon's words."""
        return split_joined(text if self._lists(text) else without_lengths(text), self._lists)

    def _members(self, text: str) -> torch.Tensor:
        """What each member of the ensemble reads in a text without parts, [members, 1, 44]."""
        tower: TextTower = self.text_tower
        sentence = self.sentences([text])
        found = tower.read(sentence, remembering=self._may_recall(text))
        if not self._is_strange(text):
            return found
        beside = self._beside(text)
        if beside:
            return tower.beside(sentence, beside, found, BESIDE_SHARE)
        words = tuple(dict.fromkeys(content_words(text)))
        strange = [word for word in words if not tower.memory.places([word])]
        for word in strange:
            books, most = self.rare_words.beside(word), STRANGE_IN_PHRASE / len(strange)
            found = tower.beside(self.sentences([word]), books, found, most)
        for word in words if len(words) > 1 else ():
            found = tower.within(sentence, word, found, KNOWN_IN_PHRASE / len(words))
        return found

    def _beside(self, text: str) -> tuple[Book, ...]:
        """What books say of a text that nobody taught, as a whole; none for other texts."""
        return self.rare_words.about(without_lead(text)) if self._is_strange(text) else ()

    def _is_strange(self, text: str) -> bool:
        """Whether nobody taught a text, and words may help to read it."""
        remembering = len(self.text_tower.memory) > 0
        return remembering and not negates(text) and not self._knows(text)

    def _lists(self, text: str) -> bool:
        """Whether somebody taught a text, letter for letter."""
        return bool(self.text_tower.memory.places([text]))

    def _knows(self, text: str) -> bool:
        """Whether somebody taught a text, or one that the sentence model cannot tell from it."""
        if self._lists(text):
            return True
        if text not in self._known:
            self._known[text] = self.text_tower.knows(self.sentences([text]))
            if len(self._known) > _CACHED_TEXTS:
                self._known.popitem(last=False)
        return self._known[text]

    def _may_recall(self, text: str) -> bool:
        return not negates(text) or self._knows(text)

    @torch.no_grad()
    def member_points(self, text: str) -> torch.Tensor:
        """What each member of the text ensemble reads: [members, 27]."""
        parts = self._parts(normalise_text(text))
        read = [self._members(part)[:, 0, :POINT_COUNT] for part in parts]
        return joined_point(torch.stack(read)) if len(read) > 1 else read[0]

    @torch.no_grad()
    def embed_text(self, texts: Sequence[str]) -> torch.Tensor:
        """N texts -> unit-norm embeddings [N, 28], without gradient.

        Raises:
            PromptError: A text is blank.
        """
        return lift(self.read_texts(texts)[0])

    def sentences(self, texts: Sequence[str]) -> torch.Tensor:
        """MiniLM features [N, 768] of texts as :func:`normalise_text` writes them; cached."""
        plain = [normalise_text(text) for text in texts]
        # One by one: a text's numbers do not depend on its neighbours in the batch.
        for text in plain:
            if text in self._sentences:
                self._sentences.move_to_end(text)
                continue
            self._sentences[text] = self.minilm.features([text])[0]
            if len(self._sentences) > max(_CACHED_TEXTS, len(plain)):
                self._sentences.popitem(last=False)
        if not plain:
            return torch.zeros((0, FEATURE_DIM), device=self._device)
        return torch.stack([self._sentences[text] for text in plain])


def normalise_text(text: str) -> str:
    """White space to single blanks, closing full stops and an opening "this sound is" dropped.

    Text2FX's template says nothing more than its words do; without it the lexicon's own texts are
    met exactly.
    """
    plain = " ".join(text.split()).rstrip(".!? ") or text.strip()
    if plain.lower().startswith(_TEMPLATE) and len(plain) > len(_TEMPLATE):
        plain = plain[len(_TEMPLATE) :]
    return plain


def tensors_of(audio: AudioTower, text: TextTower) -> dict[str, torch.Tensor]:
    """All tensors of a weights file by name; the text tower's in half precision."""
    parts = {"audio": (audio, torch.float32), "text": (text, torch.float16)}
    return {
        f"{part}.{name}": _kept(tensor, dtype)
        for part, (tower, dtype) in parts.items()
        for name, tensor in tower.state_dict().items()
    }


def _kept(tensor: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    kind = dtype if tensor.is_floating_point() else tensor.dtype
    return tensor.detach().to(kind).contiguous().clone()


def _part(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _frozen(module: Any) -> Any:
    return module.float().eval().requires_grad_(False)


def _hash_tensors(audio: AudioTower, text: TextTower) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors_of(audio, text).items()):
        digest.update(name.encode())
        digest.update(tensor.cpu().numpy().tobytes())
    return digest.hexdigest()
