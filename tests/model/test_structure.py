"""The structure of a network against the hook points of one that runs."""

import pytest
from quick import quick

from model import MIRNet
from model.config import MIRNetConfig
from model.structure import block_parts, block_sites, group_sites

SHAPES = [(2, 1), (3, 2), (4, 3)]


def config(streams: int, columns: int) -> MIRNetConfig:
    return MIRNetConfig(channels=8, groups=2, blocks=1, streams=streams, columns=columns)


@pytest.mark.parametrize(("streams", "columns"), quick(SHAPES, SHAPES[0]))
def test_every_part_is_a_call_site_of_the_network_in_the_order_of_execution(streams, columns):
    made = config(streams, columns)
    assert group_sites(made) == ("rrg_1", "rrg_2") and block_sites(made) == ("rrg_1/mrb_1", "rrg_2/mrb_1")
    inside = [name.removeprefix("rrg_2/mrb_1/") for name in MIRNet(made).hook_names if name.startswith("rrg_2/mrb_1/")]
    called = dict.fromkeys("/".join(name.split("/")[:2]) for name in inside if "/" in name)
    assert [part.name for part in block_parts(streams, columns)] == list(called)


@pytest.mark.parametrize(("streams", "columns"), SHAPES)
def test_a_part_takes_only_what_was_made_before(streams, columns):
    made, used = ["in"], set()
    for part in block_parts(streams, columns):
        assert set(part.sources) <= set(made)
        assert len(part.sources) == (streams if part.kind == "skff" else 1)
        used |= set(part.sources)
        made.append(part.name)
    assert set(made) - used == {"merge/skff"}  # nothing else is left over
