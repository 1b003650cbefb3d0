"""The emulator's answers, written down when a site is built, so that a page can prove that it computes the same."""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from embedded.camera.ov7675 import Camera
from embedded.emulator import Emulator
from model.samples import SAMPLES, load_sample

__all__ = ["ProofFrame", "proof_frames", "run_hash"]


@dataclass(frozen=True)
class ProofFrame:
    """A frame of the camera, and what the emulator makes of it.

    Attributes:
        name: Of the sample.
        content: The camera's bytes.
        sha256: Of all tensors and the restored picture, see `run_hash`.
    """

    name: str
    content: bytes
    sha256: str


def proof_frames(emulator: Emulator) -> list[ProofFrame]:
    """The dark photos of all samples, as the camera hands them over."""
    frames = {sample.name: Camera().capture(load_sample(sample.name)[0]) for sample in SAMPLES}
    return [ProofFrame(name, frame.tobytes(), run_hash(emulator, frame)) for name, frame in frames.items()]


def run_hash(emulator: Emulator, frame: np.ndarray) -> str:
    """The SHA-256 of the input, all computed tensors in the order of their indices, and the restored picture."""
    digest = sha256()
    for _, values in sorted(emulator.tensors(frame).items()):
        digest.update(values.tobytes())
    digest.update(emulator.restore(frame).tobytes())
    return digest.hexdigest()
