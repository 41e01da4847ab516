"""``text2fx apply --judge``: the score of an encoder that the search did not use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import FakeSearch, Run
from tests.encoders import clap_fixtures as fixtures


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("judge")
    fixtures.write_laion(home / "small.pt")
    fixtures.write_roberta_files(home / "roberta-base")
    return home / "small.pt"


def test_the_judge_is_told_beside_the_score(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path, checkpoint: Path
) -> None:
    asked = ("--judge", "laion", "--judge-checkpoint", checkpoint, "--device", "cpu")
    done = text2fx("apply", recording, "bright", "-o", out / "o.wav", *asked, "--json")
    judge = done.data["judge"]
    assert (done.code, judge["encoder"]) == (0, "laion-htsat-8x2-1-1-1")
    # The search saw nothing of it.
    assert done.data["encoder"] == "fake-1"
    assert (done.data["score_dry"], done.data["score_wet"]) == (0.213, 0.287)
    assert -1.0 <= judge["score_dry"] <= 1.0
    assert judge["score_wet"] != judge["score_dry"]
    assert judge["agrees"] == (judge["score_wet"] > judge["score_dry"])
    again = text2fx("apply", recording, "bright", "-o", out / "p.wav", *asked)
    line = f"{judge['score_dry']:.3f} -> {judge['score_wet']:.3f}"
    assert f"Match {line}" in again.out
    assert "by laion-htsat-8x2-1-1-1, which was not optimized: it " in again.out


def test_what_stays_dry_is_judged_the_same_before_and_after(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path, checkpoint: Path
) -> None:
    fake_search.accepted = False
    done = text2fx(
        "apply", recording, "bright", "-o", out / "o.wav",
        "--judge", "laion", "--judge-checkpoint", checkpoint, "--json",
    )  # fmt: skip
    assert done.data["judge"]["score_dry"] == done.data["judge"]["score_wet"]
    assert done.data["judge"]["agrees"] is False


def test_without_a_judge_there_is_no_opinion(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path
) -> None:
    done = text2fx("apply", recording, "bright", "-o", out / "o.wav", "--json")
    assert done.data["judge"] is None


@pytest.mark.parametrize(
    "asked,code,says",
    [
        (("--judge", "laion"), 1, "Run: text2fx models get laion-music"),
        (("--judge", "laion", "--judge-checkpoint", "laion-music"), 1, "is not on this machine"),
        (("--judge", "fxsem", "--judge-checkpoint", "nowhere"), 1, "--judge-checkpoint names no"),
        (("--judge-checkpoint", "nowhere"), 2, "--judge-checkpoint needs --judge"),
        (("--judge", "clap"), 2, "invalid choice: 'clap'"),
        (("--encoder", "msclap"), 1, "Run: text2fx models get msclap-2023"),
        (("--checkpoint", "nowhere"), 1, "--checkpoint names no file that exists"),
    ],
)
def test_missing_weights_are_told_before_the_search(
    asked: tuple[str, ...],
    code: int,
    says: str,
    text2fx: Run,
    fake_search: FakeSearch,
    recording: Path,
    out: Path,
) -> None:
    done = text2fx("apply", recording, "bright", "-o", out / "o.wav", *asked)
    assert done.code == code
    assert says in done.error_line()
    assert not fake_search.asked
    assert not list(out.iterdir())


def test_weights_that_cannot_be_read_are_told_before_the_search(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path, checkpoint: Path
) -> None:
    done = text2fx(
        "apply", recording, "bright", "-o", out / "o.wav",
        "--judge", "msclap", "--judge-checkpoint", checkpoint,
    )  # fmt: skip
    assert "this is a LAION-CLAP checkpoint" in done.error_line()
    assert not fake_search.asked


def test_a_name_of_the_list_serves_as_a_checkpoint(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path
) -> None:
    from text2fx_studio.models.catalogue import find_entry

    home = find_entry("laion-music").home
    home.mkdir(parents=True)
    fixtures.write_laion(home / "music_audioset_epoch_15_esc_90.14.pt")
    fixtures.write_roberta_files(home.parent / "roberta-base")
    done = text2fx(
        "apply", recording, "bright", "-o", out / "o.wav", "--judge", "laion",
        "--judge-checkpoint", "laion-music", "--encoder", "laion", "--checkpoint", "laion-music",
        "--json",
    )  # fmt: skip
    assert done.data["judge"]["encoder"] == "laion-htsat-8x2-1-1-1"


def test_a_clap_file_without_its_encoder_is_told_apart(
    text2fx: Run, fake_search: FakeSearch, recording: Path, out: Path, checkpoint: Path
) -> None:
    done = text2fx("apply", recording, "bright", "-o", out / "o.wav", "--checkpoint", checkpoint)
    assert "name its encoder, laion or msclap" in done.error_line()
