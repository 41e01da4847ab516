import json

import pytest

from text2fx_studio.benchmark import report

EQ = {
    "chain": "eq",
    "prompt": "warm",
    "ours_seconds": 1.5,
    "ours_runs_seconds": [1.6, 1.5, 1.4],
    "ours_cpu_seconds": 2.0,
    "ours_steps": 80,
    "ours_step_seconds": 0.016,
    "ours_reason": "closer to 'warm' than dry",
    "baseline": {
        "step_seconds": 0.3,
        "step_cpu_seconds": 0.5,
        "measured_steps": 10,
        "seconds": 180.2,
        "extrapolated": True,
    },
    "baseline_by_fft": None,
    "baseline_upstream": None,
    "ratio": 120.13,
    "cpu_ratio": 150.0,
    "score_dry": 0.1234,
    "score_ours": 0.4567,
    "shipped_seconds": 1.25,
    "score_shipped": 0.4321,
    "score_baseline": 0.2345,
    "score_baseline_steps": 11,
}
BOTH = {
    **EQ,
    "chain": "eq,reverb",
    "prompt": "spacious",
    "baseline": {
        "step_seconds": 38.0,
        "step_cpu_seconds": 70.0,
        "measured_steps": 1,
        "seconds": 22_800.0,
        "extrapolated": True,
    },
    "baseline_by_fft": {
        "step_seconds": 0.3,
        "step_cpu_seconds": 0.5,
        "measured_steps": 599,
        "seconds": 180.0,
        "extrapolated": False,
    },
    "ratio": 15_200.0,
    "score_baseline_steps": 600,
}
SPEED = {
    "benchmark": "speed",
    "audio": "demo loop",
    "seconds": 10.0,
    "sample_rate": 44_100,
    "channels": 2,
    "encoder": "fake-1",
    "upstream": "",
    "loss": "cosine",
    "seed": 0,
    "threads": 2,
    "ours_threads": 1,
    "cpus": 1,
    "load_average": 0.25,
    "machine": "x86_64",
    "torch_version": "2.9.0",
    "chains": [EQ, BOTH],
}


@pytest.mark.parametrize(
    "seconds,text",
    [
        (0.00123, "1.2 ms"), (0.0852, "85 ms"), (0.9996, "1.00 s"), (3.214, "3.21 s"),
        (9.996, "10.0 s"), (25.44, "25.4 s"), (252.0, "4 min 12 s"), (119.7, "2 min 0 s"),
        (3600.0, "1 h 0 min"), (22_700.0, "6 h 18 min"),
    ],
)  # fmt: skip
def test_durations(seconds: float, text: str) -> None:
    assert report.duration(seconds) == text


@pytest.mark.parametrize(
    "ratio,text",
    [(0.847, "0.85x"), (3.16, "3.2x"), (9.96, "10x"), (131.4, "131x"), (12_300.2, "12,300x")],
)
def test_ratios(ratio: float, text: str) -> None:
    assert report.times(ratio) == text


def test_a_table_aligns_its_columns() -> None:
    assert report.table(("name", "n"), [["a", "1"], ["longer", "1000"]]) == (
        "name       n\n------  ----\na          1\nlonger  1000"
    )


def test_speed_says_what_was_extrapolated_and_what_was_not() -> None:
    lines = report.speed_text(SPEED).split("\n")
    row = next(line for line in lines if line.startswith("eq  "))
    assert row.split() == [
        "eq", '"warm"', "1.50", "s", "about", "3", "min", "0", "s", "120x",
        "0.123", "0.457", "0.234", "11",
    ]  # fmt: skip
    assert any(
        "Text2FX eq: 600 steps, extrapolated from the median of 10 timed steps: 300 ms" in line
        for line in lines
    )
    assert any("the median of 1 timed step: 38.0 s" in line for line in lines)
    assert any("(not as published): 3 min 0 s, 120x ours" in line for line in lines)
    assert "processor time of all threads, eq: ours 2.00 s, Text2FX about 5 min 0 s: 150x." in lines
    assert lines[-1].startswith("The score of Text2FX is not its final one (eq):")
    assert lines[0] == "demo loop: 10.0 s, stereo, 44,100 Hz"
    assert "2 threads on 1 CPU (x86_64), load average 0.2 at the start" in lines[1]


def test_a_busy_machine_is_told() -> None:
    assert "busy" not in report.speed_text(SPEED)
    assert "busy" not in report.speed_text({**SPEED, "load_average": None})
    assert "The machine was busy" in report.speed_text({**SPEED, "load_average": 0.8})


def test_speed_in_full_makes_no_excuse() -> None:
    whole = {
        **EQ,
        "baseline": {**EQ["baseline"], "extrapolated": False, "measured_steps": 599},  # type: ignore[dict-item]
        "score_baseline_steps": 600,
    }
    text = report.speed_text({**SPEED, "chains": [whole]})
    assert text.split("\n")[5].split()[4:8] == ["3", "min", "0", "s"]
    assert "not its final one" not in text
    assert "600 steps, all taken; the median of 599 timed steps" in text


def test_render_table() -> None:
    chain = {
        "chain": "eq", "first_seconds": 1.2, "seconds": 0.5, "cpu_seconds": 0.7,
        "times_real_time": 120.0, "first_times_real_time": 50.0,
        "idle_bytes": None, "peak_bytes": 210_000_000,
    }  # fmt: skip
    text = report.render_text(
        {
            "seconds": 60.0, "sample_rate": 44_100, "channels": 2, "subtype": "PCM_24",
            "t60_s": 2.0, "repeats": 3, "cpus": 2, "machine": "x86_64", "chains": [chain],
        }
    )  # fmt: skip
    assert text.startswith("60 s, stereo, 44,100 Hz, PCM_24; reverb T60 2 s; 2 CPUs (x86_64)")
    row = next(line for line in text.split("\n") if line.startswith("eq"))
    assert row.split() == [
        "eq",
        "500",
        "ms",
        "120x",
        "700",
        "ms",
        "1.20",
        "s",
        "50x",
        "210",
        "MB",
        "-",
    ]


def test_any_data_becomes_lines_and_tables() -> None:
    data = {
        "accuracy": 0.91666,
        "clips": ["a", "b"],
        "by_word": [{"word": "warm", "right": 8}, {"word": "tinny", "right": 7}],
        "judge": {"id": "fake", "missing": None},
    }
    assert report.figures_text(data) == (
        "accuracy: 0.9167\n"
        "clips: a, b\n"
        "by_word:\n"
        "word   right\n"
        "-----  -----\n"
        "warm       8\n"
        "tinny      7\n"
        "judge:\n"
        "  id: fake\n"
        "  missing: -"
    )
    json.dumps(data)


def test_the_authors_own_package_stands_beside_or_is_excused() -> None:
    own = {**EQ["baseline"], "step_seconds": 0.6, "seconds": 360.0}  # type: ignore[dict-item]
    beside = {**SPEED, "upstream": "laion-upstream", "chains": [{**EQ, "baseline_upstream": own}]}
    text = report.speed_text(beside)
    assert "own package (laion-upstream): 600 ms a step, about 6 min 0 s in all, 240x ours" in text
    assert "240x ours; in processor time 150x." in text
    assert "ours eq: 80 steps, 16 ms a step" in text
    without = report.speed_text({**SPEED, "upstream": "laion_clap is not installed"})
    assert "package: not measured: laion_clap is not installed" in without
    assert "own package" not in report.speed_text(SPEED)
