"""The switches of the ablation bench: what each does, in a sentence, and how the address holds those that are on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from explain.analysis.ablation import GATES, Ablation, ablations
from explain.app.url.state import LONGEST_EXTRA
from explain.tracing.sites import label
from model.config import MIRNetConfig

__all__ = ["PLACED", "Switch", "everywhere", "read_off", "singles", "switched", "wholes", "within_block", "write_off"]

PLACED = ("channel-off", "spatial-off", "attention-off", "equal-weights", "drop-stream", "skip-dau")
"""Kinds of ablation with several positions in each block."""

_NO_STREAM = "no-stream"
_EVERYWHERE = {
    "attention-off.all": "All attention",
    "channel-off.all": "Channel attention",
    "spatial-off.all": "Spatial attention",
    "equal-weights.all": "Equal SKFF weights",
}
_SAYS = {
    "channel-off": "no channel is preferred: the gates, one for each channel, {gates}.",
    "spatial-off": "no pixel is preferred: the gates, one for each pixel, {gates}.",
    "attention-off": "neither channels nor pixels are preferred: the gates of both {gates}.",
    "equal-weights": "SKFF takes the plain mean of its {streams} streams: every weight becomes 1/{streams}.",
    "drop-stream": "SKFF does not hear stream {stream}: its weight becomes 0, and the others share it in proportion.",
    "skip-dau": "the output of the unit is its input: the change that it proposes becomes 0.",
    "skip-block": "the output of the whole block is its input: what it would add becomes 0.",
    "skip-group": "the output of the whole group is its input: what its blocks would add becomes 0.",
}


@dataclass(frozen=True)
class Switch:
    """Something that can be switched off by one click.

    Attributes:
        key: Its name in the address: that of an ablation, or `no-stream-3`.
        label: On its button.
        title: The same by itself, with the place.
        does: What it does, in a sentence that follows the title and a colon; see `says`.
        keys: The ablations that it stands for.
    """

    key: str
    label: str
    title: str
    does: str
    keys: tuple[str, ...]

    def says(self, gates: str) -> str:
        """What it does where gates that are switched off become this, one of `GATES`."""
        return self.does.replace("{gates}", GATES[gates].says)


@lru_cache(maxsize=8)
def everywhere(config: MIRNetConfig) -> tuple[Switch, ...]:
    """What acts on the whole network at once."""
    singly = {one.key: one for one in ablations(config)}
    found = [
        Switch(key, text, f"{text}, everywhere", _says(singly[key], config), (key,))
        for key, text in _EVERYWHERE.items()
    ]
    for stream in range(1, config.streams + 1):
        dropped = [one for one in singly.values() if one.kind == "drop-stream" and one.stream == stream]
        text, keys = f"No stream {stream}", tuple(one.key for one in dropped)
        found.append(Switch(f"{_NO_STREAM}-{stream}", text, f"{text}, everywhere", _says(dropped[0], config), keys))
    return tuple(found)


@lru_cache(maxsize=8)
def wholes(config: MIRNetConfig) -> tuple[Switch, ...]:
    """Whole blocks and groups, each of which can be skipped."""
    return tuple(
        _single(one, config, f"Skip {label(one.site)}")
        for one in ablations(config)
        if one.kind in ("skip-block", "skip-group")
    )


@lru_cache(maxsize=64)
def within_block(config: MIRNetConfig, kind: str, block: str) -> tuple[Switch, ...]:
    """The single ablations of a kind, one of `PLACED`, within the block at a call site, `rrg_1/mrb_2`."""
    return tuple(
        _single(one, config, _place(one))
        for one in ablations(config)
        if one.kind == kind and one.site.startswith(f"{block}/")
    )


@lru_cache(maxsize=8)
def singles(config: MIRNetConfig) -> Mapping[str, Switch]:
    """Everything that an address may hold, by key."""
    known = {one.key: _single(one, config, one.words) for one in ablations(config)}
    return known | {switch.key: switch for switch in (*everywhere(config), *wholes(config))}


def read_off(text: str, config: MIRNetConfig) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The switches that an address has off, from keys with commas between them; the text is not trusted.

    Returns:
        Those that there are, each once, and the keys that mean nothing here.
    """
    keys = dict.fromkeys(key for key in text.split(",") if key)
    known = singles(config)
    return tuple(key for key in keys if key in known), tuple(key for key in keys if key not in known)


def write_off(keys: Iterable[str]) -> str | None:
    """The text that `read_off` reads, or None if an address cannot hold so much."""
    text = ",".join(keys)
    return text if len(text) <= LONGEST_EXTRA else None


def switched(config: MIRNetConfig, keys: Iterable[str]) -> tuple[str, ...]:
    """The keys of all ablations that these switches stand for."""
    known = singles(config)
    return tuple(dict.fromkeys(one for key in keys for one in known[key].keys))


def _single(one: Ablation, config: MIRNetConfig, text: str) -> Switch:
    return Switch(one.key, text, one.words[0].upper() + one.words[1:], _says(one, config), (one.key,))


def _says(one: Ablation, config: MIRNetConfig) -> str:
    return _SAYS[one.kind].format(streams=config.streams, stream=one.stream, gates="{gates}")


def _place(one: Ablation) -> str:
    """Where in its block it is: `stream 1 · column 2`."""
    inside = label(one.site).split(" · ")[2:]
    return " · ".join([*inside, *([f"stream {one.stream}"] if one.stream else [])])
