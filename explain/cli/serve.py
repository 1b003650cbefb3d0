"""Starts the Streamlit page: on this machine only, on a free port, with nothing asked, sent or fetched.

Everything Streamlit has to know is passed as flags (`explain.cli.page_options`), which win over any
`.streamlit/config.toml` of the user, so that the installed wheel behaves as the checkout does. Streamlit runs in a
process of its own: its command line is the one interface of it that has stayed the same over the years, and a busy page
can always be ended.
"""

import errno
import ipaddress
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from explain.cli.page_options import LOCALHOST, PageOptions, flags
from mirnet_packages import ROOT
from model.errors import MirnetError
from model.safety.keras_settings import check_keras

PAGE = Path(__file__).parents[1] / "app" / "main.py"
FIRST_PORT = 8501  # Streamlit's own
PORTS_TRIED = 100
START_TIMEOUT_S = 60.0
READY_TIMEOUT_S = 120.0  # then the address is told all the same
STOP_TIMEOUT_S = 5.0  # then a page in the middle of a long computation is ended

# `-P` and this line instead of `-m streamlit`: with `-m`, Python would look for modules in the current folder first.
# Our own folder comes last; it is needed only when the checkout runs without being installed. Jupyter brings
# rfc3987_syntax, for which jsonschema, which Altair brings, would build a grammar for three seconds: no chart needs it.
CHILD = (
    "import sys; sys.path.append(sys.argv.pop(1)); sys.modules['rfc3987_syntax'] = None; "
    "from explain.cli.quiet import quiet_tensorflow; quiet_tensorflow(); "
    "from model.safety.keras_settings import prefer_onednn; prefer_onednn(); "
    "from explain.app.warm_up import hang_up, start; start(hang_up); "
    "from streamlit.web.cli import main; main(prog_name='streamlit')"
)


def command(host: str, port: int, base_path: str = "", behind_proxy: bool = False) -> list[str]:
    """The command line that starts the page; arguments as `PageOptions` has them."""
    chosen_flags = flags(PageOptions(host, port, base_path, behind_proxy))
    options = [part for name, value in chosen_flags.items() for part in (f"--{name}", value)]
    return [sys.executable, "-P", "-c", CHILD, str(ROOT), "run", str(PAGE), *options]


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen on `host`:`port` now.

    Raises:
        MirnetError: `host` is no address of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name == "posix":  # as servers do: a port that was in use a moment ago is free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise MirnetError(f"--host {host}: {error.strerror}; leave it out to use {LOCALHOST}") from error
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise MirnetError(f"--host {host} is not this machine's; leave it out to use {LOCALHOST}") from error
        return False
    return True


def choose_port(host: str, port: int | None) -> int:
    """Take the port that was asked for, or the first free one from 8501 on.

    Raises:
        MirnetError: the port asked for is out of range or taken, or none of a hundred is free.
    """
    if port is not None:
        if not 1 <= port <= 65535:
            raise MirnetError(f"--port {port} is not between 1 and 65535")
        if not is_free(host, port):
            raise MirnetError(f"--port {port} cannot be used on {host}: leave --port out to get the next free one")
        return port
    for candidate in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        if is_free(host, candidate):
            return candidate
    last = FIRST_PORT + PORTS_TRIED - 1
    raise MirnetError(f"no port from {FIRST_PORT} to {last} is free on {host}: name one with --port")


def url(host: str, port: int) -> str:
    """The address to type into a browser on this machine."""
    return PageOptions(host, port).url


