"""What only one kind of component's page shows, between its figure and its formula: a file each."""

from collections.abc import Callable

from explain.app.sections.channel_attention import channel_attention
from explain.app.sections.dau import dau
from explain.app.sections.down import down
from explain.app.sections.skff import skff
from explain.app.sections.spatial_attention import spatial_attention
from explain.app.sections.up import up
from explain.app.session import Context

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
