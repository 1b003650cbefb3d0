"""Visitors of the load test: each walks through the pages, measures every answer, and checks whose photo it shows."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from io import BytesIO

import numpy as np
from PIL import Image

from explain.app.compute.photos import own_photo, sample_names, sample_photo
from model.config import PRESETS
from tools.bench.page.elements import Missing
from tools.bench.page.scenes import FIRST, OPEN, SCENES, UPLOAD, SceneStep, walk
from tools.bench.page.visitor import PageAnswer, Visitor

__all__ = ["Person", "VisitNote", "made_photo"]

MULTIPLE = PRESETS["desk"].multiple
UPLOADS_EVERY = 15  # actions of those who bring photos of their own, each at another time


@dataclass(frozen=True)
class VisitNote:
    """One answer.

    Attributes:
        kind: One of `tools.bench.page.scenes.KINDS`.
        what: Page and action.
        seconds: Until all was there, pictures included.
        work: Seconds that processor cores worked meanwhile, for this visitor and all others.
        received: Bytes.
        at: Seconds since the measurement began.
    """

    kind: str
    what: str
    seconds: float
    work: float
    received: int
    at: float


@dataclass
class Person:
    """A visitor with a photo, and what happened to them.

    Attributes:
        address: Of the server.
        number: Which one, from 0: decides the photo and the page to begin with.
        own: Whether they bring photos of their own; else they look at samples.
        changes: Whether they change to other samples meanwhile.
        work: Tells how many seconds processor cores have worked for the server so far.
        notes: All answers.
        problems: Error messages that they saw.
        missing: What they could not find on a page.
        looked: How many times they compared the photo on the page with theirs.
        strange: How many times it was another one.
    """

    address: str
    number: int
    own: bool = False
    changes: bool = False
    work: Callable[[], float] = float
    notes: list[VisitNote] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    looked: int = 0
    strange: int = 0

    def visit(self, go_on: Callable[[], bool], pause: float = 0.0) -> None:
        """Acts until `go_on` says no; once in `pause` seconds, or as soon as the answer is there if that is later."""
        began = time.perf_counter()
        self._photo = sample_names()[self.number % len(sample_names())]
        self._began, self._worked, self._pixels = began, 0.0, sample_photo(self._photo, MULTIPLE).pixels
        with Visitor(self.address) as visitor:
            next_at = began + pause * (self.number % 10) / 10  # ten people do not click at once
            for act in self._actions(visitor):
                time.sleep(max(0.0, next_at - time.perf_counter()))
                if not go_on():
                    return
                next_at = time.perf_counter() + pause
                self._worked = self.work()
                act()

    def _actions(self, visitor: Visitor) -> Iterator[Callable[[], None]]:
        titles = {re.escape(sample_photo(name, MULTIPLE).title): name for name in sample_names()}
        steps = walk(SCENES, tuple(titles) if self.changes else (), self.number)
        first = next(steps)
        yield lambda: self._note(FIRST, "the first page", visitor.open(first.scene.path, photo=self._photo), visitor)
        done = 0
        while True:
            if self.own and (done + self.number // 2) % UPLOADS_EVERY == 0:
                yield partial(self._upload, visitor, done)
            yield partial(self._take, visitor, next(steps), titles)
            done += 1

    def _upload(self, visitor: Visitor, done: int) -> None:
        content = made_photo(self.number * 1000 + done)
        answer = visitor.upload("^Use your own photo", f"mine-{done}.png", content)
        self._pixels = own_photo(content, "mine", MULTIPLE).pixels
        self._note(UPLOAD, "upload", answer, visitor)

    def _take(self, visitor: Visitor, step: SceneStep, titles: dict[str, str]) -> None:
        where = step.scene.path or "overview"
        try:
            if step.act is None:
                self._note(OPEN, where, visitor.follow(step.scene.path), visitor)
                return
            answer = self._act(visitor, step)
        except Missing as missing:
            self.missing.append(f"{where}: {missing}")
            return
        if isinstance(step.value, str) and step.value in titles:
            self._pixels = sample_photo(titles[step.value], MULTIPLE).pixels
        self._note(step.act.kind, f"{where}, {step.act.label} {step.value}", answer, visitor)

    def _act(self, visitor: Visitor, step: SceneStep) -> PageAnswer:
        assert step.act is not None
        label, value = step.act.label, step.value
        if label == "theme":
            visitor.theme = str(value)
            return visitor.again()
        if label.startswith("@"):
            return visitor.trigger(label[1:], value)
        if label.startswith("?"):
            return visitor.readdress(step.scene.path, **{label[1:]: str(value)})
        return visitor.use(label, value if not isinstance(value, dict) else None)

    def _note(self, kind: str, what: str, answer: PageAnswer, visitor: Visitor) -> None:
        at = time.perf_counter() - self._began
        self.notes.append(VisitNote(kind, what, answer.shown, self.work() - self._worked, answer.received, at))
        self.problems += [f"{what}: {problem}" for problem in answer.problems]
        self.looked += 1
        shown = np.asarray(Image.open(BytesIO(visitor.picture("The photo"))))
        self.strange += not np.array_equal(shown, self._pixels)

    def told(self) -> list[dict]:
        """The notes, as JSON can hold them."""
        return [asdict(note) for note in self.notes]


def made_photo(number: int) -> bytes:
    """A dark picture of 240 x 360 pixels that no other number gives, as the bytes of a PNG."""
    rows, columns = np.mgrid[0:240, 0:360]
    shapes = np.stack([rows // (3 + number % 7), columns // (4 + number % 5), (rows + columns) // 9], axis=-1)
    noise = np.random.default_rng(number).integers(0, 12, shapes.shape)
    content = BytesIO()
    Image.fromarray(np.clip(shapes + noise, 0, 255).astype(np.uint8)).save(content, "PNG")
    return content.getvalue()
