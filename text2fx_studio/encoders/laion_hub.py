"""LAION-CLAP from a folder in transformers' form: config, weights, preprocessor, vocabulary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from text2fx_studio.encoders.clap_encoder import Parts
from text2fx_studio.encoders.clap_frontend import FrontEnd
from text2fx_studio.encoders.clap_text import roberta
from text2fx_studio.encoders.clap_tokens import find_files, roberta_words
from text2fx_studio.encoders.clap_weights import Store, fill
from text2fx_studio.encoders.files import cached_sha256
from text2fx_studio.encoders.htsat import HTSAT
from text2fx_studio.encoders.laion import TEXT_LIMIT, Projection, slaney
from text2fx_studio.encoders.safe_load import read_checkpoint, weights_of
from text2fx_studio.errors import EncoderError

WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_AUDIO, _TEXT = "audio_model.", "text_model."
_HARMLESS = (
    r"audio_model\.audio_encoder\.batch_norm\.num_batches_tracked",
    r"text_model\.embeddings\.(position_ids|token_type_ids)",
    r"logit_scale_[at]",
)
_TEXT_SETTINGS = (
    "num_attention_heads", "layer_norm_eps", "hidden_act", "pad_token_id", "bos_token_id",
    "eos_token_id",
)  # fmt: skip


def load_hub_folder(folder: Path) -> Parts:
    """Load a hub folder.

    Raises:
        EncoderError: A file is missing or damaged, or the model is fused.
    """
    config = _json(folder / "config.json")
    audio_config, text_config = (config.get(f"{side}_config") for side in ("audio", "text"))
    if config.get("model_type") != "clap" or not audio_config or text_config is None:
        raise EncoderError(
            f"{folder / 'config.json'}: model_type is {config.get('model_type')!r}, a LAION-CLAP "
            "folder says 'clap'"
        )
    if audio_config.get("enable_fusion"):
        raise EncoderError(
            f"{folder}: a fused LAION-CLAP model, made for sounds over 10 s; it is not read. Use "
            "an unfused one, such as laion/clap-htsat-unfused (text2fx models list)"
        )
    path = next((folder / name for name in WEIGHTS if (folder / name).is_file()), None)
    if path is None:
        raise EncoderError(f"{folder}: holds none of {', '.join(WEIGHTS)}")
    store = Store(path, weights_of(path, read_checkpoint(path)))
    words = roberta_words(_vocabulary(folder), TEXT_LIMIT)
    text_settings = {k: text_config[k] for k in _TEXT_SETTINGS if k in text_config}
    # What the file leaves out has transformers' default, not RoBERTa's.
    text_settings.setdefault("layer_norm_eps", 1e-12)
    text_settings.setdefault("num_attention_heads", 12)
    text = roberta(store, _TEXT, words, **text_settings)
    network, wanted = _audio(folder, store, audio_config)
    front_end = _front_end(_json(folder / "preprocessor_config.json"), folder)
    activation = str(config.get("projection_hidden_act", "relu"))
    if activation not in ("relu", "gelu"):
        raise EncoderError(f"{folder}: projection_hidden_act {activation!r}; relu or gelu is read")
    heads = [
        Projection(store, (f"{side}_projection.linear1", f"{side}_projection.linear2"), activation)
        for side in ("audio", "text")
    ]
    return Parts(
        id=f"laion-hub-{folder.name}"[:80],
        weights_hash=cached_sha256(path),
        front_end=front_end,
        audio=torch.nn.Sequential(HTSAT(network, front_end.frames, wanted), heads[0]),
        text=torch.nn.Sequential(text, heads[1]),
        words=words,
        dim=int(heads[0].w2.shape[0]),
        accounting=store.account(_HARMLESS),
    )


def _audio(folder: Path, store: Store, settings: dict[str, Any]) -> tuple[Any, int]:
    from transformers import ClapAudioConfig
    from transformers.models.clap.modeling_clap import ClapAudioModel

    known = {k: v for k, v in settings.items() if k not in ("model_type", "transformers_version")}
    try:
        config = ClapAudioConfig(**known)
        network = ClapAudioModel(config)
    except Exception as error:  # whatever a broken config makes transformers say
        raise EncoderError(f"{folder / 'config.json'}: audio_config: {error}") from error
    weights = {
        name: store.take(full)
        for name, full in store.part(_AUDIO).items()
        if not name.endswith("num_batches_tracked")
    }
    fill(
        network, weights, f"{store.path}: audio network", r".*(num_batches_tracked|position_index)"
    )
    return network, config.spec_size * (config.spec_size // config.num_mel_bins)


def _front_end(settings: dict[str, Any], folder: Path) -> FrontEnd:
    """The class's defaults fill gaps, but for the lowest frequency: there the models' is 50 Hz."""
    try:
        rate = int(settings.get("sampling_rate", 48_000))
        n_fft = int(settings.get("fft_window_size", 1024))
        hop = int(settings.get("hop_length", 480))
        low = float(settings.get("frequency_min", 50))
        high = float(settings.get("frequency_max", 14_000))
        mels = int(settings.get("feature_size", 64))
        seconds = float(settings.get("max_length_s", 10))
    except (TypeError, ValueError) as error:
        raise EncoderError(f"{folder / 'preprocessor_config.json'}: {error}") from error
    if not (0 < hop <= n_fft and 0 <= low < high <= rate / 2 and mels > 0 and seconds > 0):
        raise EncoderError(f"{folder / 'preprocessor_config.json'}: impossible values")
    frames = round(seconds * rate) // hop + 1
    basis = slaney(mels, low, high, rate, n_fft)
    return FrontEnd(rate, hop, frames, torch.hann_window(n_fft), basis, (low, high))


def _vocabulary(folder: Path) -> tuple[Path, ...]:
    whole = folder / "tokenizer.json"
    pair = (folder / "vocab.json", folder / "merges.txt")
    if all(path.is_file() for path in pair) or not whole.is_file():
        return find_files("roberta-base", folder)
    return (whole,)


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise EncoderError(
            f"{path}: missing; a folder in transformers' form needs it. To use a single file, name "
            "the file"
        ) from error
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path}: not readable ({error})") from error
    if not isinstance(found, dict):
        raise EncoderError(f"{path}: holds no settings")
    return found
