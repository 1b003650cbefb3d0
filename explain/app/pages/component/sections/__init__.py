"""What only one kind of component's page shows, between its figure and its formula: a file each."""

from collections.abc import Callable

from explain.app.pages.component.sections.channel_attention import channel_attention
from explain.app.pages.component.sections.dau import dau
from explain.app.pages.component.sections.downsample import down
from explain.app.pages.component.sections.skff import skff
from explain.app.pages.component.sections.spatial_attention import spatial_attention
from explain.app.pages.component.sections.upsample import up
from explain.app.url.session import Context

__all__ = ["SECTIONS"]

SECTIONS: dict[str, Callable[[Context], None]] = {
    "skff": skff,
    "dau": dau,
    "channel_attention": channel_attention,
    "spatial_attention": spatial_attention,
    "down": down,
    "up": up,
}
"""By kind of component: draws the section."""
