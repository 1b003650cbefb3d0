"""Every contract breaks on a fault planted for it, and says which mistake it looks like."""

import importlib.util
import pkgutil
from functools import cache
from pathlib import Path

import keras
import numpy as np
import pytest

from model import (
    SKFF,
    ChannelAttention,
    Downsample,
    DualAttentionUnit,
    MIRNet,
    MIRNetConfig,
    MultiScaleResidualBlock,
    RecursiveResidualGroup,
    SpatialAttention,
    Upsample,
)
from model.contracts import CONTRACTS, contracts_for, record

HERE = Path(__file__).parent


def faults_in(name: str) -> list[tuple]:
    spec = importlib.util.spec_from_file_location(f"planted_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.FAULTS


FILES = ("faults_shared", "faults_skff", "faults_attention", "faults_resizing", "faults_blocks")
FAULTS = [fault for name in FILES for fault in faults_in(name)]

OF_EVERY = ("shape", "finite numbers", "any size", "pictures apart", "recording changes nothing", "saved whole")

HEALTHY = {
    "SKFF": lambda: SKFF(16),
    "ChannelAttention": lambda: ChannelAttention(16),
    "SpatialAttention": lambda: SpatialAttention(),
    "DualAttentionUnit": lambda: DualAttentionUnit(8),
    "Downsample": lambda: Downsample(8),
    "Upsample": lambda: Upsample(8),
    "MultiScaleResidualBlock": lambda: MultiScaleResidualBlock(4),
    "RecursiveResidualGroup": lambda: RecursiveResidualGroup(2, blocks=2, streams=2),
    "MIRNet": lambda: MIRNet(MIRNetConfig(channels=2, groups=1, blocks=1, streams=2)),
}
# Enough of the large ones for faults that have nothing to do with what is inside.
HEALTHY |= {
    "small MultiScaleResidualBlock": lambda: MultiScaleResidualBlock(4, streams=2),
    "small RecursiveResidualGroup": lambda: RecursiveResidualGroup(2, blocks=1, streams=2),
}
# Contracts of the board's style only.
HEALTHY |= {
    "board Upsample": lambda: Upsample(8, style="board"),
    "board MIRNet": lambda: MIRNet(MIRNetConfig(2, 1, 1, streams=2, style="board", stem=2, companding=15.0)),
}
OF_THE_BOARD = ("features before the resize", "reduced, then enlarged", "companding", "space-to-depth")
CHANNELS = {"SKFF": 16, "ChannelAttention": 16, "SpatialAttention": 16, "MultiScaleResidualBlock": 4, "MIRNet": 3}
CHANNELS["RecursiveResidualGroup"] = 2


def inputs_of(kind: str):
    drawn = np.random.default_rng(5).normal(size=(3, 1, 16, 12, CHANNELS.get(kind, 8))).astype("float32")
    return list(drawn) if kind == "SKFF" else drawn[0]


def made(case: str):
    keras.utils.set_random_seed(1)
    return HEALTHY[case]()


@cache
def healthy_call(case: str):
    return record(made(case), inputs_of(kind_in(case)))


def kind_in(case: str) -> str:
    return case.split()[-1]


def case_for(kind: str, title: str) -> str:
    if title in OF_THE_BOARD:
        return f"board {kind}"
    return f"small {kind}" if f"small {kind}" in HEALTHY and title in OF_EVERY else kind


def contract(kind: str, title: str):
    (found,) = [contract for contract in contracts_for(kind) if contract.title == title]
    return found


@cache
def healthy_verdict(case: str, title: str):
    return contract(kind_in(case), title).verdict(healthy_call(case))


def name_of(fault) -> str:
    kind, title, message, *_ = fault
    return f"{kind}: {title}: {message}"


def slow_if_large(fault):
    """By default the small components are tried."""
    is_large = fault[0] in ("MultiScaleResidualBlock", "RecursiveResidualGroup", "MIRNet")
    return pytest.param(fault, marks=pytest.mark.slow if is_large else (), id=name_of(fault))


@pytest.mark.parametrize("fault", [slow_if_large(fault) for fault in FAULTS])
def test_a_planted_fault_is_found_and_named(fault, monkeypatch):
    kind, title, message, where, plant = fault
    promise = contract(kind, title)
    case = case_for(kind, title)
    before = healthy_verdict(case, title)
    assert before.holds, f"the healthy component breaks it too: {before.message}"

    if where is None:
        component = plant
    else:
        targets, plants = (where, plant) if isinstance(where, tuple) else ((where,), (plant,))
        for target, put in zip(targets, plants, strict=True):
            owner, _, method = target.rpartition(".")
            cls = pkgutil.resolve_name(owner)
            monkeypatch.setattr(cls, method, put(cls))
        component = made(case)
    call = record(component, inputs_of(kind), kind)
    assert not promise.missing(call)
    verdict = promise.verdict(call)
    assert not verdict.holds, f"not noticed: {verdict.message}"
    assert message in verdict.message


def test_every_contract_has_a_fault_that_breaks_it():
    planted = {(kind, title) for kind, title, *_ in FAULTS}
    assert planted == {(contract.component, contract.title) for contract in CONTRACTS}


def test_every_contract_is_told_apart_by_its_title():
    assert len({(contract.component, contract.title) for contract in CONTRACTS}) == len(CONTRACTS)
