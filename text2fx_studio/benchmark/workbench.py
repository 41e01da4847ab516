"""What the benchmarks of meaning share: one encoder, searches that are done once, the baselines."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save as to_safetensors

from dsp.atomic import write_atomic
from dsp.chain import Chain
from dsp.render import render_array
from text2fx_studio.benchmark.clips import Audio, Clip, digest_of
from text2fx_studio.benchmark.searches import Origin, Wanted, carry_out, carry_out_all
from text2fx_studio.encoders.files import cache_folder, read_tensors
from text2fx_studio.encoders.fxsem import Fxsem
from text2fx_studio.encoders.minilm import MODEL_SHA256, MiniLM
from text2fx_studio.encoders.proposal import Proposal, propose
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.encoders.registry import load_encoder
from text2fx_studio.errors import EncoderError, Text2FXError
from text2fx_studio.lexicon import load_lexicon
from text2fx_studio.search.result import SearchResult
from text2fx_studio.search.starts import propose_chain
from text2fx_studio.training.intents import Intent, intent_of

OnProgress = Callable[[float, str], None]
Curve = NDArray[np.float64]
Key = tuple[str, str, str, str, str, int, str]

_NO_WET_DB = -48.0


@dataclass
class Workbench:
    """An encoder with its searches and baselines.

    Attributes:
        encoder: What is measured.
        seed: Of searches and of what is drawn at random.
        progress: Called with 0..1 and a text.
        jobs: Processes that :meth:`prefetch` may use; 1 searches here, one after another.
        origin: Where those processes find the encoder; None keeps all searches here.
        space: In which the searches compare sounds and words.
    """

    encoder: Encoder
    seed: int = 0
    progress: OnProgress | None = None
    jobs: int = 1
    origin: Origin | None = None
    space: str = "full"
    _found: dict[Key, SearchResult] = field(default_factory=dict)
    _nearest: Nearest | None = None

    def tell(self, share: float, text: str) -> None:
        """Report progress."""
        if self.progress is not None:
            self.progress(share, text)

    def search(
        self,
        clip: Clip,
        prompt: str,
        chain: str = "eq",
        *,
        loss: str = "cosine",
        seed: int | None = None,
    ) -> SearchResult:
        """The search's result; asked again, the same one without another search."""
        drawn = self.seed if seed is None else seed
        wanted = Wanted(clip, prompt, chain, loss, drawn, self.space)
        key = _key(wanted)
        if key not in self._found:
            self._found[key] = carry_out(wanted, self.encoder)
        return self._found[key]

    def prefetch(self, wanted: Iterable[Wanted]) -> None:
        """Do searches that are about to be asked for side by side, where ``jobs`` allows it."""
        if self.jobs < 2 or self.origin is None:
            return
        missing = {_key(w): w for w in wanted if _key(w) not in self._found}
        if not missing:
            return

        def told(done: int, item: Wanted) -> None:
            self.tell(done / len(missing), f"searching: {item.prompt}")

        found = carry_out_all(list(missing.values()), self.origin, self.jobs, told)
        self._found.update(zip(missing, found, strict=True))

    def proposal(self, prompt: str) -> Proposal:
        """What the words alone suggest: this encoder's, or the bundled one's where it has none."""
        found = propose(self.encoder, prompt) or propose(load_encoder("fxsem"), prompt)
        if found is None:
            raise EncoderError("the bundled encoder gave no proposal; install the app again")
        return found

    def text_only(self, prompt: str, chain: str, sample_rate: float) -> Chain:
        """The baseline that does not hear: the proposal as a setting of ``chain``."""
        return propose_chain(Chain.parse(chain), self.proposal(prompt), sample_rate)

    def text_only_curve(self, prompt: str, frequencies_hz: Curve) -> Curve:
        """The proposal's response in dB."""
        found = self.proposal(prompt)
        return Intent(found.gains_db, found.high_pass_hz, found.low_pass_hz).curve_db(
            frequencies_hz
        )

    @property
    def nearest(self) -> Nearest:
        """The baseline without a trained encoder, made at first use."""
        if self._nearest is None:
            minilm = self.encoder.minilm if isinstance(self.encoder, Fxsem) else MiniLM()
            self._nearest = Nearest(minilm)
        return self._nearest


