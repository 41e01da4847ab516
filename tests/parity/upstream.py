"""The authors' packages, made to start without the hub.

Only ``from_pretrained`` is replaced, by the same classes with the same sizes and local vocabulary.
What the packages compute afterwards is untouched (see ``text2fx_studio.encoders.upstream``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


def start_offline(vocabularies: Path) -> None:
    """Replace ``from_pretrained`` where the packages call it.

    Args:
        vocabularies: Holds the folders roberta-base, gpt2 and bert-base-uncased.
    """
    import transformers

    def pair(name: str) -> dict[str, str]:
        folder = vocabularies / name
        return {"vocab_file": str(folder / "vocab.json"), "merges_file": str(folder / "merges.txt")}

    bert = {"vocab_file": str(vocabularies / "bert-base-uncased" / "vocab.txt")}

    def tokenizer(name: str, *_: object, **__: object) -> Any:
        if name == "gpt2":
            return transformers.GPT2TokenizerFast(**pair("gpt2"))
        return transformers.BertTokenizerFast(**bert)

    def model(name: str, *_: object, **__: object) -> Any:
        if name == "gpt2":
            return transformers.GPT2Model(transformers.GPT2Config())
        return transformers.BertModel(transformers.BertConfig())

    def roberta(*_: object, **__: object) -> Any:
        # roberta-base's configuration where it differs from the class's own.
        config = transformers.RobertaConfig(
            vocab_size=50_265, max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5
        )
        return transformers.RobertaModel(config)

    replaced = {
        transformers.AutoTokenizer: tokenizer,
        transformers.AutoModel: model,
        transformers.RobertaModel: roberta,
        transformers.RobertaTokenizer: lambda *_, **__: transformers.RobertaTokenizer(
            **pair("roberta-base")
        ),
        transformers.BertTokenizer: lambda *_, **__: transformers.BertTokenizer(**bert),
        transformers.BartTokenizer: lambda *_, **__: None,
    }
    for owner, made in replaced.items():
        owner.from_pretrained = staticmethod(made)
