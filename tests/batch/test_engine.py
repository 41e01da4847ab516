"""Every file's fate, what resuming does, and what stops a run; in one process, with a preset."""

from __future__ import annotations

import errno
import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from tests.batch.conftest import RATE_HZ, events_of, files, plan_of, tone, tree
from text2fx_studio.batch import engine, finish, run
from text2fx_studio.errors import OutputError, UsageError

GOOD = ["a.wav", "b c.flac", "sub/deep/d.aiff", "sub/Ünï.ogg"]


def record(out) -> dict[str, dict]:
    lines = [json.loads(line) for line in (out / "batch.jsonl").read_text().splitlines()]
    return {line["file"]: line for line in lines}


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def test_good_files_are_made_bad_ones_told_and_all_is_on_record(pack, out, preset, inline):
    found = events_of(plan_of(pack, out, preset))
    assert sorted(files(found["done"])) == sorted(GOOD)
    (failed,) = found["failed"]
    assert (failed.file, failed.error) == ("sub/text.wav", "AudioFileError")
    assert "looks like text" in failed.reason
    (end,) = found["finished"]
    assert (end.done, end.failed, end.skipped, end.left, end.stopped) == (4, 1, 0, 0, "")
    assert list(found)[-1] == "finished"
    lines = record(out)
    assert list(lines) == [*GOOD[:3], "sub/text.wav", GOOD[3]], "one line each, in order"
    for name in GOOD:
        line = lines[name]
        assert line["status"] == "done"
        assert soundfile.info(out / line["output"]).frames == soundfile.info(pack / name).frames
        assert (out / line["preset"]).read_text() == preset.read_text()
        assert {len(line[k]) for k in ("input_sha256", "output_sha256", "settings_sha256")} == {64}
    assert lines["sub/text.wav"]["status"] == "failed"
    page = (out / "batch.html").read_text()
    assert page.index("looks like text") < page.index("b%20c.flac")
    assert "src='sub/%C3%9Cn%C3%AF.ogg'" in page
    assert "src='../in/a.wav'" in page
    assert inline[0].closed


def test_every_kind_of_bad_file_has_its_own_reason(tmp_path, out, preset, inline):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "empty.wav").touch()
    tone(folder / "short.wav")
    (folder / "cut.wav").write_bytes((folder / "short.wav").read_bytes()[:30])
    noise = np.full(5000, 0.1, np.float32)
    noise[77] = np.nan
    soundfile.write(folder / "nan.wav", noise, RATE_HZ, subtype="FLOAT")
    (folder / "folder.wav").mkdir()
    (folder / "link.wav").symlink_to(folder / "gone.wav")
    reasons = {e.file: e.reason for e in events_of(plan_of(folder, out, preset))["failed"]}
    assert set(reasons) == {"empty.wav", "cut.wav", "nan.wav", "link.wav"}
    for file, said in (("empty.wav", "empty"), ("nan.wav", "is nan"), ("link.wav", "no such")):
        assert said in reasons[file].lower(), reasons[file]
    assert set(tree(out)) == {"short.wav", "short.wav.t2fx.json"}


def test_a_second_run_gives_the_same_bits(pack, tmp_path, preset, inline):
    for name in ("one", "two"):
        events_of(plan_of(pack, tmp_path / name, preset))
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert len(tree(tmp_path / "one")) == 8


def again(pack, out, preset, inline, **how):
    """The files that a resumed run worked on."""
    events = events_of(plan_of(pack, out, preset), **{"resume": True, **how})
    return sorted(inline[-1].seen), events


