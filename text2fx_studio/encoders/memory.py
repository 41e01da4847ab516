"""What the lexicon says about texts near a text: the part of the text tower that remembers.

An estimate after Nadaraya and Watson (1964): the mean of the remembered meanings, weighted by a
kernel on the cosine of the sentence features. On words that it was not taught it is nearer to the
truth than a network alone, and what it was taught it says exactly.

A text can have two meanings: its own, said when it is met itself, and the one that it lends to
texts around it.

A word that nobody taught is read by the words that thesaurus and dictionary put beside it, where
those are remembered: what they mean on the mean, the more so, the nearer they are to it as
sentences.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch
from torch import nn
from torch.nn.functional import normalize

KEY_DIM = 128
WIDTH, NARROWEST = 0.05, 0.002  # of the kernel, in cosine: far from all texts, and at a known one
FAR = 0.25  # 1 - cosine of the nearest text from which the kernel has its full width
SHARE_FAR = 0.5  # of the memory in the answer there; the rest is the network's
KNOWN = 0.99  # cosine from which a text is the remembered one (keys are kept in eight bits)
BESIDE_SHARE, BESIDE_DOUBT = 0.8, 3.0  # of words beside one: at most, and at how many half of it
BESIDE_WIDTH = 0.15  # of their kernel, in cosine
# Shares of the words of a phrase that nobody taught: of all words together that nobody taught
# either, by those beside them, and of all words if each was taught, by themselves.
STRANGE_IN_PHRASE, KNOWN_IN_PHRASE = 0.5, 0.3
_BLOCK = 1024
Rows = Sequence[tuple[Sequence[int], float]]  # of a book's groups, and what each row counts
_MARK_BYTES = 8


class Memory(nn.Module):
    """Texts by their features, what each of them means, and what it lends to its neighbours.

    Args:
        feature_dim: Of the features, which have unit norm.
        meaning_dim: Numbers of a meaning.
        texts: Texts to hold.
        meanings: Different meanings among them.
    """

    center: torch.Tensor
    projection: torch.Tensor
    codes: torch.Tensor
    step: torch.Tensor
    own_of: torch.Tensor
    lent_of: torch.Tensor
    meanings: torch.Tensor
    marks: torch.Tensor

    def __init__(self, feature_dim: int, meaning_dim: int, texts: int = 0, meanings: int = 0):
        super().__init__()
        self.register_buffer("center", torch.zeros(feature_dim))
        self.register_buffer("projection", torch.zeros(feature_dim, KEY_DIM))
        self.register_buffer("codes", torch.zeros(texts, KEY_DIM, dtype=torch.int8))
        self.register_buffer("step", torch.zeros(()))
        self.register_buffer("own_of", torch.zeros(texts, dtype=torch.int32))
        self.register_buffer("lent_of", torch.zeros(texts, dtype=torch.int32))
        self.register_buffer("meanings", torch.zeros(meanings, meaning_dim))
        self.register_buffer("marks", torch.zeros(texts, dtype=torch.int64))
        self._places: dict[int, int] | None = None
        self._keys: torch.Tensor | None = None
        self._answers: tuple[torch.Tensor, torch.Tensor] | None = None

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def keys(self) -> torch.Tensor:
        """The texts' features along the principal axes, a text a column of unit norm, [128, texts].

        By columns, because that is how one text is compared with all of them several times as fast.
        """
        if self._keys is None or self._keys.device != self.codes.device:
            self._keys = self._rows(self.codes).T.contiguous()
        return self._keys

    def _rows(self, codes: torch.Tensor) -> torch.Tensor:
        """What is kept of features, as they were: [N, 128] -> unit norm, [N, 128]."""
        return normalize(codes.to(self.step) * self.step, dim=-1)

    @property
    def answers(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The meanings with zeros where nothing is said, and where something is, [meanings, K]."""
        if self._answers is None or self._answers[0].device != self.meanings.device:
            said = ~self.meanings.isnan()
            self._answers = self.meanings.nan_to_num(nan=0.0), said.to(self.meanings)
        return self._answers

    def places(self, texts: Sequence[str]) -> list[int]:
        """Rows of those of the texts that are remembered, without regard to case."""
        if self._places is None:
            self._places = {mark: row for row, mark in enumerate(self.marks.tolist())}
        found = (self._places.get(mark_of(text)) for text in texts)
        return [row for row in found if row is not None]

    def beside(
        self,
        features: torch.Tensor,
        books: Sequence[Rows],
        guess: torch.Tensor,
        most: float = BESIDE_SHARE,
        doubt: float = BESIDE_DOUBT,
    ) -> torch.Tensor:
        """A word by the words beside it, and a guess as far as those are few.

        Books say as much as each other; in a book a group by what a word of it counts and by the
        root of their number; in a group a word by a kernel on its cosine.

        Args:
            features: Of the word, [1, D].
            books: Rows of what each says of it, in groups, see :meth:`places`.
            guess: What is thought without them, [..., 1, K].
            most: The words' share in the answer if they were many.
            doubt: How many of them have half that share.

        Returns:
            [..., 1, K].
        """
        speaking = [found for book in books if (found := [group for group in book if group[0]])]
        if not speaking:
            return guess
        key, rows, weights, count = self._key(features), [], [], 0.0
        for book in speaking:
            sizes = [each * len(group) ** 0.5 for group, each in book]
            for (group, each), size in zip(book, sizes, strict=True):
                chosen = torch.as_tensor(group, device=self.codes.device)
                cosine = (key @ self._rows(self.codes[chosen]).T)[0]
                kernel = torch.softmax(cosine / BESIDE_WIDTH, dim=-1)
                weights.append(kernel * (size / sum(sizes) / len(speaking)))
                rows.append(chosen)
                count += each * len(group)
        weight = most * count / (count + doubt) * torch.cat(weights)
        meanings, said = self.answers
        of = self.lent_of[torch.cat(rows)].long()
        return guess * (1 - weight @ said[of]) + weight @ meanings[of]

    def knows(self, features: torch.Tensor) -> bool:
        """Whether a text, [1, D], is one of those remembered."""
        return len(self) > 0 and float((self._key(features) @ self.keys).max()) > KNOWN

    def mixed(self, features: torch.Tensor, guess: torch.Tensor) -> torch.Tensor:
        """The memory's answer, and a guess as far as nothing like it is remembered.

        Args:
            features: Of N texts, [N, D].
            guess: What the network says, [..., N, K].

        Returns:
            [..., N, K]; at a remembered text what is remembered, where something is.
        """
        if not len(self):
            return guess
        blocks = [self._recall(block) for block in torch.split(features, _BLOCK)]
        answer = torch.cat([a for a, _ in blocks]) if blocks else guess
        share = torch.cat([s for _, s in blocks]) if blocks else torch.zeros_like(guess)
        return guess * (1 - share) + answer

    def _recall(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Share times the mean of what is remembered, and the share, both [N, K]."""
        cosine = self._key(features) @ self.keys
        nearest, place = cosine.max(dim=-1, keepdim=True)
        distance = ((1 - nearest) / FAR).clamp(0.0, 1.0)
        weight = torch.softmax(
            (cosine - nearest) / (NARROWEST + (WIDTH - NARROWEST) * distance), dim=-1
        ) * (1 - (1 - SHARE_FAR) * distance)
        by_meaning = weight.new_zeros(len(weight), len(self.meanings))
        # Not `index_add_`, which takes fifteen to a hundred times as long.
        by_meaning.scatter_add_(1, self.lent_of.long().expand_as(weight), weight)
        itself = torch.zeros_like(by_meaning).scatter_(1, self.own_of[place].long(), 1.0)
        by_meaning = torch.where(nearest > KNOWN, itself, by_meaning)
        meanings, said = self.answers
        return by_meaning @ meanings, by_meaning @ said

    def _key(self, features: torch.Tensor) -> torch.Tensor:
        return normalize(self._centered(features) @ self.projection, dim=-1)

    def _centered(self, features: torch.Tensor) -> torch.Tensor:
        return normalize(features - self.center, dim=-1)

    @torch.no_grad()
    def fill(
        self,
        features: torch.Tensor,
        own: torch.Tensor,
        lent: torch.Tensor,
        texts: Sequence[str],
    ) -> None:
        """Remember texts, and nothing else.

        Args:
            features: [M, D].
            own: What each text means itself, [M, K]; NaN where it says nothing.
            lent: What it tells about texts near it, [M, K].
            texts: The texts themselves, of which marks are kept, M.
        """
        self.center = features.mean(dim=0)
        centered = self._centered(features)
        _, axes = torch.linalg.eigh((centered.T @ centered).double())
        self.projection = axes[:, -KEY_DIM:].flip(-1).to(features)
        keys = self._key(features)
        self.step = keys.abs().max() / 127
        self.codes = (keys / self.step).round().to(torch.int8)
        self.marks = torch.tensor([mark_of(text) for text in texts], device=features.device)
        self._keys, self._answers, self._places = None, None, None
        marked = torch.cat((own, lent)).nan_to_num(nan=1e9)  # NaN is not equal to itself
        found, which = torch.unique(marked, dim=0, return_inverse=True)
        self.meanings = torch.where(found == 1e9, torch.nan, found)
        self.own_of, self.lent_of = which.to(torch.int32).chunk(2)


def mark_of(text: str) -> int:
    """A number that stands for a text, without regard to case."""
    digest = hashlib.sha256(text.lower().encode()).digest()[:_MARK_BYTES]
    return int.from_bytes(digest, "big", signed=True)
