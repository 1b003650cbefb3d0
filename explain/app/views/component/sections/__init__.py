"""What only one kind of component's page shows, between its figure and its formula: a file each."""

from collections.abc import Callable

from explain.app.url.session import Context
from explain.app.views.component.sections.channel_attention import channel_attention
from explain.app.views.component.sections.dau import dau
from explain.app.views.component.sections.downsample import down
from explain.app.views.component.sections.skff import skff
from explain.app.views.component.sections.spatial_attention import spatial_attention
from explain.app.views.component.sections.upsample import up
from explain.app.views.component.wrong_merge import mrb

__all__ = ["SECTIONS"]

SECTIONS: dict[str, Callable[[Context], None]] = {
    "mrb": mrb,
    "skff": skff,
    "dau": dau,
    "channel_attention": channel_attention,
    "spatial_attention": spatial_attention,
    "down": down,
    "up": up,
}
"""By kind of component: draws the section."""
