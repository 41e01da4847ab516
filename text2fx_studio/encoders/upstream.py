"""The authors' own packages, laion-clap and msclap, as a second implementation.

Optional (``pip install 'text2fx-studio[laion-clap]'`` or ``[msclap]``), for judging and measuring:
their networks take waveforms, so the search's fast path does not go through them. Their code runs
as it is, with two exceptions: the weights are read by ``safe_load``, never unpickled, and sounds
are cut into windows as ours are, never at random.

Both packages fetch tokenizers and text configurations from the hub, laion-clap as soon as it is
imported; without a network or a filled hub cache they do not start, and the error says so.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import sys
import types
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import torch

from text2fx_studio.encoders import htsat, laion, msclap
from text2fx_studio.encoders.clap_frontend import windows_of
from text2fx_studio.encoders.clap_weights import Store
from text2fx_studio.encoders.files import cached_sha256
from text2fx_studio.encoders.safe_load import read_checkpoint, weights_of
from text2fx_studio.errors import EncoderError, PromptError

PACKAGES = {"laion": "laion_clap", "msclap": "msclap"}
# Names that a checkpoint may have and a network of this transformers has not, or the other way.
_BUFFERS = ("position_ids", "token_type_ids", "attn.bias", "attn.masked_bias")
_LAION_SIZES = {"tiny": "HTSAT-tiny", "base": "HTSAT-base"}


class Upstream:
    """One of the packages' models; implements :class:`text2fx_studio.encoders.protocol.Listener`.

    Args:
        kind: ``laion`` or ``msclap``.
        path: The authors' ``.pt`` or ``.pth`` file.

    Raises:
        EncoderError: The package is not installed, does not start, or cannot take the file.
    """

    cpu_threads: int | None = None
    heavy = True
    repeats = True

    def __init__(self, kind: str, path: Path) -> None:
        if path.is_dir():
            raise EncoderError(f"{path}: {PACKAGES[kind]} reads its authors' own file, no folder")
        weights = weights_of(path, read_checkpoint(path))
        store = Store(path, weights)
        self._device = torch.device("cpu")
        self.weights_hash = cached_sha256(path)
        if kind == "laion":
            laion.check_variant(path, store.names)
            size = htsat.read_size(store, "audio_branch.").name
            self._start_laion(path, size, weights)
        else:
            self._start_msclap(path, msclap.version_of(path, store.names), weights)
        self._network.eval().requires_grad_(False)

    def _start_laion(self, path: Path, size: str, weights: dict[str, torch.Tensor]) -> None:
        if size not in _LAION_SIZES:
            raise EncoderError(f"{path}: laion_clap has no HTSAT of the size {size}")
        with _starting("laion_clap"):
            package = importlib.import_module("laion_clap")
            self._module: Any = package.CLAP_Module(amodel=_LAION_SIZES[size], device="cpu")
        self._network: torch.nn.Module = self._module.model
        _fill(self._network, weights, path)
        self.id = f"laion-htsat-{size}-upstream"
        self.sample_rate, self.dim = laion.SAMPLE_RATE, 512
        self._length = (laion.FRAMES - 1) * laion.HOP
        self.window_s = self._length / self.sample_rate
        self.passband_hz = (laion.MEL_LOW_HZ, laion.MEL_HIGH_HZ)

    def _start_msclap(self, path: Path, version: str, weights: dict[str, torch.Tensor]) -> None:
        with _starting("msclap"):
            importlib.import_module("msclap")
            module = sys.modules["msclap.CLAPWrapper"]
            read = _OtherLoad(torch, lambda *_, **__: {"model": weights})
            with _replaced(module, "torch", read):
                self._module = module.CLAPWrapper(str(path), version=version, use_cuda=False)
        self._network = self._module.clap
        _fill(self._network, weights, path)
        self.id = f"msclap-{version}-upstream"
        self.sample_rate, self.dim = msclap.SAMPLE_RATE, 1024
        seconds = int(self._module.args.duration)
        self._length = seconds * self.sample_rate
        self.window_s = float(seconds)
        made_for = msclap.HTSAT_RATE if version == "2023" else msclap.SAMPLE_RATE
        stretch = msclap.SAMPLE_RATE / made_for
        self.passband_hz = (msclap.MEL_LOW_HZ * stretch, msclap.MEL_HIGH_HZ * stretch)

    def to(self, device: torch.device | str) -> Self:
        """Move weights and buffers to a device; returns itself."""
        self._device = torch.device(device)
        self._network.to(self._device)
        return self

    def names(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the network's tensors."""
        return {name: tuple(t.shape) for name, t in self._network.state_dict().items()}

    def embed_audio(self, audio: torch.Tensor) -> torch.Tensor:
        """Mono audio [B, T] at ``sample_rate`` -> unit-norm embeddings [B, D]; differentiable."""
        windows, each = windows_of(audio[:, None].to(self._device), self._length)
        if "laion" in self.id:
            found = self._module.get_audio_embedding_from_data(x=windows[:, 0], use_tensor=True)
        else:
            found = self._network.audio_encoder(windows[:, 0])[0]  # type: ignore[operator]
        unit = torch.nn.functional.normalize(found, dim=-1)
        if each == 1:
            return unit
        mean = unit.reshape(audio.shape[0], each, -1).mean(dim=1)
        return torch.nn.functional.normalize(mean, dim=-1)

    @torch.no_grad()
    def embed_text(self, texts: Sequence[str]) -> torch.Tensor:
        """N texts -> unit-norm embeddings [N, D], without gradient.

        Raises:
            PromptError: A text is blank, or longer than msclap can take.
        """
        if any(not text.strip() for text in texts):
            raise PromptError("prompt: found an empty text; say how the sound should be")
        if "laion" in self.id:
            # Never one alone: the package folds a batch of one away.
            wanted = [*texts, *texts] if len(texts) == 1 else list(texts)
            found = self._module.get_text_embedding(wanted, use_tensor=True)[: len(texts)]
        else:
            tokens = self._module.preprocess_text(list(texts))
            if any(t.shape[-1] > self._module.args.text_len for t in tokens.values()):
                raise PromptError("prompt: is longer than msclap can take; use fewer words")
            on_device = {name: t.to(self._device) for name, t in tokens.items()}
            found = self._network.caption_encoder(on_device)  # type: ignore[operator]
        return torch.nn.functional.normalize(found, dim=-1)


