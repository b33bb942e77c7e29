"""The Atlas's terms, as declared in ``glossary.toml``, and how to find them in a text."""

import re
from collections.abc import Iterator

from atlas.text.texts import texts

_DECLARED = texts(__file__)
# Each term in one sentence, in the order of the alphabet.
GLOSSARY: dict[str, str] = _DECLARED["terms"]
_SAID: dict[str, str] = _DECLARED["said"]
_TERMS = dict(enumerate(GLOSSARY))
_EACH = "|".join(f"(?P<t{at}>(?:{_SAID.get(term, f'{term}s?')})\\b)" for at, term in _TERMS.items())
# Tried where a word begins and nowhere else: a page has seventy texts.
_ANY_TERM = re.compile(rf"\b(?:{_EACH})", re.IGNORECASE)


def terms_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Find the glossary's terms in a text: where each begins and ends, and its name."""
    for found in _ANY_TERM.finditer(text):
        yield *found.span(), _TERMS[int(str(found.lastgroup)[1:])]
