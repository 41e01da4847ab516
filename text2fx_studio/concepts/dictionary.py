"""The dictionary of a vocabulary in an encoder's space: centred, renormalised, cached on disk.

SpLiCE (Bhalla et al. 2024): the concepts' mean is taken away from each and each is brought to unit
norm again; else the part that all texts share would outweigh all that tells them apart. An encoder
that knows where nothing is asked for is counted from there: around a mean, words that say nothing
would point away from all that say something.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save as to_safetensors

from dsp.atomic import write_atomic
from text2fx_studio.concepts.active_set import Vector
from text2fx_studio.concepts.lasso import NonNegativeLasso
from text2fx_studio.concepts.vocabulary import Vocabulary, load_vocabulary
from text2fx_studio.encoders.files import cache_folder, read_tensors
from text2fx_studio.encoders.proposal import neutral_embedding
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.errors import EncoderError, OutputError, Text2FXError, UsageError

TEMPLATE = "this sound is {}"  # as the search writes its prompts
SHIPPED = Path(__file__).parent / "shipped"
DISTINCT = 0.98
_LEAST_LENGTH = 1e-9
_BATCH = 256


@dataclass(frozen=True)
class Dictionary:
    """Concepts as directions from an origin: the encoder's neutral point, or the concepts' mean.

    Attributes:
        concepts: Their n texts.
        origin: Where directions start, float64 [D].
        atoms: Directions of unit norm, float64 [n, D]; zero where a concept is the origin itself.
        typical_length: Mean distance of a concept's embedding from the origin.
        encoder_id: Whose space it is.
        weights_hash: SHA-256 of the encoder's weights.
        template: How concepts were put to the encoder.
    """

    concepts: tuple[str, ...]
    origin: Vector
    atoms: Vector
    typical_length: float
    encoder_id: str
    weights_hash: str
    template: str = TEMPLATE

    @classmethod
    def from_embeddings(
        cls,
        concepts: Sequence[str],
        embeddings: NDArray[np.floating[Any]],
        *,
        encoder_id: str,
        weights_hash: str,
        template: str = TEMPLATE,
        origin: Vector | None = None,
    ) -> Dictionary:
        """Centre and renormalise.

        Args:
            concepts: n texts.
            embeddings: Their embeddings, [n, D].
            encoder_id: Whose embeddings they are.
            weights_hash: SHA-256 of its weights.
            template: How they were put to it.
            origin: Where directions start, [D]; None for the embeddings' mean.

        Raises:
            EncoderError: Shapes that do not fit, or values that are not finite.
        """
        rows = np.asarray(embeddings, dtype=np.float64)
        if rows.ndim != 2 or len(rows) != len(concepts) or not len(concepts):
            raise EncoderError(
                f"dictionary: {len(concepts)} concepts and embeddings of the shape {rows.shape}"
            )
        if not np.isfinite(rows).all():
            bad = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
            raise EncoderError(f"dictionary: the embedding of {concepts[bad]!r} is not finite")
        start = rows.mean(axis=0) if origin is None else np.asarray(origin, dtype=np.float64)
        centred = rows - start
        length = np.linalg.norm(centred, axis=1)
        there = length > _LEAST_LENGTH
        atoms = np.where(there[:, None], centred / np.where(there, length, 1.0)[:, None], 0.0)
        typical = float(length[there].mean()) if there.any() else 0.0
        return cls(tuple(concepts), start, atoms, typical, encoder_id, weights_hash, template)

    @property
    def dim(self) -> int:
        """D, the size of an embedding."""
        return int(self.atoms.shape[1])

    @cached_property
    def places(self) -> dict[str, int]:
        """Concept -> index."""
        return {text: i for i, text in enumerate(self.concepts)}

    @cached_property
    def lasso(self) -> NonNegativeLasso:
        """The solver on these atoms; its Gram matrix is made at the first use."""
        return NonNegativeLasso(self.atoms)

    def distinct(self, most: float = DISTINCT) -> Dictionary:
        """The dictionary without concepts that this encoder hardly tells from more common ones.

        An encoder of few dimensions hears many words as one; of those the first speaks for all.

        Args:
            most: Cosine of two directions from which on the later one goes.

        Returns:
            Fewer concepts, around the same origin.

        Raises:
            UsageError: ``most`` is not above 0 and at most 1.
        """
        if not 0.0 < most <= 1.0:
            raise UsageError(f"cosine: found {most!r}, allowed are numbers above 0 up to 1")
        cosine = self.atoms @ self.atoms.T
        kept: list[int] = []
        gone = np.diagonal(cosine) == 0.0
        for i in range(len(cosine)):
            if not gone[i]:
                kept.append(i)
                gone = gone | (cosine[i] >= most)
        return replace(self, concepts=tuple(self.concepts[i] for i in kept), atoms=self.atoms[kept])

    def led_by(self, texts: Sequence[str], encoder: Encoder) -> Dictionary:
        """The dictionary with these texts at its head, in the vocabulary or not; the origin stays.

        With :meth:`distinct` after it they speak for all that is like them: so the weight of a
        concept that someone named can be told, where else a neighbour would stand for it.

        Raises:
            PromptError: A text is blank or nothing that the encoder reads.
            EncoderError: The encoder is another, or a text falls on the origin itself.
        """
        first = list(dict.fromkeys(texts))
        named = self.directions(first, encoder)
        rest = [i for i, text in enumerate(self.concepts) if text not in first]
        return replace(
            self,
            concepts=(*first, *(self.concepts[i] for i in rest)),
            atoms=np.concatenate([named, self.atoms[rest]]),
        )

    def check_encoder(self, encoder: Encoder) -> None:
        """Refuse another encoder.

        Raises:
            EncoderError: Name or weights differ.
        """
        if (encoder.id, encoder.weights_hash) != (self.encoder_id, self.weights_hash):
            raise EncoderError(
                f"this dictionary belongs to the encoder {self.encoder_id!r} "
                f"({self.weights_hash[:12]}), found {encoder.id!r} ({encoder.weights_hash[:12]})"
            )

    def directions(self, texts: Sequence[str], encoder: Encoder) -> Vector:
        """Directions of any texts from this origin, unit norm, [N, D]: atoms where there are.

        Raises:
            PromptError: A text is blank or nothing that the encoder reads.
            EncoderError: The encoder is another, or a text falls on the origin itself.
        """
        self.check_encoder(encoder)
        rows = np.zeros((len(texts), self.dim))
        new = [text for text in texts if text not in self.places]
        if new:
            with torch.no_grad():
                read = encoder.embed_text([self.template.format(text) for text in new])
            centred = read.cpu().double().numpy() - self.origin
        fresh = iter(range(len(new)))
        for row, text in zip(rows, texts, strict=True):
            place = self.places.get(text)
            row[:] = self.atoms[place] if place is not None else centred[next(fresh)]
            length = float(np.linalg.norm(row))
            if not length > _LEAST_LENGTH:
                raise EncoderError(
                    f"the encoder {self.encoder_id!r} tells {text!r} from no other concept"
                )
            row /= length
        return rows


def dictionary_for(encoder: Encoder, *, cache: Path | None = None) -> Dictionary:
    """The dictionary that explanations use: of the words that this encoder knows best.

    ``fxsem`` hears effects and no sources, so it gets plain words for how things sound. Words that
    the encoder hardly tells apart are told by the most common of them.

    Args:
        encoder: Whose space.
        cache: As in :func:`load_dictionary`.
    """
    name = "plain" if _hears_effects_only(encoder) else "pruned"
    return load_dictionary(load_vocabulary(name), encoder, cache=cache).distinct()


def every_word_for(encoder: Encoder, *, cache: Path | None = None) -> Dictionary:
    """Like :func:`dictionary_for`, with near-synonyms: for maps, where each has its place."""
    name = "effects" if _hears_effects_only(encoder) else "pruned"
    return load_dictionary(load_vocabulary(name), encoder, cache=cache)


def _hears_effects_only(encoder: Encoder) -> bool:
    return encoder.id.startswith("fxsem")


def load_dictionary(
    vocabulary: Vocabulary, encoder: Encoder, *, template: str = TEMPLATE, cache: Path | None = None
) -> Dictionary:
    """The dictionary of a vocabulary: shipped with the app, or embedded once and then cached.

    Args:
        vocabulary: The concepts.
        encoder: Whose space.
        template: How a concept is put to the encoder, with ``{}``.
        cache: Folder; None for the user's cache folder. A folder that cannot be written to only
            means that the concepts are embedded again next time.

    Raises:
        EncoderError: The encoder's embeddings are not finite.
    """
    name = file_name(vocabulary, encoder, template)
    file = (cache_folder() if cache is None else cache) / "concepts" / name
    shape = (len(vocabulary), encoder.dim)
    rows = _read(SHIPPED / name, shape)
    if rows is None:
        rows = _read(file, shape)
    if rows is None:
        rows = _embed(vocabulary.concepts, encoder, template)
        _write(file, rows)
    return Dictionary.from_embeddings(
        vocabulary.concepts, rows.double().numpy(), encoder_id=encoder.id,
        weights_hash=encoder.weights_hash, template=template, origin=_origin(encoder),
    )  # fmt: skip


def _origin(encoder: Encoder) -> Vector | None:
    neutral = neutral_embedding(encoder)
    return None if neutral is None else neutral.double().cpu().numpy()


def file_name(vocabulary: Vocabulary, encoder: Encoder, template: str = TEMPLATE) -> str:
    """Name of the file of embeddings: other weights, words or templates give another name."""
    key = "\0".join(("1", encoder.id, encoder.weights_hash, vocabulary.hash, template))
    return f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.safetensors"


def write_embeddings(folder: Path, vocabulary: Vocabulary, encoder: Encoder) -> Path:
    """Embed a vocabulary afresh and write the file that :func:`load_dictionary` looks for.

    Written to ``SHIPPED``, the dictionary comes with the app and no one waits for it.

    Raises:
        OutputError: The file cannot be written.
    """
    rows = _embed(vocabulary.concepts, encoder, TEMPLATE)
    path = folder / file_name(vocabulary, encoder)
    data = to_safetensors({"embeddings": rows.contiguous()})
    write_atomic(path, data, overwrite=True, error=OutputError)
    return path


@torch.no_grad()
def _embed(texts: Sequence[str], encoder: Encoder, template: str) -> torch.Tensor:
    parts = [
        encoder.embed_text([template.format(text) for text in texts[start : start + _BATCH]])
        for start in range(0, len(texts), _BATCH)
    ]
    return torch.cat(parts).float().cpu()


def _read(file: Path, shape: tuple[int, int]) -> torch.Tensor | None:
    if not file.is_file():
        return None
    try:
        rows = read_tensors(file).get("embeddings")
    except EncoderError:
        return None  # damaged: made again
    return rows.clone() if rows is not None and tuple(rows.shape) == shape else None


def _write(file: Path, rows: torch.Tensor) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(file, to_safetensors({"embeddings": rows.contiguous()}), overwrite=True)
    except (OSError, Text2FXError):
        pass  # no cache folder: they are embedded again next time
