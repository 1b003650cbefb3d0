"""Scenes of the load test as data: a page, and what visitors change on it, one after another.

A new page is a new `Scene`; a new control is an `Act` in its scene. A label or an option is a regular expression, so
a part of it is enough. What a page has not got is left out and reported: the list may be longer than the page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from explain.app.catalog.texts import TEXTS
from explain.app.catalog.topics import TOPICS

__all__ = ["FIRST", "KINDS", "OPEN", "REDRAW", "RUN", "SCENES", "SECONDS", "UPLOAD", "Act", "Scene", "walk"]

FIRST, OPEN, REDRAW, RUN, UPLOAD = "first page", "another page", "redraw", "network", "upload"
KINDS = {
    FIRST: "a new visitor opens a page",
    OPEN: "a click in the menu",
    REDRAW: "controls that only redraw",
    RUN: "controls that run the network",
    UPLOAD: "a photo of one's own",
}
SECONDS = {REDRAW: 0.3, RUN: 1.0}
"""What one visitor alone should wait at most."""

Value = bool | float | str | None | dict


@dataclass(frozen=True)
class Act:
    """One change of a page.

    Attributes:
        kind: `REDRAW` or `RUN`: what the page has to do for it.
        label: Of the control, a regular expression; `@pick` is an event of one of the page's own components, `?tensor`
            a name in the page's address, and `theme` the system's.
        values: What it is changed to, one after another at every visit of the page.
    """

    kind: str
    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Scene:
    """A page and what is done there.

    Attributes:
        path: Last part of its address; empty for the overview.
        acts: In this order.
    """

    path: str
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class SceneStep:
    """One thing to do: open the scene's page (`act` is None), or act on it."""

    scene: Scene
    act: Act | None = None
    value: Value = None


CHANNEL = Act(REDRAW, "^Show$", ("channel 1$", "channel 3$", "all channels", "channel 2$", "channel 0$"))
ROW = Act(REDRAW, "^Row$", (20, 71, 140, 33))
COLUMN = Act(REDRAW, "^Column$", (200, 15, 90, 130))
PICK = Act(REDRAW, "@pick", ({"row": 40, "col": 60}, {"row": 100, "col": 30}, {"row": 7, "col": 110}))
LOOK = Act(RUN, "@pick", PICK.values)  # where it leads a gradient back through the network
GROUP = Act(RUN, "^Group$", ("2", "1"))
BLOCK = Act(RUN, "^Block$", ("2", "1"))
STREAM = Act(RUN, "^(To s|S)tream$", ("2", "3", "1"))
PROBES = Act(RUN, "^Also test it", (True, False))
SOFTMAX = Act(RUN, "^Softmax over the channels", (True, False))
THEME = Act(REDRAW, "theme", ("dark", "light"))
ZOOM = Act(REDRAW, "^Zoom in", (True, False))
PATTERN = (
    Act(RUN, "^Pattern$", ("Rings", "Checks", "Stripes")),
    Act(RUN, "^Size$", ("two steps", "one step")),
)

COMMON = (CHANNEL, ROW, COLUMN, PICK)
OWN: dict[str, tuple[Act, ...]] = {
    "mirnet": COMMON,
    "rrg": (*COMMON, GROUP),
    "mrb": (*COMMON, BLOCK),
    "skff": (
        *COMMON,
        STREAM,
        SOFTMAX,
        Act(RUN, "^Softmax over the channels", (False,)),
        Act(REDRAW, "two softmaxes", (True, False)),
    ),
    "dau": (*COMMON, STREAM, THEME, Act(REDRAW, "^Gate$", ("channel", "spatial")), ZOOM),
    "channel_attention": (*COMMON, STREAM, PROBES, ZOOM),
    "spatial_attention": (*COMMON, BLOCK, Act(REDRAW, "^Limit of the gate", (30, 60, 45))),
    "down": (*COMMON, Act(RUN, "^Place$", ("Exchange", "Column 1")), *PATTERN),
    "up": (*COMMON, Act(RUN, "^From stream$", ("3", "2")), Act(RUN, "^The tiny picture", ("edge", "grey", "One"))),
}
"""By kind of component."""

TOPIC: dict[str, tuple[Act, ...]] = {
    "cell": (
        Act(RUN, "?y", ("30", "90", "7")),
        Act(RUN, "?x", ("40", "5", "101")),
        Act(RUN, "?tensor", ("output", "rrg_1/mrb_1/column_1/dau_1/out")),
    ),
    "streams": (LOOK, Act(RUN, "?stage", ("rrg_1/mrb_1/column_1/dau_1/out", "output"))),
    "ablation": (
        Act(RUN, "?off", ("attention-off.all", "channel-off.all", "spatial-off.all", "equal-weights.all")),
        Act(RUN, "?off", ("channel-off.all", "")),
        Act(REDRAW, "?sort", ("worst", "rms", "loss")),
        Act(REDRAW, "^All rows", (True, False)),
    ),
    "training": (Act(REDRAW, "^Curve$", (".", "loss|Loss")), Act(REDRAW, "^Photo of the study", (".",))),
    "quantization": (
        Act(REDRAW, "^Channel$", (1, 3, 2)),
        Act(REDRAW, "^Bits$", (2, 6, 4)),
        Act(REDRAW, "^Next|^Later", (None,)),
    ),
    "nano": (
        Act(RUN, "?light", ("2", "4", "3.5", "0")),
        Act(RUN, "^Its format", ("RGB565", "YUV")),
        Act(REDRAW, "^Step$", (10, 100, 50)),
    ),
}
"""By topic."""

PHOTO = Act(RUN, "^Photo$", ())
"""Another sample; what there is to choose from is known to whoever makes the walk."""

SCENES: tuple[Scene, ...] = (
    Scene("", (THEME, Act(RUN, "^Write into the map", ("MACs", "memory", "parameters", "nothing")))),
    *(Scene(TEXTS[kind].path, acts) for kind, acts in OWN.items()),
    *(Scene(TOPICS[name].path, acts) for name, acts in TOPIC.items()),
)


def walk(scenes: Sequence[Scene], photos: Sequence[str] = (), start: int = 0) -> Iterator[SceneStep]:
    """Endless steps: page after page, every act of each with its next value.

    Args:
        scenes: The pages.
        photos: Titles of samples, one more of which is chosen in the side bar on every second page; none for visitors
            who keep their photo.
        start: The page to begin with, so that visitors do not walk in step.
    """
    visits = 0
    while True:
        scene = scenes[(start + visits) % len(scenes)]
        turn = start + visits // len(scenes)
        yield SceneStep(scene)
        if photos and visits % 2:
            yield SceneStep(scene, PHOTO, photos[(start + visits // 2) % len(photos)])
        for act in scene.acts:
            yield SceneStep(scene, act, act.values[turn % len(act.values)])
        visits += 1
