import pytest

from text2fx_studio.errors import PromptError
from text2fx_studio.search.prompt import check_prompt


def test_white_space_is_tidied():
    assert check_prompt("  warm \n and  full ") == "warm and full"


@pytest.mark.parametrize(
    "prompt,message",
    [
        ("", "found nothing"),
        (" \n\t", "found nothing"),
        ("w" * 5000, "found 5000 characters"),
        ("!!! 123", "no words"),
        ("теплый и мягкий", "reads English"),
        ("温かい音", "reads English"),
    ],
)
def test_bad_prompts_are_refused_with_the_reason(prompt, message):
    with pytest.raises(PromptError, match=message):
        check_prompt(prompt)


def test_an_accent_or_an_emoji_does_no_harm():
    assert check_prompt("café ambience ☕") == "café ambience ☕"
