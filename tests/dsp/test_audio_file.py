"""Reading: every format, every bad file."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dsp.audio_file import AudioReader, read_audio, read_info
from dsp.errors import AudioContentError, AudioFileError


def noise(channels: int = 2, frames: int = 3000, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (0.2 * rng.standard_normal((channels, frames))).clip(-0.99, 0.99).astype(np.float32)


def put(path: Path, audio: np.ndarray, rate: int = 44_100, **options: str) -> Path:
    soundfile.write(path, audio.T, rate, **options)
    return path


@pytest.mark.parametrize(
    ("name", "options", "error"),
    [
        ("a.wav", {"subtype": "PCM_16"}, 2**-15),
        ("a.wav", {"subtype": "PCM_24", "format": "WAVEX"}, 2**-23),
        ("a.wav", {"subtype": "FLOAT"}, 0),
        ("a.wav", {"subtype": "DOUBLE"}, 0),
        ("a.wav", {"subtype": "PCM_16", "format": "RF64"}, 2**-15),
        ("a.w64", {"subtype": "PCM_16", "format": "W64"}, 2**-15),
        ("a.flac", {"subtype": "PCM_24"}, 2**-23),
        ("a.aiff", {"subtype": "PCM_24"}, 2**-23),
        ("a.aif", {"subtype": "FLOAT", "format": "AIFF"}, 0),
        ("a.ogg", {"subtype": "VORBIS"}, 0.02),
        ("a.mp3", {"subtype": "MPEG_LAYER_III"}, 0.02),
    ],
)
def test_reads_every_format(
    tmp_path: Path, name: str, options: dict[str, str], error: float
) -> None:
    t = np.arange(3000) / 44_100
    sound = (0.3 * np.sin(2 * np.pi * np.array([[440.0], [660.0]]) * t)).astype(np.float32)
    path = put(tmp_path / name, sound, **options)
    audio, rate = read_audio(path)
    assert rate == 44_100
    assert audio.dtype == np.float32
    assert audio.shape == sound.shape
    assert np.sqrt(np.mean((audio - sound) ** 2)) <= error
    info = read_info(path)
    assert info.subtype == options["subtype"]
    assert info.seconds == pytest.approx(3000 / 44_100)
    assert info.bit_depth == {
        "PCM_16": 16, "PCM_24": 24, "FLOAT": 32, "DOUBLE": 64,
    }.get(info.subtype)  # fmt: skip


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff"])
def test_stretches_and_blocks_are_the_whole(tmp_path: Path, suffix: str) -> None:
    path = put(tmp_path / f"a{suffix}", noise(3), subtype="PCM_16")
    audio, _ = read_audio(path)
    with AudioReader(path) as reader:
        assert np.array_equal(reader.read(700, 500), audio[:, 700:1200])
        assert np.array_equal(reader.read(2900, 500), audio[:, 2900:])
        assert reader.read(3000, 5).shape == (3, 0)
        blocks = list(reader.blocks(1024))
        assert [b.shape[1] for b in blocks] == [1024, 1024, 952]
        assert np.array_equal(np.concatenate(blocks, axis=1), audio)
        with pytest.raises(AudioFileError, match="0 to 3000"):
            reader.read(3001, 1)


def test_metadata_is_read(tmp_path: Path) -> None:
    with soundfile.SoundFile(tmp_path / "a.flac", "w", 8000, 1, "PCM_16") as file:
        file.title = "Früh"
        file.write(np.zeros(10))
    assert read_info(tmp_path / "a.flac").metadata["title"] == "Früh"


def test_what_is_not_an_audio_file(tmp_path: Path) -> None:
    text, empty, junk, raw = (tmp_path / n for n in ("t.wav", "e.wav", "j.wav", "r.raw"))
    text.write_text("Dear diary, grüße\n" * 30)
    empty.touch()
    junk.write_bytes(bytes(range(256)) * 8)
    raw.write_bytes(b"\0\1" * 100)
    for path, words in (
        (tmp_path / "none.wav", "no such file"),
        (tmp_path, "is a folder"),
        (text, "looks like text"),
        (empty, "is empty"),
        (junk, "not recognised"),
        (raw, "not recognised"),
        (Path("/dev/null"), "not a regular file"),
    ):
        with pytest.raises(AudioFileError, match=words) as caught:
            read_info(path)
        assert str(path) in str(caught.value)


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "a.wav", noise())

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(AudioFileError, match=r"a\.wav.*no permission"):
        read_info(path)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.wav", {"subtype": "PCM_16"}),
        ("a.wav", {"subtype": "PCM_24", "format": "WAVEX"}),
        ("a.wav", {"subtype": "FLOAT", "format": "RF64"}),
        ("a.wav", {"subtype": "PCM_16", "format": "WAV", "endian": "BIG"}),
        ("a.w64", {"subtype": "PCM_16", "format": "W64"}),
        ("a.aiff", {"subtype": "PCM_24"}),
        ("a.aiff", {"subtype": "FLOAT"}),
        ("a.flac", {"subtype": "PCM_16"}),
    ],
)
@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_cut_off_files(tmp_path: Path, name: str, options: dict[str, str], keep: float) -> None:
    path = put(tmp_path / name, noise(2, 30_000), **options)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(AudioFileError, match=r"a\.\w+: is cut off"):
        read_audio(path)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFF000])
def test_streamed_wav_without_a_length_is_read_to_its_end(tmp_path: Path, size: int) -> None:
    path = put(tmp_path / "a.wav", noise(1, 500), subtype="PCM_16")
    data = bytearray(path.read_bytes())
    where = data.index(b"data") + 4
    data[where : where + 4] = struct.pack("<I", size)
    data[4:8] = struct.pack("<I", 0xFFFFFFFF)
    path.write_bytes(data)
    assert read_audio(path)[0].shape == (1, 500)


def test_flac_without_a_length(tmp_path: Path) -> None:
    path = put(tmp_path / "a.flac", noise())
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    path.write_bytes(data)
    with pytest.raises(AudioFileError, match="does not say how long"):
        read_info(path)


def test_damage_inside_a_flac(tmp_path: Path) -> None:
    path = put(tmp_path / "a.flac", noise(2, 60_000), subtype="PCM_16")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3000] = bytes(3000)
    path.write_bytes(data)
    with pytest.raises(AudioFileError, match="damaged"):
        read_audio(path)


@pytest.mark.parametrize("suffix", [".wav", ".aiff"])
def test_no_samples(tmp_path: Path, suffix: str) -> None:
    path = put(tmp_path / f"a{suffix}", np.zeros((2, 0)))
    with pytest.raises(AudioContentError, match="holds no samples"):
        read_info(path)


def test_no_samples_but_a_text_after_them(tmp_path: Path) -> None:
    path = put(tmp_path / "a.wav", np.zeros((2, 0)))
    path.write_bytes(path.read_bytes() + b"LIST\4\0\0\0INFO")
    with pytest.raises(AudioContentError, match="holds no samples"):
        read_info(path)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers(tmp_path: Path, bad: float) -> None:
    sound = noise(2, 8000)
    sound[1, 6000] = bad
    path = put(tmp_path / "a.wav", sound, 8000, subtype="FLOAT")
    with pytest.raises(AudioContentError, match=r"at 0\.750 s \(frame 6000\) is (nan|-?inf)"):
        read_audio(path)
    with AudioReader(path) as reader:
        assert reader.read(0, 6000).shape == (2, 6000)
        with pytest.raises(AudioContentError, match=r"frame 6000"):
            reader.read(5999, 10)


@pytest.mark.parametrize(("rate", "channels"), [(7999, 1), (192_001, 1), (44_100, 9), (4000, 2)])
def test_rates_and_channels_that_are_not_allowed(tmp_path: Path, rate: int, channels: int) -> None:
    path = put(tmp_path / "a.wav", noise(channels, 100), rate)
    with pytest.raises(AudioFileError, match=r"8000 to 192000|1 to 8"):
        read_info(path)


def test_a_cut_off_mp3_gives_what_is_there(tmp_path: Path) -> None:
    path = put(tmp_path / "a.mp3", noise(2, 60_000))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    audio, _ = read_audio(path)
    assert 10_000 < audio.shape[1] < 50_000
