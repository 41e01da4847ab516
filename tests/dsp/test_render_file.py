"""Files through a chain: depth, peak, tail, refusals, and nothing left behind."""

import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dsp import render as render_module
from dsp.audio_file import AudioWriter, read_audio, write_audio
from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.errors import AudioContentError, AudioFileError, CancelledError
from dsp.gain import Gain
from dsp.render import render_array, render_file
from dsp.reverb import Reverb
from dsp.true_peak import true_peak_dbtp

SOFT = Chain((Equalizer({"bell_3_gain_db": 3.0}), Gain({"gain_db": -6.0})))
LOUD = Chain((Gain({"gain_db": 12.0}),))
ROOM = Chain((Equalizer({"bell_3_gain_db": -6.0}), Reverb({"wet_db": -9.0, "t60_s": 0.3})))
NEUTRAL = Chain.parse("eq,reverb")


def sine(dbfs: float, channels: int = 2, seconds: float = 0.6, rate: int = 44_100) -> np.ndarray:
    t = np.arange(int(rate * seconds)) / rate
    return np.tile(10 ** (dbfs / 20) * np.sin(2 * np.pi * 441 * t), (channels, 1))


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A folder to read from and one to write to, in which no hidden file may stay behind."""
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    target.mkdir()
    yield source, target
    for folder in (source, target):
        assert not [p for p in folder.iterdir() if p.name.startswith(".")]


@pytest.mark.parametrize(
    ("suffix", "container", "subtype"),
    [
        (suffix, container, subtype)
        for suffix, container in ((".wav", "WAV"), (".flac", "FLAC"), (".aif", "AIFF"))
        for subtype in ("PCM_U8", "PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")
        if soundfile.check_format(container, subtype)
    ],
)
def test_a_neutral_chain_copies_bit_for_bit(
    folders: tuple[Path, Path], suffix: str, container: str, subtype: str
) -> None:
    source, target = folders[0] / f"a{suffix}", folders[1] / f"b{suffix}"
    rng = np.random.default_rng(0)
    dtype = {"FLOAT": "float32", "DOUBLE": "float64"}.get(subtype, "int32")
    if dtype == "int32":
        samples = rng.integers(-(2**31), 2**31 - 1, (70_000, 2)).astype(np.int32)
        samples[:4, 0] = (-(2**31), 2**31 - 1, 0, -1)  # full scale goes through, too
    else:
        samples = rng.standard_normal((70_000, 2)).astype(dtype)  # beyond full scale, too
    soundfile.write(source, samples, 48_000, subtype=subtype, format=container)
    report = render_file(source, target, NEUTRAL)
    got, rate = soundfile.read(target, dtype=dtype)
    assert rate == 48_000
    assert np.array_equal(got, soundfile.read(source, dtype=dtype)[0])
    assert report.safety_gain_db == 0.0
    assert report.notes == ()
    assert report.true_peak_before_dbtp == report.true_peak_after_dbtp
    assert report.tail_s == 0.0


@pytest.mark.parametrize(
    ("suffix", "subtype", "step"),
    [
        (".wav", "PCM_U8", 2**-7), (".wav", "PCM_16", 2**-15), (".wav", "PCM_24", 2**-23),
        (".wav", "PCM_32", 2**-23), (".wav", "FLOAT", 2**-23), (".wav", "DOUBLE", 2**-23),
        (".flac", "PCM_16", 2**-15), (".flac", "PCM_24", 2**-23), (".aiff", "PCM_24", 2**-23),
    ],
)  # fmt: skip
def test_the_file_is_the_array_at_its_own_depth(
    folders: tuple[Path, Path], suffix: str, subtype: str, step: float
) -> None:
    source, target = folders[0] / f"a{suffix}", folders[1] / f"b{suffix}"
    write_audio(source, sine(-9, 3), 44_100, subtype=subtype)
    report = render_file(source, target, SOFT)
    audio, rate = read_audio(source)
    got, _ = read_audio(target)
    assert np.abs(got - render_array(audio, rate, SOFT)).max() < 1.6 * step
    assert report.target.subtype == report.source.subtype == subtype
    assert report.target.frames == report.source.frames
    assert any("dither" in n for n in report.notes) is (subtype in ("PCM_U8", "PCM_16"))


@pytest.mark.parametrize("suffix", [".ogg", ".mp3"])
@pytest.mark.parametrize("to", [".wav", ".flac", ".aiff", ".ogg"])
def test_lossy_sources(folders: tuple[Path, Path], suffix: str, to: str) -> None:
    source, target = folders[0] / f"a{suffix}", folders[1] / f"b{to}"
    soundfile.write(source, sine(-12).T, 44_100)
    report = render_file(source, target, SOFT)
    assert report.target.subtype == ("VORBIS" if to == ".ogg" else "PCM_24")
    audio, rate = read_audio(source)
    got, _ = read_audio(target)
    assert got.shape == audio.shape
    wanted = render_array(audio, rate, SOFT)
    inner = slice(2000, -2000)
    assert np.abs(got[:, inner] - wanted[:, inner]).max() < (0.02 if to == ".ogg" else 2**-22)


def test_equal_input_gives_equal_files(folders: tuple[Path, Path]) -> None:
    write_audio(folders[0] / "a.wav", sine(-9), 44_100, subtype="PCM_16")
    for name in ("b.wav", "c.wav"):
        render_file(folders[0] / "a.wav", folders[1] / name, ROOM)
    assert (folders[1] / "b.wav").read_bytes() == (folders[1] / "c.wav").read_bytes()


def test_the_tail_is_appended_unless_unwanted(folders: tuple[Path, Path]) -> None:
    write_audio(folders[0] / "a.wav", sine(-9), 44_100)
    long = render_file(folders[0] / "a.wav", folders[1] / "b.wav", ROOM)
    short = render_file(folders[0] / "a.wav", folders[1] / "c.wav", ROOM, tail=False)
    audio, rate = read_audio(folders[0] / "a.wav")
    assert long.target.frames == render_array(audio, rate, ROOM).shape[1]
    assert 0.2 < long.tail_s < 0.6
    assert long.tail_s == pytest.approx((long.target.frames - long.source.frames) / 44_100)
    assert (short.tail_s, short.target.frames) == (0.0, short.source.frames)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_the_safety_holds_the_true_peak_and_says_so(
    folders: tuple[Path, Path], subtype: str
) -> None:
    write_audio(folders[0] / "a.wav", sine(-6), 44_100, subtype=subtype)
    report = render_file(folders[0] / "a.wav", folders[1] / "b.wav", LOUD)
    assert report.safety_gain_db == pytest.approx(-6.1, abs=0.05)
    assert report.true_peak_after_dbtp == pytest.approx(-0.1, abs=0.001)
    assert true_peak_dbtp(read_audio(folders[1] / "b.wav")[0]) == pytest.approx(-0.1, abs=0.01)
    assert "the true peak would have been +6.0 dBTP: turned down by 6.1 dB" in report.notes[0]
    assert report.loudness_after_lufs - report.loudness_before_lufs == pytest.approx(5.9, abs=0.05)


def test_a_hot_source_is_its_own_ceiling(folders: tuple[Path, Path]) -> None:
    # True peak of +2 dBTP in float: a quieter result is not touched, a louder one ends there.
    write_audio(folders[0] / "a.wav", sine(2), 44_100, subtype="FLOAT")
    soft = Chain((Gain({"gain_db": -1.0}),))
    quiet = render_file(folders[0] / "a.wav", folders[1] / "b.wav", soft)
    assert quiet.safety_gain_db == 0.0
    assert quiet.notes == ()
    loud = render_file(folders[0] / "a.wav", folders[1] / "c.wav", LOUD)
    assert loud.true_peak_after_dbtp == pytest.approx(loud.true_peak_before_dbtp, abs=0.001)
    # FLAC cannot hold it, neutral or not: turned down just enough, and said.
    for chain in (NEUTRAL, soft):
        target = folders[1] / f"{chain.name}.flac"
        report = render_file(folders[0] / "a.wav", target, chain)
        assert any("24 bit would have clipped" in note for note in report.notes)
        assert np.abs(read_audio(target)[0]).max() == pytest.approx(1.0, abs=1e-5)


def test_metadata_goes_along(folders: tuple[Path, Path]) -> None:
    with AudioWriter(
        folders[0] / "a.wav", 44_100, 1, metadata={"title": "Song", "artist": "Ann"}
    ) as writer:
        writer.write(sine(-9, 1))
    render_file(folders[0] / "a.wav", folders[1] / "b.flac", SOFT)
    with soundfile.SoundFile(folders[1] / "b.flac") as file:
        assert (file.title, file.artist) == ("Song", "Ann")


def test_the_report_is_plain_data(folders: tuple[Path, Path]) -> None:
    write_audio(folders[0] / "a.wav", np.zeros((1, 44_100)), 44_100)
    report = render_file(folders[0] / "a.wav", folders[1] / "b.wav", SOFT)
    data = json.loads(json.dumps(report.to_data(), allow_nan=False))
    assert data["loudness_before_lufs"] is None
    assert data["output"].endswith("b.wav")
    assert report.loudness_after_lufs == -math.inf
    assert report.realtime_factor == pytest.approx(1 / report.seconds)


def test_progress_rises_to_one(folders: tuple[Path, Path]) -> None:
    write_audio(folders[0] / "a.wav", sine(-9, 1, 6), 44_100)
    for chain in (SOFT, NEUTRAL):
        seen: list[float] = []
        render_file(
            folders[0] / "a.wav", folders[1] / "b.wav", chain, overwrite=True, progress=seen.append
        )
        assert seen == sorted(seen)
        assert seen[-1] == 1.0
        assert len(seen) >= 4


@pytest.mark.parametrize("chain", [SOFT, NEUTRAL])
@pytest.mark.parametrize("after", [0, 2])
def test_cancelling_leaves_nothing(folders: tuple[Path, Path], chain: Chain, after: int) -> None:
    write_audio(folders[0] / "a.wav", sine(-9, 1, 6), 44_100)
    asked = iter([False] * after + [True] * 9)
    with pytest.raises(CancelledError):
        render_file(folders[0] / "a.wav", folders[1] / "b.wav", chain, cancel=lambda: next(asked))
    assert list(folders[1].iterdir()) == []


def test_the_source_is_never_the_target(folders: tuple[Path, Path]) -> None:
    source = folders[0] / "a.wav"
    write_audio(source, sine(-9), 44_100)
    before = source.read_bytes()
    soft, hard = folders[1] / "soft.wav", folders[1] / "hard.wav"
    soft.symlink_to(source)
    os.link(source, hard)
    for target in (source, folders[0] / ".." / "in" / "a.wav", soft, hard):
        with pytest.raises(AudioFileError, match="is the input itself"):
            render_file(source, target, SOFT, overwrite=True)
    assert source.read_bytes() == before


def test_targets_that_cannot_be_written(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = folders[0] / "a.wav"
    write_audio(source, sine(-9), 44_100)
    existing = folders[1] / "old.wav"
    existing.write_bytes(b"keep me")
    for target, words in (
        (folders[1], "is a folder"),
        (folders[1] / "none" / "b.wav", "does not exist"),
        (folders[1] / "b.mp3", r"allowed are \.wav"),
        (existing, "exists already"),
        (existing / "b.wav", "is not a folder|cannot be written"),
    ):
        with pytest.raises(AudioFileError, match=words):
            render_file(source, target, SOFT)
    assert existing.read_bytes() == b"keep me"
    render_file(source, existing, SOFT, overwrite=True)
    assert read_audio(existing)[0].shape == sine(-9).shape

    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(AudioFileError, match="no permission"):
        render_file(source, folders[1] / "b.wav", SOFT)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="rights do not bind here")
def test_a_read_only_folder(folders: tuple[Path, Path]) -> None:
    write_audio(folders[0] / "a.wav", sine(-9), 44_100)
    folders[1].chmod(0o500)
    try:
        with pytest.raises(AudioFileError, match="no permission"):
            render_file(folders[0] / "a.wav", folders[1] / "b.wav", SOFT)
    finally:
        folders[1].chmod(0o700)


def test_bad_samples_are_found_on_the_way(folders: tuple[Path, Path]) -> None:
    sound = sine(-9, 1, 4).astype(np.float32)
    sound[0, 150_000] = np.nan
    soundfile.write(folders[0] / "a.wav", sound.T, 44_100, subtype="FLOAT")
    for chain in (SOFT, NEUTRAL):
        with pytest.raises(AudioContentError, match=r"at 3\.401 s"):
            render_file(folders[0] / "a.wav", folders[1] / "b.wav", chain)
    assert list(folders[1].iterdir()) == []


@pytest.mark.parametrize("error", [OSError(28, "No space left"), KeyboardInterrupt()])
@pytest.mark.parametrize("where", ["_write_all", "_read_all"])
def test_a_failure_at_any_time_leaves_nothing(
    folders: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    where: str,
) -> None:
    write_audio(folders[0] / "a.wav", sine(-9, 1, 4), 44_100)
    (folders[1] / "b.wav").write_bytes(b"old")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(render_module, where, fail)
    expected = AudioFileError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected, match="disk is full" if isinstance(error, OSError) else None):
        render_file(folders[0] / "a.wav", folders[1] / "b.wav", SOFT, overwrite=True)
    assert [(p.name, p.read_bytes()) for p in folders[1].iterdir()] == [("b.wav", b"old")]


FULL_DISK = """
import resource, sys
from dsp.chain import Chain
from dsp.errors import AudioFileError
from dsp.gain import Gain
from dsp.render import render_file
chains = (Chain.parse("eq"), Chain((Gain({"gain_db": -3.0}),)))
for limit in (100_000, 400_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    for chain in chains:
        try:
            render_file(sys.argv[1], sys.argv[2], chain)
        except AudioFileError as error:
            assert "b.wav" in str(error), error
        else:
            sys.exit("accepted")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE is POSIX")
def test_a_disk_that_refuses(folders: tuple[Path, Path]) -> None:
    source = folders[0] / "a.wav"
    write_audio(source, sine(-9, 2, 4), 44_100)
    subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(source), str(folders[1] / "b.wav")],
        check=True, timeout=60,
    )  # fmt: skip
    assert list(folders[1].iterdir()) == []


