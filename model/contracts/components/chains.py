"""Contracts of the recursive residual group and of the whole network: parts in a chain, added to the input."""

from model.contracts.common import common_promises
from model.contracts.compare import Mistake, compare, every
from model.contracts.components.mrb import added, convolved, ends_in_convolution
from model.contracts.connections import wired
from model.contracts.formulas import compand, expand
from model.contracts.probes import zero_is_identity
from model.contracts.promise import Call, Promises, Verdict
from model.images.geometry import space_to_depth

__all__ = ["GROUP", "NETWORK"]

GROUP = Promises("RecursiveResidualGroup", "section 3")
NETWORK = Promises("MIRNet", "section 3")

BOARD = "not in the paper: it brings the network onto a small board"

common_promises(GROUP, "its blocks, whose attention units all share one PReLU slope, and one 3×3 convolution")


@GROUP.promise("chain of blocks", hooks=("in", "mrb_1/in", "mrb_1/out"))
def chain_of_blocks(call: Call) -> Verdict:
    """Each block takes the output of the block before, the first one the input of the group."""
    return _chain(call, "mrb", "in")


ends_in_convolution(
    GROUP, "group", "the last block's result", "mrb_1/out", lambda call: f"{_names(call, 'mrb')[-1]}/out"
)

common_promises(
    NETWORK,
    "its groups, whose attention units all share one PReLU slope, and a 3×3 convolution at both ends",
    says="The restored photo has the size of the photo.",
)


@NETWORK.promise("companding", section=BOARD, hooks=("input", "companded"), when=lambda net: _companding(net) > 0)
def companding(call: Call) -> Verdict:
    """The curve log(1 + μx) / log(1 + μ) is applied to the photo, which spreads its dark levels."""
    x, mu = call["input"], call.component.config.companding
    mistakes = [
        Mistake("the photo is as it was", lambda: x),
        Mistake("this is the inverse curve", lambda: expand(x, mu)),
    ]
    return compare("companded", call["companded"], compand(x, mu), mistakes)


@NETWORK.promise(
    "space-to-depth",
    section=BOARD,
    hooks=("folded", "folded_residual", "residual"),
    when=lambda net: _setting(net, "stem", 1) > 1,
)
def squares_to_channels(call: Call) -> Verdict:
    """Squares of pixels become channels before the first convolution and pixels again after the last."""
    x, deep = call[_base(call)], call["folded_residual"]
    factor = x.shape[1] // call["folded"].shape[1]
    turned = Mistake(
        "rows and columns of the squares are swapped", lambda: space_to_depth(x.swapaxes(1, 2), factor).swapaxes(1, 2)
    )
    return every(
        [
            compare("folded", call["folded"], space_to_depth(x, factor), [turned]),
            compare("folded residual", space_to_depth(call["residual"], factor), deep),
        ]
    )


@NETWORK.promise("shallow features", hooks=("input", "shallow"), layers=("shallow.kernel",))
def shallow_features(call: Call) -> Verdict:
    """The shallow features are a 3×3 convolution of the photo."""
    return convolved(call, "shallow", _first(call, "folded", "companded", "input"), call.component.shallow)


@NETWORK.promise("chain of groups", hooks=("shallow", "rrg_1/in", "rrg_1/out"))
def chain_of_groups(call: Call) -> Verdict:
    """Each group takes the output of the group before, the first one the shallow features."""
    return _chain(call, "rrg", "shallow")


@NETWORK.promise("residual", hooks=("rrg_1/out", "residual"), layers=("last.kernel",))
def residual(call: Call) -> Verdict:
    """The residual is a 3×3 convolution of the last group's result."""
    result = _first(call, "folded_residual", "residual")
    return convolved(call, result, f"{_names(call, 'rrg')[-1]}/out", call.component.last)


@NETWORK.promise("photo added", hooks=("input", "residual"))
def photo_added(call: Call) -> Verdict:
    """The restored photo is the photo plus the residual, and is not clipped."""
    return added(call, _base(call), "residual")


zero_is_identity(NETWORK, lambda call, x: compand(x, mu) if (mu := _companding(call.component)) else x)


def _companding(net) -> float:
    return _setting(net, "companding", 0.0)


def _setting(net, name: str, default):
    return getattr(getattr(net, "config", None), name, default)


def _base(call: Call) -> str:
    """What the residual is added to."""
    return _first(call, "companded", "input")


def _first(call: Call, *names: str) -> str:
    """The first of these hook points that there is."""
    return next(name for name in names if name in call.cache)


def _names(call: Call, part: str) -> list[str]:
    found = {name.split("/")[0] for name in call.cache if name.startswith(f"{part}_")}
    return sorted(found, key=lambda name: int(name.removeprefix(f"{part}_")))


def _chain(call: Call, part: str, start: str) -> Verdict:
    names = _names(call, part)
    sources = [start, *(f"{name}/out" for name in names)]
    return wired(call, zip([f"{name}/in" for name in names], sources, strict=False))
