"""The visitor's own photo: how it comes in, how it survives a reload, how it is forgotten.

The photo is in the memory of this process (`explain.app.compute.kept_photos`), its key in the session and in the
browser tab's own storage. After a reload the tab tells the new session the key. It is never in an address: whoever
gets a copied link gets no photo.
"""

from dataclasses import replace

import streamlit as st

from explain.app.assets.asset_files import asset
from explain.app.compute.activity import prepare_soon
from explain.app.compute.kept_photos import KEPT_MINUTES, MOST_PHOTOS, kept_photos
from explain.app.compute.photos import MAX_UPLOAD_PIXELS, Photo, own_photo, part_of, sample_names, spoken
from explain.app.compute.runner import photo_limits
from explain.app.shell.plain_text import plain
from explain.app.url.session import HOME, change, context
from explain.app.url.state import UPLOAD
from model.errors import MirnetError
from model.images.photo_formats import FORMATS, SUFFIXES

__all__ = ["asks_for_it", "first_screen_choice", "keep_in_browser", "own_photo_choice", "uploaded"]

UPLOAD_LIMIT_MB = 25
PROMISE = (
    f"Your photo stays in the memory of the computer that serves this page, never on a disk and in no address, so a "
    f"copied link cannot carry it. It survives a reload of this tab. It is forgotten {KEPT_MINUTES} minutes after your "
    f"last click, when {MOST_PHOTOS} newer ones have come, or at once by the button “Forget my photo”."
)
FILES = f"{FORMATS}, up to {UPLOAD_LIMIT_MB} MB and {MAX_UPLOAD_PIXELS // 10**6} megapixels."
ALL = "all of it, small"
PART = "a part, larger"

_keeper = st.components.v2.component("mirnet.keeper", html="", js=asset("keeper.js"))


def uploaded() -> Photo | None:
    """The photo of this session, if it has one that is not forgotten yet."""
    key = st.session_state.get("upload")
    photo = kept_photos().find(key) if key else None
    if key and photo is None:
        del st.session_state["upload"]
    return photo


def asks_for_it() -> bool:
    """Whether the address wants an own photo that this session has not got, and the browser may still know of one."""
    wanted = st.query_params.get("photo") == UPLOAD
    return wanted and "upload" not in st.session_state and "browser_told" not in st.session_state


def keep_in_browser() -> None:
    """Has the browser tab keep the photo's key, tell it after a reload, and refuse files that are too large."""
    key, told = st.session_state.get("upload", ""), "browser_told" in st.session_state or "upload" in st.session_state
    data = {"photo": key, "told": told, "asked": asks_for_it(), "most": UPLOAD_LIMIT_MB * 2**20}
    _keeper(data=data, key="keeper", on_known_change=_known, on_refused_change=_refused)


def _known() -> None:
    """The browser tab has said which photo it had before it was loaded anew; an empty text for none."""
    key = str(st.session_state["keeper"].get("known") or "")
    st.session_state["browser_told"] = True
    if "upload" not in st.session_state and kept_photos().find(key):
        st.session_state["upload"] = key


def _refused() -> None:
    """The browser has not sent a file, since it is too large."""
    file = st.session_state["keeper"].get("refused")
    if not file:
        return
    size = int(file["size"]) / 2**20
    st.session_state["upload_problem"] = (
        f"{spoken(str(file['name']))}: {size:,.1f} MB are more than the {UPLOAD_LIMIT_MB} MB that this page takes; "
        "make the photo smaller first, or save it as a JPEG",
        True,
    )


def own_photo_choice() -> None:
    """In the side bar: a file to take, the part of a panorama, and what becomes of it."""
    _uploader("Use your own photo", "file", help=f"{FILES} {PROMISE}")
    photo = uploaded()
    if photo is not None:
        if photo.wide is not None and context().view.photo == UPLOAD:
            _panorama(photo)
        st.button("Forget my photo", key="forget", on_click=_forget, icon=":material/delete:")
        st.caption(PROMISE)
    _problem(on_first_screen=False)


