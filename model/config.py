"""Configuration of a MIRNet, and the presets: sizes that have a name."""

from dataclasses import asdict, dataclass, replace

from model.errors import MirnetError
from model.safety.arguments import check_choice, check_integer, is_number

__all__ = ["PRESETS", "STYLES", "MIRNetConfig", "check_softmax", "check_style", "preset"]

SOFTMAX_AXES = ("streams", "channels")

STYLES = ("paper", "board")
"""How components are made: as in the paper, or so that they run well in int8 on a small board.

| | paper | board | why |
| --- | --- | --- | --- |
| activation | PReLU | ReLU | it costs nothing there: it is where the convolution before it clips its result |
| up-sampling | transposed convolution, then 1x1 | 3x3 and 1x1, then bilinear | a quarter of the work, half the memory |
"""


def check_softmax(over: str) -> str:
    """Returns `over` if it is something that SKFF's softmax can run over."""
    if over not in SOFTMAX_AXES:
        raise MirnetError(f"SKFF's softmax runs over one of {', '.join(SOFTMAX_AXES)}, not {over!r}")
    return over


def check_style(style: str) -> str:
    """Returns `style` if it is one of `STYLES`."""
    check_choice("style", style, STYLES)
    return style


@dataclass(frozen=True)
class MIRNetConfig:
    """The shape of a MIRNet. The defaults are the authors' network, 31.8 million parameters.

    Attributes:
        channels: Feature channels of the full-resolution stream; stream k has `channels * 2**(k-1)`.
        groups: Recursive residual groups (RRG) in a chain.
        blocks: Multi-scale residual blocks (MRB) in each group.
        streams: Parallel resolutions in a block: full, half, quarter, ...
        columns: Dual attention units in a row in each stream. They share their weights, as the authors' do.
        skff_softmax: Over what SKFF's weights compete: `"streams"` as in the paper, or `"channels"`,
            the mistake of the public TensorFlow versions, kept here for comparison.
        style: One of `STYLES`.
        stem: Factor of space-to-depth: squares of stem x stem pixels become channels before the first convolution,
            and pixels again after the last. 1 for none, as in the paper. The network then works on a picture so many
            times smaller, which is what brings it onto a small board.
        companding: μ of the curve log(1 + μx) / log(1 + μ) that is applied to the input, and to whose result
            the residual is added: in a dark picture it spreads the few levels that there are. 0 for none.

    Raises:
        MirnetError: If a number is outside its range.
    """

    channels: int = 64
    groups: int = 3
    blocks: int = 2
    streams: int = 3
    columns: int = 2
    skff_softmax: str = "streams"
    style: str = "paper"
    stem: int = 1
    companding: float = 0.0

    def __post_init__(self):
        least = {"channels": 1, "groups": 1, "blocks": 1, "streams": 2, "columns": 1, "stem": 1}
        for name, low in least.items():
            check_integer(name, getattr(self, name), low)
        if self.streams > 4:
            raise MirnetError(f"streams must be 2, 3 or 4, not {self.streams}: each one halves the resolution")
        if not is_number(self.companding):
            raise MirnetError(f"companding must be a number of at least 0, not {self.companding!r}")
        check_softmax(self.skff_softmax)
        check_style(self.style)

    @property
    def multiple(self) -> int:
        """Height and width must be multiples of this, so that every stream halves exactly."""
        return self.stem * 2 ** (self.streams - 1)

    @property
    def depth(self) -> int:
        """Input channels of the first convolution and output channels of the last: 3 · stem²."""
        return 3 * self.stem**2

    @property
    def shape_in_words(self) -> str:
        """One phrase: `8 channels, 2 x 2 blocks, 3 streams`, of which 2 groups come first, as in the presets' names."""
        style = "" if self.style == "paper" else f", style {self.style}"
        return f"{self.channels} channels, {self.groups} x {self.blocks} blocks, {self.streams} streams{style}"

    def replace(self, **changes) -> "MIRNetConfig":
        """A copy with some numbers changed."""
        return replace(self, **changes)

    def to_dict(self) -> dict:
        """The numbers as a plain dictionary, for JSON."""
        return asdict(self)


PRESETS: dict[str, MIRNetConfig] = {
    "paper": MIRNetConfig(),
    # The five sizes that a student project compared, named RRG x MRB.
    "3x2": MIRNetConfig(groups=3, blocks=2),
    "3x3": MIRNetConfig(groups=3, blocks=3),
    "3x1": MIRNetConfig(groups=3, blocks=1),
    "1x1": MIRNetConfig(groups=1, blocks=1),
    "2x2": MIRNetConfig(groups=2, blocks=2),
    # Small enough to be trained on a laptop and to answer at once, with a second group and a second block.
    "desk": MIRNetConfig(channels=8, groups=2, blocks=2),
    # A whole frame of 160 x 120 within the memory of an Arduino Nano 33 BLE Sense, in int8.
    "nano": MIRNetConfig(channels=12, groups=1, blocks=1, style="board", stem=5, companding=63.0),
}
"""The sizes that have a name, as on the command line (`--preset`); docs/networks.md has their parameters and MACs."""


def preset(name: str) -> MIRNetConfig:
    """The configuration called `name`.

    Raises:
        MirnetError: If there is none, with the names that there are.
    """
    if name not in PRESETS:
        raise MirnetError(f"unknown preset {name!r}; there are {', '.join(PRESETS)}")
    return PRESETS[name]
