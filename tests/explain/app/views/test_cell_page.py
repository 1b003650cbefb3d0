"""The parts of the cell inspector's page: the tree of tensors, the picture, the drawings, the path, the code."""

import contextlib
import io
import re
from base64 import b64decode
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import unquote

import keras
import numpy as np
import pytest
from page_runs import fresh, go
from PIL import Image

from embedded.emulator import Emulator
from embedded.models.shipped_models import model_file
from explain import run_with_cache
from explain.app.compute.runner import Setup
from explain.app.views.cell.arithmetic_drawing import drawing
from explain.app.views.cell.breadcrumbs import LONGEST, read_path, write_path
from explain.app.views.cell.cell_charts import chart_of
from explain.app.views.cell.cell_sources import BOARD, FLOAT
from explain.app.views.cell.channel_map import BROAD, ChannelScale, picture, plane_of
from explain.app.views.cell.drawing_parts import DrawingRow, Pen, short
from explain.app.views.cell.explained_cells import BINS, cell_code, small
from explain.app.views.cell.graph_names import board_names
from explain.app.views.cell.patches import groups
from explain.app.views.cell.site_tree import chosen, levels
from explain.cell import Cell, CellInspector, CellRef, Int8Inspector, as_text
from explain.figures import DARK, LIGHT
from model import MIRNet, MIRNetConfig
from model.images.camera_formats import rgb_to_yuv422, to_frame
from model.samples import load_sample
from model.zoo import seed_weights


@dataclass(frozen=True)
class Run:
    """A network at work, and the name of each of its tensors."""

    inspector: CellInspector | Int8Inspector
    names: dict


@pytest.fixture(scope="module")
def floats() -> Run:
    net = MIRNet(MIRNetConfig(channels=8, groups=1, blocks=1))
    seed_weights(net, seed=1)
    photo = np.random.default_rng(0).integers(0, 256, (16, 24, 3), dtype=np.uint8)
    inspector = CellInspector(net, run_with_cache(net, photo)[1])
    return Run(inspector, {name: name for name in inspector.names})


@pytest.fixture(scope="module")
def int8() -> Run:
    emulator = Emulator(model_file("nano"))
    frame = rgb_to_yuv422(to_frame(load_sample("kingfisher")[0]))
    inspector = Int8Inspector(emulator, emulator.tensors(frame), frame)
    hooks = {name: place.tensor for name, place in emulator.hooks.places.items()}
    return Run(inspector, board_names(emulator.graph, inspector.names, hooks)[0])


@pytest.fixture(params=["floats", "int8"])
def run(request) -> Run:
    return request.getfixturevalue(request.param)


class Links(HTMLParser):
    """The addresses of all links, and whether every element that was opened is closed."""

    def __init__(self, html: str):
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        if tag == "a":
            self.found.append(dict(attributes)["href"])

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def pen(theme=LIGHT) -> Pen:
    return Pen(lambda ref: f"cell {ref}", lambda group: f"group {group}", str, theme)


def links(cell: Cell, shown: int | None = None) -> set[str]:
    parsed = Links(drawing(small(cell), pen(), shown))
    assert parsed.open == []
    return set(parsed.found)


def one_of_each_kind(run: Run) -> list[Cell]:
    rng, found = np.random.default_rng(3), {}
    for tensor in run.inspector.names:
        cell = run.inspector.cell(tensor, *(int(rng.integers(size)) for size in run.inspector.shape(tensor)))
        found.setdefault((cell.kind, len(cell.operands)), cell)
    return list(found.values())


def test_every_operand_of_every_kind_can_be_reached(run):
    cells = one_of_each_kind(run)
    assert len({cell.kind for cell in cells}) >= 13
    for cell in cells:
        reached = links(cell)
        for group in [address for address in reached if address.startswith("group")]:
            reached |= links(cell, int(group.split()[1]))
        wanted = {f"cell {operand.ref}" for operand in cell.operands if operand.ref is not None}
        if cell.kind in ("mean", "MEAN") and len(cell.operands) > 100:  # the map of all is a link, too
            assert len(reached & wanted) == 8
        else:
            assert reached - {f"group {k}" for k in range(200)} == wanted, as_text(cell)


