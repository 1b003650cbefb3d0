"""The tiny pictures for an upsampling step, with weights whose effect can be counted by hand."""

import altair as alt
import numpy as np
import pytest

from explain.app.views.component.sections.resizing_plot import Curve, plot
from explain.app.views.component.sections.step_response import NAMES, SIDE, SIGNALS, checkered, respond, signal
from model.resizing import Upsample

CHANNELS = 4
COLOUR = np.array([1, 2, 0.5, 3], "float32")


def step(stamp: np.ndarray):
    """A step whose main branch only stamps `stamp` (3, 3) around every pixel, and halves the channels."""
    layer = Upsample(CHANNELS).steps[0]
    eye = np.eye(CHANNELS, dtype="float32")
    layer.enter.kernel.assign(eye[None, None])
    layer.enlarge.kernel.assign(stamp.astype("float32")[:, :, None, None] * eye)
    for convolution in (layer.narrow, layer.shortcut):
        convolution.kernel.assign(eye[None, None, :, : CHANNELS // 2])
    return layer


def test_equal_stamps_add_up_to_a_checkerboard():
    """New pixels get 4, 2, 2 or 1 stamps: 2.25 on average, and apart from that by the root of 19/16."""
    found = respond(step(np.ones((3, 3))), "grey", COLOUR)
    inner = found.tensors["main"][4:-4, 4:-4, 0]
    assert sorted(np.unique(inner)) == [1, 2, 4]
    assert checkered(found.tensors["main"]) == pytest.approx(np.sqrt(19 / 16) / 2.25)
    assert checkered(found.tensors["shortcut"]) == pytest.approx(0, abs=1e-6)


def test_a_stamp_that_overlaps_evenly_makes_none():
    stamp = np.outer([1, 2, 1], [1, 2, 1]) / 4
    found = respond(step(stamp), "grey", COLOUR)
    assert checkered(found.tensors["main"]) == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(found.tensors["main"][4:-4, 4:-4], found.tensors["shortcut"][4:-4, 4:-4], atol=1e-6)


def test_one_pixel_shows_the_stamp_and_the_weights_of_bilinear():
    stamp = np.arange(1, 10).reshape(3, 3)
    found = respond(step(stamp), "pixel", COLOUR)
    lit = 2 * (SIDE // 2 - 1)  # the first of the new pixels over the lit one
    main = found.tensors["main"]
    np.testing.assert_allclose(main[lit - 1 : lit + 2, lit - 1 : lit + 2, 1], 2 * stamp)
    assert np.count_nonzero(main[:, :, 1]) == 9
    weights = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 16
    np.testing.assert_allclose(found.smooth[lit - 1 : lit + 3, lit - 1 : lit + 3], weights)
    assert found.smooth.sum() == pytest.approx(4)
    np.testing.assert_allclose(found.tensors["shortcut"][:, :, 1], 2 * found.smooth, atol=1e-6)
    np.testing.assert_allclose(found.tensors["out"], main + found.tensors["shortcut"], atol=1e-6)


def test_the_tiny_pictures():
    assert [int(signal(name).sum()) for name in SIGNALS] == [1, SIDE**2 // 2, SIDE**2]
    found = respond(step(np.ones((3, 3))), "edge", COLOUR)
    assert tuple(found.tensors) == NAMES and found.tensors["resized"].shape == (2 * SIDE, 2 * SIDE, CHANNELS)


def test_a_graph_has_lines_marks_and_a_shaded_part(charts):
    curves = [Curve("main", "red", [(0, 1.0), (1, -2.0)], (6, 3)), Curve("out", "blue", [(0, 0.5)])]
    plot(curves, (alt.X("x:Q", title="column"), alt.Y("y:Q")), "label", True, (0, 0.5), [("out", 0.5, 0.25)])
    [chart] = charts
    assert [(row["part"], row.get("line"), row["x"], row.get("y"), row.get("end")) for row in chart.rows] == [
        ("line", "main", 0, 1.0, None),
        ("line", "main", 1, -2.0, None),
        ("line", "out", 0, 0.5, None),
        ("mark", "out", 0.5, 0.25, None),
        ("shaded", None, 0, None, 0.5),
    ]
    [line] = chart.encodings("line")
    assert line["color"]["scale"] == {"domain": ["main", "out"], "range": ["red", "blue"]}
    assert line["strokeDash"]["scale"]["range"] == [[6, 3], [1, 0]] and line["x"]["title"] == "column"
    assert "scale" not in line["y"]  # which then holds zero and ends at round numbers
    assert [layer["mark"].get("opacity") for layer in chart.spec["layer"]] == [0.2, None, 1, 1]
    assert chart.encodings("rect")[0]["x2"]["field"] == "end"
