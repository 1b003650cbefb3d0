"""A visitor's words as Markdown that cannot do anything."""

__all__ = ["plain"]


def plain(text: str) -> str:
    """Text as Markdown that shows it letter by letter: a file's name may hold links, pictures or formulas."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()#+-.!<>|~$:^=" else letter for letter in text)
