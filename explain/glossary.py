"""The words of the field, one sentence each: shown on hover in the app, and linked from the lessons."""

import re
from collections.abc import Callable

__all__ = ["MEANINGS", "find_terms", "glossed"]

MEANINGS: dict[str, str] = {
    "aliasing": "False, coarse patterns that come up when a picture with finer detail than the new grid is made "
    "smaller without a blur.",
    "arena": "One piece of memory in which all tensors of a network live on a board, each only as long as it is "
    "needed.",
    "attention": "Letting the network decide from the picture itself what to pass on and what to hold back.",
    "bilinear": "Finding a value between four neighbours by their distances: the nearer, the more it counts.",
    "block": "A multi-scale residual block, see MRB.",
    "channel": "One of the maps that make up the features: one number for each place.",
    "channel attention": "One gate for each channel, the same at every place, found from the channels' averages.",
    "Charbonnier loss": "The mean of √(error² + ε²): about the size of the error, but smooth around zero.",
    "convolution": "Each output is a weighted sum of a small patch of the input; the weights are the same everywhere.",
    "DAU": "Dual attention unit: two convolutions, then channel and spatial attention side by side, merged and added "
    "to the input.",
    "descriptor": "A picture's channels in short: the average of each one over all places (global average pooling).",
    "dual attention unit": "Two convolutions, then channel and spatial attention side by side, merged and added to the "
    "input (DAU).",
    "feature map": "What a layer computes at every place of the picture, shown as a picture itself.",
    "features": "What a layer hands on: several maps, one for each channel.",
    "gate": "A number between 0 (shut) and 1 (open) that something is multiplied by.",
    "gates": "Numbers between 0 (shut) and 1 (open) that something is multiplied by.",
    "global average pooling": "The average of each channel over all places: one number for each channel (GAP).",
    "int8": "A whole number from -128 to 127, which takes one byte.",
    "kernel": "The weights of a convolution.",
    "logit": "A number before the softmax or the sigmoid makes a share or a gate of it.",
    "MAC": "Multiply-accumulate: one multiplication and one addition, the unit in which a network's work is counted.",
    "MRB": "Multi-scale residual block: three streams at different sizes with attention, which exchange what they "
    "found.",
    "multi-scale residual block": "Three streams at different sizes with attention, which exchange what they found "
    "(MRB).",
    "parameters": "The numbers that a network learns.",
    "PReLU": "Passes what is positive, and a learned fraction of what is negative.",
    "PSNR": "Peak signal-to-noise ratio in decibels: 20 dB is a typical error of a tenth of white, 40 dB of a "
    "hundredth.",
    "quantization": "Writing each real number as a whole number times a scale.",
    "receptive field": "The part of the photo that a value inside the network can depend on.",
    "residual": "What is added to the input, so that only the difference has to be learned.",
    "RRG": "Recursive residual group: a chain of blocks with a way around it.",
    "recursive residual group": "A chain of blocks with a way around it (RRG).",
    "saturation": "Values beyond the range of a whole number, cut off at its end.",
    "scale": "How much one step of a whole number is worth.",
    "sigmoid": "Turns any number into one between 0 and 1.",
    "SKFF": "Selective kernel feature fusion: merges streams with weights that compete through a softmax.",
    "selective kernel feature fusion": "Merges streams with weights that compete through a softmax (SKFF).",
    "softmax": "Turns numbers into shares of 1: each exponential divided by the sum of all.",
    "spatial attention": "One gate for each place, the same for all channels.",
    "SSIM": "Structural similarity, at most 1: compares local brightness, contrast and structure of two pictures.",
    "stream": "One of the parallel ways through a block, at full, half or quarter size.",
    "streams": "The parallel ways through a block, at full, half and quarter size.",
    "weights": "Numbers that say how much each part counts; a network's learned ones are its parameters.",
    "YUV 4:2:2": "A camera's format: brightness for every pixel, colour for every two, 2 bytes a pixel.",
    "zero point": "The whole number that stands for the real number 0.",
}
"""Term to its meaning, as the paper and the field use it."""

_TERM = re.compile(
    r"(?<![\w-])(" + "|".join(re.escape(term) for term in sorted(MEANINGS, key=len, reverse=True)) + r")(?![\w-])",
    re.IGNORECASE,
)
_ACRONYMS = {term.lower(): term for term in MEANINGS}


def find_terms(text: str) -> list[str]:
    """The terms in a text, in order, each once."""
    return list(dict.fromkeys(_ACRONYMS[found.group().lower()] for found in _TERM.finditer(text)))


def glossed(text: str, mark: Callable[[str, str], str]) -> str:
    """A text in which the first appearance of each term was replaced by `mark(as written, meaning)`."""
    seen: set[str] = set()

    def replaced(found: re.Match) -> str:
        term = _ACRONYMS[found.group().lower()]
        if term in seen:
            return found.group()
        seen.add(term)
        return mark(found.group(), MEANINGS[term])

    return _TERM.sub(replaced, text)
