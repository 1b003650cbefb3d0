"""A class on one server: several processes of the page behind one address, and an nginx that shares visitors out.

```
browsers ─▶ nginx on --port ─▶ page 1, page 2, ...    each on a port of its own, on this machine only
```

New visitors go to the processes in turn, and a cookie then leads every request of theirs to the same one, where their
session and their photo are. A process that ends is started again; its visitors go on with another one meanwhile. All
processes together compute on as many threads as there are cores. What passes through nginx is kept in memory: no photo
is written to a disk.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from explain.cli.page_options import LOCALHOST, UPLOAD_LIMIT_MB, PageOptions, variable
from explain.cli.serve import (
    announce,
    choose_port,
    command,
    end,
    interrupt,
    start,
    wait_until_healthy,
    wait_until_ready,
)
from model.errors import MirnetError
from model.safety.keras_settings import check_keras

__all__ = ["configuration", "find_nginx", "serve_class"]

MOST_WORKERS = 64
COOKIE = "mirnet_worker"
LOOK_EVERY_S = 1.0
PLACES = ("/usr/sbin/nginx", "/usr/local/sbin/nginx", "/opt/homebrew/bin/nginx")  # not on every PATH


def find_nginx() -> str:
    """The nginx of this machine.

    Raises:
        MirnetError: If there is none.
    """
    found = next(filter(None, (shutil.which(name) for name in ("nginx", *PLACES))), None)
    if found is None:
        raise MirnetError("--workers needs nginx, which is not installed: apt-get install nginx (brew install nginx)")
    return found


def configuration(options: PageOptions, ports: Sequence[int], folder: Path) -> str:
    """An nginx's configuration: all that it needs, in a folder of its own, as any user may run it.

    Args:
        options: Where the class finds the page.
        ports: Of the pages on this machine.
        folder: For what it writes.
    """
    pages = [f"{LOCALHOST}:{port}" for port in ports]
    pools = [
        f"upstream page_{number} {{ server {page} max_fails=1 fail_timeout=2s; "
        + " ".join(f"server {other} backup;" for other in pages if other != page)
        + " }"
        for number, page in enumerate(pages, 1)
    ]
    # The last one, where another was asked in vain before.
    numbers = "".join(f' "~{re.escape(page)}$" {number};' for number, page in enumerate(pages, 1))
    known = "".join(f" {number} page_{number};" for number in range(1, len(pages) + 1))
    host = f"[{options.host}]" if ":" in options.host else options.host
    temporary = "\n    ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    limit = os.environ.get(variable("server.maxUploadSize"), str(UPLOAD_LIMIT_MB))
    newcomers = " ".join(f"server {page} max_fails=1 fail_timeout=2s;" for page in pages)
    return f"""daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    {temporary}
    client_max_body_size {int(limit) + 1}m;
    upstream newcomers {{ {newcomers} }}
    {chr(10).join("    " + pool for pool in pools).lstrip()}
    map $cookie_{COOKIE} $pool {{ default newcomers;{known} }}
    map $upstream_addr $served_by {{ default "";{numbers} }}
    map $cookie_{COOKIE}:$served_by $cookie_to_set {{
        ~^(.+):\\1$ "";
        ~:(.+)$ "{COOKIE}=$1; Path=/{options.base_path}; HttpOnly; SameSite=Lax";
    }}
    map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
    server {{
        listen {host}:{options.port};
        location / {{
            proxy_pass http://$pool;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_read_timeout 1h;
            proxy_request_buffering off;
            proxy_max_temp_file_size 0;
            proxy_next_upstream error timeout http_502;
            add_header Set-Cookie $cookie_to_set always;
        }}
    }}
}}
"""


def serve_class(options: PageOptions, workers: int, open_browser: bool = True) -> int:
    """Starts the pages and the nginx before them, and stays until Ctrl-C.

    Args:
        options: Where the class finds the page.
        workers: How many processes.
        open_browser: Also open it here, where there is a screen.

    Returns:
        The exit code: 0 after Ctrl-C, otherwise that of nginx.

    Raises:
        MirnetError: If nginx is missing, a number is out of range, or something does not start.
    """
    if not 1 <= workers <= MOST_WORKERS:
        raise MirnetError(f"--workers must be between 1 and {MOST_WORKERS}, not {workers}")
    for name in ("server.sslCertFile", "server.maxUploadSize"):
        value = os.environ.get(variable(name), "")
        if value and not (name.endswith("Size") and value.isdecimal()):
            raise MirnetError(f"{variable(name)} is {value!r}, and --workers cannot pass it on: unset it")
    check_keras()
    nginx = find_nginx()
    options = replace(options, port=choose_port(options.host, options.port))
    previous = signal.signal(signal.SIGTERM, interrupt)
    pages = [_Page(options, max(1, (os.cpu_count() or 1) // workers)) for _ in range(workers)]
    with tempfile.TemporaryDirectory(prefix="mirnet-nginx-") as name:
        folder = Path(name)
        os.chmod(folder, 0o755)  # an nginx of root's works as another user
        (folder / "nginx.conf").write_text(configuration(options, [page.port for page in pages], folder))
        proxy = None
        try:
            for page in pages:  # one after the other: each takes all cores while it starts
                page.start()
            proxy = subprocess.Popen(
                [nginx, "-p", name, "-e", "stderr", "-c", str(folder / "nginx.conf")],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
            wait_until_healthy(proxy, options.url)
            wait_until_ready([page.process for page in pages if page.process is not None])
            announce(options, open_browser)
            return _stay(proxy, pages)
        except KeyboardInterrupt:
            print("\nMIRNet Explainer: ended", flush=True)
            return 0
        finally:
            for process in [proxy, *(page.process for page in pages)]:
                if process is not None:
                    end(process)
            signal.signal(signal.SIGTERM, previous)


def _stay(proxy: subprocess.Popen, pages: Sequence["_Page"]) -> int:
    """Starts pages again that have ended, until nginx ends."""
    while proxy.poll() is None:
        for page in pages:
            page.keep()
        time.sleep(LOOK_EVERY_S)
    return proxy.returncode


class _Page:
    """One process of the page, on a free port of this machine.

    Args:
        options: Where the class finds the page.
        threads: How many cores one computation may take.
    """

    def __init__(self, options: PageOptions, threads: int):
        with socket.socket() as probe:
            probe.bind((LOCALHOST, 0))
            self.port = probe.getsockname()[1]
        self.address = replace(options, host=LOCALHOST, port=self.port)
        self.threads = threads
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        self._begin()
        assert self.process is not None
        wait_until_healthy(self.process, self.address.url)

    def keep(self) -> None:
        """Starts it again if it has ended."""
        if self.process is None or self.process.poll() is not None:
            self._begin()

    def _begin(self) -> None:
        where = self.address
        line = command(where.host, self.port, where.base_path, where.behind_proxy)
        self.process = start(line, TF_NUM_INTRAOP_THREADS=str(self.threads), OMP_NUM_THREADS=str(self.threads))
