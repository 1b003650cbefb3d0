"""One figure for each component, drawn from a cache.

```python
output, cache = run_with_cache(net, photo)
figure = FIGURES["skff"](cache, "rrg_1/mrb_1/exchange/skff_1", theme=DARK)
figure.savefig("skff.png")
print(figure.caption)  # what to look at
```

Figures are `matplotlib.figure.Figure`s made without pyplot, whose state all threads would share.
"""

from collections.abc import Mapping

from explain.figures.components.any_tensor import draw_channels, draw_tensor
from explain.figures.components.attention import draw_channel_attention, draw_spatial_attention
from explain.figures.components.dau import draw_dau
from explain.figures.components.mirnet import draw_mirnet
from explain.figures.components.mrb import draw_mrb
from explain.figures.components.resizing import draw_down, draw_up
from explain.figures.components.rrg import draw_rrg
from explain.figures.components.skff import draw_skff
from explain.figures.kit.component_drawing import Drawing
from explain.figures.kit.export import figure_bytes, save_figure
from explain.figures.kit.sheet import Sheet
from explain.figures.kit.themes import DARK, LIGHT, THEMES, Theme

__all__ = [
    "DARK",
    "FIGURES",
    "LIGHT",
    "THEMES",
    "Sheet",
    "Theme",
    "draw_channel_attention",
    "draw_channels",
    "draw_dau",
    "draw_down",
    "draw_mirnet",
    "draw_mrb",
    "draw_rrg",
    "draw_skff",
    "draw_spatial_attention",
    "draw_tensor",
    "draw_up",
    "figure_bytes",
    "save_figure",
]

FIGURES: Mapping[str, Drawing] = {
    "mirnet": draw_mirnet,
    "rrg": draw_rrg,
    "mrb": draw_mrb,
    "dau": draw_dau,
    "skff": draw_skff,
    "spatial_attention": draw_spatial_attention,
    "channel_attention": draw_channel_attention,
    "down": draw_down,
    "up": draw_up,
}
"""Kind of component (`explain.tracing.sites.KINDS`) to its figure: `draw(cache, site, channel=, theme=, width=)`.

What it shows, as data, is `draw.content(cache, site, channel=)`.
"""