def test_a_patch_lies_as_the_kernel_does(floats):
    inspector, body = floats.inspector, "rrg_1/mrb_1/column_1/dau_1/body"
    layer = inspector._book.entries[body].rule.layer
    kernel = keras.ops.convert_to_numpy(layer.kernel)
    for row, column, outside in ((5, 7, set()), (0, 7, {(0, 0), (0, 1), (0, 2)}), (15, 23, {(2, k) for k in range(3)})):
        cell = inspector.cell(body, row, column, 4)
        size, found = groups(cell)
        assert size == (3, 3) and [group.channel for group in found] == list(range(8))
        for group in found:
            assert outside <= {(y, x) for y in range(3) for x in range(3)} - set(group.cells)
            for (y, x), operand in group.cells.items():
                assert operand.weight == pytest.approx(float(kernel[y, x, group.channel, 4]))
                assert operand.ref[1:3] == (row + y - 1, column + x - 1)
        bias = sum(operand.part for operand in cell.operands if operand.ref is None)
        assert sum(group.total for group in found) + bias == pytest.approx(cell.recomputed)


def test_a_waterfall_ends_where_the_total_does():
    html = pen().waterfall([DrawingRow("a", "", 3.0), DrawingRow("b", "", -4.0)], DrawingRow("sum", "", -1.0))
    bars = [tuple(map(float, each)) for each in re.findall(r"left: ([\d.]+)%; width: ([\d.]+)%", html)]
    assert bars == [(25, 75), (0, 100), (0, 25)]  # from -1 to 3


def test_nothing_has_no_bar_and_an_empty_patch_says_so(int8):
    html = pen().waterfall([DrawingRow("a", "", 3.0), DrawingRow("b", "", 0)], DrawingRow("sum", "", 3.0))
    assert html.count("<i ") == 2
    inspector, body = int8.inspector, int8.names["rrg_1/mrb_1/column_1/dau_1/body"]
    empty = next(cell for cell in (inspector.cell(body, 12, x, 0) for x in range(32)) if no_inputs(cell))
    assert "All inputs are 0 here" in drawing(small(empty), pen())
    zero = replace(empty, value=empty.zero_point)
    assert as_text(zero).startswith(f"{zero.ref} = {zero.value}, which stands for 0 = ")


def no_inputs(cell: Cell) -> bool:
    return all(operand.value == operand.zero_point for operand in cell.operands if operand.ref is not None)


def test_streams_have_numbers_from_one_and_shares_the_same_decimals(run):
    cell = run.inspector.cell("rrg_1/mrb_1/merge/skff/weights", 1, 0, 3)
    while cell.kind not in ("softmax", "SOFTMAX"):  # on the board the numbers are moved before
        cell = run.inspector.cell(*cell.operands[0].ref)
    html = drawing(small(cell), pen())
    assert [f"stream&nbsp;{k}&nbsp;· " in html for k in range(5)] == [False, True, True, True, False]
    shares = re.findall(r"<td>([\d.]+)</td></tr>", html)
    assert len(shares) == 3 and sum(map(float, shares)) == pytest.approx(1, abs=2e-4)
    assert len({len(share) for share in shares}) == 1


def test_the_chart_of_a_cell_shows_its_numbers(run):
    drawn = [(cell, chart_of(small(cell), DARK)) for cell in one_of_each_kind(run)]
    charts = {cell.kind: (cell, found) for cell, found in drawn if found is not None}
    float_kinds, board_kinds = {"gate", "PReLU", "softmax", "maximum", "mean"}, {"LOGISTIC", "SOFTMAX", "REDUCE_MAX"}
    assert float_kinds <= set(charts) or board_kinds <= set(charts)
    for kind, (cell, found) in charts.items():
        found.chart.to_dict()  # which checks it against the schema
        if kind in ("gate", "LOGISTIC", "PReLU", "ReLU"):
            *curve, point = found.rows
            assert point["y"] == (cell.real if kind in ("gate", "LOGISTIC") else cell.recomputed)
            ends = [min(row["x"] for row in curve), max(row["x"] for row in curve)]
            assert ends[0] < point["x"] < ends[1]
            on_curve = np.interp(point["x"], [row["x"] for row in curve], [row["y"] for row in curve])
            assert point["y"] == pytest.approx(on_curve, abs=0.02 * max(1, abs(point["y"])))
        elif kind in ("softmax", "SOFTMAX"):
            assert sum(row["value"] for row in found.rows) == pytest.approx(1)
            assert len([row for row in found.rows if row["opacity"] == 1]) == 1  # this cell's own
        elif kind in ("maximum", "REDUCE_MAX"):
            assert found.rows[0]["value"] == max(row["value"] for row in found.rows)
            assert [row["colour"] for row in found.rows].count(DARK.accent) == 1


