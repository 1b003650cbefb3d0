"""What there is to choose in a network: which group, block, place and stream each kind of component has.

A kind's choices are made in the order of `fields`, and what is left to choose depends on what was chosen before: an
exchange resizes from stream 1 to 2 and 3, a merge only from 2 and 3 to 1. `options` gives the valid ones and
`site` the call site, the prefix of the hook names: `rrg_1/mrb_2/exchange/skff_1`.
"""

from dataclasses import dataclass, replace

from model.config import MIRNetConfig
from model.structure import Part, block_parts

__all__ = [
    "FIELDS",
    "KINDS",
    "Choice",
    "channels",
    "detail_site",
    "fields",
    "opening",
    "options",
    "settle",
    "site",
]

KINDS = ("mirnet", "rrg", "mrb", "skff", "dau", "channel_attention", "spatial_attention", "down", "up")
"""As `explain.tracing.sites` calls them, from the whole to its parts."""
UNITS = {"channel_attention": "dau", "spatial_attention": "dau"}
"""What stands inside a component of another kind: there is one wherever there is such a one."""
FIELDS = ("group", "block", "place", "stream", "to", "step")

_COUNTS = {"mirnet": 0, "rrg": 1, "mrb": 2, "down": 6, "up": 6}  # how many of the fields; four for all others


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


_LAST = Choice(group=2, block=2)
_OPENINGS = {
    "channel_attention": Choice(group=2, block=2, stream=3),
    "dau": Choice(group=2, block=2, stream=3),
}


def opening(kind: str | None) -> Choice:
    """Where a page opens for somebody who has chosen nothing: where `desk` does something that can be seen.

    Most of its units have learned to prefer nothing: 18 of its 24 channel attentions keep all gates within 0.49 and
    0.51. A network without this group or block takes its first.
    """
    return _OPENINGS.get(kind or "", _LAST)


def fields(kind: str) -> tuple[str, ...]:
    """What has to be chosen to name one component of this kind, in order."""
    return FIELDS[: _COUNTS.get(kind, 4)]


def options(kind: str, config: MIRNetConfig, choice: Choice, field: str) -> tuple:
    """The valid values of one of `fields(kind)`, given the fields before it."""
    if field in ("group", "block"):
        return _counted(config.groups if field == "group" else config.blocks)
    if field == "step":
        return _counted(abs(choice.stream - choice.to))
    before = FIELDS[2 : FIELDS.index(field)]
    found = [
        getattr(part, field)
        for part in block_parts(config.streams, config.columns)
        if part.kind == UNITS.get(kind, kind) and all(getattr(part, name) == getattr(choice, name) for name in before)
    ]
    return tuple(dict.fromkeys(found))


def settle(kind: str, config: MIRNetConfig, choice: Choice) -> Choice:
    """The choice, with every value that this kind of component does not have replaced by the first that it has."""
    for field in fields(kind):
        valid = options(kind, config, choice, field)
        if getattr(choice, field) not in valid:
            choice = replace(choice, **{field: valid[0]})
    return choice


def site(kind: str, choice: Choice) -> str:
    """The call site of a settled choice; empty for the whole network."""
    if kind == "mirnet":
        return ""
    if kind == "rrg":
        return f"rrg_{choice.group}"
    block = f"rrg_{choice.group}/mrb_{choice.block}"
    if kind == "mrb":
        return block
    part = Part(UNITS.get(kind, kind), choice.place, choice.stream, choice.to)
    return f"{block}/{part.name}" + (f"/{kind.removesuffix('_attention')}" if kind in UNITS else "")


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


def _counted(last: int) -> tuple[int, ...]:
    return tuple(range(1, last + 1))
