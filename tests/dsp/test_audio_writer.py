"""Writing: depth kept, nothing clipped, nothing half."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.audio_file import AudioWriter, read_audio, read_info, write_audio
from dsp.audio_format import Quantizer, bit_depth, full_scale, plan_format
from dsp.errors import AudioContentError, AudioFileError

RATES = (8000, 11_025, 22_050, 44_100, 96_000, 192_000)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aif", ".aiff", ".ogg"])
@pytest.mark.parametrize("channels", range(1, 9))
def test_every_format_takes_every_channel_count_and_rate(
    tmp_path: Path, suffix: str, channels: int
) -> None:
    for rate in RATES:
        target = tmp_path / f"{rate}{suffix}"
        info = write_audio(target, np.full((channels, 600), 0.25), rate, subtype="PCM_16")
        assert (info.sample_rate, info.channels, info.frames) == (rate, channels, 600)
        audio, _ = read_audio(target)
        assert np.abs(audio - 0.25).max() < (0.1 if suffix == ".ogg" else 2.1 * 2**-15)


@pytest.mark.parametrize(
    ("suffix", "source", "written", "note"),
    [
        (".wav", "PCM_U8", "PCM_U8", False),
        (".wav", "PCM_S8", "PCM_U8", False),
        (".wav", "PCM_16", "PCM_16", False),
        (".wav", "PCM_24", "PCM_24", False),
        (".wav", "PCM_32", "PCM_32", False),
        (".wav", "FLOAT", "FLOAT", False),
        (".wav", "DOUBLE", "DOUBLE", False),
        (".wav", "ULAW", "PCM_16", True),
        (".wav", "ALAC_20", "PCM_24", True),
        (".wav", "MPEG_LAYER_III", "PCM_24", True),
        (".wav", "VORBIS", "PCM_24", True),
        (".aiff", "PCM_U8", "PCM_S8", False),
        (".aif", "DOUBLE", "DOUBLE", False),
        (".flac", "PCM_U8", "PCM_S8", False),
        (".flac", "PCM_16", "PCM_16", False),
        (".flac", "PCM_32", "PCM_24", True),
        (".flac", "FLOAT", "PCM_24", True),
        (".ogg", "PCM_16", "VORBIS", True),
        (".ogg", "MPEG_LAYER_III", "VORBIS", False),
    ],
)
def test_the_depth_is_kept_or_the_change_is_told(
    tmp_path: Path, suffix: str, source: str, written: str, note: bool
) -> None:
    plan = plan_format(tmp_path / f"a{suffix}", 44_100, 2, subtype=source)
    assert plan.subtype == written
    assert bool(plan.notes) is note
    info = write_audio(tmp_path / f"a{suffix}", np.zeros((2, 10)), 44_100, subtype=source)
    assert info.subtype == written
    assert info.bit_depth == bit_depth(written)


def test_long_wav_becomes_rf64_and_long_aiff_is_refused(tmp_path: Path) -> None:
    frames = 3600 * 192_000
    assert plan_format(tmp_path / "a.wav", 192_000, 2, frames=frames).container == "RF64"
    assert plan_format(tmp_path / "a.wav", 44_100, 2, frames=44_100).container == "WAV"
    assert plan_format(tmp_path / "a.wav", 44_100, 6, frames=44_100).container == "WAVEX"
    with pytest.raises(AudioFileError, match="AIFF holds 2 GB"):
        plan_format(tmp_path / "a.aiff", 192_000, 2, frames=frames)
    with AudioWriter(tmp_path / "a.wav", 192_000, 2, frames=frames) as writer:
        writer.write(np.zeros((2, 100), dtype=np.float32))
    assert read_info(tmp_path / "a.wav").format == "RF64"


@pytest.mark.parametrize("name", ["a.mp3", "a", "a.txt", "a.opus"])
def test_unknown_extensions(tmp_path: Path, name: str) -> None:
    with pytest.raises(AudioFileError, match=r"allowed are \.wav"):
        AudioWriter(tmp_path / name, 44_100, 2)


@pytest.mark.parametrize(("rate", "channels"), [(7000, 1), (200_000, 1), (44_100, 9), (44_100, 0)])
def test_rates_and_channels_that_are_not_allowed(tmp_path: Path, rate: int, channels: int) -> None:
    with pytest.raises(AudioFileError, match="allowed is"):
        AudioWriter(tmp_path / "a.wav", rate, channels)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32"])
def test_integers_never_clip(tmp_path: Path, subtype: str) -> None:
    bits = bit_depth(subtype)
    assert bits is not None
    most = full_scale(bits, dither=False)
    target = tmp_path / "a.wav"
    with AudioWriter(target, 8000, 1, subtype=subtype) as writer:
        writer.write(np.array([[most, -1.0]]))
    assert soundfile.read(target)[0] == pytest.approx([most, -1.0], abs=1e-12)
    with (
        pytest.raises(AudioContentError, match="would clip"),
        AudioWriter(tmp_path / "b.wav", 8000, 1, subtype=subtype) as writer,
    ):
        writer.write(np.array([[0.0, 1.001 if bits > 8 else 1.01]]))
    assert [p.name for p in tmp_path.iterdir()] == ["a.wav"]


def test_floats_may_exceed_full_scale(tmp_path: Path) -> None:
    write_audio(
        tmp_path / "a.wav", np.array([[1.5, -2.0]], dtype=np.float32), 8000, subtype="FLOAT"
    )
    assert read_audio(tmp_path / "a.wav")[0].tolist() == [[1.5, -2.0]]


def test_dither_makes_the_error_free_of_the_signal() -> None:
    # A sine of a fifth of a step vanishes without dither and is all there with it.
    t = np.arange(200_000)
    sine = 0.2 * np.sin(2 * np.pi * t / 50) / 2**15
    assert not Quantizer("x", 16, dither=False)(sine).any()
    got = Quantizer("x", 16, dither=True)(sine) / 2.0**31
    amplitude = 2 * np.mean(got * np.sin(2 * np.pi * t / 50))
    assert amplitude == pytest.approx(0.2 / 2**15, rel=0.05)
    # TPDF: total error of 3 * step^2 / 12.
    assert np.var(got - sine) * 2**30 == pytest.approx(0.25, rel=0.05)
    again = Quantizer("x", 16, dither=True)(sine) / 2.0**31
    assert np.array_equal(got, again)


@settings(max_examples=40, deadline=None)
@given(
    bits=st.sampled_from([8, 16, 24, 32]),
    dither=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_full_scale_always_fits(bits: int, dither: bool, seed: int) -> None:
    most = full_scale(bits, dither=dither)
    sign = np.random.default_rng(seed).choice([-1.0, 1.0], 500)
    got = Quantizer("x", bits, dither=dither)(sign * most) / 2.0**31
    assert np.abs(got - sign * most).max() <= (1.5 if dither else 0.5) / 2 ** (bits - 1)


def test_integers_pass_unchanged(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).integers(-(2**23), 2**23, (3, 500)).astype(np.int32) << 8
    for name in ("a.wav", "a.flac", "a.aiff"):
        with AudioWriter(tmp_path / name, 48_000, 3, subtype="PCM_24") as writer:
            writer.write(samples)
        assert np.array_equal(soundfile.read(tmp_path / name, dtype="int32")[0].T, samples)


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    cases = (
        (np.zeros((1, 5)), "PCM_16", "shape"),
        (np.zeros(5), "PCM_16", "shape"),
        (np.zeros((2, 5), dtype=np.int16), "PCM_16", "type int16"),
        (np.zeros((2, 5), dtype=np.int32), "FLOAT", "integer format"),
    )
    for block, subtype, words in cases:
        with (
            pytest.raises(AudioFileError, match=words),
            AudioWriter(tmp_path / "a.wav", 8000, 2, subtype=subtype) as writer,
        ):
            writer.write(block)
    with (
        pytest.raises(AudioContentError, match="no samples"),
        AudioWriter(tmp_path / "a.wav", 8000, 2),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff", ".ogg"])
def test_metadata_is_kept(tmp_path: Path, suffix: str) -> None:
    with AudioWriter(
        tmp_path / f"a{suffix}", 8000, 1, metadata={"title": "Song", "artist": "Ann"}
    ) as writer:
        writer.write(np.zeros((1, 100)))
    found = read_info(tmp_path / f"a{suffix}").metadata
    assert (found["title"], found["artist"]) == ("Song", "Ann")


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_exception_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    def fail() -> None:
        with AudioWriter(tmp_path / "a.wav", 8000, 1) as writer:
            writer.write(np.zeros((1, 100)))
            raise error

    with pytest.raises(error):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_lost_frames_are_noticed(tmp_path: Path) -> None:
    def lose() -> None:
        with AudioWriter(tmp_path / "a.wav", 8000, 1) as writer:
            writer.write(np.zeros((1, 99)))
            writer._written += 1

    with pytest.raises(AudioFileError, match="99 of 100 frames arrived"):
        lose()
    assert list(tmp_path.iterdir()) == []


FULL_DISK = """
import resource, sys, numpy as np
from dsp.audio_file import write_audio
from dsp.errors import AudioFileError
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
sound = (np.random.default_rng(0).standard_normal((2, 200_000)) * 0.1).astype(np.float32)
for name in ("a.wav", "a.flac", "a.aiff", "a.ogg"):
    try:
        write_audio(f"{sys.argv[1]}/{name}", sound, 44_100, subtype="PCM_16")
    except AudioFileError as error:
        assert "could not be written to its end" in str(error), error
    else:
        sys.exit(f"{name} was accepted")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE is POSIX")
def test_a_disk_that_refuses_leaves_nothing(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []
