"""The path from a number down to the photo."""

from itertools import pairwise

import numpy as np
import pytest

from explain import run_with_cache
from explain.cell import CellInspector
from explain.cell.descent import descent, weightiest
from model import MIRNet, MIRNetConfig


@pytest.fixture(scope="module")
def inspector() -> CellInspector:
    net = MIRNet(MIRNetConfig(channels=8, groups=1, blocks=1))
    photo = np.random.default_rng(0).random((16, 16, 3), "float32")
    _, cache = run_with_cache(net, photo)
    return CellInspector(net, cache)


@pytest.mark.parametrize(
    ("tensor", "place"),
    [
        ("rrg_1/mrb_1/column_2/dau_3/out", (1, 2, 3)),
        ("output", (8, 8, 1)),
        ("rrg_1/mrb_1/merge/skff/weights", (1, 0, 2)),
    ],
)
def test_it_ends_in_the_photo_and_every_stop_is_made_of_the_next_but_for_copies(inspector, tensor, place):
    cells = descent(inspector.cell(tensor, *place), lambda ref: inspector.cell(*ref))
    assert cells[0].ref == (tensor, *place)
    assert cells[-1].ref.tensor == "input" and not cells[-1].operands
    assert len(cells) >= 2
    for cell in cells[1:-1]:
        assert cell.arithmetic.how != "copy"
    for cell, follows in pairwise(cells):
        at = weightiest(cell)
        while at is not None and at.ref != follows.ref:  # what only hands a number on is left out
            handed = inspector.cell(*at.ref)
            assert handed.arithmetic.how == "copy"
            at = weightiest(handed)
        assert at is not None


def test_of_a_sum_the_largest_part_and_of_a_product_the_features(inspector):
    convolved = inspector.cell("shallow", 5, 5, 0)
    assert weightiest(convolved).part == max((one.part for one in convolved.operands if one.ref), key=abs)
    gated = inspector.cell("rrg_1/mrb_1/column_1/dau_1/spatial/out", 3, 3, 0)
    assert not weightiest(gated).ref.tensor.endswith("gate")
    assert weightiest(inspector.cell("input", 0, 0, 0)) is None
