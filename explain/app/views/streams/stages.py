"""The stages of the network as bars to choose from: the theoretical receptive field grows with depth."""

import json
import re
from collections.abc import Callable, Mapping, Sequence

import altair as alt

from explain.analysis.receptive import Field
from explain.app.charts.altair_charts import ROWS, Layers, Pick, palette, show
from explain.app.charts.bars import band, dashed
from explain.figures import Theme

__all__ = ["block_of", "stage_bars"]

KINDS = ("stream 1", "stream 2", "stream 3", "stream 4", "all streams merged")


def stage_bars(
    fields: Sequence[Field],
    chosen: str,
    streams: int,
    photo: tuple[int, int],
    theme: Theme,
    choose: Callable[[str], None],
) -> None:
    """Shows the side of each stage's theoretical field, to choose a stage from.

    Args:
        fields: Of all stages, in the order of execution.
        chosen: Hook point of the chosen one.
        streams: How many the network has.
        photo: (height, width): its shorter side gets a line.
        theme: Colours.
        choose: Called with the hook point of a stage that was clicked.
    """
    names = [*KINDS[:streams], KINDS[-1]]
    rows = [
        {
            "place": k,
            "stage": field.name,
            "what": field.words,
            "side": max(field.size),
            "field": f"{field.size[0]} × {field.size[1]} pixels"
            + (", and the whole photo a little, by global average pooling" if field.hears_all else ""),
            "stream": names[_colour(field.name, streams)],
            "chosen": field.name == chosen,
        }
        for k, field in enumerate(fields)
    ]
    first: dict[str, int] = {}  # place of each block
    for k, field in enumerate(fields):
        first.setdefault(_brief(field.name), k)
    text = {k: brief for brief, k in first.items()}
    label = f"Side of the theoretical field of {len(rows)} stages, {rows[0]['side']} to {rows[-1]['side']} pixels"
    show(_bars(text, palette(names, theme), min(photo), theme), rows, label, Pick("stage", "stages", choose))


def _bars(text: Mapping[int, str], colours: alt.Scale, photo: int, theme: Theme) -> alt.Chart | Layers:
    """A bar for each stage; the first one of a block has the block's name below."""
    labels = alt.Axis(values=list(text), labelExpr=f"{json.dumps(text)}[datum.value]", labelOverlap=True, ticks=False)
    base = alt.Chart(ROWS).encode(
        alt.X("place:O", title="depth in the network: group, block", axis=labels),
        tooltip=[alt.Tooltip("what:N", title="stage"), alt.Tooltip("field:N", title="receptive field")],
    )
    bars = base.mark_bar().encode(
        alt.Y("side:Q", title="pixels along a side"),
        alt.Color("stream:N", scale=colours, legend=alt.Legend(columns=alt.expr("width < 420 ? 2 : 0"))),
    )
    return Layers([band(base, theme, alt.YValue(0), alt.Y2Value("height")), bars, dashed(photo, theme)])


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
