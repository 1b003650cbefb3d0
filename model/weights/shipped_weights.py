"""The trained weights that come with this package, each with a model card and the run card of its training."""

from dataclasses import dataclass
from pathlib import Path

from model.errors import WeightsError
from model.safety.whole_files import check_shipped

__all__ = ["RANDOM", "SHIPPED", "Shipped"]

FOLDER = Path(__file__).parent

RANDOM = "random"
"""The name that stands for random weights instead of a file."""


@dataclass(frozen=True)
class Shipped:
    """Trained weights of this package.

    Attributes:
        name: What they are called, `desk` for example; the files are `NAME.weights.h5`, `NAME.md` and `NAME.json`.
        size: The preset that they are for.
        sha256: Of the file of weights, in hexadecimal.
        frame: How they are meant to see pictures: empty for full size, `qqvga` as the board's camera frames them.
        psnr: Mean over LOL's 70 validation pictures seen like that, in dB; the dark photos themselves have 7.8.
        ssim: Mean over the same.
    """

    name: str
    size: str
    sha256: str
    frame: str
    psnr: float
    ssim: float

    @property
    def says(self) -> str:
        """One phrase for people: the data, the mean PSNR, and the size of the pictures."""
        seen = "in frames of the board's camera" if self.frame else "at full size"
        return f"trained on LOL, {self.psnr:.1f} dB on validation pictures {seen}"

    @property
    def path(self) -> Path:
        """The file of weights."""
        return FOLDER / f"{self.name}.weights.h5"

    def checked(self) -> Path:
        """The file, once it is sure that it is whole.

        Raises:
            WeightsError: If it is missing, or not what was shipped.
        """
        return check_shipped(self.path, self.sha256, WeightsError)


SHIPPED: dict[str, Shipped] = {
    each.name: each
    for each in (
        Shipped("desk", "desk", "00be026ead4d3af115cb1d08810f50bef7c3fad6586d0c4c8f992a647f6f15bc", "", 21.70, 0.794),
        Shipped(
            "nano-float",
            "nano",
            "3b1c8ba96d1fee2e3c17abdb9794212aa3bb2ac03564e47d268ef6c87e3e1edf",
            "qqvga",
            21.36,
            0.827,
        ),
    )
}
"""All shipped weights by name."""
