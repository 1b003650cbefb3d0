"""Ports to the board: serial ports, and open files for both directions; every call has a timeout.

A port that is given by its name ("/dev/ttyACM0", "COM3") is opened with pyserial, which knows every system. Anything
that is open already and has a file descriptor is used as it is: a pseudo-terminal, a socket.
"""

import os
import selectors
import time
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol, runtime_checkable

from mirnet_packages import found_at
from model.errors import MirnetError

__all__ = ["FilePort", "HasFileno", "Port", "SerialPort", "find_port", "open_port"]

ARDUINO = 0x2341
"""The USB vendor number of Arduino."""

BAUD = 115200  # of no consequence over USB, where bytes go as fast as they can
AT_ONCE = 65536  # bytes that one read takes at most
BUSY_S, PAUSE_S = 5.0, 0.25
"""How long a port that is busy is asked again, and how often. Just after a reset its device file may not be the user's
yet (EACCES), may fail (EIO), or ModemManager may look for a modem behind it (EBUSY)."""

CONNECT = "connect the board with a USB cable that carries data, not only power"


@runtime_checkable
class HasFileno(Protocol):
    """Anything with a file descriptor."""

    def fileno(self) -> int:
        """The file descriptor."""
        ...


class Port:
    """A connection to the board.

    Attributes:
        name: For messages to the user.
    """

    name: str

    def read(self, timeout_s: float) -> bytes:
        """The bytes that have come; waits for them up to the timeout. Empty if none came.

        Raises:
            MirnetError: If the board is disconnected.
        """
        try:
            return self._read(max(timeout_s, 0))
        except OSError as error:
            raise self._disconnected() from error

    def write(self, data: bytes, timeout_s: float) -> None:
        """Sends all bytes.

        Raises:
            MirnetError: If the board is disconnected, or at a write timeout.
        """
        try:
            self._write(data, timeout_s)
        except TimeoutError as error:
            raise MirnetError(
                f"{self.name}: write timeout: the board took no bytes for {timeout_s:g} s: press its reset button, and "
                "try again when it is back"
            ) from error
        except OSError as error:
            raise self._disconnected() from error

    def close(self) -> None:
        """Closes the port; once more does nothing."""
        with suppress(OSError):  # somebody else was faster
            self._close()

    def _disconnected(self) -> MirnetError:
        return MirnetError(
            f"{self.name}: the board is disconnected: was it unplugged or reset? {CONNECT.capitalize()}, and try again"
        )

    def _read(self, timeout_s: float) -> bytes:
        raise NotImplementedError

    def _write(self, data: bytes, timeout_s: float) -> None:
        raise NotImplementedError

    def _close(self) -> None:
        raise NotImplementedError


class FilePort(Port):
    """A port that is open already: a pseudo-terminal, a socket. Its owner closes it.

    Args:
        file: Open for reading and writing.
    """

    def __init__(self, file: HasFileno):
        self.name = str(getattr(file, "name", "") or "the line")
        self._file = file  # kept, since a garbage-collected file is closed
        self._descriptor = file.fileno()
        # A write takes what fits and never waits for the rest.
        self._was_blocking = os.get_blocking(self._descriptor)
        os.set_blocking(self._descriptor, False)

    def _read(self, timeout_s: float) -> bytes:
        if not self._wait(selectors.EVENT_READ, timeout_s):
            return b""
        try:
            data = os.read(self._descriptor, AT_ONCE)
        except BlockingIOError:
            return b""
        if not data:
            raise ConnectionResetError  # end of file: the other end was closed
        return data

    def _write(self, data: bytes, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while data:
            if not self._wait(selectors.EVENT_WRITE, deadline - time.monotonic()):
                raise TimeoutError
            with suppress(BlockingIOError):
                data = data[os.write(self._descriptor, data) :]

    def _close(self) -> None:
        os.set_blocking(self._descriptor, self._was_blocking)  # the file itself stays open

    def _wait(self, event: int, timeout_s: float) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self._descriptor, event)
            return bool(selector.select(max(timeout_s, 0)))


