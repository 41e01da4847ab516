import numpy as np
import pytest

from text2fx_studio.errors import UsageError
from text2fx_studio.explain.word_map import make_map

GENERATOR = np.random.default_rng(4)
PLANE = GENERATOR.standard_normal((40, 2)) * [3.0, 1.0]
AXES = np.linalg.qr(GENERATOR.standard_normal((16, 2)))[0]
WORDS = [f"word {i}" for i in range(40)]


def test_pca_keeps_the_distances_of_a_planted_plane_and_is_deterministic():
    first, second = (make_map(WORDS, PLANE @ AXES.T) for _ in range(2))
    np.testing.assert_array_equal(first.places, second.places)
    wanted = np.linalg.norm(PLANE[:, None] - PLANE, axis=-1)
    got = np.linalg.norm(first.places[:, None] - first.places, axis=-1)
    np.testing.assert_allclose(got, wanted, atol=1e-9)
    assert first.places[:, 0].std() > first.places[:, 1].std()


def test_new_points_fall_beside_their_neighbours():
    found = make_map(WORDS, PLANE @ AXES.T)
    place = found.place((PLANE[7:8] + 0.01) @ AXES.T)[0]
    assert found.near(place, 1) == ["word 7"]


@pytest.mark.parametrize(
    "words,rows,method,message",
    [
        (WORDS[:2], PLANE[:2], "pca", "at least 3"),
        (WORDS, PLANE[:5], "pca", "40 words"),
        (WORDS, PLANE * np.nan, "pca", "finite"),
        (WORDS, PLANE, "lle", "found 'lle'"),
    ],
)
def test_bad_input_is_refused(words, rows, method, message):
    with pytest.raises(UsageError, match=message):
        make_map(words, rows, method)


@pytest.mark.parametrize("method,package", [("tsne", "openTSNE"), ("umap", "umap")])
def test_extras_say_how_to_get_them_where_they_are_missing(method, package, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=r"text2fx-studio\[maps\]"):
        make_map(WORDS, PLANE, method)


def test_tsne_keeps_two_groups_apart_and_places_new_points():
    pytest.importorskip("openTSNE", reason="the extra: pip install text2fx-studio[maps]")
    groups = np.repeat([[0.0], [1.0]], 20, axis=0)
    angle = groups * np.pi / 2 + 0.05 * GENERATOR.standard_normal((40, 1))
    rows = np.hstack((np.cos(angle), np.sin(angle), 0.01 * PLANE))
    found = make_map(WORDS, rows, "tsne")
    first, second = found.places[:20].mean(0), found.places[20:].mean(0)
    spread = max(found.places[:20].std(), found.places[20:].std())
    assert np.linalg.norm(first - second) > spread
    assert found.place(rows[:1]).shape == (1, 2)
