"""Ranges: searched ones beat the widest, gates are judged after their sigmoid, and what must be equal is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedded.camera.pixel_tables import network_input
from embedded.quantize.activation_samples import Samples, collect
from embedded.quantize.calibrate import MOVING, search_scales, together, widened
from embedded.quantize.range_search import error_after, error_of, scale_of, search_range
from embedded.tflite.graph_file import read_graph
from model.contracts.formulas import sigmoid


def samples_of(rows) -> Samples:
    values = tuple(np.asarray(row, np.float32) for row in rows)
    variances = np.array([row.var() for row in values])
    return Samples(values, variances, float(min(map(np.min, values))), float(max(map(np.max, values))))


@given(st.floats(-100, 0), st.floats(0, 100).filter(lambda high: high > 1e-3))
def test_zero_is_a_whole_number_and_the_range_is_held(low, high):
    scale, zero = scale_of(low, high)
    assert -128 <= zero <= 127
    assert (-128 - zero) * scale == pytest.approx(low, abs=scale)
    assert (127 - zero) * scale == pytest.approx(high, abs=scale)


def test_one_odd_picture_does_not_make_the_levels_coarse():
    rng = np.random.default_rng(0)
    usual = [rng.normal(0, 1, 400) for _ in range(200)]
    samples = [samples_of([*usual, rng.normal(0, 1, 400) + 100 * (np.arange(400) == 7)])]
    low, high = search_range(error_of(samples), samples[0].least, samples[0].greatest)
    assert samples[0].greatest > 90 and high < 30
    assert low < -2.5


def test_a_range_that_is_used_is_kept():
    rng = np.random.default_rng(0)
    samples = [samples_of([rng.uniform(-2, 3, 400) for _ in range(20)])]
    low, high = search_range(error_of(samples), samples[0].least, samples[0].greatest)
    assert low == pytest.approx(-2, abs=0.1) and high == pytest.approx(3, abs=0.1)


def test_logits_count_after_the_sigmoid():
    """Far out nothing happens any more, so the range ends where the sigmoid is flat."""
    logits = samples_of([np.random.default_rng(k).normal(0, 40, 400) for k in range(20)])
    low, high = search_range(error_after(sigmoid, logits), logits.least, logits.greatest)
    assert -30 < low < -3 and 3 < high < 30


def test_a_still_picture_does_not_decide():
    """A tensor that hardly moves in one picture would otherwise ask for endlessly fine levels."""
    rng = np.random.default_rng(0)
    samples = [samples_of([np.full(400, 1e-4) * rng.normal(0, 1, 400), *(rng.uniform(0, 5, (20, 400)))])]
    assert search_range(error_of(samples), 0.0, 5.0)[1] > 4


class TestOnANetwork:
    def test_what_moves_values_has_one_scale(self, small):
        graph = small.emulator.graph
        leader = together(graph)
        moving = [each for each in graph.operators if each.kind in MOVING]
        assert len(moving) > 20
        for operator in moving:
            inputs = operator.inputs if operator.kind == "CONCATENATION" else operator.inputs[:1]
            touched = [graph.tensors[index] for index in (*inputs, *operator.outputs)]
            assert len({(tensor.scale, tensor.zero_point) for tensor in touched}) == 1
            assert len({leader[tensor.index] for tensor in touched}) == 1

    @pytest.mark.slow
    def test_samples_are_what_the_tensors_hold(self, small, float_graph, pictures):
        frames = [network_input(picture, small.net.config) for picture in pictures[:2]]
        samples = collect(float_graph, frames)
        graph = read_graph(float_graph)
        assert len(samples) == len(graph.operators)
        for operator, each in zip(graph.operators, samples, strict=True):
            assert len(each.values) == 2 and len(each.values[0]) <= 400
            assert each.least <= min(map(np.min, each.values)) and each.greatest >= max(map(np.max, each.values))
            if operator.kind == "LOGISTIC":
                assert 0 < each.least and each.greatest < 1

    @pytest.mark.slow
    def test_wider_ranges_hold_what_was_seen(self, small, float_graph, pictures):
        """Each end as far as values go, at most so many times as far; logits and fixed ranges stay."""
        graph = small.emulator.graph
        samples = collect(float_graph, [network_input(picture, small.net.config) for picture in pictures])
        narrow = {}
        leader = together(graph)
        for index, (scale, zero_point) in search_scales(graph, samples).items():
            narrow[index] = (scale / 2, zero_point)
        wide, most = widened(graph, samples, narrow, 1.5), 1.5
        logits = {leader[each.inputs[0]] for each in graph.operators if each.kind in ("LOGISTIC", "SOFTMAX")}
        seen = {}
        for operator in graph.operators:
            low, high = seen.get(leader[operator.outputs[0]], (0, 0))
            each = samples[operator.index]
            seen[leader[operator.outputs[0]]] = min(low, each.least), max(high, each.greatest)
        assert wide.keys() == narrow.keys()
        grown = 0
        for index, (scale, zero_point) in wide.items():
            ends = [[(whole - zero) * step for whole in (-128, 127)] for step, zero in (narrow[index], wide[index])]
            (low, high), (wide_low, wide_high) = ends
            if leader[index] in logits:
                assert (scale, zero_point) == pytest.approx(narrow[index])
                continue
            slack = 1.01 * scale  # a zero point is an integer, so ends are off by up to a step
            assert wide_low <= low + slack and wide_high >= high - slack
            assert wide_low >= min(most * low, low) - slack and wide_high <= max(most * high, high) + slack
            assert wide_high >= min(seen[leader[index]][1], most * high) - slack
            grown += scale > 1.1 * narrow[index][0]
        assert grown > 50
