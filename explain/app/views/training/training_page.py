"""The page on training: five sizes under one budget, the shipped networks' logs, and one photo through all of them."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
import streamlit as st

from embedded.models.shipped_models import NANO
from explain.app.catalog.topics import TOPICS
from explain.app.charts.line_chart import Line, line_chart, smoothed
from explain.app.compute.app_network import AppNetwork
from explain.app.compute.photos import sample_photo
from explain.app.compute.runner import facts_about, network
from explain.app.data.study_results import Study, photo_file, shipped_study
from explain.app.shell.glossary_hover import headed
from explain.app.shell.plain_text import plain
from explain.app.url.controls import choose, fold
from explain.app.url.session import Context, context
from explain.app.views.training.shipped_networks import FLOAT, frame_of, restored, score
from explain.app.views.training.study_table import (
    all_numbers,
    budget,
    by_parameters,
    size_label,
    table,
    verdict,
    without_learning,
)
from explain.app.views.training.training_logs import OwnTraining, Trained, board_card, own_training, trained
from explain.app.widgets.colour_maps import change_figure
from explain.app.widgets.photo_grid import photo_figure, side_by_side
from explain.app.widgets.picture_urls import url, webp_url
from explain.app.widgets.take_along import take_along
from explain.figures import Sheet, Theme
from explain.figures.results.training_curve import draw_training
from model.errors import MirnetError
from model.samples import load_sample
from model.training.checkpoint import LogRow
from model.training.run_log import LOG

__all__ = ["page"]

CURVES = {"psnr": "validation PSNR", "loss": "training loss", "rate": "learning rate"}
ROUNDS = 5  # of a training loss are averaged: each has seen other crops
STEEP = 3  # a loss that falls to less than one in so many is drawn by ratios
QUARTER = "at a quarter of their size"
NOTHING_LEARNED = "Its weights are random: it has not learned anything."
NO_LOG = (
    "There is no log that could be read beside these weights. `mirnet train` writes one into its run folder: name that "
    "folder, `mirnet app --weights RUN`, and its curve is here."
)
Found = TypeVar("Found")
LOSSES = {"charbonnier": "Charbonnier loss", "psnr": "loss from PSNR"}


def page() -> None:
    """Shows the page of trainings."""
    here = context()
    headed(TOPICS[here.page])
    study = shipped_study()
    curve = _own(here)
    _sizes(here, study, curve)
    with st.expander("Your photo through all shipped networks", icon=":material/photo_camera:"):
        _photo_through_all(here)
    with st.expander("How the shipped networks learned", icon=":material/school:"):
        _shipped(here)
    _take_along(here)


def _own(here: Context) -> str | None:
    """The training of the page's own network, above those of the package; gives the curve that was chosen there."""
    known = facts_about(here.setup)
    if known.shipped is not None:
        return None
    title = plain(known.title)
    st.subheader(f"The training of {title}", anchor=False)
    found = _own_log(known)
    if found is None:
        st.markdown(NOTHING_LEARNED if known.is_random else NO_LOG)
        st.divider()
        return None
    parameters = f"{network(here.setup)[0].count_params():,} parameters"
    facts = f"**{title}**: {parameters}, {plain(here.config.shape_in_words)}."
    st.markdown(f"{facts} {found.recipe}." if found.recipe else facts)
    curve = _choose_curve()
    drawn = curve if _points(found.log, curve) else "loss"
    if drawn != curve:
        st.caption("This training has not measured any validation pictures (yet), so here is its loss.")
    line, seen = Line(known.title, _points(found.log, drawn)), "in frames of 160 × 120" if found.frame else QUARTER
    _chart([line], here.theme, drawn, known.title, LOSSES.get(found.loss, found.loss), seen)
    st.divider()
    return curve


def _own_log(known: AppNetwork) -> OwnTraining | None:
    """The training of the page's own network, if it left a log that can be read."""
    try:
        return None if known.folder is None else own_training(known.folder)
    except MirnetError:
        return None


def _choose_curve() -> str:
    return choose("curve", "Curve", tuple(CURVES), "psnr", CURVES.__getitem__, st.segmented_control, required=True)


