"""The page: MIRNet, component by component, on a photo.

Streamlit runs this file for every visitor and after every click. It reads the address, draws what all pages share and
hands over to the page.
"""

from functools import partial
from importlib import import_module

import numpy as np
import streamlit as st
from PIL import Image
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explain.app.assets.asset_files import style
from explain.app.catalog.choices import channels
from explain.app.catalog.texts import TEXTS
from explain.app.catalog.topics import TOPICS, extras_of
from explain.app.compute.activity import running
from explain.app.compute.photos import sample_names
from explain.app.compute.runner import app_setup, configuration, facts_about, sample
from explain.app.figure_alone import embedded, show_embedded
from explain.app.photo_checks import too_bright
from explain.app.shell.network_notes import which_network
from explain.app.shell.next_page import next_page
from explain.app.shell.photo_chooser import asks_for_it, keep_in_browser, uploaded
from explain.app.shell.plain_text import plain
from explain.app.shell.sidebar import menu, photo_choice
from explain.app.shell.tour_panel import tour_panel
from explain.app.url.session import HOME, Context, show_context
from explain.app.url.state import UPLOAD, read_detail, read_extras, read_view
from explain.app.url.teacher import for_teachers, show_all, strange_parts
from model.errors import MirnetError

# Pages that show what becomes of the photo at full size. (Streamlit would show a text below it.)
RESTORING = (HOME, "mirnet", "ablation", "training")


def main() -> None:
    """One run of the page."""
    # An icon made here: an emoji would be fetched from another host.
    glow = np.linspace(10, 255, 16)[:, None, None] * np.array([1, 0.78, 0.35]) + np.zeros((16, 16, 3))
    st.set_page_config("MIRNet Explainer", page_icon=Image.fromarray(glow.astype("uint8")), layout="wide")
    st.html(style("page.css", "figure.css", "lattice.css", "maps.css", "photos.css", "terms.css", "memory.css"))
    pages = {HOME: st.Page(partial(_show, HOME), title="Overview", url_path=HOME, default=True)} | {
        name: st.Page(partial(_show, name), title=text.title, url_path=text.path)
        for name, text in (TEXTS | TOPICS).items()
    }
    page = st.navigation(list(pages.values()), position="hidden")
    st.session_state["pages"] = pages
    if asks_for_it():  # the tab is asked for its photo first: a moment, before anything is computed for another one
        keep_in_browser()
        st.stop()
    found, notes = _read(next(name for name, each in pages.items() if each is page))
    show_context(found)
    keep_in_browser()
    # The page's background, and letters on the accent that can be read.
    st.html(f"<style>:root {{ --page: {found.theme.background}; --on-accent: {found.theme.on_accent}; }}</style>")
    if asked := embedded():
        show_embedded(found, asked, page.run)
        return
    menu(pages)
    which_network(found)
    photo_choice(found.view, found.photo)
    for_teachers()
    tour_panel()
    for note in notes:
        st.info(note, icon=":material/link_off:")
    if found.page in RESTORING and facts_about(found.setup).shipped is not None and (text := too_bright(found.photo)):
        st.warning(text, icon=":material/brightness_high:")
    try:
        page.run()
    except MirnetError as error:
        st.error(plain(str(error)), icon=":material/error:")
    next_page(found)
    show_all()


def _show(page: str) -> None:
    """Imports the page only now: a visitor of one does not wait for all."""
    if page in TEXTS:
        import_module("explain.app.views.component.component_page").component_page(page)
    else:
        import_module(f"explain.app.views.{page}.{page}_page").page()


def _read(page: str) -> tuple[Context, list[str]]:
    """What the address asks for."""
    params = st.query_params.to_dict()
    kind = page if page in TEXTS else None
    setup = app_setup()
    config = facts_about(setup).config
    own = uploaded()
    view, notes = read_view(params, kind, config, sample_names(), own is not None)
    photo = own if own is not None and view.photo == UPLOAD else sample(setup, view.photo)
    view, more = read_detail(view, params, channels(kind, config, view.choice) if kind else None, photo.size)
    view = read_extras(view, params, extras_of(page))
    setup = app_setup(view.softmax)
    return Context(page, view, setup, configuration(setup), photo), [*notes, *more, *strange_parts(view)]


run = get_script_run_ctx()
with running(run.session_id if run else ""):
    main()
