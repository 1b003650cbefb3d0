"""The ablation bench without a browser: its switches, its table, and the measurements that come with the package."""

from dataclasses import replace

import numpy as np
import pytest
from page_runs import fresh, go, healthy, opened, text_of

from explain.analysis.ablation import Switchboard, ablate, ablations, effect
from explain.analysis.ablation.run_ablated import compared
from explain.app.compute.photos import Photo, sample_names, sample_photo
from explain.app.compute.runner import Setup
from explain.app.data.shipped_ablations import (
    Change,
    Measured,
    measure,
    read_measured,
    shipped_measurements,
    write_measured,
)
from explain.app.url.state import LONGEST_EXTRA
from explain.app.views.ablation.effect import beyond, numbers, pictures
from explain.app.views.ablation.ranking import bars, ends, lines_of, sorted_lines, table
from explain.app.views.ablation.switched_run import code
from explain.app.views.ablation.switches import (
    PLACED,
    everywhere,
    read_off,
    singles,
    switched,
    wholes,
    within_block,
    write_off,
)
from explain.app.widgets.decimals import decimal
from explain.figures import THEMES
from model.config import preset
from model.errors import MirnetError
from model.weights.shipped_weights import SHIPPED
from model.zoo import load_network

DESK = preset("desk")
SMALL = DESK.replace(channels=4, groups=1, blocks=1, columns=1)
# In dB and grey levels: a compiled graph rounds in another order, and a value may round elsewhere.
OTHER_ORDER = 0.01


def photo(has_reference: bool = True) -> Photo:
    dark = np.random.default_rng(0).integers(0, 60, (16, 24, 3), dtype="uint8")
    return Photo("key", dark, "noise", reference=4 * dark if has_reference else None)


# Switches.


def test_every_single_ablation_has_a_switch():
    offered = {one.key for one in (*everywhere(DESK), *wholes(DESK))}
    for block in (f"rrg_{group}/mrb_{block}" for group in (1, 2) for block in (1, 2)):
        for kind in PLACED:
            shown = within_block(DESK, kind, block)
            assert len({one.label for one in shown}) == len(shown), "two switches with the same label"
            offered |= {one.key for one in shown}
    assert {one.key for one in ablations(DESK)} < offered
    assert offered == set(singles(DESK))


def test_no_stream_is_every_fusion_without_it():
    keys = switched(DESK, ["no-stream-3", "skip-group.rrg_2", "no-stream-3"])
    assert keys[-1] == "skip-group.rrg_2"
    assert set(keys[:-1]) == {one.key for one in ablations(DESK) if one.kind == "drop-stream" and one.stream == 3}
    assert len(keys) == 16 + 1
    known = singles(DESK)
    assert "does not hear stream 3" in known["no-stream-3"].says("mean")
    assert known["skip-block.rrg_1.mrb_2"].title == "Block skipped: group 1 · block 2"
    assert "1/3" in known["equal-weights.all"].says("mean")
    assert "1/2" in singles(DESK.replace(streams=2))["equal-weights.all"].says("mean")


def test_the_address_holds_what_is_off_and_nothing_else():
    text = "no-stream-2,skip-block.rrg_1.mrb_1,<b>,no-stream-2,,no-stream-4"
    assert read_off(text, DESK) == (("no-stream-2", "skip-block.rrg_1.mrb_1"), ("<b>", "no-stream-4"))
    assert read_off("", DESK) == ((), ())
    keys = [one.key for one in ablations(DESK)]
    assert write_off(keys) is None
    fitting = write_off(keys[:5])
    assert fitting is not None and len(fitting) <= LONGEST_EXTRA and read_off(fitting, DESK)[0] == tuple(keys[:5])


# The measurements of the package.


def test_the_measurements_are_of_the_shipped_weights_and_complete():
    found = shipped_measurements()
    assert found.sha256 == SHIPPED["desk"].sha256, "new weights: run python tools/precompute.py ablations"
    assert list(found.changes) == [one.key for one in ablations(DESK)]
    assert found.photos == sample_names()
    assert {len(values) for change in found.changes.values() for values in vars(change).values()} == {6}


def test_what_the_tour_says_of_attention_is_so():
    """Much is lost without spatial attention, hardly anything without channel attention."""
    losses = {key: change.loss for key, change in shipped_measurements().changes.items()}
    assert np.mean(losses["channel-off.all"]) < 1 < 3 < np.mean(losses["spatial-off.all"])
    assert np.mean(losses["attention-off.all"]) > 2


