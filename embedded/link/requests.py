"""Requests to a board over a line that may lose or change bytes: repeated until the answer is whole, up to a limit."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from embedded.link.messages import MessageKind, crc_of, text_of
from embedded.link.packets import Message, Parser, encode
from embedded.link.ports import Port
from embedded.link.replies import Answer
from embedded.link.self_test import SelfTest
from model.errors import MirnetError

__all__ = ["Requests", "Timeouts"]

A = TypeVar("A", bound=Answer)

SEQUENCES = (1 << 16) - 1


@dataclass(frozen=True)
class Timeouts:
    """Timeouts of requests, and the number of tries.

    Attributes:
        answer_s: Seconds for an answer to begin or to go on; doubled at each try, for a board that is still busy.
        work_s: Seconds for a board that has said that it has begun: a camera that exposes, a network that computes. No
            try takes longer than twice this and `answer_s`.
        tries: How often a request is sent before it is given up.
    """

    answer_s: float = 2.0
    work_s: float = 60.0
    tries: int = 3


class Requests:
    """One request after the other, over one port.

    Args:
        port: An open port.
        timeouts: Of requests.
        log: Called with each line that the sketch logs.
    """

    def __init__(self, port: Port, timeouts: Timeouts, log: Callable[[str], None]):
        self._port, self._timeouts, self._log = port, timeouts, log
        self._started = False  # whether the board has begun what it was asked for last
        # Answers to an earlier program may still come: begin with other numbers than its. 0 is what nobody asked for.
        self._sequence = random.randint(1, SEQUENCES)
        self._parser = Parser()

    def ask(self, kind: MessageKind, answer: A, payload: bytes = b"") -> A:
        """Asks until the answer is complete. A repeat only has to fill the gaps.

        Returns:
            The answer that was given, complete.

        Raises:
            MirnetError: If the board refuses, does not answer, or the line fails; it says what to do.
        """
        # One number for all tries: late rows of the first are as good as those of the second.
        self._sequence = self._sequence % SEQUENCES + 1
        packet = encode(Message(kind, self._sequence, payload))
        self._started = False
        for again in range(self._timeouts.tries):
            timeout_s = self._timeouts.answer_s * 2**again
            self._port.write(packet, timeout_s)
            if self._listen(answer, timeout_s):
                return answer
        raise self._given_up(kind, answer)

    def _listen(self, answer: Answer, timeout_s: float) -> bool:
        """Whether the answer is complete; False if it ended with gaps, or at a timeout.

        New parts of the answer and a sign of work extend the deadline, but only so far: a board that sends without end
        is given up too.
        """
        deadline = time.monotonic() + timeout_s
        last = deadline + 2 * self._timeouts.work_s
        while (left := min(deadline, last) - time.monotonic()) > 0:
            for message in self._receive(left):
                if message.kind == MessageKind.ERROR:
                    raise MirnetError(f"the board says: {text_of(message.payload)}")
                if message.kind == MessageKind.DONE:
                    return answer.is_whole(crc_of(message.payload))
                if message.kind == MessageKind.STARTED:
                    self._started = True
                    deadline = time.monotonic() + self._timeouts.work_s
                elif answer.take(message):
                    deadline = time.monotonic() + timeout_s
        return False

    def _receive(self, timeout_s: float) -> list[Message]:
        """The next messages that answer the present request."""
        messages = self._parser.feed(self._port.read(timeout_s))
        for message in messages:
            if message.kind == MessageKind.LOG:
                self._log(text_of(message.payload))
            elif message.kind == MessageKind.FINDINGS and message.sequence == 0:
                with suppress(MirnetError):  # a newer sketch's, which nobody has asked for
                    self._log(f"camera: {SelfTest.unpack(message.payload).camera}")
        return [each for each in messages if each.sequence == self._sequence and each.kind != MessageKind.LOG]

    def _given_up(self, kind: MessageKind, answer: Answer) -> MirnetError:
        name, tries = self._port.name, self._timeouts.tries
        if answer.begun:
            fix = "try another cable or USB port, without a hub"
            return MirnetError(f"{name}: {answer.missing} in {tries} tries: {fix}")
        if self._started:
            return MirnetError(
                f"{name}: the board began to {kind.name} and did not come to an end in {self._timeouts.work_s:g} s: "
                "press its reset button, and try again; if it happens again, check the camera's cable"
            )
        waited = self._timeouts.answer_s * (2**tries - 1)
        return MirnetError(
            f"{name}: no answer to {kind.name} in {waited:g} s: press the board's reset button; if that does not help, "
            f"press it twice quickly and upload the sketch again{_other_sketch(self._parser.leftover)}"
        )


def _other_sketch(leftover: bytes) -> str:
    """Addition to an error if text came instead of packets."""
    text = " ".join("".join(mark if mark.isprintable() else " " for mark in leftover.decode("ascii", "ignore")).split())
    if len(text) < len(leftover) / 2 or not text:  # less than half of it is printable: noise
        return ""
    return f". It says {text!r}: another sketch may be running"
