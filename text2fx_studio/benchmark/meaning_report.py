"""The benchmarks of meaning as text that a person reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from text2fx_studio.benchmark.report import figures_text, rows_text, table

_LONG = ("missed", "pairs", "rows", "wrong", "clips", "prompts")


def text(data: Mapping[str, Any]) -> str:
    """A benchmark's plain data as tables; long lists are left to ``--json``."""
    maker = {"words": _words, "directions": _directions, "meaning": _meaning}.get(
        data["benchmark"], _plain
    )
    return maker(data)


def _words(data: Mapping[str, Any]) -> str:
    head = data["headline"]
    lines = [head["says"]]
    if head["mean_r"] is not None:
        between = head["interval_90"]
        told = "" if between is None else " (90 % interval over words {:.2f} to {:.2f})"
        lines.append(
            f"mean r {head['mean_r']:.3f}{told.format(*(between or ()))}; "
            f"best baseline {head['best_baseline']} {head['best_baseline_r']:.3f}"
        )
    ceiling = data["ceiling"]
    if ceiling["split_half_r"] is not None:
        lines.append(
            f"people: split half r {ceiling['split_half_r']:.3f} ({ceiling['words']} words of "
            f"{ceiling['least']} settings or more); one against the others "
            f"{ceiling['person_against_others_r']:.3f}"
        )
    systems = list(next(iter(data["groups"].values()))["mean_r"])
    rows = [
        [name] + [_r(group["mean_r"][name]) for group in data["groups"].values()]
        for name in systems
    ]
    headers = ["mean r", *(f"{n} ({g['words']})" for n, g in data["groups"].items())]
    lines += ["", table(headers, rows), ""]
    for name, group in data["groups"].items():
        rank = group["rank_search"]
        lines.append(
            f"{name}: rank of the right word among {group['ranked_among']}: mean "
            f"{rank['mean']:.1f}, median {rank['median']:g}; in the top tenth "
            f"{100 * rank['top_tenth_share']:.0f} %"
        )
    lines += ["", _word_table(data["rows"])]
    for part in ("tone", "text2fx", "reverb_words"):
        if data.get(part):
            lines += ["", f"{part}:", figures_text(_short(data[part]), 2)]
    lines += ["", f"clips: {data['clips_from']} ({', '.join(data['clips'])})"]
    return "\n".join(lines)


def _word_table(rows: Sequence[Mapping[str, Any]]) -> str:
    names = ("search", "text_only", "nearest_entry", "lexicon_lookup", "random", "split_half")
    ordered = sorted(rows, key=lambda row: (row["state"], -row["search"]))
    body = [
        [row["word"], str(row["count"]), row["state"], *(_r(row[n]) for n in names),
         str(row["rank_search"])]
        for row in ordered
    ]  # fmt: skip
    return table(["word", "n", "state", *names, "rank"], body)


def _directions(data: Mapping[str, Any]) -> str:
    groups = [name for name in data if name.startswith("met")]
    systems = [name for name in data["met"] if name != "checks"]
    body = [
        [name.removeprefix("met_") if name != "met" else "all", str(data[name]["checks"]),
         *(f"{100 * data[name][s]:.1f} %" for s in systems)]
        for name in groups
    ]  # fmt: skip
    silent = data["silent_about_space"]
    return "\n".join(
        [
            f"{data['prompts']} prompts ({data['prompts_unseen']} of unseen words) on "
            f"{len(data['clips'])} clips, {data['loss']} loss",
            "",
            table(["checks met", "checks", *systems], body),
            "",
            f"worse than dry: {data['worse_than_dry']} of {data['pairs']} pairs; left dry: "
            f"{data['left_dry']}",
            f"silent about space: room left alone on {silent['room_left_alone']} of "
            f"{silent['pairs']} pairs",
            "",
            rows_text(data["missed_most"]) if data["missed_most"] else "nothing missed",
            "",
            f"clips: {data['clips_from']} ({', '.join(data['clips'])})",
        ]
    )


def _meaning(data: Mapping[str, Any]) -> str:
    lines = [f"{data['encoder']}, weights {data['weights'][:12]}, seed {data['seed']}"]
    for part in data["parts"].values():
        lines += ["", f"== {part['benchmark']}", text(part)]
    return "\n".join(lines)


def _plain(data: Mapping[str, Any]) -> str:
    return figures_text(_short(data, keep=("rows",)))


def _short(data: Mapping[str, Any], keep: Sequence[str] = ()) -> dict[str, Any]:
    """Without long lists: those of a card are for ``--json``."""
    return {
        name: value
        for name, value in data.items()
        if not (name in _LONG and name not in keep and isinstance(value, list))
    }


def _r(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