def serve(options: PageOptions | None = None, open_browser: bool = True) -> int:
    """Start the page, print its address, and stay until Ctrl-C or until it ends.

    Args:
        options: Where the page is to be; by default on this machine only, on the first free port from 8501 on.
        open_browser: also open the page in the user's browser, where there is a screen.

    Returns:
        The exit code, 0 after Ctrl-C, otherwise that of Streamlit.

    Raises:
        MirnetError: the host or the port cannot be used, or the page does not start.
    """
    check_keras()  # the page's process would say it in a traceback
    options = options or PageOptions()
    port = choose_port(options.host, options.port)
    options = replace(options, port=port)
    previous = signal.signal(signal.SIGTERM, interrupt)  # being ended ends the page too
    page = start(command(options.host, port, options.base_path, options.behind_proxy))
    try:
        wait_until_healthy(page, options.url)
        wait_until_ready([page])
        announce(options, open_browser)
        return page.wait()
    except KeyboardInterrupt:
        print("\nMIRNet Explainer: ended", flush=True)
        return 0
    finally:
        end(page)
        signal.signal(signal.SIGTERM, previous)


def start(command_line: Sequence[str], **variables: str) -> subprocess.Popen:
    """A page's process, with some more variables.

    Its standard output says nothing, and ends when the first page can be shown; errors and logs go to standard error.
    """
    environment = _environment() | variables
    return subprocess.Popen(command_line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment)


def announce(options: PageOptions, open_browser: bool) -> None:
    """Says where the page is, and opens it where somebody sits."""
    print(f"MIRNet Explainer: {options.url}  (Ctrl-C ends it)", flush=True)
    if options.behind_proxy:
        print("It takes what your proxy passes on to this address, whatever name the proxy has.", flush=True)
    if not _is_loopback(options.host):
        print(f"It listens on {options.host}: everyone who reaches this machine can open it.", flush=True)
    if open_browser and not options.behind_proxy and _has_screen():
        webbrowser.open(options.url)


def _environment() -> dict[str, str]:
    """That of this process; Keras makes no folder in the home for its settings where it has none there yet."""
    if "KERAS_HOME" in os.environ or os.path.exists(os.path.expanduser("~/.keras")):
        return dict(os.environ)
    return os.environ | {"KERAS_HOME": os.devnull}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return host == "localhost"


def interrupt(number: int, frame: object) -> None:
    """A signal's handler: as if Ctrl-C had been pressed."""
    raise KeyboardInterrupt


def _has_screen() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def wait_until_healthy(page: subprocess.Popen, address: str) -> None:
    """Waits until a page answers under its address.

    Raises:
        MirnetError: If its process ends, or it does not answer.
    """
    deadline = time.monotonic() + START_TIMEOUT_S
    # Never ask a proxy for our own page; and its certificate is made out for another name than this machine's.
    unchecked = urllib.request.HTTPSHandler(context=ssl._create_unverified_context())
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}), unchecked)
    while time.monotonic() < deadline:
        _check_runs(page)
        try:
            with direct.open(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise MirnetError(f"the page did not answer on {address} within {START_TIMEOUT_S:.0f} seconds; try again")


def wait_until_ready(pages: Sequence[subprocess.Popen]) -> None:
    """Waits until the first visitor need not wait: TensorFlow is imported, the network made, the first photo restored.

    Raises:
        MirnetError: If a page's process ends meanwhile.
    """
    print("Getting the network and the first photo ready ...", file=sys.stderr, flush=True)
    deadline = time.monotonic() + READY_TIMEOUT_S
    for page in pages:
        reader = threading.Thread(target=_read_to_the_end, args=(page,), daemon=True)
        reader.start()
        reader.join(max(0.0, deadline - time.monotonic()))
        _check_runs(page)


def _read_to_the_end(page: subprocess.Popen) -> None:
    if page.stdout is not None:
        with page.stdout as output:
            output.read()


def _check_runs(page: subprocess.Popen) -> None:
    if page.poll() is not None:
        raise MirnetError(f"the page ended at once with exit code {page.returncode}; `mirnet doctor` may say why")


def end(page: subprocess.Popen) -> None:
    """End the page's process, gently first."""
    if page.poll() is None:
        page.terminate()
    try:
        page.wait(STOP_TIMEOUT_S)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        page.kill()
        page.wait()
    if page.stdout is not None:
        page.stdout.close()
