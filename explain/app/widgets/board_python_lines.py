"""The lines of Python behind the pages about the board, see `explain.app.widgets.python_lines`."""

from collections.abc import Sequence

from explain.app.url.state import UPLOAD
from explain.app.widgets.python_lines import OWN_PHOTO

__all__ = ["board_opening"]


def board_opening(photo: str, imports: Sequence[str] = ()) -> str:
    """The first lines: the board's model `emulator`, and a photo `photo` (height, width, 3) uint8 as on the page.

    Args:
        photo: A sample's name, or `UPLOAD`; of a sample, `reference` is its bright photo.
        imports: More lines `from ... import ...`, of this project.
    """
    ours, theirs = (
        {*imports, "from embedded.emulator import Emulator", "from embedded.models.shipped_models import model_file"},
        "",
    )
    if photo == UPLOAD:
        theirs = "from pathlib import Path\n\n"
        ours |= {"from explain.app.compute.photos import own_photo", "from model.config import preset"}
        lines = [
            f'file = Path("{OWN_PHOTO}")  # the photo that you uploaded',
            'photo = own_photo(file.read_bytes(), file.name, preset("desk").multiple).pixels  # small, as on the page',
        ]
    else:
        ours.add("from model.samples import load_sample")
        lines = [f'photo, reference = load_sample("{photo}")']
    return theirs + "\n".join([*sorted(ours), "", 'emulator = Emulator(model_file("nano"))', *lines])
