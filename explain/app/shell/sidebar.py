"""The side bar: the menu, and the photo."""

from dataclasses import replace

import streamlit as st

from explain.app.catalog.texts import TEXTS
from explain.app.catalog.topics import TOPICS
from explain.app.compute.photos import Photo, sample_names
from explain.app.compute.runner import sample
from explain.app.shell.photo_chooser import own_photo_choice
from explain.app.url.session import HOME, change, context, page_view
from explain.app.url.state import UPLOAD, View
from explain.app.url.teacher import shown
from explain.app.widgets.figure_files import picture_file

__all__ = ["menu", "photo_choice"]

WHOLE = ("mirnet", "rrg", "mrb")


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
            own_photo_choice()


def _samples(view: View) -> None:
    setup = context().setup
    names = (*sample_names(), *([UPLOAD] if "upload" in st.session_state else []))
    st.session_state["photo"] = view.photo
    st.selectbox(
        "Photo",
        names,
        format_func=lambda name: "Your photo" if name == UPLOAD else sample(setup, name).title,
        key="photo",
        on_change=lambda: change(replace(context().view, pixel=None, photo=st.session_state["photo"])),
    )
