"""All contracts of every component hold over drawn shapes, sizes, weights and pictures."""

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
from model.contracts import check_all, contracts_for, record

# The counts are small since one example checks a dozen contracts, with several runs of the component each.
few, fewer, fewest = (
    settings(max_examples=count, deadline=None, suppress_health_check=[HealthCheck.too_slow]) for count in (6, 3, 2)
)

seeds = st.integers(0, 2**31 - 1)
channels = st.integers(1, 24)
batches = st.integers(1, 3)
scales = st.sampled_from([1e-3, 0.3, 1.0, 50.0])


def sides(multiple: int = 1, most: int = 24):
    return st.integers(1, most // multiple).map(lambda count: count * multiple)


@st.composite
def pictures(draw, multiple=1, most=24, channels=channels):
    """(batch, height, width, channels) of any brightness, also of one pixel, often not square."""
    shape = draw(st.tuples(batches, sides(multiple, most), sides(multiple, most), channels))
    return np.random.default_rng(draw(seeds)).normal(size=shape).astype("float32") * draw(scales)


def must_keep_all(component, inputs, leave_out=()):
    call = record(component, inputs)
    results = check_all(call)
    broken = {contract.title: verdict.message for contract, verdict in results if not verdict.holds}
    assert broken == {}
    checked = {contract.title for contract, _ in results}
    assert checked | set(leave_out) == {contract.title for contract in contracts_for(component)}


def with_drawn_slopes(component, seed: int):
    """Slopes as training may leave them: negative, zero, one for one; and biases, where there are any."""
    rng = np.random.default_rng(seed)
    for weight in component.trainable_variables:
        if weight.name == "alpha":
            weight.assign(np.full(weight.shape, rng.choice([-0.5, 0.0, 0.25, 1.0])))
        elif weight.name == "bias":
            weight.assign(rng.normal(size=weight.shape))
    return component


@few
@given(pictures(), st.integers(2, 4), seeds)
def test_skff(stream, count, seed):
    keras.utils.set_random_seed(seed)
    fusion = with_drawn_slopes(SKFF(stream.shape[-1], count), seed)
    rng = np.random.default_rng(seed)
    streams = [stream, *(stream * rng.normal() + rng.normal(size=stream.shape) for _ in range(count - 1))]
    must_keep_all(fusion, [part.astype("float32") for part in streams])


@few
@given(pictures(), st.booleans(), seeds)
def test_channel_attention(picture, use_bias, seed):
    keras.utils.set_random_seed(seed)
    must_keep_all(with_drawn_slopes(ChannelAttention(picture.shape[-1], use_bias), seed), picture)


@few
@given(pictures(), seeds)
def test_spatial_attention(picture, seed):
    keras.utils.set_random_seed(seed)
    must_keep_all(SpatialAttention(), picture)


@few
@given(pictures(), seeds)
def test_dual_attention_unit(picture, seed):
    keras.utils.set_random_seed(seed)
    must_keep_all(with_drawn_slopes(DualAttentionUnit(picture.shape[-1]), seed), picture)


@pytest.mark.slow
@few
@given(st.sampled_from([2, 4, 8]).flatmap(lambda f: st.tuples(st.just(f), pictures(multiple=f))), seeds)
def test_downsample(drawn, seed):
    factor, picture = drawn
    keras.utils.set_random_seed(seed)
    must_keep_all(with_drawn_slopes(Downsample(picture.shape[-1], factor), seed), picture)


@few
@given(pictures(multiple=1).filter(lambda picture: min(picture.shape[1:3]) > 1), seeds)
@pytest.mark.slow
def test_downsample_of_odd_sizes_rounds_up(picture, seed):
    keras.utils.set_random_seed(seed)
    must_keep_all(Downsample(picture.shape[-1]), picture)


@few
@given(
    st.sampled_from([2, 4, 8]).flatmap(
        lambda f: st.tuples(
            st.just(f), pictures(most=12, channels=st.integers(1, 24 // f).map(lambda count, f=f: count * f))
        )
    ),
    seeds,
)
@pytest.mark.slow
def test_upsample(drawn, seed):
    factor, picture = drawn
    keras.utils.set_random_seed(seed)
    must_keep_all(with_drawn_slopes(Upsample(picture.shape[-1], factor), seed), picture)


@pytest.mark.slow
@fewer
@given(
    st.integers(2, 4).flatmap(
        lambda s: st.tuples(st.just(s), pictures(multiple=2 ** (s - 1), channels=st.integers(1, 6)))
    ),
    st.integers(2, 3),
    seeds,
)
def test_multi_scale_residual_block(drawn, columns, seed):
    streams, picture = drawn
    keras.utils.set_random_seed(seed)
    block = MultiScaleResidualBlock(picture.shape[-1], streams, columns)
    must_keep_all(with_drawn_slopes(block, seed), picture)


@pytest.mark.slow
@fewest
@given(pictures(multiple=4, channels=st.integers(1, 6)), st.integers(1, 2), st.integers(2, 3), seeds)
def test_recursive_residual_group(picture, blocks, streams, seed):
    keras.utils.set_random_seed(seed)
    group = RecursiveResidualGroup(picture.shape[-1], blocks, streams)
    must_keep_all(with_drawn_slopes(group, seed), picture)


@pytest.mark.slow
@fewest
@given(pictures(multiple=4, channels=st.just(3)), st.integers(1, 6), st.integers(1, 2), st.integers(2, 3), seeds)
def test_mirnet(picture, channels, groups, streams, seed):
    keras.utils.set_random_seed(seed)
    config = MIRNetConfig(channels, groups, blocks=1, streams=streams)
    must_keep_all(with_drawn_slopes(MIRNet(config), seed), np.clip(np.abs(picture), 0, 1))


def test_one_column_has_no_exchange():
    keras.utils.set_random_seed(0)
    block = MultiScaleResidualBlock(4, streams=2, columns=1)
    picture = np.random.default_rng(0).normal(size=(1, 8, 12, 4)).astype("float32")
    must_keep_all(block, picture, leave_out=["exchange", "next column"])


@pytest.mark.parametrize("streams", [2, 3, 4])
def test_the_teaching_switch_breaks_just_the_contracts_about_the_sum(streams):
    keras.utils.set_random_seed(0)
    fusion = SKFF(12, streams, softmax_over="channels")
    inputs = list(np.random.default_rng(0).normal(size=(streams, 1, 8, 8, 12)).astype("float32"))
    broken = {contract.title for contract, verdict in check_all(record(fusion, inputs)) if not verdict.holds}
    assert broken == {"softmax over streams", "weights sum to 1", "between the streams", "same stream"}
