"""Terms of the field: the first sentence of each entry of `lessons/glossary.md`, shown on hover in the app."""

import re
from collections.abc import Callable, Mapping
from functools import cache

from markdown_it import MarkdownIt

from mirnet_packages import ROOT

__all__ = ["ALSO", "FILE", "glossed", "meanings"]

FILE = ROOT / "lessons" / "glossary.md"

ALSO: dict[str, str] = {
    "block": "MRB",
    "dual attention unit": "DAU",
    "features": "feature map",
    "feature maps": "feature map",
    "gates": "gate",
    "GAP": "global average pooling",
    "kernel": "convolution",
    "MACs": "MAC",
    "multi-scale residual block": "MRB",
    "parameters": "parameter",
    "recursive residual group": "RRG",
    "selective kernel feature fusion": "SKFF",
    "streams": "stream",
    "YUV 4:2:2": "YUV",
}
"""Synonyms of terms of the glossary."""


@cache
def meanings() -> Mapping[str, str]:
    """Each term of the glossary to the first sentence on it, as plain text."""
    entries = re.findall(r"^## (.+)\n\n((?:.+\n)+)", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    return {term: _first_sentence(text) for term, text in entries}


def glossed(text: str, mark: Callable[[str, str], str], seen: set[str] | None = None) -> str:
    """A text in which the first appearance of each term was replaced by `mark(as written, meaning)`.

    Args:
        text: The text.
        mark: Makes what stands there instead.
        seen: Terms that have appeared before; those of this text are added.
    """
    terms, seen = _terms(), set() if seen is None else seen

    def replaced(found: re.Match) -> str:
        term = terms[found.group().lower()]
        if term in seen:
            return found.group()
        seen.add(term)
        return mark(found.group(), meanings()[term])

    return _pattern().sub(replaced, text)


def _first_sentence(markdown: str) -> str:
    (inline,) = MarkdownIt().parseInline(" ".join(markdown.split()))
    plain = "".join(token.content for token in inline.children or ())
    return re.split(r"(?<=\.) ", plain)[0]


@cache
def _terms() -> Mapping[str, str]:
    """Every spelling of a term, in small letters, to the term."""
    return {term.lower(): term for term in meanings()} | {synonym.lower(): term for synonym, term in ALSO.items()}


@cache
def _pattern() -> re.Pattern[str]:
    terms = "|".join(re.escape(term) for term in sorted(_terms(), key=len, reverse=True))
    return re.compile(rf"(?<![\w-])({terms})(?![\w-])", re.IGNORECASE)