class SerialPort(Port):
    """A serial port, opened by its name with pyserial.

    Args:
        name: "/dev/ttyACM0", "COM3".

    A port that is busy is asked again for `BUSY_S` seconds, since it may be so for a moment after a reset.

    Raises:
        MirnetError: If pyserial is missing, there is no such port, it may not be used, or somebody else uses it.
    """

    def __init__(self, name: str):
        self.name = name
        self._serial = _open(name)

    def _read(self, timeout_s: float) -> bytes:
        self._serial.timeout = timeout_s
        return self._serial.read(1) + self._serial.read(self._serial.in_waiting)

    def _write(self, data: bytes, timeout_s: float) -> None:
        try:
            self._serial.write_timeout = max(timeout_s, 0.001)
            self._serial.write(data)
        except pyserial().SerialTimeoutException as error:
            raise TimeoutError from error

    def _close(self) -> None:
        self._serial.close()


def open_port(port: str | HasFileno | Port | None) -> Port:
    """Opens a port.

    Args:
        port: The name of a serial port, None for the only Arduino that is connected, something with a file descriptor,
            or a port already.

    Raises:
        MirnetError: If it cannot be opened; see `SerialPort` and `find_port`.
    """
    if port is None or isinstance(port, str):
        return SerialPort(port or find_port())
    return FilePort(port) if isinstance(port, HasFileno) else port


def find_port() -> str:
    """The name of the port of the only Arduino that is connected.

    Raises:
        MirnetError: If pyserial is missing, or there is none, or more than one.
    """
    arduinos = [port.device for port in _ports() if port.vid == ARDUINO]
    if len(arduinos) == 1:
        return arduinos[0]
    if arduinos:
        raise MirnetError(f"there is more than one Arduino: choose one of {', '.join(arduinos)}")
    raise MirnetError(f"no Arduino was found: {CONNECT}; {_there_are()}")


def pyserial() -> ModuleType:
    """The module `serial` of pyserial.

    Raises:
        MirnetError: If it is not installed, or something else is called so.
    """
    try:
        serial = import_module("serial")
        import_module("serial.tools.list_ports")
        serial.Serial, serial.SerialTimeoutException  # noqa: B018
    except Exception as error:  # a stranger's module may fail with anything
        if isinstance(error, ImportError) and error.name == "serial":
            raise MirnetError("pyserial is not installed: pip install 'mirnet-explainer[serial]'") from error
        raise MirnetError(
            f"`serial` is {found_at('serial')}, not the package of pyserial: rename that if it is yours; if it is the "
            "package `serial`, pip uninstall serial pyserial, then pip install pyserial"
        ) from error
    return serial


def _open(name: str) -> Any:
    serial = pyserial()
    # Exclusive, since bytes of two readers would be missing at both; only POSIX knows the difference.
    exclusive = {"exclusive": True} if os.name == "posix" else {}
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            return serial.Serial(name, BAUD, timeout=0, write_timeout=1, **exclusive)
        except OSError as error:
            reason, may_pass = _why_not_open(error)
            if may_pass and time.monotonic() < deadline:
                time.sleep(PAUSE_S)
                continue
            tried = f"cannot be opened, also not within {BUSY_S:g} s" if may_pass else "cannot be opened"
            raise MirnetError(f"{name} {tried}: {reason}") from error


def _why_not_open(error: OSError) -> tuple[str, bool]:
    """Why a port cannot be opened and what to do; and whether that may be over in a moment.

    By pyserial's text: not all of its errors have a number.
    """
    cause = str(error).lower()
    if any(each in cause for each in ("busy", "lock", "access is denied")):
        return (
            "another program uses it: close the Arduino IDE's serial monitor, or whatever else has it open; if that is "
            "ModemManager, wait for half a minute, or stop it (`sudo systemctl stop ModemManager`)",
            True,
        )
    if "permission" in cause:
        return "you may not use it: `sudo usermod -a -G dialout $USER`, then log out and in again", True
    if "input/output error" in cause:
        return (
            f"the system cannot talk to it ({error}): press the board's reset button, or unplug it and {CONNECT}",
            True,
        )
    if any(each in cause for each in ("no such", "could not find", "cannot find")):
        return f"there is no such port; {_there_are()}", False
    return f"{error}; {_there_are()}", False


def _ports() -> list[Any]:
    pyserial()
    return sorted(import_module("serial.tools.list_ports").comports(), key=lambda port: port.device)


def _there_are() -> str:
    """The ports of this computer, as text."""
    ports = [f"{port.device} ({port.description})" for port in _ports()]
    return f"the ports here are {', '.join(ports)}" if ports else f"this computer has no serial port now: {CONNECT}"
