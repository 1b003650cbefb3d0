"""The files of the live part, for any web server: scripts, WebAssembly, what they have to know, and samples."""

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from embedded.models.shipped_models import NANO
from embedded.wasm.shipped_wasm import build_all, shipped_wasm
from explain.app.live.cell_data import cell_data, constants
from explain.app.live.live_page import live_part, web_file, web_page
from explain.app.live.network_data import LiveNetwork, network_data
from explain.app.live.proof_frames import proof_frames
from model.images.camera_formats import yuv422_to_rgb
from model.samples import SAMPLES, load_sample

__all__ = ["live_files", "webp", "write_files"]

SCRIPTS = (
    *("live.js", "worker.js", "network.js", "camera.js", "maps.js", "cell.js", "proof.js", "sources.js", "view.js"),
    *("cell_view.js", "embedded_page.js", "host.js", "old.js"),
)
QUALITY = 90  # of photos: dark ones lose their noise below
THUMB = (60, 45)  # pixels


def live_files(network: LiveNetwork) -> dict[str, bytes]:
    """All files: path in the folder to content. `index.html` is the live part by itself, to be shown in an iframe.

    Raises:
        MirnetError: If the shipped WebAssembly is damaged, or for another model there is no compiler.
    """
    model = network.small.model
    builds = shipped_wasm() if network.model == NANO else build_all(model)
    weights, _ = constants(network.small.graph)
    page = web_page("MIRNet, live", live_part(network), ["live.css"], ["live.js", "embedded_page.js"])
    found = {name: web_file(name).encode() for name in (*SCRIPTS, "live.css")}
    found |= {f"net.{ending}": content for ending, content in builds.items()}
    found |= {
        "index.html": page.encode(),
        "network.json": _json(network_data(network)),
        "cells.json": _json(cell_data(network.small)),
        "cells.large.json": _json(cell_data(network.large)),
        "weights.bin": weights,
    }
    return found | _proof(network) | _samples()


def _proof(network: LiveNetwork) -> dict[str, bytes]:
    """The frames of the samples, their hashes, and the first of them restored."""
    frames = proof_frames(network.small)
    found = {f"frames/{frame.name}.yuv": frame.content for frame in frames}
    note = [{"name": each.name, "file": f"frames/{each.name}.yuv", "sha256": each.sha256} for each in frames]
    found["proof.json"] = _json({"model": network_data(network)["model"], "frames": note})
    first = np.frombuffer(frames[0].content, np.uint8).reshape(*network.small.tables.size, 2)
    found["first-frame.webp"] = webp(yuv422_to_rgb(first))
    found["first-restored.webp"] = webp(network.small.restore(first))
    return found


def _samples() -> dict[str, bytes]:
    found = {}
    for sample in SAMPLES:
        dark, bright = load_sample(sample.name)
        found[f"samples/{sample.name}_dark.webp"] = webp(dark)
        found[f"samples/{sample.name}.webp"] = webp(bright)
        found[f"samples/{sample.name}_thumb.webp"] = webp(_thumbnail(bright))
    return found


def _thumbnail(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(ImageOps.fit(Image.fromarray(pixels), (2 * THUMB[0], 2 * THUMB[1])))


def webp(pixels: np.ndarray, quality: int = QUALITY) -> bytes:
    """A photo (height, width, 3) uint8 as the content of a WebP file."""
    content = BytesIO()
    Image.fromarray(pixels).save(content, "WEBP", quality=quality, method=4)
    return content.getvalue()


def _json(content: Mapping) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def write_files(folder: Path, found: Mapping[str, bytes]) -> None:
    """Writes files into a folder of their own."""
    for name, content in found.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
