import pytest

from text2fx_studio.batch.plan import Settings, make_plan
from text2fx_studio.batch.prompts import assign, read_prompts
from text2fx_studio.errors import UsageError


def table(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "prompts.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_rows_say_what_differs_and_keep_their_other_columns(tmp_path):
    path = table(
        tmp_path,
        "File,Prompt,Chain,Amount,Seed,scene,line\n"
        'a.wav,"warm, and close",,,,kitchen,12\n'
        '\n"sub/*",in a hall,"eq,reverb",0.5,7,,\n',
    )
    first, second = read_prompts(path, Settings(chain="reverb", seed=3))
    assert (first.settings.prompt, first.settings.chain, first.settings.seed) == (
        "warm, and close", "reverb", 3,
    )  # fmt: skip
    assert first.columns == {"scene": "kitchen", "line": "12"}
    assert second.settings == Settings(prompt="in a hall", chain="eq,reverb", amount=0.5, seed=7)


def test_the_first_row_that_names_a_file_counts(tmp_path):
    path = table(tmp_path, "file,prompt\nb.wav,dark\n*.wav,warm\nx/*.ogg,bright\n")
    chosen, notes = assign(read_prompts(path, Settings()), ["a.wav", "b.wav", "c.flac"])
    assert {name: s.prompt for name, (s, _) in chosen.items()} == {"a.wav": "warm", "b.wav": "dark"}
    assert notes == ("prompts, line 4: x/*.ogg: matches no file",)


def test_spreadsheets_marks_and_semicolons_are_read(tmp_path):
    path = table(tmp_path, "\ufefffile;prompt\r\na.wav;warm\r\n")
    (row,) = read_prompts(path, Settings())
    assert (row.glob, row.settings.prompt) == ("a.wav", "warm")


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "holds no row"),
        ("file,prompt\n", "holds no row"),
        ("name,prompt\na,b\n", "line 1: the heading names no column 'file'"),
        ("file,prompt,prompt\na,b,c\n", "'prompt' stands there twice"),
        ("file,prompt\na.wav,\n", "line 2: prompt: found nothing"),
        ("file,prompt\n,warm\n", "line 2: names no file"),
        ("file,prompt\na.wav,warm,close\n", "line 2: has 3 cells"),
        ("file,prompt,amount\na.wav,warm,2\n", "amount: found '2', allowed is 0 to 1"),
        ("file,prompt,amount\na.wav,warm,nan\n", "amount: found 'nan'"),
        ("file,prompt,seed\na.wav,warm,1.5\n", "a whole number is needed"),
        ("file,prompt,chain\na.wav,warm,fuzz\n", "line 2: .*fuzz"),
        ("file,prompt,chain\na.wav,warm,gain\n", "nothing to search"),
        ('file,prompt\na.wav,"warm\n', "line 2: is not valid CSV"),
    ],
)
def test_a_row_that_makes_no_sense_is_named_by_its_line(tmp_path, text, said):
    with pytest.raises(UsageError, match=said):
        read_prompts(table(tmp_path, text), Settings())


def test_other_encodings_and_missing_files_are_told(tmp_path):
    with pytest.raises(UsageError, match="not text in UTF-8"):
        read_prompts(table(tmp_path, "file,prompt\nü.wav,warm\n", "latin-1"), Settings())
    with pytest.raises(UsageError, match="cannot be read"):
        read_prompts(tmp_path / "gone.csv", Settings())


def test_a_plan_from_a_table_leaves_out_what_no_row_names(pack, tmp_path):
    path = table(tmp_path, "file,prompt\n*.wav,warm\n*.ogg,dark\n")
    plan = make_plan(pack, tmp_path / "out", Settings(), prompts=path)
    assert [u.file for u in plan.units] == ["a.wav", "sub/text.wav", "sub/Ünï.ogg"]
    assert plan.left_out == ("b c.flac", "sub/deep/d.aiff")


def test_a_file_that_is_not_there_is_an_error_not_a_note(pack, tmp_path):
    path = table(tmp_path, "file,prompt\nkick.wav,warm\n")
    with pytest.raises(UsageError, match=r"line 2: kick\.wav: there is no such recording"):
        make_plan(pack, tmp_path / "out", Settings(), prompts=path)