def fold_benches(weights: Sequence[Path], like: Workbench) -> list[Workbench]:
    """A workbench for each weights file of ``fxsem``, with the seed and progress of ``like``."""
    found = []
    for path in weights:
        encoder = load_encoder("fxsem", checkpoint=path)
        origin = Origin("fxsem", path, encoder.weights_hash)
        found.append(Workbench(encoder, like.seed, like.progress, like.jobs, origin))
    for bench in found[1:]:
        bench._nearest = found[0].nearest  # the sentence model is the same for all
    return found


def _key(wanted: Wanted) -> Key:
    clip = wanted.clip
    who = clip.name, digest_of(clip)
    return (*who, wanted.prompt, wanted.chain, wanted.loss, wanted.seed, wanted.space)


class Nearest:
    """The lexicon entry nearest in MiniLM's space; the lexicon's embeddings are kept on disk."""

    def __init__(self, minilm: MiniLM) -> None:
        self._minilm = minilm
        pairs = load_lexicon().texts()
        self._entries = [entry for _, entry in pairs]
        self._table = _embedded(minilm, [text for text, _ in pairs])

    def intent(self, prompt: str) -> Intent:
        """The nearest entry's intent."""
        similar = self._table @ self._minilm.embed([prompt])[0]
        return intent_of(self._entries[int(similar.argmax())])

    def chain(self, prompt: str, kinds: str, sample_rate: float) -> Chain:
        """The nearest entry as a setting of the chain ``kinds``."""
        return intent_chain(self.intent(prompt), kinds, sample_rate)


def intent_chain(intent: Intent, kinds: str, sample_rate: float) -> Chain:
    """A lexicon entry's intent as a setting of the chain ``kinds``."""
    proposal = Proposal(
        intent.gains_db, intent.high_pass_hz, intent.low_pass_hz,
        float(intent.space != "none"), intent.t60_s,
        intent.wet_db if intent.space == "room" else _NO_WET_DB,
        intent.predelay_ms, intent.damping, 1.0,
    )  # fmt: skip
    return propose_chain(Chain.parse(kinds), proposal, sample_rate)


def looked_up(prompt: str) -> Intent | None:
    """The lexicon entry that holds exactly this text, or None."""
    entry = load_lexicon().lookup(prompt)
    return None if entry is None else intent_of(entry)


def random_chain(kinds: str, rng: np.random.Generator) -> Chain:
    """A setting drawn from the search's ranges: gains of 4 dB spread, the rest uniform."""
    effects = []
    for effect in Chain.parse(kinds):
        drawn = {}
        for parameter in effect.parameters:
            if not parameter.searched or (parameter.off is not None and parameter.unit == "Hz"):
                continue
            if parameter.unit == "dB" and parameter.off is None:
                drawn[parameter.name] = parameter.clip(float(rng.normal(0.0, 4.0)))
                continue
            low, high = (parameter.to_scale(end) for end in parameter.search_range)
            drawn[parameter.name] = parameter.clip(parameter.from_scale(rng.uniform(low, high)))
        effects.append(effect.replace(**drawn))
    return Chain(tuple(effects))


def rendered(clip: Clip, chain: Chain, *, tail: bool = False) -> Audio:
    """The clip through a chain as a waveform, float32 [channels, samples]."""
    return render_array(clip.audio, clip.sample_rate, chain, tail=tail)


def _embedded(minilm: MiniLM, texts: list[str]) -> torch.Tensor:
    key = hashlib.sha256("\n".join((MODEL_SHA256, *texts)).encode()).hexdigest()[:32]
    path = cache_folder() / "benchmark" / f"lexicon-{key}.safetensors"
    try:
        return read_tensors(path)["table"].float()
    except (Text2FXError, OSError, KeyError):
        table = minilm.embed(texts)
    data = to_safetensors({"table": table.half().contiguous()})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, data, overwrite=True)
    except (OSError, Text2FXError):
        pass  # no cache folder: embedded again next time
    return table.half().float()
