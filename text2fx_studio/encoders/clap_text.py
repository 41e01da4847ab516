"""The text networks of the CLAP models, from their authors' tensors, over transformers."""

from __future__ import annotations

import re
from typing import Any

import torch

from text2fx_studio.encoders.clap_tokens import Words
from text2fx_studio.encoders.clap_weights import Store, fill
from text2fx_studio.errors import EncoderError

# Buffers that older versions of transformers stored and newer ones make themselves.
BUFFERS = (r"embeddings\.(position_ids|token_type_ids)", r"h\.\d+\.attn\.(bias|masked_bias)")
_ROBERTA_FIRST_POSITION = 2  # RoBERTa's positions begin after the padding's number


class TextTower(torch.nn.Module):
    """Numbers of one text [1, L] -> features [1, D].

    Args:
        network: A transformers text model.
        pooled: ``pooler`` takes the network's pooler, else the state at this place (0 or -1).
    """

    def __init__(self, network: Any, pooled: str | int) -> None:
        super().__init__()
        self.network = network
        self.pooled = pooled

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """One text without padding: nothing to mask, and nothing that can be pooled wrongly."""
        out = self.network(input_ids=ids, attention_mask=torch.ones_like(ids))
        if isinstance(self.pooled, int):
            state: torch.Tensor = out.last_hidden_state[:, self.pooled]
            return state
        pooled: torch.Tensor = out.pooler_output
        return pooled


def _state(store: Store, prefix: str, skip: str = r"$^") -> dict[str, torch.Tensor]:
    left = re.compile("|".join((*BUFFERS, skip)))
    return {
        name: store.take(full)
        for name, full in store.part(prefix).items()
        if not left.fullmatch(name)
    }


def _depth(store: Store, prefix: str, pattern: str) -> int:
    numbers = [int(m[1]) for n in store.part(prefix) if (m := re.match(pattern, n))]
    if not numbers:
        raise EncoderError(f"{store.path}: the text network's layers are missing")
    return max(numbers) + 1


def _check_vocabulary(store: Store, rows: int, words: Words) -> None:
    if words.size > rows:
        raise EncoderError(
            f"{store.path}: its text network knows {rows} tokens, the vocabulary found for it has "
            f"{words.size}; it is another model's"
        )


def heads_of(width: int) -> int:
    """Attention heads of a BERT-like network: 64 numbers each, as in all published ones."""
    return max(1, width // 64)


def roberta(store: Store, prefix: str, words: Words, **settings: Any) -> TextTower:
    """RoBERTa with its pooler.

    Args:
        store: The checkpoint.
        prefix: Of the network's names.
        words: Checked against the size of the vocabulary.
        **settings: Of ``ClapTextConfig``, over what the shapes say.
    """
    from transformers import ClapTextConfig
    from transformers.models.clap.modeling_clap import ClapTextModel

    rows, width = store.shape(f"{prefix}embeddings.word_embeddings.weight")
    _check_vocabulary(store, rows, words)
    positions = store.shape(f"{prefix}embeddings.position_embeddings.weight")[0]
    words.limit = min(words.limit, positions - _ROBERTA_FIRST_POSITION)
    sizes = {
        "vocab_size": rows,
        "hidden_size": width,
        "num_hidden_layers": _depth(store, prefix, r"encoder\.layer\.(\d+)\."),
        "num_attention_heads": heads_of(width),
        "intermediate_size": store.shape(f"{prefix}encoder.layer.0.intermediate.dense.weight")[0],
        "max_position_embeddings": positions,
        "type_vocab_size": store.shape(f"{prefix}embeddings.token_type_embeddings.weight")[0],
        "layer_norm_eps": 1e-5,
    }
    with torch.device("meta"):
        network = ClapTextModel(ClapTextConfig(**{**sizes, **settings}))
    weights = _state(store, prefix)
    buffers = r"embeddings\.(position_ids|token_type_ids)"
    return TextTower(fill(network, weights, f"{store.path}: text network", buffers), "pooler")


def bert(store: Store, prefix: str, words: Words) -> TextTower:
    """BERT without its pooler: the state of the first token."""
    from transformers import BertConfig, BertModel

    rows, width = store.shape(f"{prefix}embeddings.word_embeddings.weight")
    _check_vocabulary(store, rows, words)
    positions = store.shape(f"{prefix}embeddings.position_embeddings.weight")[0]
    words.limit = min(words.limit, positions)
    config = BertConfig(
        vocab_size=rows,
        hidden_size=width,
        num_hidden_layers=_depth(store, prefix, r"encoder\.layer\.(\d+)\."),
        num_attention_heads=heads_of(width),
        intermediate_size=store.shape(f"{prefix}encoder.layer.0.intermediate.dense.weight")[0],
        max_position_embeddings=positions,
        type_vocab_size=store.shape(f"{prefix}embeddings.token_type_embeddings.weight")[0],
    )
    with torch.device("meta"):
        network = BertModel(config, add_pooling_layer=False)
    weights = _state(store, prefix, r"pooler\.dense\.(weight|bias)")
    buffers = r"embeddings\.(position_ids|token_type_ids)"
    return TextTower(fill(network, weights, f"{store.path}: text network", buffers), 0)


def gpt2(store: Store, prefix: str, words: Words) -> TextTower:
    """GPT-2: the state of the last token, which is the end mark."""
    from transformers import GPT2Config, GPT2Model

    rows, width = store.shape(f"{prefix}wte.weight")
    _check_vocabulary(store, rows, words)
    positions = store.shape(f"{prefix}wpe.weight")[0]
    words.limit = min(words.limit, positions)
    config = GPT2Config(
        vocab_size=rows,
        n_embd=width,
        n_layer=_depth(store, prefix, r"h\.(\d+)\."),
        n_head=heads_of(width),
        n_positions=positions,
        n_inner=store.shape(f"{prefix}h.0.mlp.c_fc.weight")[1],
        bos_token_id=words.end[0],
        eos_token_id=words.end[0],
        use_cache=False,
    )
    with torch.device("meta"):
        network = GPT2Model(config)
    weights = _state(store, prefix)
    masks = r"h\.\d+\.attn\.(bias|masked_bias)"
    return TextTower(fill(network, weights, f"{store.path}: text network", masks), -1)