@pytest.mark.slow
def test_letting_gates_become_1_costs_far_more():
    board, one = Switchboard(load_network("desk")[0]), sample_photo("palace", DESK.multiple)
    intact = board.run(one.pixels)
    lost = {}
    for gates in ("mean", "one"):
        output = board.run(one.pixels, ["channel-off.all"], gates)
        lost[gates] = -compared((), output, intact, one.reference).change
    assert lost["one"] > 2 and lost["one"] > 4 * lost["mean"]


@pytest.mark.slow
def test_some_rows_measured_again():
    found, net = shipped_measurements(), load_network("desk")[0]
    one = sample_photo("kingfisher", DESK.multiple)
    place = found.photos.index("kingfisher")
    intact = ablate(net, one.pixels, ())
    for key in ("skip-block.rrg_1.mrb_2", "drop-stream.rrg_2.mrb_2.merge.skff.stream_2", "spatial-off.all"):
        again = compared((), ablate(net, one.pixels, [key]), intact, one.reference)
        change = found.changes[key]
        assert again.change == pytest.approx(-change.loss[place], abs=OTHER_ORDER)
        assert again.rms == pytest.approx(change.rms[place], abs=OTHER_ORDER)
        assert again.shift == pytest.approx(change.shift[place], abs=OTHER_ORDER)


@pytest.mark.slow
def test_measuring_gives_what_single_runs_give(tmp_path):
    net, one = load_network(SMALL)[0], photo()
    keys = ["skip-block.rrg_1.mrb_1", "equal-weights.all"]
    found = dict(measure(Switchboard(net), [one], keys))
    assert list(found) == keys
    for key in keys:
        alone = effect(net, one.pixels, [key], one.reference)
        assert found[key].loss[0] == pytest.approx(-alone.change, abs=OTHER_ORDER)
        assert found[key].rms[0] == pytest.approx(alone.rms, abs=OTHER_ORDER)
    write_measured(tmp_path / "m.json", Measured("abc", ("room",), found))
    assert read_measured(tmp_path / "m.json") == Measured("abc", ("room",), found)
    (tmp_path / "m.json").write_text('{"sha256": 1}')
    with pytest.raises(MirnetError, match="make it anew"):
        read_measured(tmp_path / "m.json")


# The table.


def lines(photo: str = "two"):
    numbers = {
        one.key: Change((k - 3.0, 2.0 * k), (float(k), k + 2.0), (1.0, -float(k)))
        for k, one in enumerate(ablations(SMALL))
    }
    return lines_of(Measured("abc", ("one", "two"), numbers), SMALL, photo)


def test_lines_are_means_over_the_photos_and_sorted_by_any_column():
    found = lines()
    assert [line.key for line in found] == [one.key for one in ablations(SMALL)]
    assert (found[4].loss, found[4].worst, found[4].here, found[4].rms, found[4].shift) == (4.5, 8, 8, 5, -1.5)
    for by in ("loss", "worst", "here", "rms", "shift"):
        values = [abs(getattr(line, by)) if by == "shift" else getattr(line, by) for line in sorted_lines(found, by)]
        assert values == sorted(values, reverse=True)
    assert sorted_lines(found, "order") == found
    assert {line.here for line in lines("upload")} == {None}


def test_bars_are_drawn_to_one_scale_and_choose_a_part():
    found = lines()
    shown = bars(found[:9], "order", found[7].key, THEMES["light"])
    assert [bar.value for bar in shown] == [line.key for line in found[:9]]
    assert [bar.end for bar in shown] == [line.loss for line in found[:9]] and {bar.start for bar in shown} == {0}
    assert [bar.value for bar in shown if bar.chosen] == [found[7].key]
    assert shown[0].number == f"{decimal(found[0].loss, 2)} dB"
    assert "Brightness −" in shown[8].more and "This photo" in shown[8].more
    worst = bars(found[:9], "worst", "", THEMES["light"])
    assert [bar.end for bar in worst] == [line.worst for line in found[:9]]
    # The axis holds all lines, so that it stays when a filter changes, and zero.
    assert ends(found, "loss") == (min(0, *(line.loss for line in found)), max(line.loss for line in found))
    assert ends(found, "shift") == (min(line.shift for line in found), max(line.shift for line in found))
    assert ends(found[4:], "shift")[1] == 0 > found[4].shift
    assert "This photo" not in bars(lines("upload")[:1], "loss", "", THEMES["dark"])[0].more


