"""Which pictures of a component's figure show what a symbol of its formula stands for, and the streams' colours."""

import re
from collections.abc import Mapping, Sequence

__all__ = ["PICTURES", "in_stream_colours"]

IN, OUT = r"^in\b", r"^(out\b|\+ in = out)"

PICTURES: Mapping[str, Mapping[str, str]] = {
    "mirnet": {
        "I": "^input$",
        "X_0": "^shallow",
        "X_d": r"^RRG \d",
        "R": "^residual",
        r"\hat I": "^result$",
    },
    "rrg": {"X": IN, "M": r"^MRB \d+$", "F": r"^MRB \d+$", "Y": OUT},
    "mrb": {
        "X,\\ Y": f"{IN}|{OUT}",
        "L_k": "^DAU {k}$@first",
        "M_j": "^DAU {k}$@last",
        "U": "^SKFF$",
        r"L_{k\to j},\ M_{k\to j}": r"^SKFF( \d)?$",
    },
    "skff": {
        "L_k": "^stream {k}$",
        "L": "^fused",
        "s": "^descriptor",
        "z": "^squeezed",
        "s_k": "^weights",
        "U": OUT,
    },
    "dau": {
        "X,\\ Y": f"{IN}|{OUT}",
        "M": "^body$",
        r"\mathrm{SA},\ \mathrm{CA}": "^body ×",
        r"[\cdot,\cdot]": "^fused",
    },
    "channel_attention": {"M": IN, "d": "^descriptor", r"\hat d": "^gates"},
    "spatial_attention": {"M": IN, "f": "^(maximum|mean) over", r"\sigma": "^gate$", r"\hat f": "^gate"},
    "down": {
        "X": IN,
        "A": "^features",
        r"\mathrm{blur}_{\downarrow2}": "^(resized|shortcut)",
        r"W_0,\ W_1,\ W_2": "^(features|main|shortcut)",
        "Y": OUT,
    },
    "up": {
        "X": IN,
        "F": "^features",
        r"\mathrm{ConvT}": "^resized",
        "A": "^resized",
        r"\mathrm{bilinear}_{\uparrow2}": "^shortcut",
        r"W_0,\ W_1,\ W_2": "^(features|main|shortcut)",
        "Y": OUT,
    },
}
"""Kind of component to LaTeX symbol (as in `explain.app.catalog.texts`) to what its pictures' titles match.

`{k}` is the number behind the symbol, where it has one; of a stream that comes twice, `@first` and `@last` say which.
"""

STREAM_SYMBOL = re.compile(r"(?<![A-Za-z\\])([LMsv])_(?:(\d)|\{(\d)([^{}]*)\})")


def in_stream_colours(latex: str, colours: Sequence[str], text: str) -> str:
    """A formula whose symbols of stream 1, 2, ... are underlined in the streams' colours.

    Underlined, because letters in these colours would be hard to read on a light page.

    Args:
        latex: The formula.
        colours: Of the streams, as #rrggbb.
        text: Of the letters.
    """

    def underlined(found: re.Match[str]) -> str:
        number = int(found[2] or found[3])
        if not 1 <= number <= len(colours):
            return found[0]
        return rf"\textcolor{{{colours[number - 1]}}}{{\underline{{\textcolor{{{text}}}{{{found[0]}}}}}}}"

    return STREAM_SYMBOL.sub(underlined, latex)