def test_resuming_does_what_is_missing_or_changed_and_nothing_else(pack, out, preset, inline):
    events_of(plan_of(pack, out, preset))
    stamps = {p: p.stat().st_mtime_ns for p in out.rglob("*.wav")}
    seen, events = again(pack, out, preset, inline)
    assert seen == []
    assert (events["finished"][0].skipped, events["finished"][0].failed) == (4, 1)
    assert {e.before for e in events["skipped"]} == {"done", "failed"}
    assert {p: p.stat().st_mtime_ns for p in stamps} == stamps

    (out / "a.wav").unlink()
    (out / "b c.flac.t2fx.json").unlink()
    (out / "sub" / "Ünï.ogg").write_bytes(b"spoiled")
    tone(pack / "sub" / "deep" / "d.aiff", seconds=0.7)
    tone(pack / "new.wav")
    assert again(pack, out, preset, inline)[0] == sorted(["new.wav", *GOOD])

    tone(pack / "sub" / "text.wav")
    assert again(pack, out, preset, inline)[0] == ["sub/text.wav"], "a failed file has changed"
    preset.write_text(preset.read_text().replace("6.0", "5.0"))
    assert len(again(pack, out, preset, inline)[0]) == 6, "the setting has changed"
    assert again(pack, out, preset, inline)[0] == []


def test_failed_files_are_tried_again_only_when_asked(pack, out, preset, inline):
    events_of(plan_of(pack, out, preset))
    seen, events = again(pack, out, preset, inline, retry_failed=True)
    assert seen == ["sub/text.wav"]
    assert events["finished"][0].failed == 1


def test_a_folder_with_a_record_is_not_begun_anew_by_mistake(pack, out, preset, inline):
    events_of(plan_of(pack, out, preset))
    before = tree(out)
    with pytest.raises(UsageError, match=r"--resume, begin anew with --overwrite"):
        events_of(plan_of(pack, out, preset))
    assert tree(out) == before
    events_of(plan_of(pack, out, preset), overwrite=True)
    assert len(inline[-1].seen) == 5


def test_files_of_others_are_left_alone_unless_asked(pack, out, preset, inline):
    out.mkdir()
    (out / "a.wav").write_bytes(b"precious")
    events = events_of(plan_of(pack, out, preset))
    (skipped,) = events["skipped"]
    assert (skipped.file, skipped.before) == ("a.wav", "")
    assert skipped.reason == "a.wav is there already and is kept, for no batch made it"
    assert (out / "a.wav").read_bytes() == b"precious"
    assert record(out)["a.wav"]["status"] == "skipped"
    again(pack, out, preset, inline)
    assert (out / "a.wav").read_bytes() == b"precious"
    (out / "a.wav").unlink()
    assert again(pack, out, preset, inline)[0] == ["a.wav"]


def test_mp3_becomes_wav_beside_a_wav_of_the_same_name(tmp_path, out, preset, inline):
    tone(tmp_path / "in" / "a.wav")
    tone(tmp_path / "in" / "a.mp3", seconds=1.0, format="MP3")
    events = events_of(plan_of(tmp_path / "in", out, preset))
    assert "a.mp3: another file's result is a.wav" in events["note"][0].message
    assert soundfile.info(out / "a.mp3.wav").duration == pytest.approx(1.0, abs=0.06)
    assert soundfile.info(out / "a.wav").duration == pytest.approx(0.5)


def test_exports_lie_in_a_tree_of_their_own(pack, out, preset, inline):
    plan = plan_of(pack, out, preset, include=["a.wav"])
    unit = plan.units[0]
    exports = replace(unit.settings, exports=("equalizer-apo", "vstpreset"))
    events = events_of(replace(plan, units=(replace(unit, settings=exports),)))
    (done,) = events["done"]
    (path,) = done.details["exports"]
    assert (out / "exports" / "a.wav" / path).is_file()
    assert any("vstpreset" in note or "plugin" in note for note in done.notes), done.notes


def test_fail_fast_stops_and_resuming_goes_on(pack, out, preset, inline, monkeypatch):
    monkeypatch.setattr(engine, "groups_of", lambda units, _: [[u] for u in reversed(units)])
    events = events_of(plan_of(pack, out, preset), fail_fast=True)
    end = events["finished"][0]
    assert end.stopped.startswith("sub/text.wav failed")
    assert (end.done, end.failed, end.left) == (1, 1, 3)
    assert again(pack, out, preset, inline)[0] == GOOD[:3]


