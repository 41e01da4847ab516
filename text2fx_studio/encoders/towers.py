"""The two small trained networks of ``fxsem``: statistics to points, sentences to settings."""

from __future__ import annotations

import torch
from torch import nn

from text2fx_studio.encoders.coordinates import POINT_COUNT
from text2fx_studio.encoders.statistics import COUNT as STATISTIC_COUNT

SENTENCE_DIM = 768
# Settings that the text tower proposes beside its point: 8 gains / 6 dB, high-pass and low-pass
# (present as a logit, position in octaves), space (logit, log2 T60, wet dB / 10, predelay / 50 ms,
# damping).
KEY_DIM, KEY_SEED = 128, 20_251
MEMORY_WIDTH, MEMORY_DOUBT = 0.012, 0.02
KNOWN = 0.9  # nearness from which a text is the remembered one (keys are stored in half precision)
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
        x = ((statistics - self.mean) / self.scale).clamp(-8.0, 8.0)
        found: torch.Tensor = self.linear(x) + self.inner(x)
        return found


class TextTower(nn.Module):
    """Sentence features [N, 768] -> point [N, 27] and setting [N, 17]: an ensemble, and a memory.

    The ensemble says what a text means from what it was taught as a whole; the memory holds, for
    every text of the lexicon, what the ensemble got wrong about it, and adds that where a text is
    very near: sum_i k_i r_i / (sum_i k_i + MEMORY_DOUBT), k_i = exp((cos_i - 1) / MEMORY_WIDTH).
    """

    projection: torch.Tensor
    keys: torch.Tensor
    residuals: torch.Tensor

    def __init__(
        self, hidden: int = 384, members: int = 4, dropout: float = 0.5, memory: int = 0
    ) -> None:
        super().__init__()
        out = POINT_COUNT + SETTING_COUNT
        self.w1 = nn.Parameter(torch.randn(members, SENTENCE_DIM, hidden) * SENTENCE_DIM**-0.5)
        self.b1 = nn.Parameter(torch.zeros(members, 1, hidden))
        self.w2 = nn.Parameter(torch.randn(members, hidden, out) * hidden**-0.5)
        self.b2 = nn.Parameter(torch.zeros(members, 1, out))
        self.dropout = dropout
        self.register_buffer("projection", torch.zeros(SENTENCE_DIM, KEY_DIM))
        self.register_buffer("keys", torch.zeros(memory, KEY_DIM))
        self.register_buffer("residuals", torch.zeros(memory, out))

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

    def recall(self, sentences: torch.Tensor) -> torch.Tensor:
        """What the memory adds, [N, 44]; zero far from every remembered text."""
        if not len(self.keys):
            return sentences.new_zeros(len(sentences), self.residuals.shape[1])
        near = self._near(sentences)
        return near @ self.residuals / (near.sum(-1, keepdim=True) + MEMORY_DOUBT)

    def knows(self, sentence: torch.Tensor) -> bool:
        """Whether a text, [1, 768], is one of those remembered."""
        return bool(len(self.keys)) and float(self._near(sentence).max()) > KNOWN

    def _near(self, sentences: torch.Tensor) -> torch.Tensor:
        """Nearness to every remembered text, [N, M]; one for the text itself."""
        cosine = nn.functional.normalize(sentences @ self.projection, dim=-1) @ self.keys.T
        return torch.exp((cosine - 1) / MEMORY_WIDTH)

    @torch.no_grad()
    def remember(self, sentences: torch.Tensor, wanted: torch.Tensor) -> None:
        """Fill the memory.

        Args:
            sentences: Features of the texts to remember, [M, 768].
            wanted: Their points and settings, [M, 44]; NaN where nothing is wanted.
        """
        generator = torch.Generator().manual_seed(KEY_SEED)
        drawn = torch.randn(SENTENCE_DIM, KEY_DIM, generator=generator) / KEY_DIM**0.5
        self.projection = drawn.to(sentences)
        missing = wanted - self.members(sentences).mean(0)
        self.keys = nn.functional.normalize(sentences @ self.projection, dim=-1)
        self.residuals = missing.nan_to_num(nan=0.0).clamp(-4.0, 4.0)

    def forward(self, sentences: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Points [N, 27] and settings [N, 17]."""
        found = self.members(sentences).mean(0) + self.recall(sentences)
        return found[:, :POINT_COUNT], found[:, POINT_COUNT:]
