"""The side bar: the menu, and the photo."""

from dataclasses import replace

import streamlit as st

from explain.app.catalog.texts import TEXTS
from explain.app.catalog.topics import TOPICS
from explain.app.compute.photos import MAX_UPLOAD_PIXELS, Photo, own_photo, sample_names
from explain.app.compute.runner import photo_limits, sample
from explain.app.url.session import HOME, change, context, page_view
from explain.app.url.state import UPLOAD, View
from explain.app.url.teacher import shown
from explain.app.widgets.figure_files import picture_file
from model.errors import MirnetError
from model.images.photo_formats import FORMATS, SUFFIXES

__all__ = ["menu", "photo_choice", "plain", "take_upload"]

WHOLE = ("mirnet", "rrg", "mrb")
UPLOAD_LIMIT_MB = 25


def menu(pages: dict) -> None:
    """Links to all pages; each keeps the photo and the component as far as it has one."""
    with st.sidebar, st.container():  # one place in the side bar, whatever is hidden: what follows keeps its own
        st.markdown("#### MIRNet Explainer")
        if not shown("menu"):
            return
        _entry(pages, HOME, "Overview")
        st.caption("From the whole …")
        for kind in WHOLE:
            _entry(pages, kind, TEXTS[kind].short)
        st.caption("… to its parts")
        for kind in TEXTS:
            if kind not in WHOLE:
                _entry(pages, kind, TEXTS[kind].short)
        st.caption("Look closer")
        for name, topic in TOPICS.items():
            _entry(pages, name, topic.short)


def _entry(pages: dict, name: str, text: str) -> None:
    st.page_link(pages[name], label=text, query_params=page_view(name))


def photo_choice(view: View, photo: Photo) -> None:
    """The samples, the upload, and what is known about the photo."""
    with st.sidebar, st.container():
        st.divider()
        if shown("photo"):
            _samples(view)
        png = picture_file(photo.pixels, photo.key)
        st.image(png, width="stretch", output_format="PNG", alt=f"The photo: {photo.title}")
        if photo.credit:
            st.caption(photo.credit)
        if photo.caption:
            st.caption(photo.caption)
        if shown("photo"):
            _upload()


def _samples(view: View) -> None:
    setup = context().setup
    names = (*sample_names(), *([UPLOAD] if "upload" in st.session_state else []))
    st.session_state["photo"] = view.photo
    st.selectbox(
        "Photo",
        names,
        format_func=lambda name: "Your photo" if name == UPLOAD else sample(setup, name).title,
        key="photo",
        on_change=lambda: change(replace(_elsewhere(context().view), photo=st.session_state["photo"])),
    )


def _upload() -> None:
    st.file_uploader(
        "Use your own photo",
        type=[suffix.removeprefix(".") for suffix in SUFFIXES],
        key="file",
        on_change=take_upload,
        max_upload_size=UPLOAD_LIMIT_MB,
        help=f"{FORMATS}, up to {UPLOAD_LIMIT_MB} MB and {MAX_UPLOAD_PIXELS // 10**6} megapixels. It stays "
        "in the memory of this machine, where other visitors cannot see it; a copied link cannot carry it.",
    )
    if "upload" in st.session_state:
        st.button("Forget my photo", key="forget", on_click=_forget, icon=":material/delete:")
    if problem := st.session_state.get("upload_problem"):
        st.error(plain(problem), icon=":material/broken_image:")


def take_upload() -> None:
    """Reads what was uploaded: a new photo to look at, or a sentence on why not. The photo before stays then."""
    file = st.session_state["file"]
    st.session_state.pop("upload_problem", None)
    if file is None:  # also between one file and the next: the photo stays until it is forgotten on purpose
        return
    here = context()
    try:
        st.session_state["upload"] = own_photo(file.getvalue(), file.name, *photo_limits(here.setup))
    except MirnetError as error:
        st.session_state["upload_problem"] = str(error)
        return
    change(replace(_elsewhere(here.view), photo=UPLOAD))


def _forget() -> None:
    """The visitor's photo leaves the session."""
    for name in ("upload", "upload_problem"):
        st.session_state.pop(name, None)
    view = context().view
    if view.photo == UPLOAD:
        change(replace(_elsewhere(view), photo=sample_names()[0]))


def plain(text: str) -> str:
    """Text as Markdown that shows it letter by letter: a file's name may hold links, pictures or formulas."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()#+-.!<>|~$:^=" else letter for letter in text)


def _elsewhere(view: View) -> View:
    """Another photo has another size: back to its middle."""
    return replace(view, pixel=None)