def test_a_full_disk_stops_the_run_and_fails_no_file(pack, out, preset, inline, monkeypatch):
    monkeypatch.setattr(engine, "groups_of", lambda units, _: [[u] for u in units])
    real = finish.file_digest

    def full_after_two(path):
        if len(list(out.rglob("*.t2fx.json"))) > 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path)

    monkeypatch.setattr(finish, "file_digest", full_after_two)
    end = events_of(plan_of(pack, out, preset))["finished"][0]
    assert "the disk is full; free some space and go on with --resume" in end.stopped
    assert (end.done, end.failed, end.left) == (2, 0, 3)
    states = [line["status"] for line in record(out).values()]
    assert sorted(states) == ["done", "done", "queued", "queued", "queued"]
    monkeypatch.setattr(finish, "file_digest", real)
    events = again(pack, out, preset, inline)[1]
    assert (events["finished"][0].done, events["finished"][0].failed) == (2, 1)


def test_a_record_that_cannot_be_written_stops_the_run(pack, out, preset, inline, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise OutputError("batch.jsonl: the record cannot be written: the disk is full")

    monkeypatch.setattr("text2fx_studio.batch.record.Record.add", refuse)
    end = events_of(plan_of(pack, out, preset))["finished"][0]
    assert "the disk is full" in end.stopped
    assert end.done == 0


def test_closing_the_run_stops_it_and_keeps_the_record(pack, out, preset, inline, monkeypatch):
    monkeypatch.setattr(engine, "groups_of", lambda units, _: [[u] for u in units])
    running = run(plan_of(pack, out, preset))
    for event in running:
        if event.kind == "done":
            break
    running.close()
    assert inline[0].closed
    assert record(out)["a.wav"]["status"] == "done"
    assert len(again(pack, out, preset, inline)[0]) == 4


def test_what_a_killed_run_left_is_cleared_and_told(pack, out, preset, inline):
    events_of(plan_of(pack, out, preset))
    (out / "sub" / ".text2fx-0123.part").write_bytes(b"half")
    with (out / "batch.jsonl").open("ab") as stream:
        stream.write(b'{"file": "a.wav", "sta')
    seen, events = again(pack, out, preset, inline)
    assert seen == []
    assert events["note"][0].message == (
        "an earlier run was cut off: 1 half-written files removed, the record's last line mended"
    )
    assert not list(out.rglob("*.part"))


def test_progress_counts_all_files_and_tells_what_is_left(pack, out, preset, inline, monkeypatch):
    monkeypatch.setattr(engine, "_PROGRESS_S", 0.0)
    monkeypatch.setattr(engine, "groups_of", lambda units, _: [[u] for u in units])
    told = events_of(plan_of(pack, out, preset))["progress"]
    assert [e.ended for e in told] == [1, 2, 3, 4, 5, 5]
    assert {e.total for e in told} == {5}
    assert told[-1].eta_s == 0.0
    assert all(e.eta_s > 0 for e in told[:4])


def test_events_are_plain_data(pack, out, preset, inline):
    for event in run(plan_of(pack, out, preset)):
        data = json.loads(json.dumps(event.to_data()))
        assert data["event"] == event.kind


def test_options_that_do_not_go_together_are_refused(pack, out, preset):
    plan = plan_of(pack, out, preset)
    for wrong in ({"jobs": 0}, {"jobs": 1, "scheduler": "tcp://localhost:1"}):
        with pytest.raises(UsageError):
            list(run(plan, **wrong))
    assert not out.exists()


def test_a_folder_that_cannot_be_made_is_told(pack, tmp_path, preset, inline):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written to"):
        list(run(plan_of(pack, tmp_path / "file" / "out", preset)))
