"""The values under a pixel: read from the right place, and the last step really adds up."""

import numpy as np
import pytest
from quick import FEW_KINDS, quick

from explain import run_with_cache
from explain.app.catalog.choices import KINDS, Choice, channels, detail_site, settle
from explain.app.compute.values_at import Term, place_in, readings, result_at, sum_at, tensor_names
from explain.app.views.component.under_pixel import _equation
from model import MIRNetConfig
from model.zoo import load_network

CONFIG = MIRNetConfig(channels=8, groups=2, blocks=1)
SIZE = (16, 24)
# The page adds the printed operands in float64, the network in float32, and SKFF adds three products.
ROUNDING = 1e-6


@pytest.fixture(scope="module")
def cache():
    net, _ = load_network(CONFIG)
    photo = np.random.default_rng(1).random((*SIZE, 3), dtype="float32")
    return run_with_cache(net, photo)[1]


def chosen(kind):
    for wanted in (
        Choice(),
        Choice(2, 1, "merge", 3, 1, 2),
        Choice(1, 1, "exchange", 3, 1, 1),
        Choice(2, 1, "column_2"),
    ):
        yield settle(kind, CONFIG, wanted)


@pytest.mark.parametrize("kind", quick(KINDS, *FEW_KINDS))
def test_the_terms_add_up_to_the_result(cache, kind):
    for choice in chosen(kind):
        where = detail_site(kind, choice)
        count = 3 if kind == "mirnet" else channels(kind, CONFIG, choice)
        for pixel in ((0, 0), (7, 11), (15, 23)):
            for channel in range(count):
                terms = sum_at(kind, cache, where, pixel, SIZE, channel)
                result = result_at(cache, where, pixel, SIZE, channel)
                assert sum(term.value for term in terms) == pytest.approx(result, abs=ROUNDING)


def test_the_terms_of_the_boards_style_add_up_too():
    """There the sum is enlarged at the end, and the residual is added to the companded photo."""
    config = MIRNetConfig(channels=4, groups=1, blocks=1, style="board", stem=2, companding=63.0)
    size = (16, 32)
    photo = np.random.default_rng(1).random((*size, 3), dtype="float32")
    found = run_with_cache(load_network(config)[0], photo)[1]
    for kind, where in (
        ("mirnet", ""),
        ("up", "rrg_1/mrb_1/merge/up_3/step_1"),
        ("up", "rrg_1/mrb_1/merge/up_2/step_1"),
    ):
        for pixel in ((0, 0), (0, 31), (7, 12), (6, 11), (15, 31)):
            terms = sum_at(kind, found, where, pixel, size, 1)
            result = result_at(found, where, pixel, size, 1)
            assert sum(term.value for term in terms) == pytest.approx(result, abs=ROUNDING)
            assert kind == "mirnet" or sum(term.factors[0][1] for term in terms) == 1
    rows = readings(found, tensor_names("mirnet", config, ""), "", (3, 4), size, 0)
    assert [row.value for row in rows if row.name == "companded"] == list(found["companded"][0, 3, 4])


@pytest.mark.parametrize("kind", quick(KINDS, *FEW_KINDS))
def test_readings_are_the_tensors_values(cache, kind):
    for choice in chosen(kind):
        where = detail_site(kind, choice)
        names = tensor_names(kind, CONFIG, where)
        rows = readings(cache, names, where, (9, 14), SIZE, 5)
        assert len(rows) >= len(names) > 2
        assert rows[0].name == names[0].removeprefix(f"{where}/")
        by_name = {f"{where}/{row.name}".lstrip("/"): row for row in rows}
        for name in set(names) & set(by_name):
            tensor, row = cache[name], by_name[name]
            if tensor.shape[-1] <= 5 or name in ("input", "residual", "output"):
                continue
            spread = tensor.shape[1:3] != (1, 1)
            row_in, column_in = (9 * tensor.shape[1] // 16, 14 * tensor.shape[2] // 24) if spread else (0, 0)
            assert row.value == tensor[0, row_in, column_in, 5]
            assert row.place == ((row_in, column_in) if spread else None)


def test_parts_under_one_name_are_told_apart(cache):
    where = "rrg_1/mrb_1/merge/skff"
    rows = {row.name: row for row in readings(cache, [f"{where}/weights"], where, (0, 0), SIZE, 2)}
    assert [rows[f"weights {k}"].value for k in (1, 2, 3)] == list(cache[f"{where}/weights"][0, :, 0, 2])

    where = "rrg_1/mrb_1/column_1/dau_1/spatial"
    most, mean = readings(cache, [f"{where}/pooled"], where, (3, 4), SIZE, 0)
    assert (most.value, mean.value) == tuple(cache[f"{where}/pooled"][0, 3, 4])
    assert "maximum" in most.text and "mean" in mean.text

    colours = readings(cache, ["residual"], "", (3, 4), SIZE, 7)
    assert [row.value for row in colours] == list(cache["residual"][0, 3, 4])
    assert {row.shape for row in colours} == {(*SIZE, 3)}  # the tensor's, not a colour's


@pytest.mark.parametrize(
    ("values", "result", "relation"),
    [((0.13728, 0.5556), 0.6929, "="), ((0.1373, 0.5556), 0.6928, r"\approx"), ((0.31, -0.04), 0.27, "=")],
)
def test_printed_digits_are_equal_only_where_they_add_up(values, result, relation):
    terms = [Term(((rf"\text{{{name}}}", value),)) for name, value in zip(("in", "conv"), values, strict=True)]
    assert _equation(terms, "out", result).endswith(rf"{relation} \underset{{\text{{out}}}}{{{result:.4f}}}")


def test_names_of_tensors_stand_upright_and_symbols_do_not(cache):
    symbols = {
        kind: [symbol for term in sum_at(kind, cache, site, (0, 0), SIZE, 0) for symbol, _ in term.factors]
        for kind, site in (("rrg", "rrg_1"), ("skff", "rrg_1/mrb_1/merge/skff"))
    }
    assert symbols["rrg"] == [r"\text{in}", r"\text{conv}"]
    assert symbols["skff"] == ["s_1", "L_1", "s_2", "L_2", "s_3", "L_3"]


def test_a_channel_that_a_tensor_lacks_has_no_value(cache):
    where = "rrg_1/mrb_1/column_1/down_2/step_1"
    rows = {row.name: row for row in readings(cache, [f"{where}/in", f"{where}/out"], where, (0, 0), SIZE, 12)}
    assert rows["in"].value is None
    assert rows["out"].value is not None


def test_a_pixel_is_found_again_at_every_resolution():
    assert place_in(np.zeros((60, 90, 1)), (239, 359), (240, 360)) == (59, 89)
    assert place_in(np.zeros((60, 90, 1)), (4, 3), (240, 360)) == (1, 0)
    assert place_in(np.zeros((1, 1, 8)), (239, 359), (240, 360)) == (0, 0)
