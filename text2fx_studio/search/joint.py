"""The descent of :mod:`optimizer` for several recordings at once, each with a target of its own.

The recordings' starts go through the equalizer's design, the prior and the encoder as one batch;
everything that belongs to one recording (its windows, words, best settings, patience) stays apart.

What comes out for a recording does not depend on those beside it, to the last bit: each row of a
batch is computed by itself, and rows are filled up to counts at which the machine's matrix
products treat them alike. :func:`rows_stand_alone` tries that out on the machine; where it does
not hold, recordings are to be searched one by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from dsp.equalizer import Equalizer
from dsp.equalizer_gradient import sections
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.search.adam import Adam
from text2fx_studio.search.optimizer import Descent, Schedule
from text2fx_studio.search.preparation import Prepared
from text2fx_studio.search.prior import Prior

SETTING_ROWS = 32  # always so many settings at once, filled up: equal counts round alike
RESPONSE_ROWS = 8  # of which responses are computed at once, likewise
STEP_ROWS, MOST_ROWS = 4, 48  # of one pass through the encoder
Settings = dict[str, dict[str, torch.Tensor]]


def joint_key(ready: Prepared) -> tuple[object, ...]:
    """What recordings must share to be searched at once."""
    columns = tuple((v.effect, v.parameter.name, v.low, v.high) for v in ready.variables.columns)
    return (
        id(ready.encoder), ready.device, columns, tuple(ready.variables.fixed),
        ready.cached.file_rate_hz, tuple(ready.cached.dry_power.shape[1:]), ready.prior.weight,
    )  # fmt: skip


def packs(group: Sequence[Prepared]) -> list[list[int]]:
    """Which recordings are searched at once: indices, in packs that fit."""
    made: dict[tuple[object, ...], list[list[int]]] = {}
    for index, ready in enumerate(group):
        own = made.setdefault(joint_key(ready), [[]])
        if sum(len(group[i].starts) for i in own[-1]) + len(ready.starts) > SETTING_ROWS:
            own.append([])
        own[-1].append(index)
    return [pack for own in made.values() for pack in own if pack]


def rows_stand_alone(encoder: Encoder, bands: int, frames: int, device: str = "cpu") -> bool:
    """Whether the encoder gives a row the same bits wherever it stands and whatever is beside it.

    Args:
        encoder: As it will be used.
        bands: M of its mel power.
        frames: Of a window.
        device: Where it computes.
    """
    generator = torch.Generator().manual_seed(0)
    rows = torch.randn(MOST_ROWS, bands, frames, generator=generator).mul(2.0).exp().to(device)
    whole = _trial(encoder, rows)
    for count, first in ((4, 0), (4, 7), (8, 3), (12, 5), (20, 11), (32, 2)):
        part = _trial(encoder, rows[first : first + count])
        wanted = [found[first : first + count] for found in whole]
        if not all(torch.equal(a, b) for a, b in zip(part, wanted, strict=True)):
            return False
    return True


def _trial(encoder: Encoder, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    x = rows.clone().requires_grad_(True)
    found = encoder.embed_mel(x)
    weights = torch.linspace(-1.0, 1.0, found.shape[-1], dtype=found.dtype, device=found.device)
    (gradient,) = torch.autograd.grad((found * weights).sum(), x)
    return found.detach(), gradient


@dataclass
class _Track:
    """One recording on its way down, as in ``optimizer.descend``."""

    ready: Prepared
    rows: list[torch.Tensor]
    adam: Adam
    followed: torch.Tensor
    best_x: torch.Tensor
    best: torch.Tensor
    history: list[float]
    reference: float = math.inf
    stale: int = 0
    step: int = 0

    @classmethod
    def begin(cls, ready: Prepared) -> _Track:
        rows = [start[None].clone().requires_grad_(True) for start in ready.starts]
        return cls(
            ready=ready,
            rows=rows,
            adam=Adam(rows),
            followed=torch.arange(len(rows)),
            best_x=ready.starts.clone(),
            best=torch.full((len(rows),), math.inf, dtype=torch.float64),
            history=[],
        )

    def try_out(self, schedule: Schedule) -> list[torch.Tensor]:
        """The rows of this step; after the trial the worse half is given up."""
        if self.step == schedule.trial and len(self.followed) > 1:
            kept = (len(self.rows) + 1) // 2
            self.followed = self.best.argsort(stable=True)[:kept].sort().values
        self.adam.forget_gradients()
        return [self.rows[int(i)] for i in self.followed]

    def judge(self, losses: torch.Tensor, schedule: Schedule) -> bool:
        """Keep what is better; whether to go on."""
        current = torch.full_like(self.best, math.inf)
        current[self.followed] = losses.detach().cpu()
        better = current < self.best
        self.best = torch.where(better, current, self.best)
        for i in self.followed[better[self.followed]].tolist():
            self.best_x[i] = self.rows[i].detach()[0].cpu()
        self.history.append(float(self.best.min()))
        if self.history[-1] < self.reference - schedule.tolerance:
            self.reference, self.stale = self.history[-1], 0
        else:
            self.stale += 1
        return self.step < schedule.steps and self.stale < schedule.patience

    def move(self, schedule: Schedule) -> None:
        """One step of Adam."""
        self.adam.step(schedule.rate(self.step))
        self.step += 1

    def found(self) -> Descent:
        return Descent(self.best_x, self.best, tuple(self.history), self.step)


def descend_together(
    group: Sequence[Prepared],
    schedule: Schedule,
    on_step: Callable[[int], None] | None = None,
) -> list[Descent]:
    """Minimise every recording's own objective + prior from its own starts.

    Args:
        group: Recordings with the same :func:`joint_key`.
        schedule: For each of them; each ends by its own patience.
        on_step: Called with the number of each step; may raise to stop.

    Returns:
        What :func:`optimizer.descend` would return for each (to rounding), in order.
    """
    tracks = [_Track.begin(ready) for ready in group]
    going = list(tracks)
    step = 0
    while going:
        if on_step is not None:
            on_step(step)
        counts = []
        leaves: list[torch.Tensor] = []
        for track in going:
            rows = track.try_out(schedule)
            counts.append(len(rows))
            leaves += rows
        losses = _losses([track.ready for track in going], counts, torch.cat(leaves))
        on = [
            track.judge(part, schedule)
            for track, part in zip(going, torch.split(losses, counts), strict=True)
        ]
        # A recording that has ended gets no gradient that anyone reads; one sum serves them all.
        if any(on):
            losses.sum().backward()  # type: ignore[no-untyped-call]
        going = [track for track, goes_on in zip(going, on, strict=True) if goes_on]
        for track in going:
            track.move(schedule)
        step += 1
    return [track.found() for track in tracks]


def _losses(group: Sequence[Prepared], counts: Sequence[int], x: torch.Tensor) -> torch.Tensor:
    """Loss with prior of every row, float64 [sum(counts)]."""
    total = len(x)
    owner = [i for i, count in enumerate(counts) for _ in range(count)]
    missing = SETTING_ROWS - total
    owner += owner[:1] * missing
    filled = torch.cat((x, x[:1].detach().expand(missing, -1)))
    first = group[0]
    settings = first.variables.settings(filled)
    for kind, name in first.variables.fixed:
        values = [ready.variables.fixed[kind, name] for ready in group]
        settings[kind][name] = torch.tensor([values[i] for i in owner], dtype=torch.float64)
    sos = response = None
    if Equalizer.kind in settings:
        sos = sections(settings[Equalizer.kind], first.cached.file_rate_hz)
        used = sos[: math.ceil(total / RESPONSE_ROWS) * RESPONSE_ROWS]
        response = torch.cat(
            [first.cached.eq_response(part) for part in torch.split(used, RESPONSE_ROWS)]
        )
    penalty = _stacked([ready.prior for ready in group], owner).penalty(
        first.variables.positions(filled), settings, sos
    )
    heard = []
    at = 0
    for ready, count in zip(group, counts, strict=True):
        part = slice(at, at + count)
        own = {
            kind: {name: value[part] for name, value in values.items()}
            for kind, values in settings.items()
        }
        factors = ready.cached.power_and_gain(own, None if response is None else response[part])
        heard.append(ready.objective.matched(*factors).flatten(0, 1))
        at += count
    sizes = [len(rows) for rows in heard]
    embedded = torch.split(_embed(first.encoder, torch.cat(heard)), sizes)
    losses = [
        ready.objective.loss_of_embedded(rows) for ready, rows in zip(group, embedded, strict=True)
    ]
    return torch.cat(losses).double() + penalty[:total]


def _embed(encoder: Encoder, rows: torch.Tensor) -> torch.Tensor:
    """``embed_mel`` in passes of even size, filled up with copies of the first row."""
    count = len(rows)
    passes = math.ceil(count / MOST_ROWS)
    size = math.ceil(count / passes / STEP_ROWS) * STEP_ROWS
    missing = passes * size - count
    filled = torch.cat((rows, rows[:1].detach().expand(missing, -1, -1)))
    return torch.cat([encoder.embed_mel(part) for part in torch.split(filled, size)])[:count]


def _stacked(priors: Sequence[Prior], owner: Sequence[int]) -> Prior:
    """One prior whose every row is that of the row's own recording."""

    def rows(values: Sequence[torch.Tensor]) -> torch.Tensor:
        return torch.stack(list(values))[owner]

    first = priors[0]
    curve = first.curve
    curves = [prior.curve for prior in priors if prior.curve is not None]
    if curve is not None:
        curve = replace(
            curve,
            likely=rows([one.likely for one in curves]),
            empty=rows([one.empty for one in curves]),
            share=rows([one.share for one in curves]),
            octaves=rows([one.octaves for one in curves]),
            least_shift=rows([one.least_shift for one in curves]),
        )
    return replace(
        first,
        mean=rows([prior.mean for prior in priors]),
        spread=rows([prior.spread for prior in priors]),
        curve=curve,
    )
