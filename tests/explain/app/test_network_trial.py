"""How much memory the page is said to need."""

from explain.app.network_trial import needed_memory
from model.config import PRESETS, MIRNetConfig


def test_more_weights_need_more_memory():
    paper, desk = needed_memory(31_787_419, MIRNetConfig()), needed_memory(333_101, PRESETS["desk"])
    assert paper > desk > needed_memory(100_000, PRESETS["nano"]) > 5e8
