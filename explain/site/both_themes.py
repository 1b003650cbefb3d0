"""One HTML for the light and the dark theme: the browser takes what its visitor prefers, without a script.

A figure is made in both themes. Where the two differ in a colour, a variable of the style sheet takes its place, and
where they differ in a picture, both addresses are there.
"""

import re
from collections.abc import Mapping

from explain.figures import THEMES, Theme

__all__ = ["for_both_themes", "theme_style"]

DARK = "(prefers-color-scheme: dark)"
CAN_DIFFER = re.compile(r'(<img src="[^"]*"[^>]*>|linear-gradient\([^;"]*|url\([^)]*\)|#[0-9a-f]{6})')


def _colours(theme: Theme) -> Mapping[str, str]:
    """Name of a variable to its colour."""
    named = {f"--theme-{name}": getattr(theme, name) for name in ("background", "text", "muted", "line", "accent")}
    return named | {f"--theme-stream-{k}": colour for k, colour in enumerate(theme.streams, 1)}


LIGHT_COLOURS, DARK_COLOURS = (_colours(THEMES[name]) for name in ("light", "dark"))
NAMES = {(light, DARK_COLOURS[name]): f"var({name})" for name, light in LIGHT_COLOURS.items()}


def theme_style() -> str:
    """The style sheet that the HTML needs."""
    light, dark = (
        "; ".join(f"{name}: {colour}" for name, colour in colours.items()) for colours in (LIGHT_COLOURS, DARK_COLOURS)
    )
    return (
        f":root {{ {light}; }}\n@media {DARK} {{ :root {{ {dark}; }}\n"
        '  [style*="--dark-image"] { background-image: var(--dark-image) !important; } }\n'
        "picture { display: contents; }\n"
    )


def for_both_themes(light: str, dark: str) -> str:
    """The same HTML in two themes as one.

    Args:
        light: In the light theme.
        dark: In the dark one.

    Raises:
        ValueError: If they differ in more than colours and pictures.
    """
    pieces = zip(CAN_DIFFER.split(light), CAN_DIFFER.split(dark), strict=True)
    return "".join(one if one == other else _either(one, other) for one, other in pieces)


def _either(light: str, dark: str) -> str:
    if light.startswith("<img "):
        address = dark.split('"', 2)[1]
        return f'<picture><source media="{DARK}" srcset="{address}">{light}</picture>'
    if light.startswith(("linear-gradient", "url")):
        return f"{light}; --dark-image: {dark}"
    if (light, dark) not in NAMES:
        raise ValueError(f"light {light[:80]!r} and dark {dark[:80]!r} are no pair of the themes")
    return NAMES[light, dark]
