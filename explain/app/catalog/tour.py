"""The guided tour: ten stops on the real pages, each with something to look at and one question that it answers.

A stop is a view, so the address of a stop is that of the page it shows, with `tour=3` in it. The texts hold for any
photo, also for a visitor's own: they say what to look for, and the picture gives the answer. Words in braces are
those of `explain.app.catalog.wording`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["STOPS", "Stop", "stop_number"]


@dataclass(frozen=True)
class Stop:
    """One stop.

    Attributes:
        title: What it is about.
        text: What to see and why it is so, in a few simple sentences (Markdown).
        question: One question that the picture answers.
        answer: The answer (Markdown).
        page: The page's name, as `explain.app.url.session.page_view` takes it.
        choice: Which component, as `Choice` has it.
        extras: What else the page's address holds.
        channel: Channel to show, or None for all.
        focus: Key of the part of the page to look at; empty for its top.
    """

    title: str
    text: str
    question: str
    answer: str
    page: str
    choice: Mapping[str, int | str] = field(default_factory=dict)
    extras: Mapping[str, str] = field(default_factory=dict)
    channel: int | None = None
    focus: str = ""


def stop_number(text: str | None) -> int | None:
    """The stop, from 1, that an address asks for; None where it asks for none that there is."""
    return next((number for number in range(1, len(STOPS) + 1) if str(number) == text), None)


STOPS: tuple[Stop, ...] = (
    Stop(
        title="From dark to bright",
        text="The first picture is the input photo; the second one is the output of MIRNet. It knows "
        "nothing about the scene but the pixels of the first. The map below shows the whole path between the two.",
        question="Compare the darkest corners of both pictures. Are they as clean as the bright parts?",
        answer="No: they are flatter and blotchy. Where there is hardly any light, the photo holds only two or three "
        "levels and noise. The network can only guess there.",
        page="overview",
    ),
    Stop(
        title="It computes only what to add",
        text="MIRNet does not paint a new picture. It computes the **residual** R, and the result is Î = I + R: "
        "the photo plus what is missing. The network starts from the photo instead of from nothing.",
        question="Which picture does the residual look like: the dark photo, or the restored one?",
        answer="The restored one. Of a photo this dark so little is there that nearly all the light in the result was "
        "added. The network has learned from dark photos only: it would brighten a photo in good light, too, and "
        "spoil it.",
        page="mirnet",
    ),
    Stop(
        title="{Three} streams at once",
        text="Inside a **multi-scale residual block** the features take {three} paths: at {sizes} size. "
        "Small pictures are cheap and have large receptive fields; the full size keeps every edge. Halfway, each "
        "stream gets what the others found.",
        question="In which stream can you still read the finest detail, and in which only the large shapes?",
        answer="The first stream keeps the detail, the last one only shapes and brightness. That is why there are "
        "{three}: none of them alone sees both.",
        page="mrb",
    ),
    Stop(
        title="Smaller without false patterns",
        text="To halve a picture, every second pixel is dropped. What is finer than the new grid then comes back as a "
        "pattern that was never there: **aliasing**. MIRNet blurs first, with weights 1, 2, 1.",
        question="Move the fine pattern. Which of the small pictures shows broad stripes that the large one has not?",
        answer="The one without the blur. With it, what cannot be shown at half size becomes an even grey, as it "
        "should.",
        page="down",
        focus="section",
    ),
    Stop(
        title="Attention: which channels?",
        text="A **dual attention unit** asks *which* feature maps matter in this photo. Each channel is "
        "averaged over the whole picture, and from these averages come the **gates**: one number between 0 and 1 for "
        "each channel.",
        question="Look at the channels in the order of their gates. How far apart are the first and the last?",
        answer="Far: the last channels are nearly shut, the first ones more than half open. Now go to group 1: most "
        "gates there are close to 0.5, so those units hardly prefer any channel. What a part can do and what it has "
        "learned to do are two things.",
        page="channel_attention",
        choice={"group": 2, "block": 2, "stream": 3},
        focus="section",
    ),
    Stop(
        title="Attention: where?",
        text="Side by side with that, it asks *where*: from the maximum and the mean over all channels at each "
        "position, one gate for each **pixel**, the same for all channels.",
        question="Where are the gates most open: on edges, on flat parts, in the light or in the dark?",
        answer="Point at the map to read them, then go to another block: there it is another place. No rule is built "
        "in; each unit has learned a question of its own.",
        page="spatial_attention",
        focus="section",
    ),
    Stop(
        title="Fuse and select",
        text="Where streams meet, **SKFF** decides how much of each to take: for every channel one weight per "
        "stream. A softmax **over the streams** makes them compete.",
        question="Take any channel: what do the weights of its {three} streams add up to?",
        answer="To 1, always: more of one stream is less of another. In every public TensorFlow version that we know "
        "the softmax runs over the channels instead, so nothing competes. The page has that mistake to try.",
        page="skff",
        choice={"place": "exchange", "stream": 1},
        focus="section",
    ),
    Stop(
        title="One number",
        text="Nothing in here is magic: every number is made of a few others by multiplying and adding. This is one of "
        "them, with all that it was made of, from this very photo.",
        question="Follow one operand to its own cell, and again. Where does the path end?",
        answer="In the photo: at a colour value of one pixel, divided by 255.",
        page="cell",
    ),
    Stop(
        title="What is it good for?",
        text="To learn what a part does, switch it off and look at what is missing. Here all **attention** is off; the "
        "weights are as they were, and each gate has become the mean of its unit's gates: features stay as strong, but "
        "nothing is preferred any more.",
        question="What does the picture lose, and how much of it without channel attention alone?",
        answer="Compare the decibels: on most photos much is lost without spatial attention, hardly anything without "
        "channel attention. Now let the gates become 1: that costs far more, but it doubles the features, too. So it "
        "says little about attention.",
        page="ablation",
        extras={"off": "attention-off.all"},
    ),
    Stop(
        title="On a 30-dollar board",
        text="The same network, smaller and in int8, on an Arduino Nano with 256 KB of memory. The "
        "emulator computes what the board's program computes, byte for byte; that is tested on an emulated processor.",
        question="Turn down the light. When does the board's picture fall apart?",
        answer="When the scene fills only the camera's lowest few levels: what was not recorded, no network can "
        "restore. You have seen it; now build it: `mirnet lessons -o my-lessons --open` (or `make learn`) opens ten "
        "notebooks, from the first photon to this board.",
        page="nano",
    ),
)
"""In the order of the tour."""