INTERRUPTED = """
import signal
import sys
import time
from dsp.chain import Chain
from dsp.gain import Gain
from dsp.render import render_file
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
def say(share):
    print(share, flush=True)
    time.sleep(60 if share < 1 else 0)  # for the signal, which comes in the middle of the file
render_file(sys.argv[1], sys.argv[2], Chain((Gain({"gain_db": -3.0}),)), progress=say)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_ctrl_c_leaves_no_file(folders: tuple[Path, Path]) -> None:
    source = folders[0] / "a.wav"
    with AudioWriter(source, 48_000, 8, subtype="PCM_16") as writer:
        for _ in range(60):
            writer.write(np.zeros((8, 48_000), dtype=np.float32))
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(source), str(folders[1] / "b.wav")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        assert 0.0 < float(process.stdout.readline()) < 1.0
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        process.stdout.read()
    assert process.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in said
    assert list(folders[1].iterdir()) == []


# Not getrusage: its peak outlives exec, so a child starts with the peak of the test process.
MEMORY = """
import sys
from pathlib import Path
from dsp.chain import Chain
from dsp.equalizer import Equalizer
from dsp.render import render_file
from dsp.reverb import Reverb
chain = Chain((Equalizer({"bell_3_gain_db": 6.0}), Reverb({"wet_db": -9.0, "t60_s": 0.5})))
peaks = []
for source in sys.argv[2:]:
    render_file(source, sys.argv[1], chain, overwrite=True)
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    peaks.append(int(status["VmHWM"].split()[0]) * 1024)
print(*peaks)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
def test_memory_does_not_grow_with_length(folders: tuple[Path, Path]) -> None:
    rng = np.random.default_rng(0)
    block = (0.1 * rng.standard_normal((2, 16_000 * 10))).astype(np.float32)
    for name, blocks in (("short", 3), ("long", 36)):
        with AudioWriter(folders[0] / f"{name}.wav", 16_000, 2, subtype="PCM_16") as writer:
            for _ in range(blocks):
                writer.write(block)
    names = [str(folders[1] / "b.wav"), *(str(folders[0] / f"{n}.wav") for n in ("short", "long"))]
    result = subprocess.run(
        [sys.executable, "-c", MEMORY, *names], check=True, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    short, long = (int(word) for word in result.stdout.split())
    # Six minutes as floats are 46 MB, in and out 92 MB.
    assert long - short < 25e6
    assert long < 1e9
