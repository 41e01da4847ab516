"""The words by which a word that nobody taught is read: those of a thesaurus and of a dictionary.

The thesaurus lists what stands beside a word, all its meanings in one. The dictionary says each
meaning apart: others for it, the kind of thing that it is, and a definition, whose words count too.
"""

from __future__ import annotations

from typing import NamedTuple

from text2fx_studio.encoders.content_words import content_words
from text2fx_studio.encoders.dictionary import Dictionary, installed_dictionary
from text2fx_studio.encoders.thesaurus import Thesaurus, installed_thesaurus

# How much a word of a group counts. Chosen on words of the lexicon that a tower was not taught.
RELATED, BROADER, DEFINING = 1.0, 0.3, 0.5


class Group(NamedTuple):
    """Words that say the same about another.

    Attributes:
        words: In lower case.
        weight: How much each of them counts, against 1 for a word of the thesaurus.
    """

    words: tuple[str, ...]
    weight: float


Book = tuple[Group, ...]


class RareWords:
    """What the books say about a word.

    Args:
        thesaurus: None reads the installed one when it is first asked.
        dictionary: The same.
    """

    def __init__(
        self, thesaurus: Thesaurus | None = None, dictionary: Dictionary | None = None
    ) -> None:
        self._thesaurus = thesaurus
        self._dictionary = dictionary

    @property
    def thesaurus(self) -> Thesaurus:
        """Words beside words."""
        if self._thesaurus is None:
            self._thesaurus = installed_thesaurus()
        return self._thesaurus

    @property
    def dictionary(self) -> Dictionary:
        """Words and what they mean."""
        if self._dictionary is None:
            self._dictionary = installed_dictionary()
        return self._dictionary

    def about(self, text: str) -> tuple[Book, ...]:
        """What each book says about a word, or a phrase that it lists as a whole; none for others.

        A sense's groups count half as much where it is the second, a third where it is the third.
        """
        return tuple(book for book in (*self.beside(text), self._defined(text)) if book)

    def beside(self, word: str) -> tuple[Book, ...]:
        """What the thesaurus alone says: for a word of a phrase, whose sense the phrase decides."""
        near = self.thesaurus.near(word)
        return ((Group(near, 1.0),),) if near else ()

    def _defined(self, text: str) -> Book:
        groups = []
        for place, sense in enumerate(self.dictionary.senses(text), start=1):
            groups += [
                Group(sense.words, RELATED / place),
                Group(sense.broader, BROADER / place),
                Group(content_words(sense.definition), DEFINING / place),
            ]
        return tuple(group for group in groups if group.words)
