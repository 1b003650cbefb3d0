"""The guided tour: ten stops on the real pages, each with something to look at and one question that it answers.

A stop is a view, so the address of a stop is that of the page it shows, with `tour=3` in it. The texts hold for any
photo, also for a visitor's own: they say what to look for, and the picture gives the answer. Words in braces are
those of `explain.app.catalog.wording`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["END", "LEARNED", "LESSONS", "STOPS", "Stop", "stop_number"]

END = "end"
"""In an address instead of a stop: all were seen."""


@dataclass(frozen=True)
class Stop:
    """One stop.

    Attributes:
        title: What it is about.
        text: What to see and why it is so, in a few simple sentences (Markdown).
        question: One question that the picture answers.
        answer: The answer (Markdown).
        page: The page's name, as `explain.app.url.session.page_view` takes it.
        choice: Which component, as `Choice` has it; what is left out is as where its page opens.
        extras: What else the page's address holds.
        channel: Channel to show, or None for all.
        focus: Key of the part of the page that is asked about, which is brought into the window.
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
        text="The dark photo, and what MIRNet makes of it. It knows nothing of the scene but the dark photo's pixels.",
        question="Compare the darkest corners of both pictures. Are they as clean as the bright parts?",
        answer="No: they are flatter and blotchy. Where there is hardly any light, the photo holds only two or three "
        "levels and noise. The network can only guess there.",
        page="overview",
        focus="photos",
    ),
    Stop(
        title="It computes only what to add",
        text="MIRNet does not paint a new picture. It computes the **residual** R, and the result is Î = I + R: the "
        "photo plus what is missing.",
        question="Which picture does the added part look like: the dark photo, or the restored one?",
        answer="The restored one. Of a photo this dark so little is there that nearly all the light in the result was "
        "added. The network has learned from dark photos only: it would brighten a photo in good light, too, and "
        "spoil it.",
        page="mirnet",
        focus="figure",
    ),
    Stop(
        title="{Three} sizes at once",
        text="Inside a **multi-scale residual block** the photo's features take {three} paths, the **streams**: at "
        "{sizes} size, one below the other. A small picture is cheap, and its pixels see more around them.",
        question="In which row can you still read the finest detail, and in which only the large shapes?",
        answer="The first row keeps the detail, the last one only shapes and brightness. That is why there are "
        "{three}: none of them alone has both.",
        page="mrb",
        focus="figure",
    ),
    Stop(
        title="Smaller without false patterns",
        text="To halve a picture, every second pixel is dropped. What is finer than the new grid then comes back as a "
        "pattern that was never there: **aliasing**. MIRNet blurs first, with weights 1, 2, 1.",
        question="Move the stripes. Which of the small pictures shows broad stripes that the large one has not?",
        answer="The one without the blur. With the blur, hardly anything is left of stripes that cannot be shown at "
        "half size: an almost even grey, as it should be.",
        page="down",
        focus="moving",
    ),
    Stop(
        title="Attention: which channels?",
        text="The features have many **channels**, maps that each respond to something else. **Channel attention** "
        "gives each a **gate**, a number between 0 and 1 that it is multiplied by.",
        question="The bars are ordered. How far apart are the first and the last one?",
        answer="Far: the first passes several times as much as the last. But go to group 1: there most gates are close "
        "to 0.5, so those units hardly prefer anything. What a part can do and what it has learned are two things.",
        page="channel_attention",
        choice={"group": 2, "block": 2, "place": "column_1", "stream": 3},
        focus="section",
    ),
    Stop(
        title="Attention: where?",
        text="Beside it, **spatial attention** asks *where*: one gate for each **pixel**, found from the maximum and "
        "the mean over all channels.",
        question="Yellow lets most pass, blue least. Is it open in the light parts of the photo, or in the dark ones?",
        answer="In the dark ones: where there is light, this unit lets hardly anything pass. No rule is built in. Go "
        "to block 1: there the gates open towards the light.",
        page="spatial_attention",
        choice={"group": 2, "block": 2, "place": "column_1", "stream": 1},
        focus="section",
    ),
    Stop(
        title="Fuse and select",
        text="Where streams meet, **SKFF** decides how much of each to take: for every channel one weight per stream, "
        "by a softmax **over the streams**.",
        question="Take any bar: what do its {three} colours add up to?",
        answer="To 1, always: more of one stream is less of another. In every public TensorFlow version that we know "
        "the softmax runs over the channels instead, so nothing competes. The page has that mistake to try.",
        page="skff",
        choice={"group": 2, "block": 2, "place": "exchange", "stream": 1},
        focus="section",
    ),
    Stop(
        title="One number",
        text="Nothing in here is magic: every number is made of others by multiplying and adding. This is one of "
        "them, with all that it was made of, from this very photo.",
        question="Click on one of the numbers, and again on one that it was made of. Where does the way end?",
        answer="In the photo: at one byte, the red, green or blue of one pixel, divided by 255.",
        page="cell",
        focus="arithmetic",
    ),
    Stop(
        title="What is it good for?",
        text="To learn what a part does, switch it off and look at what is missing. Here all **attention** is off: "
        "each gate has become the mean of its unit's gates, so nothing is preferred any more.",
        question="Switch off one kind alone, then the other. Which of the two does the picture miss more?",
        answer="Spatial attention: on most photos much is lost without it, hardly anything without channel attention. "
        "Now let the gates become 1: that costs far more, but it doubles the features, too. So it says little about "
        "attention.",
        page="ablation",
        extras={"off": "attention-off.all"},
        focus="effect",
    ),
    Stop(
        title="On a 30-dollar board",
        text="A smaller MIRNet, in integers of 8 bits, for an Arduino Nano with 256 KB of memory. Here an emulator "
        "computes what its program computes, byte for byte; no real board has run it yet.",
        question="Take light away. When does the restored picture fall apart?",
        answer="When the scene fills only the camera's lowest few levels: what was not recorded, no network can "
        "restore.",
        page="nano",
        focus="camera",
    ),
)
"""In the order of the tour."""

LEARNED = (
    "MIRNet computes what to **add** to a dark photo: where nothing was recorded, it can only guess.",
    "Sizes, gates and weights are ways to **choose**: what to look at, where, and how much of it.",
    "Every number can be followed back to the photo, and every part switched off to see what it is worth.",
)
"""What the end card says."""

LESSONS = "mirnet lessons -o my-lessons --open"
"""Opens the first of the ten lessons."""
