"""What ships belongs together: weights, axes and dictionary are of one making, and small."""

from __future__ import annotations

from text2fx_studio.concepts.dictionary import SHIPPED, file_name
from text2fx_studio.concepts.vocabulary import load_vocabulary
from text2fx_studio.encoders import load_encoder
from text2fx_studio.encoders.registry import WEIGHTS
from text2fx_studio.search.target import bundled_axes
from text2fx_studio.spaces.pls import PlsSvd

LARGEST_BYTES = 12_000_000


def test_axes_and_dictionary_are_those_of_the_shipped_weights() -> None:
    encoder = load_encoder("fxsem")
    axes = bundled_axes(encoder)
    assert axes is not None
    assert PlsSvd.load(axes).encoder_id == encoder.id
    shipped = {path.name for path in SHIPPED.glob("*.safetensors")}
    assert shipped == {file_name(load_vocabulary(name), encoder) for name in ("effects", "plain")}


def test_what_ships_is_small() -> None:
    files = [*WEIGHTS.parent.glob("*.safetensors"), *SHIPPED.glob("*.safetensors")]
    assert sum(path.stat().st_size for path in files) < LARGEST_BYTES
