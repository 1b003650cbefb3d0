"""Streamlit's options for the page: ours, those of a proxy, and what `STREAMLIT_…` variables say instead.

An option of the command line comes first, then such a variable, since whoever sets it means this page, then ours. A
`.streamlit/config.toml` in some folder counts for nothing: it was written for another page.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from model.errors import MirnetError

__all__ = ["LOCALHOST", "PageOptions", "chosen", "flags", "variable"]

LOCALHOST = "127.0.0.1"  # the page shows people's photos: nobody else sees it unless --host says so
UPLOAD_LIMIT_MB = 25  # a 12-megapixel JPEG has about 5

# Two accents of one amber, each readable on its own background, and the two backgrounds that our figures have
# (`explain.figures.kit.themes`); everything else is Streamlit's light or dark theme, which follows the reader's system.
THEME = {
    "theme.light.primaryColor": "#b45309",
    "theme.light.backgroundColor": "#ffffff",
    "theme.dark.primaryColor": "#f59e0b",
    "theme.dark.backgroundColor": "#171614",
}

PATH = re.compile(r"[\w.~@%+-]+(/[\w.~@%+-]+)*", re.ASCII)


@dataclass(frozen=True)
class PageOptions:
    """Where a page is.

    Attributes:
        host: The address to listen on.
        port: The port to listen on; None for the first free one.
        base_path: What its address has behind the port, without slashes at the ends: `x` for `/x/`.
        behind_proxy: Whether browsers reach it through a proxy only, perhaps under another name.
    """

    host: str = LOCALHOST
    port: int | None = None
    base_path: str = ""
    behind_proxy: bool = False

    @property
    def url(self) -> str:
        """The address to type into a browser on this machine."""
        everywhere = {"0.0.0.0": LOCALHOST, "::": "[::1]"}
        name = everywhere.get(self.host, f"[{self.host}]" if ":" in self.host else self.host)
        scheme = "https" if variable("server.sslCertFile") in os.environ else "http"
        path = f"/{self.base_path}" if self.base_path else ""
        return f"{scheme}://{name}:{self.port}{path}"


def variable(option: str) -> str:
    """The variable of an option of Streamlit's: `STREAMLIT_SERVER_PORT` for `server.port`."""
    return "STREAMLIT_" + re.sub(r"(?<=[a-z])([A-Z])", r"_\1", option.replace(".", "_")).upper()


def chosen(host: str | None, port: int | None, base_path: str | None, behind_proxy: bool = False) -> PageOptions:
    """What the command line says, or else Streamlit's variables, or else the usual.

    Raises:
        MirnetError: If a variable holds no port, or the base path is none.
    """
    found = {name: os.environ.get(variable(f"server.{name}")) or None for name in ("address", "port", "baseUrlPath")}
    if port is None and found["port"] is not None:
        if not found["port"].isdecimal():
            raise MirnetError(f"{variable('server.port')} is {found['port']!r}, which is no port: correct or unset it")
        port = int(found["port"])
    name = "--base-path" if base_path is not None else variable("server.baseUrlPath")
    path = found["baseUrlPath"] or "" if base_path is None else base_path
    host = found["address"] or LOCALHOST if host is None else host
    return PageOptions(host, port, _checked(name, path), behind_proxy)


def _checked(name: str, path: str) -> str:
    """A base path without slashes at its ends."""
    inner = path.strip().strip("/")
    if inner and (not PATH.fullmatch(inner) or {".", ".."} & set(inner.split("/"))):
        raise MirnetError(f"{name} {path!r} is no path of an address: give one in letters and digits, as /mirnet")
    return inner


def flags(options: PageOptions, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Streamlit's options for a page, but those that a variable sets."""
    ours = {
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
    if options.behind_proxy:
        # Streamlit compares the name in the browser's address with its own, and a proxy may have changed either; it
        # is the proxy that decides who comes in.
        ours |= {"server.enableCORS": "false", "server.enableXsrfProtection": "false"}
    where = {
        "server.address": options.host,
        "server.port": str(options.port),
        "server.baseUrlPath": options.base_path,
    }
    return where | {name: value for name, value in ours.items() if variable(name) not in environment}