def test_the_table_has_all_numbers(monkeypatch):
    tables = []
    monkeypatch.setattr("streamlit.dataframe", lambda rows, column_config, **_: tables.append((rows, column_config)))
    found = lines()
    table(found[:9], 6)
    rows, columns = tables[0]
    assert len(rows) == 9 and rows[4] == {
        "label": found[4].label,
        "loss": 4.5,
        "worst": 8,
        "here": 8,
        "rms": 5,
        "shift": -1.5,
    }
    means = [column["label"] for column in columns.values() if "mean of 6" in column["label"]]
    assert [label.split(",")[0] for label in means] == ["Loss", "Differs by (rms)", "Brightness"]
    table(lines("upload"), 2)
    assert "here" not in tables[1][0][0] and "here" not in tables[1][1]


# The effect on one photo.


@pytest.mark.slow
def test_numbers_with_and_without_a_bright_photo():
    net, one = load_network(SMALL)[0], photo()
    off = ["skip-block.rrg_1.mrb_1"]
    scored = numbers(effect(net, one.pixels, off, one.reference))
    assert list(scored) == ["PSNR, intact", "PSNR, without", "PSNR change", "differs by (rms)", "brightness"]
    found = effect(net, one.pixels, off)
    assert list(numbers(found)) == ["PSNR between both outputs", "differs by (rms)", "brightness"]
    nothing = replace(found, output=found.intact)
    assert numbers(nothing)["PSNR between both outputs"] == "no difference"
    assert pictures(found, photo(False), THEMES["light"]).count("<figure>") == 3
    assert pictures(replace(nothing, chosen=()), one, THEMES["light"]).count("<figure>") == 3  # dark, restored, bright


def test_a_picture_out_of_range_is_called_black_or_white():
    found = effect(load_network(SMALL)[0], photo().pixels, ["skip-block.rrg_1.mrb_1"])
    dark = np.full_like(found.intact, 0.5)
    assert beyond(replace(found, output=dark)) == ""
    dark[:12] = -3  # three quarters of 16 rows
    assert beyond(replace(found, output=dark)).startswith("Here 75% of the output's numbers are below 0")
    assert "white" in beyond(replace(found, output=1 - dark))


@pytest.mark.parametrize(
    ("value", "digits", "plain", "signed"),
    [
        (-0.0004, 3, "0.000", "0.000"),
        (0.0004, 3, "0.000", "0.000"),
        (-1.25, 1, "−1.2", "−1.2"),
        (3, 2, "3.00", "+3.00"),
    ],
)
def test_what_rounds_to_zero_has_no_sign(value, digits, plain, signed):
    assert (decimal(value, digits), decimal(value, digits, signed=True)) == (plain, signed)


@pytest.mark.parametrize(("keys", "has_reference"), [((), True), (("skip-group.rrg_1", "equal-weights.all"), False)])
@pytest.mark.slow
def test_the_lines_to_take_along_run(keys, has_reference, capsys, tmp_path, monkeypatch):
    lines = code(Setup(), "room" if has_reference else "upload", keys, has_reference)
    if not has_reference:
        from PIL import Image

        monkeypatch.chdir(tmp_path)
        Image.fromarray(photo().pixels).save("my-photo.jpg")
    exec(compile(lines, "page", "exec"), {})
    said = capsys.readouterr().out.split()
    assert [float(word) for word in said] == [0.0, 0.0] if has_reference else float(said[0]) > 1


# The page.


def test_an_old_link_and_other_weights_get_a_sentence(monkeypatch):
    other = replace(shipped_measurements(), sha256="0" * 64)
    monkeypatch.setattr("explain.app.views.ablation.background_table.shipped_measurements", lambda: other)
    page = fresh()
    page.query_params.update(off="skip-block.rrg_9.mrb_1,<b>", kind="?")
    go(page, "ablation")
    page.run()
    assert not page.exception
    notes = "\n".join(element.value for element in page.info)
    assert "`skip-block.rrg_9.mrb_1`, `<b>`" in notes
    assert "Being measured in the background" in notes
    assert "no kind `?` here" in notes
    assert page.get_by_key("off_wholes").value == []


@pytest.mark.slow
def test_what_gates_become_is_chosen_where_an_attention_is_off():
    page = opened("ablation", off="channel-off.rrg_1.mrb_1.column_1.dau_1", gates="one")
    assert page.get_by_key("extra_gates").value == "one"
    assert "become 1" in text_of(page.markdown) and "twice as strong" in text_of(page.caption)
    page.get_by_key("extra_gates").set_value("resample")
    healthy(page.run())
    assert page.query_params["gates"] == "resample" and "of another photo" in text_of(page.markdown)
    page = opened("ablation", off="skip-group.rrg_1")
    assert not [each for each in page.selectbox if each.key == "extra_gates"]
