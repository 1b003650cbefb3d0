"""The Arduino sketch of the shipped model, ready to download."""

import zipfile
from functools import cache
from io import BytesIO

import streamlit as st

from embedded.models.shipped_models import NANO, model_file
from embedded.sketch.sketch_writer import NAME, setup_commands, sketch_files, use_commands

__all__ = ["sketch_section", "sketch_zip", "zipped"]

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first date that a .zip can have: the same files are the same bytes, whenever they are packed."""

MODE = 0o644 << 16


def sketch_section() -> None:
    """Shows the download and what to type."""
    st.markdown(
        "The sketch holds the network as C, its weights, the camera and the serial line: a folder for the Arduino IDE "
        f"or `arduino-cli`. `mirnet sketch {NANO} -o {NAME}` writes the same files."
    )
    st.download_button(
        "Download the sketch (.zip)",
        sketch_zip,
        f"{NAME}.zip",
        "application/zip",
        key="sketch",
        on_click="ignore",
        icon=":material/download:",
    )
    st.markdown("Unpack it, and compile and upload it; `PORT` is what `arduino-cli board list` shows:")
    st.code("\n".join(setup_commands()), language="shell", wrap_lines=True)
    st.markdown("Then compare the board with the emulator, byte for byte, and watch it restore a photo:")
    st.code("\n".join(use_commands()), language="shell", wrap_lines=True)
    st.info(
        "**No real board has run it yet.** The C runs on an emulated Cortex-M4, where every byte is the emulator's; "
        "the sketch's own files compile against the real Arduino core, and run on a computer with a stand-in for the "
        "hardware. If yours does run it, or does not, `mirnet board-test --port PORT` says so byte for byte.",
        icon=":material/science:",
    )


@cache
def sketch_zip() -> bytes:
    """The sketch of the shipped model, as the content of a .zip file."""
    return zipped(sketch_files(model_file(NANO).read_bytes()), NAME)


def zipped(files: dict[str, str], folder: str) -> bytes:
    """Files in a folder of their own, as the content of a .zip file; the same files give the same bytes."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{name}", EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, wherever it is made
            entry.external_attr = MODE
            archive.writestr(entry, files[name].encode())
    return content.getvalue()
