"""The ablations of a network as data: a key for a page's URL, a label, and the hook points replaced.

| kind | what it does | replaced |
| --- | --- | --- |
| `channel-off`, `spatial-off`, `attention-off` | gates prefer nothing | `gate` becomes its mean (see `gate_values`) |
| `equal-weights` | SKFF takes the mean of its streams | `weights` become 1 / streams |
| `drop-stream` | SKFF ignores one stream | its weight becomes 0, the others share it in proportion |
| `skip-dau` | the unit hands on its input | `fused` becomes 0 |
| `skip-block`, `skip-group` | block or group hands on its input | `conv` becomes 0 |
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from explain.analysis.ablation.gate_values import is_gate
from explain.tracing.sites import label
from model.config import MIRNetConfig
from model.errors import MirnetError
from model.structure import block_parts, block_sites, group_sites

__all__ = ["EVERYWHERE", "KINDS", "PARTS", "Ablation", "AblationKind", "ablations", "choose"]

EVERYWHERE = "all"
"""In a key, instead of a call site: at all of them at once."""

PARTS = ("dual attention", "fusion (SKFF)", "blocks and groups")
"""What is ablated, to colour by."""


@dataclass(frozen=True)
class AblationKind:
    """A kind of ablation.

    Attributes:
        name: Short, and how its keys begin: `spatial-off`.
        words: Label: `spatial attention off`.
        part: One of `PARTS`.
        hooks: The hook points that are replaced, relative to the call site.
        everywhere: Whether there is one more that does it at all call sites at once.
    """

    name: str
    words: str
    part: str
    hooks: tuple[str, ...]
    everywhere: bool = False


_ATTENTION, _FUSION, _WHOLE = PARTS
_KINDS = (
    AblationKind("channel-off", "channel attention off", _ATTENTION, ("channel/gate",), everywhere=True),
    AblationKind("spatial-off", "spatial attention off", _ATTENTION, ("spatial/gate",), everywhere=True),
    AblationKind("attention-off", "both attentions off", _ATTENTION, ("channel/gate", "spatial/gate"), everywhere=True),
    AblationKind("equal-weights", "SKFF weights equal", _FUSION, ("weights",), everywhere=True),
    AblationKind("drop-stream", "a stream dropped", _FUSION, ("weights",)),
    AblationKind("skip-dau", "DAU skipped", _ATTENTION, ("fused",)),
    AblationKind("skip-block", "block skipped", _WHOLE, ("conv",)),
    AblationKind("skip-group", "group skipped", _WHOLE, ("conv",)),
)
KINDS: Mapping[str, AblationKind] = {kind.name: kind for kind in _KINDS}
"""Every kind of ablation by its name. Where two kinds replace the same tensor, the one listed first works first."""


@dataclass(frozen=True)
class Ablation:
    """One part of a network switched off.

    Attributes:
        key: Its name, of letters that a URL takes as they are: `skip-block.rrg_1.mrb_2`.
        words: Label: `block skipped: group 1 · block 2`.
        kind: One of `KINDS`.
        site: The call site, `rrg_1/mrb_2`; empty for one that is done everywhere.
        hooks: Full names of the hook points that are replaced.
        stream: Of `drop-stream`: which one, from 1; 0 otherwise.
    """

    key: str
    words: str
    kind: str
    site: str
    hooks: tuple[str, ...]
    stream: int = 0

    @property
    def part(self) -> str:
        """What is ablated, one of `PARTS`."""
        return KINDS[self.kind].part

    @property
    def replaces_gates(self) -> bool:
        """Whether it switches off an attention, for which there are the methods of `gate_values.GATES`."""
        return any(map(is_gate, self.hooks))


@lru_cache(maxsize=32)
def ablations(config: MIRNetConfig) -> tuple[Ablation, ...]:
    """All single ablations of a network, kind by kind, each in the order of execution, `all` first.

    Args:
        config: Of the network: `net.config`.

    Returns:
        Each with the hook points that it replaces, and the key that `mirnet ablate` takes.
    """
    at = _sites(config)
    found: list[Ablation] = []
    for kind in _KINDS:
        found_at = at[kind.name]
        if kind.everywhere:
            hooks = tuple(f"{site}/{hook}" for site in found_at for hook in kind.hooks)
            found.append(Ablation(f"{kind.name}.{EVERYWHERE}", f"{kind.words}: everywhere", kind.name, "", hooks))
        for site in found_at:
            found += _dropped(kind, site, config.streams) if kind.name == "drop-stream" else [_single(kind, site)]
    return tuple(found)


def choose(config: MIRNetConfig, chosen: Iterable[Ablation | str]) -> tuple[Ablation, ...]:
    """The ablations of these keys, each once, in the order of `ablations`.

    Args:
        config: Of the network: `net.config`.
        chosen: Keys (`skip-block.rrg_1.mrb_2`), or ablations.

    Raises:
        MirnetError: If the network has no such ablation, with the nearest keys.
    """
    known = {ablation.key: ablation for ablation in ablations(config)}
    keys = [one if isinstance(one, str) else one.key for one in chosen]
    for key in keys:
        if key not in known:
            near = get_close_matches(key, known, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else f"a key begins with one of {', '.join(KINDS)}"
            raise MirnetError(f"this network has no ablation {key!r}; {hint}")
    return tuple(known[key] for key in known if key in keys)


def _single(kind: AblationKind, site: str) -> Ablation:
    hooks = tuple(f"{site}/{hook}" for hook in kind.hooks)
    return Ablation(_key(kind, site), f"{kind.words}: {label(site)}", kind.name, site, hooks)


def _dropped(kind: AblationKind, site: str, streams: int) -> Iterator[Ablation]:
    for k in range(1, streams + 1):
        text = f"stream {k} dropped: {label(site)}"
        yield Ablation(_key(kind, f"{site}/stream_{k}"), text, kind.name, site, (f"{site}/weights",), k)


def _key(kind: AblationKind, site: str) -> str:
    return f"{kind.name}.{site.replace('/', '.')}"


def _sites(config: MIRNetConfig) -> dict[str, list[str]]:
    """The call sites of each kind of ablation, in the order of execution."""
    groups, blocks = group_sites(config), block_sites(config)
    parts = block_parts(config.streams, config.columns)
    units, fusions = (
        [f"{block}/{part.name}" for block in blocks for part in parts if part.kind == kind] for kind in ("dau", "skff")
    )
    at = {"equal-weights": fusions, "drop-stream": fusions, "skip-block": blocks, "skip-group": groups}
    return {name: list(at.get(name, units)) for name in KINDS}
