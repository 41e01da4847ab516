"""REAPER: an effect of our own in JSFX with the setting as its sliders, and an FX chain of it.

The effect computes the RBJ cookbook's sections in double precision at the project's rate, as the
app does, so its equalizer is ours by construction.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from dsp.equalizer import NYQUIST_SHARE, STAGES, Equalizer
from dsp.gain import Gain
from dsp.parameters import Parameter
from text2fx_studio.export import impulse
from text2fx_studio.export.parcel import Parcel, Request, graded
from text2fx_studio.export.stages import left_out, plain

_SLIDERS = 64  # values that REAPER writes for a JSFX
_KINDS = {"high_pass": 1, "low_shelf": 2, "peaking": 3, "high_shelf": 4, "low_pass": 5}

_CODE = """\
@init
coefficients = 0;
states = 100;

function section(at, b0, b1, b2, a0, a1, a2)
(
  at[0] = b0 / a0;
  at[1] = b1 / a0;
  at[2] = b2 / a0;
  at[3] = a1 / a0;
  at[4] = a2 / a0;
);

function pass(at, high, f, q) local(w, c, alpha, k)
(
  w = 2 * $pi * f / srate;
  c = cos(w);
  alpha = sin(w) / (2 * q);
  k = high ? 1 + c : 1 - c;
  section(at, k / 2, high ? 0 - k : k, k / 2, 1 + alpha, 0 - 2 * c, 1 - alpha);
);

function shelf(at, high, f, gain, q) local(w, c, alpha, a, s, t)
(
  w = 2 * $pi * f / srate;
  a = exp(gain * log(10) / 40);
  alpha = sin(w) / (2 * q);
  c = high ? 0 - cos(w) : cos(w);
  s = high ? 0 - 1 : 1;
  t = 2 * sqrt(a) * alpha;
  section(at,
    a * (a + 1 - (a - 1) * c + t), s * 2 * a * (a - 1 - (a + 1) * c), a * (a + 1 - (a - 1) * c - t),
    a + 1 + (a - 1) * c + t, 0 - s * 2 * (a - 1 + (a + 1) * c), a + 1 + (a - 1) * c - t);
);

function bell(at, f, gain, q) local(w, c, alpha, a)
(
  w = 2 * $pi * f / srate;
  c = cos(w);
  a = exp(gain * log(10) / 40);
  alpha = sin(w) / (2 * q);
  section(at, 1 + alpha * a, 0 - 2 * c, 1 - alpha * a, 1 + alpha / a, 0 - 2 * c, 1 - alpha / a);
);

function design(at, kind, f, gain, q) local(off)
(
  off = f >= @SHARE@ * srate;
  off = kind == 1 ? (off || f <= @LOWEST@) : off;
  off = kind == 5 ? (off || f >= @HIGHEST@) : off;
  off ? section(at, 1, 0, 0, 1, 0, 0) :
  kind == 1 ? pass(at, 1, f, q) :
  kind == 2 ? shelf(at, 0, f, gain, q) :
  kind == 3 ? bell(at, f, gain, q) :
  kind == 4 ? shelf(at, 1, f, gain, q) :
  pass(at, 0, f, q);
);

function run(x, state) local(i, c, s, y)
(
  i = 0;
  loop(@COUNT@,
    c = coefficients + i * 5;
    s = state + i * 2;
    y = c[0] * x + s[0];
    s[0] = c[1] * x - c[3] * y + s[1];
    s[1] = c[2] * x - c[4] * y;
    x = y;
    i = i + 1;
  );
  x;
);

@slider
level = exp(slider1 * log(10) / 20);
@DESIGN@

@sample
spl0 = level * run(spl0, states);
spl1 = level * run(spl1, states + 50);
"""


def build(request: Request) -> Parcel:
    """The effect, the FX chain, and with a room its impulse response."""
    chain, stem = request.preset.chain, request.file_name
    files = {PurePosixPath(f"{stem}.jsfx"): effect(request).encode()}
    values = [plain(value, 6) for _, value in sliders(request)]
    values += ["-"] * (_SLIDERS - len(values))
    text = (
        f'BYPASS 0 0 0\n<JS "text2fx/{stem}.jsfx" "{_comment(request)}"\n'
        f"  {' '.join(values)}\n>\nWAK 0 0\n"
    )
    files[PurePosixPath(f"{stem}.RfxChain")] = text.encode()
    notes = [
        "put the .jsfx into REAPER's resource path under Effects/text2fx, the .RfxChain under "
        "FXChains",
    ]
    carried = ["eq", "gain"]
    if impulse.has_room(chain):
        wet = impulse.room(chain, request.sample_rate_hz)
        wav = impulse.wav_bytes(wet, request.sample_rate_hz)
        files[PurePosixPath(f"{stem} room.wav")] = wav
        notes.append("the room: add ReaVerb after it, load the WAV, wet 0 dB, dry 0 dB")
        carried.append("reverb")
    missing = left_out(request.preset, carried)
    return Parcel(files, graded("exact", missing), missing, tuple(notes))


def effect(request: Request) -> str:
    """The JSFX source: the setting is the sliders' default."""
    lines = [f"desc:text2fx: {_comment(request)}"]
    lines += ["in_pin:left", "in_pin:right", "out_pin:left", "out_pin:right"]
    for number, (parameter, value) in enumerate(sliders(request), 1):
        unit = f" ({parameter.unit})" if parameter.unit in ("dB", "Hz") else ""
        log = ":log" if parameter.scale == "log" else ""
        lines.append(
            f"slider{number}:{plain(value, 6)}<{plain(parameter.low, 3)},"
            f"{plain(parameter.high, 3)},0.0001{log}>{parameter.title}{unit}"
        )
    high_pass = Equalizer.parameter("high_pass_frequency_hz")
    low_pass = Equalizer.parameter("low_pass_frequency_hz")
    code = (
        _CODE.replace("@SHARE@", str(NYQUIST_SHARE))
        .replace("@LOWEST@", plain(high_pass.low, 3))
        .replace("@HIGHEST@", plain(low_pass.high, 3))
        .replace("@COUNT@", str(len(STAGES)))
        .replace("@DESIGN@", "\n".join(_designs()))
    )
    return "\n".join(lines) + "\n\n" + code


def sliders(request: Request) -> Iterator[tuple[Parameter, float]]:
    """The sliders in order, gain first, then the stages as :data:`dsp.equalizer.STAGES` has them.

    A bypassed equalizer gives neutral sliders.
    """
    chain = request.preset.chain
    yield Gain.parameter("gain_db"), chain.gain_db()
    found = chain.get(Equalizer)
    eq = found if found is not None and found.enabled else Equalizer()
    for parameter in Equalizer.parameters:
        yield parameter, eq.values[parameter.name]


def _designs() -> Iterator[str]:
    numbers = {p.name: f"slider{i}" for i, p in enumerate(Equalizer.parameters, 2)}
    for index, (name, kind) in enumerate(STAGES):
        gain = numbers.get(f"{name}_gain_db", "0")
        q = numbers.get(f"{name}_q", "sqrt(0.5)")
        yield (
            f"design(coefficients + {index * 5}, {_KINDS[kind]}, "
            f"{numbers[f'{name}_frequency_hz']}, {gain}, {q});"
        )


def _comment(request: Request) -> str:
    return " ".join(request.preset.name.replace('"', "'").split())
