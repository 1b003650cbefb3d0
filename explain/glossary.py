"""The words of the field, one sentence each: shown on hover in the app, and linked from the lessons."""

import re
from collections.abc import Callable

__all__ = ["ALSO", "MEANINGS", "glossed"]

MEANINGS: dict[str, str] = {
    "aliasing": "False, coarse patterns that come up when a picture with finer detail than the new grid is made "
    "smaller without a blur.",
    "arena": "One piece of memory in which all tensors of a network live on a board, each only as long as it is "
    "needed.",
    "attention": "Letting the network decide from the picture itself what to pass on and what to hold back.",
    "bilinear": "Finding a value between four neighbours by their distances: the nearer, the more it counts.",
    "channel": "One of the maps that make up the features: one number for each place.",
    "channel attention": "One gate for each channel, the same at every place, found from the channels' averages.",
    "Charbonnier loss": "The mean of √(error² + ε²): about the size of the error, but smooth around zero.",
    "convolution": "Each output is a weighted sum of a small patch of the input; the weights are the same everywhere.",
    "DAU": "Dual attention unit: two convolutions, then channel and spatial attention side by side, merged and added "
    "to the input.",
    "descriptor": "A picture's channels in short: the average of each one over all places (global average pooling).",
    "feature map": "What a layer computes at every place of the picture, shown as a picture itself.",
    "gate": "A number between 0 (shut) and 1 (open) that something is multiplied by.",
    "global average pooling": "The average of each channel over all places: one number for each channel (GAP).",
    "int8": "A whole number from -128 to 127, which takes one byte.",
    "logit": "A number before the softmax or the sigmoid makes a share or a gate of it.",
    "MAC": "Multiply-accumulate: one multiplication and one addition, the unit in which a network's work is counted.",
    "MRB": "Multi-scale residual block: three streams at different sizes with attention, which exchange what they "
    "found.",
    "parameter": "A number that a network learns: a weight or a bias.",
    "PReLU": "Passes what is positive, and a learned fraction of what is negative.",
    "PSNR": "Peak signal-to-noise ratio in decibels: 20 dB is a typical error of a tenth of white, 40 dB of a "
    "hundredth.",
    "quantization": "Writing each real number as a whole number times a scale.",
    "receptive field": "The part of the photo that a value inside the network can depend on.",
    "residual": "What is added to the input, so that only the difference has to be learned.",
    "RRG": "Recursive residual group: a chain of blocks with a way around it.",
    "saturation": "Values beyond the range of a whole number, cut off at its end.",
    "scale": "How much one step of a whole number is worth.",
    "sigmoid": "Turns any number into one between 0 and 1.",
    "SKFF": "Selective kernel feature fusion: merges streams with weights that compete through a softmax.",
    "softmax": "Turns numbers into shares of 1: each exponential divided by the sum of all.",
    "spatial attention": "One gate for each place, the same for all channels.",
    "SQNR": "Signal to quantization noise ratio in decibels: how large the numbers are beside the error that rounding "
    "made in them.",
    "SSIM": "Structural similarity, at most 1: compares local brightness, contrast and structure of two pictures.",
    "stream": "One of the parallel ways through a block, at full, half or quarter size.",
    "weights": "Numbers that say how much each part counts; a network's learned ones are its parameters.",
    "YUV": "A camera's format (YUV 4:2:2): brightness for every pixel, colour for every two, 2 bytes a pixel.",
    "zero point": "The whole number that stands for the real number 0.",
}
"""Term to its meaning, as the paper and the field use it; `lessons/glossary.md` says more about each."""

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
"""Other words for terms of `MEANINGS`."""

_TERMS = {term.lower(): term for term in MEANINGS} | {word.lower(): term for word, term in ALSO.items()}
_TERM = re.compile(
    r"(?<![\w-])(" + "|".join(re.escape(word) for word in sorted(_TERMS, key=len, reverse=True)) + r")(?![\w-])",
    re.IGNORECASE,
)


def glossed(text: str, mark: Callable[[str, str], str]) -> str:
    """A text in which the first appearance of each term was replaced by `mark(as written, meaning)`."""
    seen: set[str] = set()

    def replaced(found: re.Match) -> str:
        term = _TERMS[found.group().lower()]
        if term in seen:
            return found.group()
        seen.add(term)
        return mark(found.group(), MEANINGS[term])

    return _TERM.sub(replaced, text)
