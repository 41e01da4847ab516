"""The authors' packages, made to start without the hub: their models get our random weights.

Only ``from_pretrained`` is replaced, by the same classes with the same sizes and local vocabulary.
What the packages compute afterwards is untouched.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import torch


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


class Laion:
    """laion_clap's own model with a checkpoint loaded by its own loader.

    Args:
        path: The ``.pt`` file.
        size: ``HTSAT-tiny`` or ``HTSAT-base``.
    """

    def __init__(self, path: Path, size: str) -> None:
        arguments, sys.argv = sys.argv, sys.argv[:1]  # its modules parse the command line
        sys.modules.setdefault("wandb", types.ModuleType("wandb"))  # logging of training runs
        try:
            import laion_clap

            self.module = laion_clap.CLAP_Module(enable_fusion=False, amodel=size, device="cpu")
        finally:
            sys.argv = arguments
        self.module.load_ckpt(str(path), verbose=False)

    def names(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of its state."""
        return {n: tuple(t.shape) for n, t in self.module.model.state_dict().items()}

    def audio(self, sound: torch.Tensor) -> torch.Tensor:
        """[B, 480000] at 48 kHz -> [B, 512], unit norm; without the 16-bit rounding."""
        with torch.no_grad():
            found: torch.Tensor = self.module.get_audio_embedding_from_data(
                x=sound, use_tensor=True
            )
        return found

    def text(self, texts: list[str]) -> torch.Tensor:
        """[N, 512], unit norm."""
        with torch.no_grad():
            found: torch.Tensor = self.module.get_text_embedding(texts, use_tensor=True)
        return found


class Microsoft:
    """msclap's own model with a checkpoint loaded by its own loader.

    Args:
        path: The ``.pth`` file.
        version: ``2022`` or ``2023``.
    """

    def __init__(self, path: Path, version: str) -> None:
        from msclap import CLAP

        # Its torch.load is bare; the file is our own, and its NumPy scalar needs the old reader.
        load = torch.load
        torch.load = lambda *a, **k: load(*a, **{**k, "weights_only": False})  # type: ignore[assignment]
        try:
            self.wrapper = CLAP(model_fp=str(path), version=version, use_cuda=False)
        finally:
            torch.load = load

    def names(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of its state."""
        return {n: tuple(t.shape) for n, t in self.wrapper.clap.state_dict().items()}

    def audio(self, sound: torch.Tensor) -> torch.Tensor:
        """[B, T] at 44.1 kHz, T exactly its window -> [B, 1024], unit norm."""
        with torch.no_grad():
            found = self.wrapper._get_audio_embeddings(sound[:, None])
        return torch.nn.functional.normalize(found, dim=-1)

    def text(self, texts: list[str]) -> torch.Tensor:
        """[N, 1024], unit norm."""
        found = self.wrapper.get_text_embeddings(texts)
        return torch.nn.functional.normalize(found, dim=-1)
