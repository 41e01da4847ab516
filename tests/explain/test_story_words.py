"""In whose words a story is told."""

from __future__ import annotations

from text2fx_studio.concepts.dictionary import dictionary_for
from text2fx_studio.encoders import load_encoder
from text2fx_studio.explain.story import led_by_meaning, nearest_words, own_words


def test_words_that_stand_in_the_prompt_come_first_then_the_nearest():
    encoder = load_encoder("fxsem")
    words = dictionary_for(encoder)
    assert "muffled" in words.places
    told = own_words(words, encoder, "Muffled, like under a blanket", 4)
    assert told[0] == "muffled"
    assert len(told) == len(set(told)) == 4
    rest = set(told) - {"muffled"}
    assert rest <= set(nearest_words(words, encoder, "Muffled, like under a blanket", 4))
    silent = own_words(words, encoder, "behind plasterboard", 5)
    assert silent == nearest_words(words, encoder, "behind plasterboard", 5)
    assert led_by_meaning(words, encoder, "muffled and warm").concepts[0] == "muffled"
