"""Contracts of MIRNet's components, as data: for tests, for the app's check marks, and for learners' own code.

```python
call = record(SKFF(16), [stream_1, stream_2, stream_3])      # one call of a component, hook points and all
for contract, verdict in check_all(call):
    print(contract.promise, verdict.holds, verdict.message)

output, cache = run_with_cache(net, photo)                   # the same for a call inside a network
check_all(call_at(net, cache, "rrg_1/mrb_1/merge/skff"), probes=False)

print(examine(my_own_skff, [stream_1, stream_2, stream_3], kind="SKFF"))
```

Most checks read what was recorded, and compute it again from the formula in NumPy (`model.contracts.formulas`);
in a large picture in five windows of it. *Probes* run the component again on small inputs, and so tell something
about a component without hook points too: its output shows what is wrong inside.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from model.contracts.component_sites import call_sites, component_at
from model.contracts.components import (
    chains,
    channel_attention,
    dau,
    downsample,
    mrb,
    skff,
    spatial_attention,
    upsample,
)
from model.contracts.promise import Call, Contract, Verdict, in_short
from model.contracts.recording import KINDS, call_at, kind_of, record

__all__ = [
    "CONTRACTS",
    "KINDS",
    "Call",
    "Contract",
    "Report",
    "Verdict",
    "call_at",
    "call_sites",
    "check_all",
    "component_at",
    "contracts_for",
    "examine",
    "record",
]

CONTRACTS: tuple[Contract, ...] = tuple(
    contract
    for promises in (
        skff.PROMISES,
        channel_attention.PROMISES,
        spatial_attention.PROMISES,
        dau.PROMISES,
        downsample.PROMISES,
        upsample.PROMISES,
        mrb.PROMISES,
        chains.GROUP,
        chains.NETWORK,
    )
    for contract in promises.contracts
)
"""Every contract, component by component from the smallest to the whole network."""


def contracts_for(component: Any) -> tuple[Contract, ...]:
    """The contracts of a component, given as an object (those that are about one made like it) or by name (all).

    Raises:
        MirnetError: If there are none for it.
    """
    kind = kind_of(component)
    found = (contract for contract in CONTRACTS if contract.component == kind)
    return tuple(contract for contract in found if isinstance(component, str) or contract.when(component))


def check_all(call: Call, *, looks: bool = True, probes: bool = True) -> list[tuple[Contract, Verdict]]:
    """Checks a call against every contract that can be checked.

    Args:
        call: From `record` or `call_at`.
        looks: Whether to make the checks that only read what was recorded.
        probes: Whether to run the component again for contracts that need it. A probe takes as long as a few runs
            on 16x16 pixels; the other checks take milliseconds.

    Returns:
        Contract and verdict, in order. Contracts whose hook points or layers the component lacks are left out. If
        the result's shape is wrong, or its numbers are not finite, only that is told: all else would follow from it.
    """
    results: list[tuple[Contract, Verdict]] = []
    for contract in contracts_for(call.kind):
        if not (probes if contract.probes else looks) or contract.missing(call):
            continue
        verdict = contract.verdict(call)
        if not verdict.holds and contract.title in ("shape", "finite numbers"):
            return [(contract, verdict)]
        results.append((contract, verdict))
    return results


@dataclass(frozen=True)
class Report:
    """What `examine` found; printed, it says what is wrong (or that nothing is).

    Attributes:
        kind: Which component it was meant to be.
        results: Every contract that could be checked, with its verdict.
    """

    kind: str
    results: tuple[tuple[Contract, Verdict], ...]

    @property
    def holds(self) -> bool:
        """Whether every contract holds."""
        return all(verdict.holds for _, verdict in self.results)

    @property
    def broken(self) -> tuple[tuple[Contract, Verdict], ...]:
        """The contracts that do not hold."""
        return tuple((contract, verdict) for contract, verdict in self.results if not verdict.holds)

    def __bool__(self) -> bool:
        return self.holds

    def __str__(self) -> str:
        if self.holds:
            return f"{self.kind}: all {len(self.results)} contracts hold"
        lines = [f"{self.kind}: {len(self.broken)} of {len(self.results)} contracts do not hold"]
        for contract, verdict in self.broken:
            lines += [f"- {contract.title}: {contract.promise}", f"  {verdict.message}"]
        return "\n".join(lines)


def examine(component: Callable, inputs, kind: str | None = None, *, probes: bool = True) -> Report:
    """Runs a component (a learner's own, for example) and checks everything that can be checked about it.

    Args:
        component: Anything that is called as the component is. It may lack hook points and known layer names.
        inputs: (batch, height, width, channels), or a list of such arrays for SKFF.
        kind: Which component it is meant to be, one of `KINDS`; not needed for MIRNet's own.
        probes: See `check_all`.

    Returns:
        A report; a component that raises an error has one broken contract, "shape".

    Raises:
        MirnetError: If `kind` is needed and missing, or unknown.
    """
    kind = kind_of(component if kind is None else kind)
    try:
        call = record(component, inputs, kind)
    except Exception as error:  # a learner's component may do anything
        verdict = Verdict(False, f"it stops with {in_short(error)}")
        return Report(kind, ((contracts_for(kind)[0], verdict),))
    return Report(kind, tuple(check_all(call, probes=probes)))
