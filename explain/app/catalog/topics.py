"""The pages that are not about one kind of component: their names, their addresses, and what their addresses hold."""

from dataclasses import dataclass

__all__ = ["EVERYWHERE", "EVERY_PAGE", "EXTRAS", "TOPICS", "Topic", "extras_of"]


@dataclass(frozen=True)
class Topic:
    """A page.

    Attributes:
        title: Heading.
        short: Name in the menu.
        path: Last part of the page's address.
        intro: What there is to see, in a few simple sentences (Markdown); see `explain.app.catalog.wording`.
        extras: Names of what its address holds beside the photo and the component, see `explain.app.url.controls`.
    """

    title: str
    short: str
    path: str
    intro: str
    extras: tuple[str, ...] = ()


TOPICS: dict[str, Topic] = {
    "cell": Topic(
        title="One number and the arithmetic behind it",
        short="Cell inspector",
        path="cell",
        intro="Every number in the network is made of others. Here is the arithmetic of one. Click on an operand to "
        "see where **it** comes from, and go on until you stand in the photo. A tensor is called by its **hook "
        "point**, the place in the network where it can be read.",
        extras=("net", "tensor", "y", "x", "c", "k", "way", "ride"),
    ),
    "streams": Topic(
        title="Receptive fields",
        short="Streams and fields",
        path="streams",
        intro="How much of the photo **can** one pixel inside the network see, its theoretical receptive field? And "
        "how much of that matters to it, the effective one?",
        extras=("stage",),
    ),
    "ablation": Topic(
        title="Switch parts off",
        short="Ablation bench",
        path="ablation",
        intro="What is a part good for? Switch it off, leave all weights as they are, and see what is missing. "
        "**PSNR** in decibels (dB) says how close a picture is to the one in good light; 6 dB less is twice the RMS "
        "error.",
        extras=("off", "gates", "kind", "sort", "filter", "all"),
    ),
    "training": Topic(
        title="How the network learned",
        short="Training",
        path="training",
        intro="The same network in five sizes, trained alike, and how the shipped ones came to be. **PSNR** in "
        "decibels (dB) says how close a picture is to the one in good light; more is better.",
        extras=("curve", "shot"),
    ),
    "quantization": Topic(
        title="From floating point to int8",
        short="Quantization lens",
        path="quantization",
        intro="The board computes with 8-bit integers (int8): every number is one of 256 steps. What does that cost, "
        "in decibels (dB), and where?",
        extras=("tensor", "c", "bits"),
    ),
    "nano": Topic(
        title="On the board",
        short="The Nano",
        path="nano",
        intro="A smaller MIRNet on a 30-dollar board. **No real board has run it yet**: everything here comes from an "
        "emulated one.",
        extras=("scene", "light", "format", "step"),
    ),
}
"""By name, in the order of the menu; `explain/app/views/<name>/<name>_page.py` shows the page."""

EXTRAS: dict[str, tuple[str, ...]] = {
    "overview": ("layer",),
    "skff": ("bug", "answer"),
    "dau": ("zoom", "gate"),
    "channel_attention": ("zoom",),
    "spatial_attention": ("over",),
    "down": ("pattern", "period", "angle", "factor", "shift"),
    "up": ("signal",),
}
"""What the addresses of the other pages hold, as `Topic.extras`."""

EVERYWHERE = ("tour", "hide")
"""What goes along from page to page: the stop of the guided tour, and the controls that a teacher hid."""

EVERY_PAGE = ("take",)
"""What every page has, but does not keep: the tensor to take home."""


def extras_of(page: str) -> tuple[str, ...]:
    """All names that this page's address may hold beside the photo and the component."""
    return (*(TOPICS[page].extras if page in TOPICS else EXTRAS.get(page, ())), *EVERY_PAGE, *EVERYWHERE)