def _sizes(here: Context, study: Study, curve: str | None) -> None:
    st.subheader("Five sizes under one budget" if len(study.sizes) == 5 else "Sizes under one budget", anchor=False)
    st.markdown(budget(study))
    rows = table(study, here.theme)
    st.markdown(f":material/visibility: **What to look at.** {verdict(study)}")
    with st.expander("All numbers, and what needs no learning", icon=":material/table:"):
        all_numbers(rows)
        st.markdown(without_learning(study))
    with fold("curves", "Their curves", "show_chart", here.view.extra("curve") is not None):
        curve = curve or _choose_curve()
        lines = [Line(size_label(size), _points(rows, curve)) for size, rows in _in_order(study, study.curves)]
        _chart(lines, here.theme, curve, "Sizes of MIRNet", "Charbonnier loss")
    with fold("shots", "The same photo by all sizes", "photo_library", here.view.extra("shot") is not None):
        _study_photos(here, study)


def _in_order(study: Study, of_sizes: Mapping[str, Found]) -> list[tuple[str, Found]]:
    """What there is of each size, in the order of the table."""
    return [(entry.size, of_sizes[entry.size]) for entry in by_parameters(study)]


def _points(rows: Sequence[LogRow], curve: str) -> list[tuple[float, float]]:
    if curve == "psnr":
        return [(row.step, row.validation_psnr) for row in rows if row.validation_psnr is not None]
    if curve == "rate":
        return [(row.step, row.learning_rate) for row in rows]
    return smoothed([(row.step, row.loss) for row in rows], ROUNDS)


def _chart(lines: Sequence[Line], theme: Theme, curve: str, name: str, loss: str, seen: str = QUARTER) -> None:
    """One chart; `seen` says how the pictures are shown to a network during training."""
    values = [value for line in lines for _, value in line.points]
    axis = {
        "psnr": f"dB on the validation pictures {seen}, higher is better",
        "loss": f"{loss}, mean of {ROUNDS} rounds, lower is better",
        "rate": "learning rate: warm-up, then half a cosine",
    }[curve]
    log = curve == "loss" and max(values) > STEEP * min(values) > 0
    unit = " dB" if curve == "psnr" else ""
    st.caption(axis)
    line_chart(lines, theme, f"{name}, {CURVES[curve]}", log=log, unit=unit)


def _study_photos(here: Context, study: Study) -> None:
    names = tuple(study.photos)
    start = here.view.photo if here.view.photo in names else names[0]
    name = choose(
        "shot", "Photo of the study", names, start, lambda one: sample_photo(one, 1).title, st.segmented_control,
        required=True,
    )  # fmt: skip
    dark, bright = load_sample(name)
    figures = [photo_figure(webp_url(dark), "The dark photo", _scored("The photo", score(dark, bright)))]
    for size, reached in _in_order(study, study.photos[name]):
        source = url(photo_file(name, size).read_bytes(), "webp")
        figures.append(photo_figure(source, f"Restored by {size_label(size)}", _scored(size_label(size), reached)))
    figures.append(photo_figure(webp_url(bright), "The scene in good light", "In good light: the answer"))
    st.html(side_by_side(figures))
    st.caption("Compare noise in flat areas and the colours: brightness is most of what PSNR sees.")


def _shipped(here: Context) -> None:
    st.markdown(
        "They had far more steps than the sizes above. Their curves show the **last** training of several, each from "
        "the weights of the one before; the model cards tell of all."
    )
    curve = here.view.extra("curve")
    for column, one in zip(st.columns(len(trained()), gap="large"), trained(), strict=True):
        with column:
            _network(here, one, curve if curve in CURVES else "psnr")
    for name, card in [*((one.shipped.name, one.card) for one in trained()), ("nano", board_card())]:
        with st.expander(f"Model card: {name}"):
            st.markdown(card)


def _network(here: Context, one: Trained, curve: str) -> None:
    shipped = one.shipped
    seen = "in frames of 160 × 120" if shipped.frame else "at full size"
    st.markdown(
        f"**`{shipped.name}`**: {one.parameters:,} parameters, {shipped.psnr:.2f} dB and SSIM {shipped.ssim:.3f} on "
        f"the validation pictures {seen}. {one.recipe}."
    )
    line = Line(shipped.name, _points(one.log, curve))
    during = seen if shipped.frame else QUARTER
    _chart([line], here.theme, curve, shipped.name, LOSSES.get(one.loss, one.loss), during)


