"""Client of the page without a browser: speaks Streamlit's protocol as its JavaScript does, and measures time.

The browser and the server exchange protobuf messages over one websocket: `BackMsg` asks for a run of the page, and
`ForwardMsg`s bring its elements, each with its position in the page, until one says that the run has finished. Pictures
are fetched by HTTP, and uploads are sent by HTTP. A real browser would compete with the server for the processor; this
does not, so that what it measures is the server's.
"""

import time
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tools.bench.page.elements import Elements, Missing, state_of, triggers_of

__all__ = ["PageAnswer", "Visitor"]

TIMEOUT_S = 120.0
STALE_RUNS = 2  # a message that this many runs did not show is forgotten, as the browser does


@dataclass(frozen=True)
class PageAnswer:
    """Result of one action.

    Attributes:
        finished: Seconds until the run of the page had finished.
        shown: Seconds until its new pictures were here as well.
        received: Bytes, pictures included.
        problems: Exceptions and error messages that the page shows.
    """

    finished: float
    shown: float
    received: int
    problems: tuple[str, ...]


class Visitor:
    """One person's session with a server; to be closed, or used as a context manager.

    Args:
        address: `http://127.0.0.1:8501`.
        theme: `light` or `dark`, what the person's system prefers.
    """

    def __init__(self, address: str, theme: str = "light"):
        self.host, self._base = urlsplit(address).netloc, urlsplit(address).path.rstrip("/")
        self._cookies: dict[str, str] = {}
        self.theme, self.query = theme, ""
        self.elements = Elements()
        self._pictures: dict[str, bytes] = {}
        self._messages: dict[str, tuple[bytes, int]] = {}  # by hash: a delta, and the run that had it last
        self._page = self._session = ""
        self._runs = 0
        self._http = HTTPConnection(self.host, timeout=TIMEOUT_S)
        self._token = self._xsrf()
        self._line = connect(
            f"ws://{self.host}{self._base}/_stcore/stream",
            additional_headers={"Cookie": self._cookie()},
            subprotocols=[Subprotocol(name) for name in ("streamlit", self._token) if name],
            max_size=None,
            proxy=None,
        )
        self._socket = self._line.__enter__()

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Leaves; the server ends the session."""
        self._line.__exit__(None, None, None)
        self._http.close()

    def open(self, path: str = "", **query: str) -> PageAnswer:
        """Goes to a page by its address: the first one, or by a link within the session."""
        message = self._rerun()
        self.query = message.rerun_script.query_string = urlencode(query)
        message.rerun_script.page_script_hash, message.rerun_script.page_name = "", path
        return self._ask(message)

    def readdress(self, path: str, **query: str) -> PageAnswer:
        """Stays on the page of this path, with something in the address changed."""
        return self.open(path, **dict(parse_qsl(self.query)) | query)

    def follow(self, path: str) -> PageAnswer:
        """Clicks on the first link to a page.

        Raises:
            Missing: If this page has none.
        """
        for element in self.elements:
            if element.HasField("page_link") and element.page_link.page == path:
                message = self._rerun()
                self.query = message.rerun_script.query_string = element.page_link.query_string
                message.rerun_script.page_script_hash = element.page_link.page_script_hash
                return self._ask(message)
        raise Missing(f"the page has no link to {path!r}")

    def again(self) -> PageAnswer:
        """Has the page run once more, as after a change of the theme."""
        return self._ask(self._rerun())

    def use(self, label: str, value: bool | int | float | str | None = None) -> PageAnswer:
        """Changes a control.

        Args:
            label: A regular expression found in its label.
            value: True or False for a switch, a number for a slider, a regular expression for one of the options,
                None for a button.

        Raises:
            Missing: If the page has no such control, or the control no such value.
        """
        control = self.elements.control(label)
        return self._change(control.fragment, state_of(control.element, value))

    def trigger(self, event: str, value: object) -> PageAnswer:
        """Has one of the page's own components report an event, such as a click on a picture."""
        control, state = triggers_of(self.elements, event, value)
        return self._change(control.fragment, state)

    def upload(self, label: str, name: str, content: bytes) -> PageAnswer:
        """Uploads a file with the control of this label; timed from the first byte sent."""
        control = self.elements.control(label)
        start = time.perf_counter()
        asked = BackMsg()
        asked.file_urls_request.request_id = str(uuid4())
        asked.file_urls_request.session_id = self._session
        asked.file_urls_request.file_names.append(name)
        self._socket.send(asked.SerializeToString())
        [urls] = self._until("file_urls_response").file_urls_response.file_urls
        self._put(urls.upload_url, name, content)
        state = WidgetState(id=control.element.file_uploader.id)
        found = state.file_uploader_state_value.uploaded_file_info.add(
            name=name, size=len(content), file_id=urls.file_id
        )
        found.file_urls.CopyFrom(urls)
        return self._change(control.fragment, [state], start)

    def picture(self, alt: str) -> bytes:
        """The file of the first picture whose text for the blind begins like this.

        Raises:
            Missing: If there is none.
        """
        for element in self.elements:
            for image in element.imgs.imgs if element.HasField("imgs") else ():
                if image.alt.startswith(alt):
                    return self._pictures[image.url]
        raise Missing(f"the page has no picture {alt!r}")

    # --- messages ---------------------------------------------------------------------------------------------

    def _rerun(self) -> BackMsg:
        message = BackMsg()
        run = message.rerun_script
        run.query_string, run.page_script_hash = self.query, self._page
        run.context_info.color_scheme, run.context_info.url = self.theme, f"http://{self.host}/"
        run.cached_message_hashes.extend(self._messages)
        return message

    def _change(self, fragment: str, states: list[WidgetState], start: float | None = None) -> PageAnswer:
        message = self._rerun()
        message.rerun_script.fragment_id = fragment
        message.rerun_script.widget_states.widgets.extend(states)
        return self._ask(message, start)

    def _ask(self, message: BackMsg, start: float | None = None) -> PageAnswer:
        """Sends, and takes in the page until its run is finished and its pictures are here."""
        start = time.perf_counter() if start is None else start
        self._runs += 1
        self._socket.send(message.SerializeToString())
        received = self._take_in()
        finished = time.perf_counter()
        received += self._fetch_pictures()
        shown = time.perf_counter()
        return PageAnswer(finished - start, shown - start, received, self.elements.problems())

    def _take_in(self) -> int:
        received = 0
        while True:
            data = self._receive()
            received += len(data)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._begin(message)
            elif kind in ("delta", "ref_hash"):
                self._place(message)
            elif kind == "navigation":
                self._page = message.navigation.page_script_hash
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind == "page_not_found":
                self.elements.refuse("the server knows no such page")
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                self._end(message)
                return received

    def _begin(self, message: ForwardMsg) -> None:
        self._session = message.new_session.initialize.session_id or self._session
        self.elements.begin(message.metadata.run.fragment_ids)

    def _place(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") == "ref_hash":
            content = self._messages[message.ref_hash][0]
            self._messages[message.ref_hash] = content, self._runs
            message.delta.ParseFromString(content)
        elif message.metadata.cacheable:
            self._messages[message.hash] = message.delta.SerializeToString(), self._runs
        self.elements.place(tuple(message.metadata.delta_path), message.delta)

    def _end(self, message: ForwardMsg) -> None:
        if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self.elements.refuse("the page does not compile")
        self.elements.end()
        self._messages = {
            name: (content, run) for name, (content, run) in self._messages.items() if run > self._runs - STALE_RUNS
        }

    def _until(self, kind: str) -> ForwardMsg:
        while True:
            message = ForwardMsg.FromString(self._receive())
            if message.WhichOneof("type") == kind:
                return message

    def _receive(self) -> bytes:
        data = self._socket.recv(timeout=TIMEOUT_S)
        assert isinstance(data, bytes)  # the server sends no text
        return data

    # --- HTTP -------------------------------------------------------------------------------------------------

    def _xsrf(self) -> str:
        """The token that an upload has to show, from a cookie of the server's."""
        self._request("GET", "/_stcore/health")
        return self._cookies.get("_streamlit_xsrf", "")

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def _request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[HTTPResponse, bytes]:
        headers = {"Cookie": self._cookie()} | headers
        try:
            self._http.request(method, self._base + path, body, headers)
            response = self._http.getresponse()
        except ConnectionError:  # the server hangs up after some seconds of silence
            self._http.close()
            self._http.request(method, self._base + path, body, headers)
            response = self._http.getresponse()
        for line in response.headers.get_all("Set-Cookie", ()):
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name.strip()] = value
        return response, response.read()

    def _fetch_pictures(self) -> int:
        """Pictures that were not shown before; as a browser, keeps only those of the page."""
        shown = dict.fromkeys(
            image.url
            for element in self.elements
            if element.HasField("imgs")
            for image in element.imgs.imgs
            if image.url.startswith("/")
        )
        self._pictures = {url: content for url, content in self._pictures.items() if url in shown}
        received = 0
        for url in shown:
            if url not in self._pictures:
                response, self._pictures[url] = self._request("GET", url)
                received += len(self._pictures[url])
                if response.status != HTTPStatus.OK:
                    self.elements.refuse(f"{url} is not there: {response.status}")
        return received

    def _put(self, url: str, name: str, content: bytes) -> None:
        border = uuid4().hex
        head = (
            f'--{border}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        headers = {
            "Content-Type": f"multipart/form-data; boundary={border}",
            "X-Xsrftoken": self._token,
        }
        response, _ = self._request("PUT", url, head.encode() + content + f"\r\n--{border}--\r\n".encode(), **headers)
        if response.status >= HTTPStatus.BAD_REQUEST:
            self.elements.refuse(f"the upload was answered with {response.status}")
