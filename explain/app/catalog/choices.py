"""What there is to choose in a network: which group, block, place and stream each kind of component has.

A kind's choices are made in the order of `fields`, and what is left to choose depends on what was chosen before: an
exchange resizes from stream 1 to 2 and 3, a merge only from 2 and 3 to 1. `options` gives the valid ones and
`site` the call site, the prefix of the hook names: `rrg_1/mrb_2/exchange/skff_1`.
"""

from dataclasses import dataclass, replace

from model.config import MIRNetConfig

__all__ = ["FIELDS", "KINDS", "Choice", "channels", "detail_site", "fields", "options", "settle", "site"]

KINDS = ("mirnet", "rrg", "mrb", "skff", "dau", "channel_attention", "spatial_attention", "down", "up")
"""As `explain.tracing.sites` calls them, from the whole to its parts."""
FIELDS = ("group", "block", "place", "stream", "to", "step")

_FIELDS = {
    "mirnet": (),
    "rrg": ("group",),
    "mrb": ("group", "block"),
    "skff": ("group", "block", "place", "stream"),
    "dau": ("group", "block", "place", "stream"),
    "channel_attention": ("group", "block", "place", "stream"),
    "spatial_attention": ("group", "block", "place", "stream"),
    "down": FIELDS,
    "up": FIELDS,
}


@dataclass(frozen=True)
class Choice:
    """One component in the network; what its kind does not need is left as it is.

    Attributes:
        group: Recursive residual group, from 1.
        block: Multi-scale residual block in the group, from 1.
        place: Part of the block: `column_1`, `exchange`, `column_2`, ..., `merge`.
        stream: Stream, from 1 (full resolution); for a resizing module the one it reads.
        to: The stream that a resizing module leads to.
        step: Which of its steps by 2, from 1.
    """

    group: int = 1
    block: int = 1
    place: str = "column_1"
    stream: int = 1
    to: int = 2
    step: int = 1


def fields(kind: str) -> tuple[str, ...]:
    """What has to be chosen to name one component of this kind, in order."""
    return _FIELDS[kind]


def options(kind: str, config: MIRNetConfig, choice: Choice, field: str) -> tuple:
    """The valid values of one field, given the fields before it.

    Args:
        kind: One of `KINDS`.
        config: The network.
        choice: What was chosen so far.
        field: One of `fields(kind)`.
    """
    if field == "group":
        return _counted(config.groups)
    if field == "block":
        return _counted(config.blocks)
    if field == "place":
        return _places(kind, config)
    if field == "step":
        return _counted(abs(choice.stream - choice.to))
    return _streams(kind, config, choice) if field == "stream" else _targets(kind, config, choice)


def settle(kind: str, config: MIRNetConfig, choice: Choice) -> Choice:
    """The choice, with every value that this kind of component does not have replaced by the first that it has."""
    for field in fields(kind):
        valid = options(kind, config, choice, field)
        if getattr(choice, field) not in valid:
            choice = replace(choice, **{field: valid[0]})
    return choice


def site(kind: str, choice: Choice) -> str:
    """The call site of a settled choice; empty for the whole network."""
    block = f"rrg_{choice.group}/mrb_{choice.block}"
    unit = f"{block}/{choice.place}/dau_{choice.stream}"
    return {
        "mirnet": "",
        "rrg": f"rrg_{choice.group}",
        "mrb": block,
        "skff": f"{block}/{choice.place}/{_fusion(choice)}",
        "dau": unit,
        "channel_attention": f"{unit}/channel",
        "spatial_attention": f"{unit}/spatial",
        "down": f"{block}/{choice.place}/{_resizing('down', choice)}",
        "up": f"{block}/{choice.place}/{_resizing('up', choice)}",
    }[kind]


def detail_site(kind: str, choice: Choice) -> str:
    """The call site of what is looked at in detail: of a resizing module one step, else the component itself."""
    return site(kind, choice) + (f"/step_{choice.step}" if kind in ("down", "up") else "")


def channels(kind: str, config: MIRNetConfig, choice: Choice) -> int:
    """How many channels the features at `detail_site` have; of a step that changes them, the smaller number."""
    if kind in ("mirnet", "rrg", "mrb"):
        return config.channels
    doublings = choice.stream - 1
    if kind == "down":
        doublings += choice.step - 1
    elif kind == "up":
        doublings -= choice.step
    return config.channels * 2**doublings


def _fusion(choice: Choice) -> str:
    return "skff" if choice.place == "merge" else f"skff_{choice.stream}"


def _resizing(direction: str, choice: Choice) -> str:
    if choice.place == "column_1":
        return f"{direction}_{choice.to}"
    return f"{direction}_{choice.stream}" if choice.place == "merge" else f"{direction}_{choice.stream}_{choice.to}"


def _places(kind: str, config: MIRNetConfig) -> tuple[str, ...]:
    exchanges = tuple("exchange" if k == 1 else f"exchange_{k}" for k in range(1, config.columns))
    if kind == "down":
        return ("column_1", *exchanges)
    if kind in ("skff", "up"):
        return (*exchanges, "merge")
    return tuple(f"column_{k}" for k in _counted(config.columns))


def _streams(kind: str, config: MIRNetConfig, choice: Choice) -> tuple[int, ...]:
    every = _counted(config.streams)
    if kind == "down":
        return every[:-1]
    if kind == "up":
        return every[1:]
    return every[:1] if choice.place == "merge" else every


def _targets(kind: str, config: MIRNetConfig, choice: Choice) -> tuple[int, ...]:
    """Where a resizing module leads: one step down in a column, all the way up in a merge, anywhere in an exchange."""
    if kind == "down":
        return (choice.stream + 1,) if choice.place == "column_1" else _counted(config.streams)[choice.stream :]
    return (1,) if choice.place == "merge" else _counted(choice.stream - 1)


def _counted(last: int) -> tuple[int, ...]:
    return tuple(range(1, last + 1))
