"""What the page shows, as it stands in the address: a copied link shows the same view to someone else.

The address is the only place where the state lives. A control writes it when it is changed, and every run reads it
anew. Whatever else an address may hold (an old link, a typing mistake, an attack) is put right by a default and a
sentence about it, never by an error.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from explain.app.catalog.choices import Choice, fields, opening, options, settle
from model.config import SOFTMAX_AXES, MIRNetConfig

__all__ = ["UPLOAD", "View", "quoted", "read_detail", "read_extras", "read_number", "read_view"]

LONGEST_EXTRA = 300  # letters; the longest hook name has 60
VERSION = "2"
"""Of addresses: what an address leaves open is found from the photo. In one without a version it is what it once was,
the middle of the photo, channel 0 and the first block, so that a link from then opens the view that it was made of."""

UPLOAD = "upload"
"""Instead of a sample's name: the visitor's own photo. It stays in the session, so no link can carry it."""


@dataclass(frozen=True)
class View:
    """Everything that a link carries, except the page itself.

    Attributes:
        photo: A sample's name, or `UPLOAD`.
        choice: Which component.
        channel: Channel of the feature maps, from 0; None is the page's own choice.
        pixel: (row, column) in the photo, from 0; None is an edge of the photo, or its middle where not `lively`.
        softmax: What SKFF's weights compete over, see `MIRNetConfig.skff_softmax`.
        probes: Whether contracts are also tested on made-up inputs.
        extras: Names and values that belong to one page, or to the tour; read by `explain.app.url.controls`.
        usual: `softmax` in an address that does not say it: as the network was trained.
        lively: Whether what is left open is found from the photo, see `VERSION`.
    """

    photo: str
    choice: Choice = field(default_factory=Choice)
    channel: int | None = None
    pixel: tuple[int, int] | None = None
    softmax: str = "streams"
    probes: bool = False
    extras: tuple[tuple[str, str], ...] = ()
    usual: str = "streams"
    lively: bool = False

    def extra(self, name: str) -> str | None:
        """The value of one of the extras, if it is there."""
        return dict(self.extras).get(name)

    def with_extras(self, names: Sequence[str], **values: str | int | None) -> "View":
        """The view with the extras that another page has, too, and with new ones; None takes one out."""
        kept = {name: value for name, value in self.extras if name in names and name not in values}
        new = {name: str(value) for name, value in values.items() if value is not None}
        return replace(self, extras=tuple((kept | new).items()))

    def params(self, kind: str | None) -> dict[str, str]:
        """The view as query parameters of the page about this kind of component (None: a page without one)."""
        chosen = {"photo": self.photo}
        # A page without choices keeps the ones in hand, so that the link back leads to the same component.
        for name in fields(kind) if kind else ():
            chosen[name] = str(getattr(self.choice, name))
        for name in ("group", "block"):
            chosen.setdefault(name, str(getattr(self.choice, name)))
        if self.channel is not None:
            chosen["channel"] = str(self.channel)
        if self.pixel is not None:
            chosen["row"], chosen["col"] = map(str, self.pixel)
        if self.softmax != self.usual:
            chosen["softmax"] = self.softmax
        if self.probes:
            chosen["probes"] = "yes"
        if self.lively:
            chosen["v"] = VERSION
        return chosen | dict(self.extras)

    def at(self, kind: str, config: MIRNetConfig, **changes) -> "View":
        """The view of another component, with the values that it does not have replaced by ones that it has.

        Another component has other channels, so the channel goes back to the page's own choice.
        """
        choice = settle(kind, config, replace(self.choice, **changes))
        return replace(self, choice=choice, channel=self.channel if choice == self.choice else None)


def read_view(
    params: Mapping[str, str], kind: str | None, config: MIRNetConfig, photos: Sequence[str], has_upload: bool
) -> tuple[View, list[str]]:
    """The view that an address asks for, as far as the network and the photos have it.

    Args:
        params: Query parameters, not trusted.
        kind: The page's kind of component, or None.
        config: The network.
        photos: The samples' names, the first is the default.
        has_upload: Whether the visitor has uploaded a photo in this session.

    Returns:
        A valid view (channel and pixel not yet read, see `read_detail`), and a sentence on each value that was
        replaced.
    """
    notes: list[str] = []
    lively = "photo" not in params or params.get("v") == VERSION
    choice, begin = Choice(), opening(kind) if lively else Choice()
    # The group and the block in hand are kept on pages that do not ask for them, too.
    for name in dict.fromkeys((*fields("mrb"), *(fields(kind) if kind else ()))):
        valid = options(kind or "mrb", config, choice, name)
        wanted = _read_option(params.get(name), valid)
        first = getattr(begin, name) if getattr(begin, name) in valid else valid[0]
        if wanted is None and name in params:
            listed = ", ".join(map(str, valid))
            text = "target stream" if name == "to" else name
            notes.append(f"There is no {text} {quoted(params[name])} here, only {listed}: showing {first}.")
        choice = replace(choice, **{name: first if wanted is None else wanted})
    photo = _read_photo(params, photos, has_upload, notes)
    usual = config.skff_softmax
    softmax = params.get("softmax", usual)
    if softmax not in SOFTMAX_AXES:
        notes.append(f"SKFF's softmax runs over streams or channels, not {quoted(softmax)}: showing {usual}.")
        softmax = usual
    probes = params.get("probes") == "yes"
    return View(photo, choice, softmax=softmax, usual=usual, probes=probes, lively=lively), notes


def read_detail(
    view: View, params: Mapping[str, str], channels: int | None, size: tuple[int, int]
) -> tuple[View, list[str]]:
    """Adds the channel and the pixel, whose ranges are known only with the component and the photo.

    Args:
        view: From `read_view`.
        params: Query parameters, not trusted.
        channels: Channels to choose from, or None where the page has no such choice.
        size: (height, width) of the photo.
    """
    notes: list[str] = []
    if channels is not None and "channel" in params:
        view = replace(view, channel=read_number(params["channel"], 0, channels - 1))
        if view.channel is None:
            notes.append(f"There is no channel {quoted(params['channel'])} here, only 0 to {channels - 1}.")
    if "row" in params or "col" in params:
        place = [
            read_number(params.get(name, ""), 0, count - 1) for name, count in zip(("row", "col"), size, strict=True)
        ]
        row, col = place
        if row is None or col is None:
            where = f"row {quoted(params.get('row', ''))}, column {quoted(params.get('col', ''))}"
            notes.append(f"The photo has no pixel at {where}: showing another one.")
        else:
            view = replace(view, pixel=(row, col))
    return view, notes


def read_extras(view: View, params: Mapping[str, str], names: Sequence[str]) -> View:
    """Adds the values of these names. What they mean is for their page to find out; here they only get short."""
    found = tuple((name, params[name][:LONGEST_EXTRA]) for name in names if name in params)
    return replace(view, extras=found)


def quoted(value: str) -> str:
    """An untrusted text, safe to show in Markdown: short, on one line, and inside a code span that it cannot leave."""
    text = "".join(letter if letter.isprintable() and letter != "`" else "·" for letter in value[:24])
    return f"`{text}{'…' if len(value) > 24 else ''}`" if text.strip() else "(nothing)"


def _read_photo(params: Mapping[str, str], photos: Sequence[str], has_upload: bool, notes: list[str]) -> str:
    wanted = params.get("photo", photos[0])
    if wanted in photos or (wanted == UPLOAD and has_upload):
        return wanted
    notes.append(
        "This link was made with an uploaded photo, which never leaves the session it was uploaded in. "
        f"Upload yours, or look at the sample {photos[0]}."
        if wanted == UPLOAD
        else f"There is no sample photo {quoted(wanted)}: showing {photos[0]}."
    )
    return photos[0]


def _read_option(value: str | None, valid: tuple):
    return next((option for option in valid if str(option) == value), None)


def read_number(value: str, low: int, high: int) -> int | None:
    """The integer within [low, high] that an untrusted text stands for, or None."""
    # [0-9], not isdigit(): other scripts' digits and a thousand zeros are no number of ours.
    number = int(value) if re.fullmatch("[0-9]{1,6}", value) else -1
    return number if low <= number <= high else None
