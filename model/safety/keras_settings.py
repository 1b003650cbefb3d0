"""What a user's settings of Keras may have wrong, told before Keras is imported; and a setting of TensorFlow.

Keras reads `KERAS_BACKEND` and `keras.json` when it is imported, and what is wrong there ends in a traceback.
Its precision and order of axes are no matter: our networks say theirs (`model.component`).
"""

import json
import os
import sys
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path

from model.errors import MirnetError
from model.safety.whole_files import reason_of

__all__ = ["check_keras", "complaint_about_keras", "prefer_onednn"]

BACKENDS = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch", "numpy": "jax", "openvino": "openvino"}
"""Keras' backends, and the package that each of them needs: NumPy has no convolutions."""

ALLOWED = {"floatx": ("float16", "float32", "float64"), "image_data_format": ("channels_last", "channels_first")}


def prefer_onednn() -> None:
    """Asks TensorFlow, if it is still to be imported, for the convolutions of oneDNN, unless the user has decided.

    By itself it takes them on some processors only: not on one with AVX2 alone, where they were the faster ones too.
    """
    if "tensorflow" not in sys.modules:
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


def check_keras() -> None:
    """Refuses settings with which Keras cannot be imported.

    Raises:
        MirnetError: With what is wrong, where, and what to do.
    """
    complaint = complaint_about_keras()
    if complaint is not None:
        raise MirnetError(complaint)


def complaint_about_keras() -> str | None:
    """One line on settings with which Keras cannot be imported; None if nothing is wrong with them."""
    file = _settings_file()
    try:
        settings = json.loads(file.read_text()) if os.path.exists(file) else {}
    except ValueError:  # Keras takes its defaults then
        settings = {}
    except OSError as error:
        return f"{file} cannot be read ({reason_of(error)}), and Keras stops at it: correct or remove it"
    if not isinstance(settings, dict):
        return f"{file} is no dictionary of settings, and Keras stops at it: correct or remove it"
    for name, allowed in ALLOWED.items():
        if name in settings and settings[name] not in allowed:
            return f"{file}: {name} is {settings[name]!r}, and Keras takes {', '.join(allowed)} there: correct it"
    if not isinstance(settings.get("epsilon", 0.0), float):
        return f"{file}: epsilon is {settings['epsilon']!r}, and Keras takes a number such as 1e-07: correct it"
    return _about_backend(settings.get("backend", "tensorflow"), file)


def _about_backend(backend: object, file: Path) -> str | None:
    where, undo = f"{file}: backend", "correct it"
    if named := os.environ.get("KERAS_BACKEND"):
        backend, where, undo = named, "KERAS_BACKEND", "unset it for TensorFlow"
    if not isinstance(backend, str) or backend not in BACKENDS:
        near = get_close_matches(str(backend), BACKENDS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(BACKENDS)}"
        return f"{where} is {backend!r}, and Keras has no such backend: {hint}; or {undo}"
    package = BACKENDS[backend]
    if find_spec(package) is None:
        needed = package if package == backend else f"{package}, which it needs,"
        return f"{where} is {backend!r}, and {needed} is not installed: pip install {package}, or {undo}"
    return None


def _settings_file() -> Path:
    """Where Keras looks for it; a user without a home folder, as in some containers, has `~` for one."""
    home = os.path.expanduser("~")
    usual = os.path.join(home if os.access(home, os.W_OK) else "/tmp", ".keras")
    return Path(os.path.expanduser(os.path.join(os.environ.get("KERAS_HOME", usual), "keras.json")))
