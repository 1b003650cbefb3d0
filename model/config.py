"""The numbers that make one MIRNet differ from another, and the sizes people have studied."""

from dataclasses import asdict, dataclass, replace

from model.errors import MirnetError

__all__ = ["PRESETS", "MIRNetConfig", "check_softmax", "preset"]

SOFTMAX_AXES = ("streams", "channels")


def check_softmax(over: str) -> str:
    """Returns `over` if it is something that SKFF's softmax can run over."""
    if over not in SOFTMAX_AXES:
        raise MirnetError(f"SKFF's softmax runs over one of {', '.join(SOFTMAX_AXES)}, not {over!r}")
    return over


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
            the mistake of the public TensorFlow versions, kept here to be looked at.

    Raises:
        MirnetError: If a number is outside its range.
    """

    channels: int = 64
    groups: int = 3
    blocks: int = 2
    streams: int = 3
    columns: int = 2
    skff_softmax: str = "streams"

    def __post_init__(self):
        least = {"channels": 1, "groups": 1, "blocks": 1, "streams": 2, "columns": 1}
        for name, low in least.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < low:
                raise MirnetError(f"{name} must be a whole number of at least {low}, not {value!r}")
        if self.streams > 4:
            raise MirnetError(f"streams must be 2, 3 or 4, not {self.streams}: each one halves the resolution")
        check_softmax(self.skff_softmax)

    @property
    def multiple(self) -> int:
        """Height and width must be multiples of this, so that every stream halves exactly."""
        return 2 ** (self.streams - 1)

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
    # Answers in about a second on a laptop, and still has a second group and a second block to look at.
    "desk": MIRNetConfig(channels=16, groups=2, blocks=2),
}


def preset(name: str) -> MIRNetConfig:
    """The configuration called `name`.

    Raises:
        MirnetError: If there is none, with the names that there are.
    """
    if name not in PRESETS:
        raise MirnetError(f"unknown preset {name!r}; there are {', '.join(PRESETS)}")
    return PRESETS[name]
