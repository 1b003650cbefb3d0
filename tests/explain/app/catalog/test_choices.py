"""Every choice leads to a component, and every component can be chosen."""

import itertools
from functools import cache

import numpy as np
import pytest
from quick import quick

from explain import run_with_cache
from explain.app.catalog.choices import KINDS, Choice, channels, detail_site, fields, options, settle, site
from explain.tracing.sites import sites
from model import MIRNet, MIRNetConfig

CONFIGS = [
    MIRNetConfig(channels=8, groups=2, blocks=2),
    MIRNetConfig(channels=8, groups=1, blocks=1, streams=2, columns=1),
    MIRNetConfig(channels=8, groups=1, blocks=1, streams=4, columns=3),
]


@cache
def shapes_in(config: MIRNetConfig):
    _, cache = run_with_cache(MIRNet(config), np.zeros((32, 32, 3), "float32"))
    return {name: tensor.shape for name, tensor in cache.items()}


def every_choice(kind: str, config: MIRNetConfig, names=None, choice=None):
    """All choices that a visitor can make, field after field."""
    names = fields(kind) if names is None else names
    choice = settle(kind, config, Choice()) if choice is None else choice
    if not names:
        yield choice
        return
    for value in options(kind, config, choice, names[0]):
        chosen = Choice(**{**vars(choice), names[0]: value})
        yield from every_choice(kind, config, names[1:], chosen)


@pytest.mark.parametrize("config", quick(CONFIGS, CONFIGS[1]), ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_choices_are_exactly_the_call_sites(config, kind):
    there = set(sites(list(shapes_in(config))).get(kind, []))
    chosen = {site(kind, choice) for choice in every_choice(kind, config)}
    assert chosen == there


@pytest.mark.parametrize("config", quick(CONFIGS, CONFIGS[1]), ids=str)
def test_the_channels_to_choose_from_are_those_of_the_features(config):
    shapes = shapes_in(config)
    seen = 0
    for kind in KINDS[1:]:
        for choice in every_choice(kind, config):
            where = detail_site(kind, choice)
            ends = ("stream_1", "out") if kind == "skff" else ("in", "out")
            assert channels(kind, config, choice) == min(shapes[f"{where}/{end}"][-1] for end in ends)
            seen += 1
    assert seen > 10


@pytest.mark.parametrize("kind", KINDS)
def test_settling_keeps_what_is_valid_and_mends_the_rest(kind):
    config = CONFIGS[0]
    for choice in every_choice(kind, config):
        assert settle(kind, config, choice) == choice
    numbers = (0, 1, 3, 99)
    for group, stream, to, place in itertools.product(numbers, numbers, numbers, ("merge", "column_9", "exchange")):
        settled = settle(kind, config, Choice(group=group, stream=stream, to=to, step=9, place=place))
        for field in fields(kind):
            assert getattr(settled, field) in options(kind, config, settled, field)