def first_screen_choice() -> None:
    """On the first screen: the same beside the tour, and a camera."""
    round_ = st.session_state.get("uploads", 0)  # after each photo a new element, which is closed
    with st.popover("Try your own photo", icon=":material/add_a_photo:", key=f"own_{round_}"):
        _uploader("A file, or on a phone also its camera", f"first_file_{round_}", help=FILES)
        if st.toggle("Use this device's camera", key=f"camera_on_{round_}"):
            key = f"camera_{round_}"
            st.camera_input("Take a photo", key=key, on_change=_take(key))
        st.caption(PROMISE)
    _problem(on_first_screen=True)


def _uploader(label: str, key: str, help: str) -> None:
    # A new element after "Forget my photo": Streamlit keeps a file's content as long as its element is there.
    name = f"{key}_{st.session_state['forgotten']}" if "forgotten" in st.session_state else key
    types = [suffix.removeprefix(".") for suffix in SUFFIXES]
    st.file_uploader(label, types, key=name, on_change=_take(name), max_upload_size=UPLOAD_LIMIT_MB, help=help)


def _problem(on_first_screen: bool) -> None:
    """Why a file was refused, beside where it was chosen."""
    problem, chosen_there = st.session_state.get("upload_problem", ("", False))
    if problem and on_first_screen == (chosen_there and context().page == HOME):
        st.error(plain(problem), icon=":material/broken_image:")


def _take(key: str):
    """Reads what was sent: a new photo to look at, or a sentence on why not. The photo before stays then."""

    def take() -> None:
        file = st.session_state[key]
        st.session_state.pop("upload_problem", None)
        if file is None:  # also between one file and the next: the photo stays until it is forgotten on purpose
            return
        try:
            photo = own_photo(file.getvalue(), file.name, *photo_limits(context().setup))
        except MirnetError as error:
            st.session_state["upload_problem"] = str(error), key.startswith(("first", "camera"))
            return
        _look_at(photo)
        st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1

    return take


def _look_at(photo: Photo) -> None:
    """The visitor's photo from now on, in the place of an earlier one; of another size, so back to its middle."""
    st.session_state["upload"] = kept_photos().keep(photo, st.session_state.get("upload", ""))
    prepare_soon(context().setup, photo)
    change(replace(context().view, photo=UPLOAD, pixel=None))


def _panorama(photo: Photo) -> None:
    """What to walk through of a panorama: all of it, or a part that the visitor moves along it."""
    upright = photo.wide is not None and photo.wide.shape[0] > photo.wide.shape[1]
    st.session_state["panorama"] = ALL if photo.place is None else PART
    st.segmented_control(
        "Of your panorama, look at", (ALL, PART), key="panorama", required=True, on_change=_cut, args=(photo,)
    )
    if photo.place is not None:
        st.session_state["part"] = round(100 * photo.place)
        ends = ("top", "bottom") if upright else ("left", "right")
        st.slider(
            f"Where, from {ends[0]} to {ends[1]}", 0, 100, key="part", format="%d %%", on_change=_cut, args=(photo,)
        )


def _cut(photo: Photo) -> None:
    place = st.session_state.get("part", 50) / 100 if st.session_state["panorama"] == PART else None
    _look_at(part_of(photo, place, *photo_limits(context().setup)))


def _forget() -> None:
    """The visitor's photo leaves the memory, and what was computed from it."""
    kept_photos().forget(st.session_state.pop("upload", ""))
    st.session_state.pop("upload_problem", None)
    st.session_state["browser_told"] = True
    st.session_state["forgotten"] = st.session_state.get("forgotten", 0) + 1
    view = context().view
    if view.photo == UPLOAD:
        change(replace(view, photo=sample_names()[0], pixel=None))
