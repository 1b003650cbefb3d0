"""The model for the board that comes with this package: `nano`, made of the weights `nano-float`.

Beside `nano.tflite` lie its map of hook points, a report on every tensor (`nano.csv`) and its model card (`nano.md`).
"""

from pathlib import Path

from embedded.tflite.graph_file import ModelFileError
from model.safety.whole_files import check_shipped

__all__ = ["NANO", "SHA256", "model_file"]

FOLDER = Path(__file__).parent

NANO = "nano"
"""Name of the model, given instead of a path."""

SHA256 = "8a64427ab17bd26ee10f1173d51cb0ea49e243b39a8bf54de7225b014dc5355e"
"""SHA-256 of `nano.tflite`, in hexadecimal."""


def model_file(model: str | Path) -> Path:
    """Path of a .tflite file, given by path or as `nano`.

    Raises:
        ModelFileError: If the file of the package is missing or damaged. Of others nothing is checked.
    """
    return check_shipped(FOLDER / f"{NANO}.tflite", SHA256, ModelFileError) if str(model) == NANO else Path(model)
