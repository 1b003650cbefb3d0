"""Starts the Streamlit page: on this machine only, on a free port, with nothing asked, sent or fetched.

Everything Streamlit has to know is passed as flags, which win over any `.streamlit/config.toml` of the user, so that
the installed wheel behaves as the checkout does. Streamlit runs in a process of its own: its command line is the one
interface of it that has stayed the same over the years, and a busy page can always be ended.
"""

import errno
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path

from mirnet_packages import ROOT
from model.errors import MirnetError

PAGE = Path(__file__).parents[1] / "app" / "main.py"
LOCALHOST = "127.0.0.1"  # the page shows people's photos: nobody else sees it unless --host says so
FIRST_PORT = 8501  # Streamlit's own
PORTS_TRIED = 100
UPLOAD_LIMIT_MB = 25  # a 12-megapixel JPEG has about 5
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 5.0  # then a page in the middle of a long computation is ended

# Two accents of one amber, each readable on its own background, and the two backgrounds that our figures have
# (`explain.figures.kit.themes`); everything else is Streamlit's light or dark theme, which follows the reader's system.
THEME = {
    "theme.light.primaryColor": "#b45309",
    "theme.light.backgroundColor": "#ffffff",
    "theme.dark.primaryColor": "#f59e0b",
    "theme.dark.backgroundColor": "#171614",
}

# `-P` and this line instead of `-m streamlit`: with `-m`, Python would look for modules in the current folder first.
# Our own folder comes last; it is needed only when the checkout runs without being installed.
CHILD = (
    "import sys; sys.path.append(sys.argv.pop(1)); "
    "from explain.cli.quiet import quiet_tensorflow; quiet_tensorflow(); "
    "from explain.app.warm_up import start; start(); "
    "from streamlit.web.cli import main; main(prog_name='streamlit')"
)


def flags(host: str, port: int) -> dict[str, str]:
    """Streamlit's options for a page on `host`:`port`."""
    return {
        "server.address": host,
        "server.port": str(port),
        "server.baseUrlPath": "",
        "server.headless": "true",  # the launcher opens the browser, once the page answers
        "server.showEmailPrompt": "false",
        "server.fileWatcherType": "none",
        "server.maxUploadSize": str(UPLOAD_LIMIT_MB),
        "browser.gatherUsageStats": "false",
        "client.showErrorDetails": "none",  # a fault of ours is one sentence on the page; its details are in the log
        "client.toolbarMode": "minimal",  # no "Deploy" button; the theme can still be chosen
        "logger.hideWelcomeMessage": "true",
        "logger.level": "warning",
        "runner.postScriptGC": "false",  # looking through all objects after each click: see `explain.app.warm_up`
        **THEME,
    }


def command(host: str, port: int) -> list[str]:
    """The command line that starts the page."""
    options = [part for name, value in flags(host, port).items() for part in (f"--{name}", value)]
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
    everywhere = {"0.0.0.0": LOCALHOST, "::": "[::1]"}
    name = everywhere.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}"


def serve(host: str = LOCALHOST, port: int | None = None, open_browser: bool = True) -> int:
    """Start the page, print its address, and stay until Ctrl-C or until it ends.

    Args:
        host: address to listen on.
        port: port to listen on; None takes the first free one from 8501 on.
        open_browser: also open the page in the user's browser, where there is a screen.

    Returns:
        The exit code, 0 after Ctrl-C, otherwise that of Streamlit.

    Raises:
        MirnetError: the host or the port cannot be used, or the page does not start.
    """
    port = choose_port(host, port)
    address = url(host, port)
    previous = signal.signal(signal.SIGTERM, _interrupt)  # being ended ends the page too
    # Its standard output has nothing to say ("Stopping..."); errors and logs go to standard error.
    page = subprocess.Popen(
        command(host, port), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=_environment()
    )
    try:
        _wait_until_healthy(page, address)
        print(f"MIRNet Explainer: {address}  (Ctrl-C ends it)", flush=True)
        if not _is_loopback(host):
            print(f"It listens on {host}: everyone who reaches this machine can open it.", flush=True)
        if open_browser and _has_screen():
            webbrowser.open(address)
        return page.wait()
    except KeyboardInterrupt:
        print("\nMIRNet Explainer: ended", flush=True)
        return 0
    finally:
        _end(page)
        signal.signal(signal.SIGTERM, previous)


def _environment() -> dict[str, str]:
    """That of this process; Keras makes no folder in the home for its settings where it has none there yet."""
    if "KERAS_HOME" in os.environ or (Path.home() / ".keras").exists():
        return dict(os.environ)
    return os.environ | {"KERAS_HOME": os.devnull}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return host == "localhost"


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _has_screen() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _wait_until_healthy(page: subprocess.Popen, address: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never ask a proxy for our own page
    while time.monotonic() < deadline:
        if page.poll() is not None:
            raise MirnetError(f"the page ended at once with exit code {page.returncode}; `mirnet doctor` may say why")
        try:
            with direct.open(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise MirnetError(f"the page did not answer on {address} within {START_TIMEOUT_S:.0f} seconds; try again")


def _end(page: subprocess.Popen) -> None:
    """End the page's process, gently first."""
    if page.poll() is None:
        page.terminate()
    try:
        page.wait(STOP_TIMEOUT_S)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        page.kill()
        page.wait()