def test_a_mean_of_many_keeps_its_ends(floats):
    cell = floats.inspector.cell("rrg_1/mrb_1/column_1/dau_1/channel/descriptor", 0, 0, 2)
    found, values = small(cell), [operand.value for operand in cell.operands]
    assert found.count == len(values) == 16 * 24 and sum(found.bins) == found.count and len(found.bins) == BINS
    assert (found.least, found.most) == (min(values), max(values))
    assert [operand.value for operand in found.cell.operands[:2]] == sorted(values)[:-3:-1]
    assert found.cell.value == cell.value and found.cell.recomputed == cell.recomputed
    *bars, mean = chart_of(found, LIGHT).rows
    assert [bar["count"] for bar in bars] == list(found.bins) and mean == {"mean": cell.value}
    assert bars[0]["from"] == found.least and bars[-1]["to"] == pytest.approx(found.most)


def test_numbers_stand_out_from_their_colours():
    for theme in (LIGHT, DARK):
        for value in np.linspace(-1, 1, 21):
            rgb, ink = re.fullmatch(r"background: rgb\((.+)\); color: (.+)", pen(theme).tint(value, 1.0)).groups()
            light = [((int(part) / 255 + 0.055) / 1.055) ** 2.4 for part in rgb.split(", ")]
            back = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
            front = 0.0 if ink == "#000" else 1.0
            assert (max(back, front) + 0.05) / (min(back, front) + 0.05) > 4.5  # WCAG 2, level AA
    assert pen().tint(1.0, 0.0) == pen().tint(0.0, 1.0)


def test_short_numbers():
    assert [short(each) for each in (7, -0.0, 0.0123456, 1.5e-7, 123456.0)] == ["7", "0", "0.0123", "1.5e−7", "1.23e5"]


def test_the_tree_leads_to_every_tensor(run):
    names = tuple(run.names)
    for name in names:
        found = levels(names, name)
        assert "/".join(level.value for level in found) == name
        for depth, level in enumerate(found):
            assert len(level.options) <= 24 and level.value in level.options
            assert chosen(names, name, depth, level.value) == name


def test_another_part_leads_to_its_own_tensor_of_that_name(floats):
    names, gate = tuple(floats.names), "rrg_1/mrb_1/column_1/dau_1/spatial/gate"
    assert chosen(names, gate, 3, "dau_3") == "rrg_1/mrb_1/column_1/dau_3/spatial/gate"
    assert chosen(names, gate, 3, "down_2") == "rrg_1/mrb_1/column_1/down_2/out"
    assert chosen(names, gate, 0, "output") == "output"
    for depth, level in enumerate(levels(names, gate)):
        assert all(chosen(names, gate, depth, option) in names for option in level.options)


def test_every_tensor_of_the_board_has_a_name_of_its_own(int8):
    inspector = int8.inspector
    assert set(int8.names.values()) == set(inspector.names)
    assert int8.names["rrg_1/mrb_1/column_1/dau_1/body"] == inspector.index("rrg_1/mrb_1/column_1/dau_1/body")
    inner = {name: tensor for name, tensor in int8.names.items() if "#" in name}
    assert len(inner) > 50 and all(name.endswith(f"#{tensor}") for name, tensor in inner.items())


@pytest.mark.parametrize("shape", [(6, 8, 5), (1, 1, 40), (3, 1, 8), (48, 1, 3), (1, 1, 1)])
def test_a_click_on_the_picture_finds_the_number_under_it(shape):
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape) + 1
    for place in np.ndindex(shape):
        plane = plane_of(values, place[2])
        pixel = plane.pixel(place)
        assert plane.values[pixel] == values[place]
        assert plane.place(pixel, place) == place
    scale = ChannelScale.of(plane.values, "in", LIGHT)
    picture = Image.open(BytesIO(b64decode(scale.url(plane.values).split(",")[1])))
    assert 1 / BROAD <= picture.width / picture.height <= BROAD
    assert (picture.height % plane.values.shape[0], picture.width % plane.values.shape[1]) == (0, 0)


def test_a_few_numbers_stand_in_their_boxes_and_the_chosen_one_has_a_frame():
    values = np.linspace(-1, 1, 24, dtype=np.float32).reshape(3, 1, 8)
    plane = plane_of(values, 5)
    drawn = unquote(picture(plane, ChannelScale.of(plane.values, "x", LIGHT), (2, 0, 5), LIGHT))
    assert re.findall(r"<text.*?>(.*?)</text>", drawn) == [f"{value:.2f}".replace("-", "−") for value in values.flat]
    left, top, wide, high = map(
        float, re.search(r'<rect x="(.+?)" y="(.+?)" width="(.+?)" height="(.+?)"', drawn).groups()
    )
    side = float(re.search(r'viewBox="0 0 ([\d.]+)', drawn)[1]) / 8
    assert 5 * side <= left < left + wide <= 6 * side and 2 * side <= top < top + high <= 3 * side
    broad = plane_of(np.ones((1, 1, 40), np.float32), 3)
    assert "<text" not in unquote(picture(broad, ChannelScale.of(broad.values, "x", LIGHT), (0, 0, 3), LIGHT))
    plane = plane_of(np.ones((4, 4, 2), np.float32), 1)
    assert picture(plane, ChannelScale.of(plane.values, "x", LIGHT), (0, 0, 1), LIGHT).startswith("data:image/png")


