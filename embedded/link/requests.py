"""Requests to a board over a line that may lose or change bytes: repeated until the answer is whole, up to a limit."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from embedded.link.messages import MessageKind, crc_of, text_of
from embedded.link.packets import Message, Parser, encode
from embedded.link.ports import Port
from embedded.link.replies import Answer
from model.errors import MirnetError

__all__ = ["Patience", "Requests"]

A = TypeVar("A", bound=Answer)


@dataclass(frozen=True)
class Patience:
    """How long to wait, and how often to ask.

    Attributes:
        answer_s: For an answer to begin or to go on; twice as long at each repeat, for a board that is still busy.
        work_s: For a board that has said that it has begun: a camera that exposes, a network that computes. No try of
            anything takes longer than twice this and `answer_s`.
        tries: How often something is asked before it is given up.
    """

    answer_s: float = 2.0
    work_s: float = 60.0
    tries: int = 3


class Requests:
    """One request after the other, over one port.

    Args:
        port: An open port.
        patience: How long to wait.
        log: Called with each line that the sketch logs.
    """

    def __init__(self, port: Port, patience: Patience, log: Callable[[str], None]):
        self._port, self._patience, self._log = port, patience, log
        self._started = False  # whether the board has begun what it was asked for last
        # Answers to whoever used the board before may still be on their way: begin with other numbers than theirs.
        self._sequence = random.randrange(1 << 16)
        self._parser = Parser()

    def ask(self, kind: MessageKind, answer: A, payload: bytes = b"") -> A:
        """Asks until the answer is whole. What arrived of it stays, so a repeat only has to fill the gaps.

        Returns:
            The answer that was given to gather what comes.

        Raises:
            MirnetError: If the board refuses, does not answer, or the line fails; it says what to do.
        """
        # One number for all tries: what comes late of the first is as good as what comes of the second.
        self._sequence = (self._sequence + 1) % (1 << 16)
        packet = encode(Message(kind, self._sequence, payload))
        self._started = False
        for again in range(self._patience.tries):
            patience_s = self._patience.answer_s * 2**again
            self._port.write(packet, patience_s)
            if self._listen(answer, patience_s):
                return answer
        raise self._given_up(kind, answer)

    def _listen(self, answer: Answer, patience_s: float) -> bool:
        """Whether the answer is whole; False if it ended with gaps, or went silent.

        What brings the answer forward makes the wait longer, and so does a sign of work, but only so far: a board that
        talks without end is not listened to without end.
        """
        deadline = time.monotonic() + patience_s
        last = deadline + 2 * self._patience.work_s
        while (left := min(deadline, last) - time.monotonic()) > 0:
            for message in self._hear(left):
                if message.kind == MessageKind.ERROR:
                    raise MirnetError(f"the board says: {text_of(message.payload)}")
                if message.kind == MessageKind.DONE:
                    return answer.is_whole(crc_of(message.payload))
                if message.kind == MessageKind.STARTED:
                    self._started = True
                    deadline = time.monotonic() + self._patience.work_s
                elif answer.take(message):
                    deadline = time.monotonic() + patience_s
        return False

    def _hear(self, patience_s: float) -> list[Message]:
        """What comes next that answers the request of now."""
        messages = self._parser.feed(self._port.read(patience_s))
        for message in messages:
            if message.kind == MessageKind.LOG:
                self._log(text_of(message.payload))
        return [
            message for message in messages if message.sequence == self._sequence and message.kind != MessageKind.LOG
        ]

    def _given_up(self, kind: MessageKind, answer: Answer) -> MirnetError:
        name, tries = self._port.name, self._patience.tries
        if answer.begun:
            return MirnetError(
                f"{name}: {answer.missing} in {tries} tries: try another cable or USB port, without a hub"
            )
        if self._started:
            return MirnetError(
                f"{name}: the board began to {kind.name} and did not come to an end in {self._patience.work_s:g} s: "
                "press its reset button, and try again; if it happens again, check the camera's cable"
            )
        waited = self._patience.answer_s * (2**tries - 1)
        return MirnetError(
            f"{name}: no answer to {kind.name} in {waited:g} s: press the board's reset button; if that does not help, "
            f"press it twice quickly and upload the sketch again{_other_sketch(self._parser.leftover)}"
        )


def _other_sketch(leftover: bytes) -> str:
    """What to add to an error if what came instead of packets is text."""
    text = " ".join("".join(mark if mark.isprintable() else " " for mark in leftover.decode("ascii", "ignore")).split())
    if len(text) < len(leftover) / 2 or not text:  # less than half of it can be read: noise
        return ""
    return f". It says {text!r}: another sketch may be running"
