import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2fx_studio.batch.record import Record, remove_leftovers
from text2fx_studio.errors import OutputError, UsageError

NAMES = st.text(min_size=1, max_size=8)


def test_the_last_line_of_a_file_holds(tmp_path):
    with Record(tmp_path / "out") as record:
        record.add("a", "running")
        record.add("b", "running")
        record.add("a", "done", score_wet=0.5)
    with Record(tmp_path / "out") as record:
        assert {f: line["status"] for f, line in record.lines.items()} == {
            "a": "done", "b": "running",
        }  # fmt: skip
        assert not record.mended


@given(st.lists(st.tuples(NAMES, st.sampled_from(["running", "done", "failed"])), min_size=1),
       st.integers(0, 60))  # fmt: skip
def test_a_torn_last_line_is_cut_off_and_the_rest_holds(tmp_path_factory, lines, torn):
    folder = tmp_path_factory.mktemp("record")
    with Record(folder) as record:
        for name, status in lines:
            record.add(name, status)
    path = folder / "batch.jsonl"
    whole = path.read_bytes()
    extra = b'{"file": "zzz", "status": "done", "score": 0.123456789012345678901234567890}'[:torn]
    path.write_bytes(whole + extra)
    with Record(folder) as record:
        assert record.lines == {n: {"file": n, "status": s} for n, s in lines}
        assert record.mended is bool(torn)
        record.add("after", "done")
    assert path.read_bytes().startswith(whole)
    assert all(json.loads(line) for line in path.read_text().splitlines())


def test_compacting_leaves_one_line_for_each_file_in_the_plans_order(tmp_path):
    with Record(tmp_path) as record:
        for name in "abcab":
            record.add(name, "running")
        record.add_shared("0123", preset="x")
        record.compact(["c", "a"])
        record.add("a", "done")
        assert len(record.path.read_text().splitlines()) == 5
    lines = [json.loads(line) for line in (tmp_path / "batch.jsonl").read_text().splitlines()]
    assert [line.get("file", "shared") for line in lines] == ["shared", "c", "a", "b", "a"]


def test_two_batches_do_not_share_a_folder(tmp_path):
    with Record(tmp_path), pytest.raises(UsageError, match="another batch is at work"):
        Record(tmp_path)
    Record(tmp_path).close()
    assert [p.name for p in tmp_path.iterdir()] == ["batch.jsonl"], "the lock is gone"


def test_what_is_no_record_is_left_alone(tmp_path):
    (tmp_path / "batch.jsonl").write_text('{"hello": 1}\n')
    with pytest.raises(OutputError, match="line 1: is not a line of a batch's record"):
        Record(tmp_path)
    assert (tmp_path / "batch.jsonl").read_text() == '{"hello": 1}\n'


def test_only_our_own_leftovers_are_removed(tmp_path):
    (tmp_path / "sub" / ".text2fx-1.part").mkdir(parents=True)
    (tmp_path / "sub" / ".text2fx-1.part" / "x").touch()
    (tmp_path / ".text2fx-2.part").touch()
    for name in ("a.part", ".text2fx-3", ".other.part"):
        (tmp_path / name).touch()
    assert remove_leftovers(tmp_path) == 2
    assert {p.name for p in tmp_path.iterdir()} == {"sub", "a.part", ".text2fx-3", ".other.part"}
    assert list((tmp_path / "sub").iterdir()) == []
