"""Copies the result of a training to where the package ships it: `python tools/ship_weights.py RUN NAME`.

Copies the averaged weights, the run card and the log of RUN to model/weights/NAME.*, and says what to write into
model/weights/shipped_weights.py. The model card NAME.md is written by hand.
"""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from model.safety.whole_files import sha256_of  # noqa: E402
from model.weights.shipped_weights import FOLDER  # noqa: E402

FILES = {"net.weights.h5": ".weights.h5", "run.json": ".json", "log.csv": ".csv"}


def main(run: str, name: str) -> None:
    """Copies the files and prints the checksum."""
    FOLDER.mkdir(exist_ok=True)
    for source, ending in FILES.items():
        shutil.copyfile(Path(run) / source, FOLDER / f"{name}{ending}")
    weights = FOLDER / f"{name}.weights.h5"
    print(f"{weights.relative_to(ROOT)}: {weights.stat().st_size:,} bytes, sha256 {sha256_of(weights)}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
