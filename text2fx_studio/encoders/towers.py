"""The two small trained networks of ``fxsem``: statistics to points, sentences to settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from text2fx_studio.encoders.coordinates import POINT_COUNT
from text2fx_studio.encoders.memory import Memory
from text2fx_studio.encoders.rare_words import Book
from text2fx_studio.encoders.statistics import COUNT as STATISTIC_COUNT

gelu, gelu_backward = torch.nn.functional.gelu, torch.ops.aten.gelu_backward
_MOST = 8.0  # standard deviations of a statistic
_LEAST_HEIGHT = 16  # of a matrix product in the audio tower
SENTENCE_DIM = 768
RECALLED_DIM = 384  # of these: the memory compares texts by the sentence embedding alone
# Settings that the text tower proposes beside its point: 8 gains / 6 dB, high-pass and low-pass
# (present as a logit, position in octaves), space (logit, log2 T60, wet dB / 10, predelay / 50 ms,
# damping).
GAIN_COUNT = 8
SETTING_COUNT = GAIN_COUNT + 4 + 5


class AudioTower(nn.Module):
    """Statistics [B, S] -> point [B, 27]: a linear map plus a network on standardised inputs."""

    mean: torch.Tensor
    scale: torch.Tensor

    def __init__(self, hidden: int = 384, dropout: float = 0.1) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(STATISTIC_COUNT))
        self.register_buffer("scale", torch.ones(STATISTIC_COUNT))
        self.linear = nn.Linear(STATISTIC_COUNT, POINT_COUNT)
        self.inner = nn.Sequential(
            nn.Linear(STATISTIC_COUNT, hidden), nn.GELU(), nn.Dropout(dropout),
            nn.Linear(hidden, hidden), nn.GELU(), nn.Dropout(dropout),
            nn.Linear(hidden, POINT_COUNT),
        )  # fmt: skip

    def forward(self, statistics: torch.Tensor) -> torch.Tensor:
        """Statistics [B, S] to points [B, 27]."""
        x = ((statistics - self.mean) / self.scale).clamp(-_MOST, _MOST)
        found: torch.Tensor = self.linear(x) + self.inner(x)
        return found

    def hear(self, statistics: torch.Tensor) -> torch.Tensor:
        """What :meth:`forward` gives when nothing is trained, with a gradient for the sound only.

        A row's numbers do not depend on how many are read with it.

        Args:
            statistics: [B, S].

        Returns:
            Points [B, 27].
        """
        found: torch.Tensor = _Hearing.apply(statistics, self)  # type: ignore[no-untyped-call]
        return found


class _Hearing(torch.autograd.Function):
    """The frozen audio tower, forwards and backwards. Once differentiable."""

    @staticmethod
    def forward(ctx: Any, statistics: torch.Tensor, tower: AudioTower) -> torch.Tensor:
        count = len(statistics)
        x = (statistics - tower.mean).div_(tower.scale)
        # Small matrix products round by their height: it is filled up.
        height = max(_LEAST_HEIGHT, -(-count // 8) * 8)
        filled = x.new_zeros(height, x.shape[1])
        torch.clamp(x, -_MOST, _MOST, out=filled[:count])
        first, _, _, second, _, _, last = tower.inner
        one = first(filled)
        two = second(gelu(one))
        ctx.tower = tower
        ctx.save_for_backward(x, one, two)
        found: torch.Tensor = last(gelu(two)).add_(tower.linear(filled))
        return found[:count]

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        x, one, two = ctx.saved_tensors
        tower: AudioTower = ctx.tower
        first, second, last = (p.weight for p in tower.inner if isinstance(p, nn.Linear))
        filled = one.new_zeros(len(one), POINT_COUNT)
        filled[: len(x)] = gradients[0]
        of_two = gelu_backward(filled @ last, two)
        of_one = gelu_backward(of_two @ second, one)
        found = torch.addmm(filled @ tower.linear.weight, of_one, first)[: len(x)]
        return found.mul_(x.abs() <= _MOST).div_(tower.scale), None


class TextTower(nn.Module):
    """Sentence features [N, 768] -> point [N, 27] and setting [N, 17]: an ensemble, and a memory.

    The ensemble says what a text means from what it was taught as a whole: pairs, negations and
    sentences too. The memory holds the texts of the lexicon, and speaks the more, the nearer a
    text is to them. A word that is not among them can be read by words beside it that are.
    """

    def __init__(
        self, hidden: int = 384, members: int = 4, dropout: float = 0.5,
        *, texts: int = 0, meanings: int = 0,
    ) -> None:  # fmt: skip
        super().__init__()
        out = POINT_COUNT + SETTING_COUNT
        self.w1 = nn.Parameter(torch.randn(members, SENTENCE_DIM, hidden) * SENTENCE_DIM**-0.5)
        self.b1 = nn.Parameter(torch.zeros(members, 1, hidden))
        self.w2 = nn.Parameter(torch.randn(members, hidden, out) * hidden**-0.5)
        self.b2 = nn.Parameter(torch.zeros(members, 1, out))
        self.dropout = dropout
        self.memory = Memory(RECALLED_DIM, out, texts, meanings)

    def members(self, sentences: torch.Tensor) -> torch.Tensor:
        """Each member's raw output, [members, N, 44].

        Args:
            sentences: [N, 768], or [members, N, 768] with rows of its own for each member.
        """
        x = sentences * (SENTENCE_DIM / 2) ** 0.5  # two halves of unit norm -> variance about one
        x = x if x.dim() == 3 else x[None]
        h = nn.functional.gelu(x @ self.w1 + self.b1)
        h = nn.functional.dropout(h, self.dropout, self.training)
        return h @ self.w2 + self.b2

    def read(self, sentences: torch.Tensor, *, remembering: bool = True) -> torch.Tensor:
        """What each member reads, with the memory's help or without, [members, N, 44]."""
        found = self.members(sentences)
        return self.memory.mixed(sentences[:, :RECALLED_DIM], found) if remembering else found

    def knows(self, sentence: torch.Tensor) -> bool:
        """Whether a text, [1, 768], is one of those remembered."""
        return self.memory.knows(sentence[:, :RECALLED_DIM])

    def beside(
        self, sentence: torch.Tensor, books: Sequence[Book], found: torch.Tensor, most: float
    ) -> torch.Tensor:
        """What each member reads, mixed with what words beside a word mean, [members, 1, 44].

        Args:
            sentence: The word's features, [1, 768].
            books: What they say of it; words that are not remembered say nothing.
            found: What each member reads without them.
            most: Their share in the answer if they were many.
        """
        places = [[(self.memory.places(words), each) for words, each in book] for book in books]
        return self.memory.beside(sentence[:, :RECALLED_DIM], places, found, most)

    def within(
        self, sentence: torch.Tensor, word: str, found: torch.Tensor, share: float
    ) -> torch.Tensor:
        """What each member reads in a phrase, mixed with what one word of it means by itself.

        Args:
            sentence: The phrase's features, [1, 768].
            word: One that is not remembered says nothing.
            found: What each member reads without it, [members, 1, 44].
            share: Of the word, in the answer.
        """
        book = [(self.memory.places([word]), 1.0)]
        return self.memory.beside(sentence[:, :RECALLED_DIM], [book], found, share, doubt=0.0)

    def remember(
        self,
        sentences: torch.Tensor,
        own: torch.Tensor,
        lent: torch.Tensor,
        texts: Sequence[str],
    ) -> None:
        """Fill the memory with texts, whose features are [M, 768], see :meth:`Memory.fill`."""
        self.memory.fill(sentences[:, :RECALLED_DIM], own, lent, texts)

    def forward(
        self, sentences: torch.Tensor, *, remembering: bool = True
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Points [N, 27] and settings [N, 17]."""
        found = self.read(sentences, remembering=remembering).mean(0)
        return found[:, :POINT_COUNT], found[:, POINT_COUNT:]