def is_installed(kind: str) -> bool:
    """Whether the package of ``laion`` or ``msclap`` is there (it may still not start)."""
    return importlib.util.find_spec(PACKAGES[kind]) is not None


@contextlib.contextmanager
def _starting(package: str) -> Iterator[None]:
    """Import and build quietly; whatever goes wrong is one error of ours."""
    if importlib.util.find_spec(package) is None:
        extra = package.replace("_", "-")
        raise EncoderError(
            f"{package} is not installed. Run: pip install 'text2fx-studio[{extra}]' (Python 3.11 "
            "or 3.12)"
        )
    # laion_clap reads the command line as it is imported, prints, and imports wandb, which is for
    # its training runs.
    arguments, sys.argv = sys.argv, sys.argv[:1]
    held = "wandb" not in sys.modules
    if held:
        sys.modules["wandb"] = types.ModuleType("wandb")
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    except Exception as error:  # a package of others may raise anything
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise EncoderError(
            f"{package} does not start ({said[:160]}). It fetches tokenizers from the hub and "
            "needs the network at its first start; the built-in reader needs neither"
        ) from error
    finally:
        sys.argv = arguments
        if held:
            sys.modules.pop("wandb", None)


class _OtherLoad:
    """``torch`` as a module sees it, with another ``load``."""

    def __init__(self, inner: Any, load: Any) -> None:
        self._inner = inner
        self.load = load

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@contextlib.contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _fill(network: torch.nn.Module, weights: dict[str, torch.Tensor], path: Path) -> None:
    """Load the weights; only buffers may be missing or left over.

    Raises:
        EncoderError: The package's network is another one.
    """
    try:
        done = network.load_state_dict(weights, strict=False)
    except RuntimeError as error:
        raise EncoderError(f"{path}: the package's network has other shapes ({error})") from error
    wrong = [
        name for name in (*done.missing_keys, *done.unexpected_keys) if not name.endswith(_BUFFERS)
    ]
    if wrong:
        raise EncoderError(f"{path}: does not fit the package's network: {', '.join(wrong[:4])}")
