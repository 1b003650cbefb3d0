"""Parity with the authors' own modules: their numbers (tests/fixtures/oracle/README.md) against our components."""

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from explain import run_with_cache
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
    load_reference,
)

ORACLE = Path(__file__).parents[1] / "fixtures" / "oracle"
ATOL = 1e-5
"""Float32 sums in another order: the authors' outputs are themselves within 2.3e-6 of a float64 run."""

CASES = {
    "skff_n16_h3": lambda: SKFF(16, streams=3),
    "ca_layer_n16": lambda: ChannelAttention(16),
    "ca_layer_n16_bias": lambda: ChannelAttention(16, use_bias=True),
    "spatial_attn_n16": lambda: SpatialAttention(),
    "dau_n16": lambda: DualAttentionUnit(16),
    "downsample_n16_x2": lambda: Downsample(16, factor=2),
    "downsample_n16_x4": lambda: Downsample(16, factor=4),
    "upsample_n32_x2": lambda: Upsample(32, factor=2),
    "upsample_n64_x4": lambda: Upsample(64, factor=4),
    "msrb_n16": lambda: MultiScaleResidualBlock(16),
    "rrg_n16_m2": lambda: RecursiveResidualGroup(16, blocks=2),
    "mirnet_n16_r1_m1": lambda: MIRNet(MIRNetConfig(channels=16, groups=1, blocks=1)),
    "mirnet_n16_r2_m2": lambda: MIRNet(MIRNetConfig(channels=16, groups=2, blocks=2)),
}
SIZES = [
    (case, size) for case in CASES for size in ("32x32", "24x40") if (case, size) != ("ca_layer_n16_bias", "32x32")
]

LARGE = (("mirnet_n16_r2_m2", "32x32"), ("mirnet_n16_r2_m2", "24x40"), ("rrg_n16_m2", "32x32"))
each = pytest.mark.parametrize(
    ("case", "size"),
    [pytest.param(*which, marks=pytest.mark.slow if which in LARGE else ()) for which in SIZES],
)

# Where the authors' k-th call of a module ends up in our names, inside one block.
MSRB_HOOKS = {f"stream{j}_column#{c}": f"column_{c + 1}/dau_{j + 1}/out" for j in range(3) for c in range(2)} | {
    "skff0_attention#0": "exchange/skff_1/weights",
    "skff1_attention#0": "exchange/skff_2/weights",
    "skff2_attention#0": "exchange/skff_3/weights",
    "skff0_attention#1": "merge/skff/weights",
}


def hook_of(case: str, name: str) -> str:
    """Our hook point for the oracle's intermediate `name` (such as `rrg0_msrb0_skff0_attention#1`)."""
    kind = case.split("_")[0]
    if kind == "skff":
        return {"attention#0": "weights"}[name]
    if case.startswith("ca_layer"):
        return {"ca_gate#0": "gate"}[name]
    if case.startswith("spatial"):
        return {"sa_gate#0": "gate", "channel_pool#0": "pooled"}[name]
    if kind == "dau":
        return {"sa_gate#0": "spatial/gate", "ca_gate#0": "channel/gate"}[name]
    if kind in ("downsample", "upsample"):
        return {"stage0_top#0": "step_1/main", "stage0_bot#0": "step_1/shortcut"}[name]
    if name == "conv_in_out#0":
        return "shallow"
    path = ""
    if found := re.match(r"rrg(\d)_", name):
        path, name = f"rrg_{int(found[1]) + 1}/", name[found.end() :]
    if found := re.match(r"msrb(\d)_", name):
        path, name = f"{path}mrb_{int(found[1]) + 1}/", name[found.end() :]
    return path + ("out" if name == "out#0" else MSRB_HOOKS[name])


@cache
def fixture(case: str) -> dict[str, np.ndarray]:
    with np.load(ORACLE / f"{case}.npz") as file:
        return {name: file[name] for name in file.files}


def weights(data, with_aliases: bool) -> dict[str, np.ndarray]:
    tensors = {name[2:]: value.astype("float32") for name, value in data.items() if name.startswith("w/")}
    if with_aliases:
        aliases = json.loads(bytes(data["meta/aliases_json"]).decode())
        tensors |= {alias: tensors[name] for name, others in aliases.items() for alias in others}
    return tensors


def channels_last(array):
    return np.moveaxis(array, 1, -1)


@cache
def run(case: str, size: str):
    data = fixture(case)
    component = CASES[case]()
    load_reference(component, weights(data, with_aliases=size == "24x40"))
    given = data[f"x/{size}"]
    inputs = [channels_last(stream) for stream in given] if given.ndim == 5 else channels_last(given)
    return run_with_cache(component, inputs)


@each
def test_output_equals_the_authors(case, size):
    output, _ = run(case, size)
    np.testing.assert_allclose(output, channels_last(fixture(case)[f"y/{size}"]), atol=ATOL, rtol=0)


@each
def test_every_intermediate_equals_the_authors(case, size):
    _, tensors = run(case, size)
    stored = [name for name in fixture(case) if name.startswith(f"i/{size}/")]
    for key in stored:
        name, _, crop = key.removeprefix(f"i/{size}/").partition("@")
        theirs = fixture(case)[key]
        ours = tensors[hook_of(case, name)]
        if theirs.ndim == 5:  # (batch, stream, channel, 1, 1) against our (batch, stream, 1, channel)
            theirs = theirs[..., 0].transpose(0, 1, 3, 2)
        else:
            theirs = channels_last(theirs)
        if crop:
            ours = ours[:, : theirs.shape[1], : theirs.shape[2]]
        np.testing.assert_allclose(ours, theirs, atol=ATOL, rtol=0, err_msg=key)


def test_the_oracle_has_what_these_tests_ask_for():
    counts = {case: sum(name.startswith("i/") for name in fixture(case)) for case in CASES}
    assert sum(counts.values()) == 39
    assert all(f"x/{size}" in fixture(case) for case, size in SIZES)
