"""Contracts of the multi-scale residual block: its connections and its shared layers."""

from collections.abc import Callable, Iterator

import numpy as np

from model.contracts.common import common_promises
from model.contracts.compare import Mistake, compare, compare_locally, every
from model.contracts.components.dau import body
from model.contracts.components.downsample import features
from model.contracts.components.skff import squeezed
from model.contracts.connections import wired
from model.contracts.formulas import convolution
from model.contracts.probes import zero_is_identity
from model.contracts.promise import Call, Promises, Verdict, learned
from model.contracts.recording import call_at
from model.structure import exchange_place

__all__ = ["PROMISES"]

PROMISES = Promises("MultiScaleResidualBlock", 'section 3.1, "Multi-scale residual block"')

common_promises(
    PROMISES, "one attention unit and one SKFF per stream, one resizing module per route, one 3×3 convolution"
)


@PROMISES.promise("first column", hooks=("in", "column_1/down_2/in", "column_1/dau_2/out"))
def first_column(call: Call) -> Verdict:
    """The first stream is the input; each lower one is the one above, after its attention, at half the size."""
    pairs = [("column_1/dau_1/in", "in")]
    for k in _streams(call)[1:]:
        pairs += [
            (f"column_1/down_{k}/in", f"column_1/dau_{k - 1}/out"),
            (f"column_1/dau_{k}/in", f"column_1/down_{k}/out"),
        ]
    return wired(call, pairs)


@PROMISES.promise("exchange", hooks=("column_1/dau_1/out", "exchange/skff_1/stream_1"))
def exchange(call: Call) -> Verdict:
    """At each resolution SKFF fuses all streams, in their order, all as they were before the exchange."""
    return wired(call, (pair for column in _columns(call)[1:] for pair in _arrivals(call, column)))


def _arrivals(call: Call, column: int) -> Iterator[tuple[str, str]]:
    """Each input in the exchange before `column`, and the output that it must be."""
    here = _exchange_before(column)
    for j in _streams(call):
        for k in _streams(call):
            origin = f"column_{column - 1}/dau_{k}/out"
            if k != j:
                route = f"{here}/{'down' if k < j else 'up'}_{k}_{j}"
                yield f"{route}/in", origin
                origin = f"{route}/out"
            yield f"{here}/skff_{j}/stream_{k}", origin


@PROMISES.promise("next column", hooks=("exchange/skff_1/out", "column_2/dau_1/in"))
def next_column(call: Call) -> Verdict:
    """The attention units after an exchange take the output of the SKFF at their resolution."""
    pairs = (
        (f"column_{column}/dau_{j}/in", f"{_exchange_before(column)}/skff_{j}/out")
        for column in _columns(call)[1:]
        for j in _streams(call)
    )
    return wired(call, pairs)


@PROMISES.promise("merge", hooks=("merge/skff/stream_1", "merge/skff/stream_2", "merge/up_2/out"))
def merge(call: Call) -> Verdict:
    """In the end every stream, each once and in order, comes back to full resolution and is fused."""
    last = f"column_{_columns(call)[-1]}"
    pairs = [("merge/skff/stream_1", f"{last}/dau_1/out")]
    for k in _streams(call)[1:]:
        pairs += [(f"merge/up_{k}/in", f"{last}/dau_{k}/out"), (f"merge/skff/stream_{k}", f"merge/up_{k}/out")]
    return wired(call, pairs)


@PROMISES.promise(
    "shared layers",
    section="not said in the paper: so it is in the authors' network",
    hooks=("merge/skff/squeezed", "column_1/dau_1/body"),
    layers=("units", "fusions", "resize"),
    says="Layers are shared: a stream has one attention unit for all columns, SKFF 1 serves in the exchange and in the "
    "merge, and a module that halves a stream serves in the first column and in the exchange.",
)
def shared(call: Call) -> Verdict:
    # Each site is checked with the weights of the layer that should serve it.
    sites = [(f"column_{column}/dau_{k}", body) for column in _columns(call) for k in _streams(call)]
    sites += [("merge/skff", squeezed)]
    for k in _streams(call)[1:]:
        sites += [(f"column_1/down_{k}", features)]
        sites += [(f"{_exchange_before(c)}/down_{k - 1}_{k}", features) for c in _columns(call)[1:]]
        sites += [(f"{_exchange_before(c)}/skff_1", squeezed) for c in _columns(call)[1:]]

    def at(site, check):
        verdict = check(call_at(call.component, call.cache, site))
        elsewhere = f"{site} does not compute with the layer that it should share with other call sites"
        return verdict if verdict.holds else Verdict(False, f"{elsewhere} ({verdict.message})", verdict.measured)

    return every(at(*site) for site in sites)


def convolved(call: Call, hook: str, source: str, layer) -> Verdict:
    """Whether `hook` is a 3x3 convolution of `source`, with zeros outside the picture and no activation."""
    kernel = learned(layer.kernel)

    def mirrored(x):
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), "reflect")
        return convolution(padded, kernel)[:, 1:-1, 1:-1]

    mistakes = [
        Mistake("a ReLU follows the convolution", lambda x: np.maximum(convolution(x, kernel), 0)),
        Mistake("the border is mirrored; it should be zeros", mirrored),
    ]
    return compare_locally(call, hook, source, lambda x: convolution(x, kernel), mistakes, reach=1)


def ends_in_convolution(promises: Promises, noun: str, result: str, hook: str, source: Callable[[Call], str]) -> None:
    """Adds the contracts of a component that adds a 3x3 convolution to its input.

    Args:
        promises: The component's.
        noun: Text: what it is.
        result: Text: what is convolved.
        hook: A hook point that has to be there for it.
        source: The hook point that is convolved.
    """

    @promises.promise(
        "last convolution",
        hooks=(hook, "conv"),
        layers=("last.kernel",),
        says=f"What the {noun} adds is a 3×3 convolution of {result}.",
    )
    def _(call: Call) -> Verdict:
        return convolved(call, "conv", source(call), call.component.last)

    added_says = f"The result is the input plus the convolution of {result}."

    @promises.promise("input added", hooks=("in", "conv"), says=added_says)
    def _(call: Call) -> Verdict:
        return added(call, "in", "conv")

    zero_is_identity(promises)


def added(call: Call, source: str, residual: str) -> Verdict:
    """Whether the output is the sum of two hook points, the input and the residual."""
    x, change = call[source], call[residual]
    mistakes = [
        Mistake(f"{source} is not added", lambda: change),
        Mistake(f"{residual} is not added", lambda: x),
        Mistake(f"{source} is added twice", lambda: x + x + change),
        Mistake(f"{residual} is subtracted", lambda: x - change),
        Mistake("the sum is clipped to [0, 1]", lambda: np.clip(x + change, 0, 1)),
    ]
    return compare("out", call.output, x + change, mistakes, float(np.abs(x).max(initial=0)))


def _streams(call: Call) -> list[int]:
    return _numbers(call, "column_1/dau_")


def _columns(call: Call) -> list[int]:
    return _numbers(call, "column_")


def _numbers(call: Call, prefix: str) -> list[int]:
    """The numbers that follow a prefix in the names of the hook points."""
    return sorted({int(name.removeprefix(prefix).split("/")[0]) for name in call.cache if name.startswith(prefix)})


def _exchange_before(column: int) -> str:
    return exchange_place(column - 1)


ends_in_convolution(PROMISES, "block", "the merged streams", "merge/skff/out", lambda call: "merge/skff/out")