def test_colours_mean_what_the_legend_says():
    assert ChannelScale.of(np.array([[-1.0, 2.0]]), "x", LIGHT).low < 0
    assert ChannelScale.of(np.array([[0.0, 2.0]]), "x", LIGHT).low == 0
    assert (
        ChannelScale.of(np.array([[0.4]]), "a/gate", DARK).low,
        ChannelScale.of(np.array([[0.4]]), "a/gate", DARK).high,
    ) == (0, 1)
    picture = Image.open(
        BytesIO(b64decode(ChannelScale("gray", 0.0, 1.0).url(np.array([[0.0, 0.5, 1.0]])).split(",")[1]))
    )
    assert [pixel[0] for pixel in np.asarray(picture.convert("RGB"))[0, ::1][:3].tolist()] == [0, 128, 255]


def test_the_path_there_and_back():
    names = ("input", "shallow", "out")
    stops = [("out", (k, 2, 3)) for k in range(LONGEST + 5)]
    text = write_path(stops, names)
    assert len(text) < 300 and read_path(text, names) == (stops[-LONGEST:], True)
    assert write_path(stops[:2], names) == "2.0.2.3~2.1.2.3"
    assert read_path("", names) == ([], True)
    for nonsense in ("3.0.0.0", "x", "0.0.0", "~", "0.0.0.-1", "0.0.0.9999999"):
        assert read_path(nonsense, names) == ([], False)
    assert read_path("1.2.3.4~?", names) == ([("shallow", (2, 3, 4))], False)


@pytest.mark.parametrize(
    ("net", "tensor"),
    [(FLOAT, "rrg_2/mrb_1/exchange/skff_2/stream_1"), (FLOAT, "rrg_1/out"), (BOARD, 209), (BOARD, "restored")],
)
@pytest.mark.slow
def test_the_lines_of_python_explain_the_same_cell(net, tensor, int8):
    if net == BOARD:
        cell = int8.inspector.cell(tensor, 7, 5, 2)
    else:
        operands = ("rrg_2/mrb_1/exchange/down_1_2/out",) if "stream" in tensor else ("rrg_1/in", "rrg_1/conv")
        arithmetic = int8.inspector.cell(209, 7, 5, 2).arithmetic
        refs = tuple(arithmetic.operands[0]._replace(ref=CellRef(name, 7, 5, 2)) for name in operands)
        cell = Cell(CellRef(tensor, 7, 5, 2), "", (8, 8, 8), 0.0, type(arithmetic)("", "sum", "", "", refs, (), 0.0))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(cell_code(net, Setup(), "kingfisher", cell), {})
    if net == BOARD:
        assert printed.getvalue() == as_text(cell) + "\n"
    else:
        assert printed.getvalue().startswith(f"{tensor}[7, 5, 2] = ") and "computed again" in printed.getvalue()


def test_an_address_that_makes_no_sense_gets_defaults_and_sentences():
    page = fresh()
    page.query_params.update(
        photo="kingfisher", net="<b>", tensor="`rrg_9`", y="99999", x="-1", c="8", k="oops", way="1.2.3.4~so"
    )
    go(page, "cell")
    page.run()
    assert not page.exception
    said = "\n".join(element.value for element in page.info)
    for text in ("no net", "no tensor", "wants y", "wants x", "wants c", "wants k", "the path in this address"):
        assert text in said
    assert page.subheader[0].value == "`rrg_1/mrb_1/column_1/dau_1/body` [120, 180, 0]"
    assert "the network's own number" in "\n".join(element.value for element in page.markdown)
    assert [field.value for field in page.number_input] == [120, 180, 0]


def test_the_first_number_of_the_board_is_none_that_stands_for_nothing():
    page = fresh()
    page.query_params.update(photo="room", net="nano")
    go(page, "cell")
    page.run()
    assert not page.exception
    said = "\n".join(element.value for element in page.markdown)
    assert "which stands for" in said and "which stands for **0**" not in said
    page.query_params.update(y="12", x="16", c="0")  # the middle is 0: whoever asks for it gets it
    page.run()
    assert "which stands for **0**" in "\n".join(element.value for element in page.markdown)
