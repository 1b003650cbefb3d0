"""Texts as they are true of the network in hand: how many streams it has, how it is made, what it does to the photo.

The catalogue is written for a network as in the paper. Words in braces stand for what depends on the number of streams:
`{Three}` and `{three}` for the number, `{sizes}` for their resolutions.
"""

from collections.abc import Sequence
from dataclasses import replace

from explain.app.catalog.texts import Text
from model.config import MIRNetConfig

__all__ = ["filled", "listed", "number_word", "size_words", "true_of"]

NUMBERS = {2: "two", 3: "three", 4: "four"}
SIZES = ("full", "half", "quarter", "eighth")

LATE = (
    "Twice the height and width, half the channels; a factor of 4 is two steps. This network is made for a small "
    "board: both branches are added at the old size, where a convolution costs a quarter, and **one** bilinear resize "
    "enlarges the sum. A 1×1 convolution and a bilinear resize may be swapped, so the shortcut is the paper's."
)
LATE_FORMULA = (
    r"A = \mathrm{ReLU}\big(\mathrm{Conv}_{3\times3}(\mathrm{ReLU}(W_0\, X))\big)",
    r"Y = \mathrm{bilinear}_{\uparrow2}(W_1\, A + W_2\, X)",
)
LATE_SYMBOLS = (
    ("X", "input features, n channels"),
    ("A", "the main branch at the old size (`features`)"),
    (r"W_0,\ W_1,\ W_2", "1×1 convolutions; the last two lead to n/2 channels (`main`, `shortcut`)"),
    (r"\mathrm{bilinear}_{\uparrow2}", "a new pixel is 9/16, 3/16, 3/16 and 1/16 of its four neighbours"),
    ("Y", "their sum, enlarged"),
)


def number_word(config: MIRNetConfig) -> str:
    """The number of streams as a word."""
    return NUMBERS[config.streams]


def size_words(config: MIRNetConfig) -> str:
    """The resolutions of the streams: `full, half and quarter`."""
    return listed(SIZES[: config.streams])


def listed(words: Sequence[str], joint: str = "and") -> str:
    """`a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joint} {words[-1]}"


def filled(text: str, config: MIRNetConfig) -> str:
    """A text of the catalogue with the words for this network."""
    word = number_word(config)
    known = {"{Three}": word.capitalize(), "{three}": word, "{sizes}": size_words(config)}
    for field, meaning in known.items():
        text = text.replace(field, meaning)
    return text


def true_of(kind: str, text: Text, config: MIRNetConfig) -> Text:
    """What a component's page says, of this network."""
    text = replace(text, intro=filled(text.intro, config))
    if config.style == "board":
        text = _of_the_board(kind, text)
    if kind == "mrb" and config.columns != 2:
        times = "nothing is exchanged, only merged" if config.columns == 1 else f"{config.columns - 1} exchanges"
        number = f"{config.columns} column{'s' if config.columns > 1 else ''} of attention units"
        text = replace(text, intro=f"{text.intro} The formulas are the paper's; this network has {number}: {times}.")
    if kind == "mirnet" and (config.stem > 1 or config.companding):
        text = _with_stem(text, config)
    return text


def _of_the_board(kind: str, text: Text) -> Text:
    if kind == "up":
        return replace(text, intro=LATE, formula=LATE_FORMULA, symbols=LATE_SYMBOLS)
    return replace(text, formula=tuple(line.replace("PReLU", "ReLU") for line in text.formula))


def _with_stem(text: Text, config: MIRNetConfig) -> Text:
    """The whole network with what it does to the photo before the first convolution, and undoes after the last."""
    intro, symbols = [text.intro.partition(" In between")[0]], [text.symbols[0]]
    formula, photo, inside = [], "I", text.formula[2].removeprefix("R = ")
    if config.companding:
        photo = "J"
        intro.append("Before that, a fixed curve (companding) spreads the dark levels.")
        formula.append(rf"J = \frac{{\log(1 + {config.companding:g}\, I)}}{{\log(1 + {config.companding:g})}}")
        symbols.append(("J", "the photo after the curve (`companded`)"))
    if config.stem > 1:
        size = config.stem
        intro.append(
            f"Squares of {size} × {size} pixels become channels (space-to-depth), and pixels again at the end."
        )
        inside = rf"\mathrm{{D2S}}_{size}\big({inside}\big)"
        meaning = f"squares of {size} × {size} pixels into channels (`folded`), and channels back into pixels"
        symbols.append((rf"\mathrm{{S2D}}_{size},\ \mathrm{{D2S}}_{size}", meaning))
    deep = rf"\mathrm{{S2D}}_{config.stem}({photo})" if config.stem > 1 else photo
    formula += [
        rf"X_0 = \mathrm{{Conv}}_{{3\times3}}({deep})",
        text.formula[1],
        f"R = {inside}",
        rf"\hat I = {photo} + R",
    ]
    return replace(text, intro=" ".join(intro), formula=tuple(formula), symbols=(*symbols, *text.symbols[1:]))