def _photo_through_all(here: Context) -> None:
    st.markdown(
        f"In the frame of the board's camera, 160 × 120 pixels, all of them get the same bytes. `{FLOAT}` computes in "
        "floating point; `nano` is the same network in int8, run as the board runs it."
    )
    with st.spinner("Running the networks …"):
        frame = frame_of(here.setup, here.photo)
        full_size = restored(here.setup, here.photo)
    first = _scored("What the camera hands over", score(frame.dark, frame.bright))
    figures = [photo_figure(webp_url(frame.dark), "The dark frame", first)]
    for name, picture in frame.restored.items():
        text = _scored(name, score(picture, frame.bright))
        figures.append(photo_figure(webp_url(picture), f"The frame restored by {name}", text))
    if frame.bright is not None:
        figures.append(photo_figure(webp_url(frame.bright), "The frame in good light", "In good light: the answer"))
    floats, int8 = frame.restored[FLOAT], frame.restored[NANO]
    figures.append(_apart(floats, int8, here.theme))
    st.html(side_by_side(figures, narrowest="14rem", fill=True))
    st.caption(_beside(floats, int8))
    known, photo = facts_about(here.setup), here.photo
    st.markdown(
        f"At full size, which only `{known.title}` is made for:"
        if known.is_desk
        else f"The photo of the walkthrough, by {plain(known.title)}:"
    )
    text = _scored(f"{known.title} at full size" if known.is_desk else known.title, score(full_size, photo.reference))
    figures = [
        photo_figure(webp_url(photo.pixels), "The photo", _scored("The photo", score(photo.pixels, photo.reference))),
        photo_figure(webp_url(full_size), "The photo restored at full size", text),
    ]
    if photo.reference is not None:
        figures.append(photo_figure(webp_url(photo.reference), "In good light", "In good light: the answer"))
    st.html(side_by_side(figures, fill=True))


def _beside(floats: np.ndarray, int8: np.ndarray) -> str:
    """How far the board's picture is from that of the same network in floating point."""
    apart = np.abs(int8.astype(int) - floats.astype(int))
    return (
        f"int8 against floating point: the two pictures differ by {apart.mean():.1f} of 255 grey levels in the "
        f"mean, by {apart.max()} at most, hardly to be seen: the last picture shows it much stronger."
    )


def _apart(floats: np.ndarray, int8: np.ndarray, theme: Theme) -> str:
    """Where the board's picture is brighter or darker than that of the same network in floating point."""
    change = int8.astype(np.float32).mean(axis=-1) - floats.astype(np.float32).mean(axis=-1)  # (height, width)
    return change_figure(change, theme, "Where nano is brighter or darker", f"nano − {FLOAT}, in grey levels")


def _scored(text: str, value: float | None) -> str:
    return text if value is None else f"{text}: {value:.2f} dB"


def _take_along(here: Context) -> None:
    def draw(one: Trained):
        def figure(theme: Theme) -> Sheet:
            return draw_training(one.log, theme, f"Training of {one.shipped.name}", one.recipe)

        return figure

    figures = {f"Training of {one.shipped.name}": draw(one) for one in trained()}
    known, code = facts_about(here.setup), CODE
    own = _own_log(known)
    if own is not None and known.folder is not None:
        code = CODE.replace(HOME, "").replace(
            'FOLDER / "desk.csv"', json.dumps(str(known.folder / LOG), ensure_ascii=False)
        )

        def own_figure(theme: Theme) -> Sheet:
            return draw_training(own.log, theme, f"Training of {known.title}", own.recipe)

        figures = {f"Training of {known.title}": own_figure, **figures}
    take_along(here, figures, code=code)


HOME = "from model.weights.shipped_weights import FOLDER\n"
CODE = f"""from model.training.run_log import read_log
{HOME}
for row in read_log(FOLDER / "desk.csv"):
    if row.validation_psnr is not None:
        print(row.step, row.loss, row.validation_psnr)"""
