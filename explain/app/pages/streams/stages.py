"""The stages of the network as bars to choose from: how far a pixel can see grows along the way."""

import re
from collections.abc import Sequence

from explain.analysis.receptive import Field
from explain.app.charts.bars import Bar, chart, names_of_colours
from explain.figures import Theme

__all__ = ["block_of", "stage_bars"]

KINDS = ("stream 1", "stream 2", "stream 3", "stream 4", "all streams merged")


def stage_bars(fields: Sequence[Field], chosen: str, streams: int, photo: tuple[int, int], theme: Theme) -> str:
    """Bars for `explain.app.widgets.pointing.chooser`: the side of each stage's theoretical field.

    Args:
        fields: Of all stages, in the order of execution.
        chosen: Hook point of the chosen one.
        streams: How many the network has.
        photo: (height, width): its shorter side gets a line.
        theme: Colours.
    """
    sides = [max(field.size) for field in fields]
    colours = (*theme.streams[:streams], theme.muted)
    bars = [
        Bar(
            field.name,
            (0.0,) * _colour(field.name, streams) + (float(side),),
            f"{field.words}: {field.size[0]} × {field.size[1]} pixels"
            + (", and the whole photo a little, by the averages" if field.hears_all else ""),
            (str(side), _brief(field.name)),
        )
        for field, side in zip(fields, sides, strict=True)
    ]
    top = max(*sides, min(photo)) * 1.05
    inside = chart(bars, colours, "Stages of the network", chosen=chosen, ends=(0, top), marks=(min(photo),))
    legend = names_of_colours((*KINDS[:streams], KINDS[-1]), colours)
    return f'<div style="--narrowest: 2.1rem">{inside}</div>{legend}'


def block_of(name: str, groups: int, blocks: int) -> str:
    """The block that a stage belongs to; the first one for what comes before, the last one for what comes after."""
    group, _, below = name.partition("/")
    if not group.startswith("rrg_"):
        return "rrg_1/mrb_1" if name == "shallow" else f"rrg_{groups}/mrb_{blocks}"
    block = below.partition("/")[0]
    return f"{group}/{block if block.startswith('mrb_') else f'mrb_{blocks}'}"


def _brief(name: str) -> str:
    """Where a stage is, as short as fits below its bar: `g1 b2` for the second block of the first group."""
    found = re.match(r"rrg_(\d+)(?:/mrb_(\d+))?", name)
    if not found:
        return {"shallow": "first", "output": "photo"}.get(name, "")
    return f"g{found[1]}" + (f" b{found[2]}" if found[2] else "")


def _colour(name: str, streams: int) -> int:
    """The place of a stage's colour."""
    unit = name.split("/")[-2] if "/column_" in name else ""
    return int(unit.removeprefix("dau_")) - 1 if unit else streams
