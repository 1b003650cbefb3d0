"""`mirnet ablate` and its figures: keys, a table, a file, a picture, or one line that says what to do."""

import csv
import re

import numpy as np
import pytest

from explain.analysis.ablation import GATES, KINDS, AblationRow, Effect, ablations
from explain.analysis.ablation.interventions import PARTS
from explain.cli.main import main
from explain.figures import THEMES, figure_bytes
from explain.figures.results.ablations import draw_ablations, draw_effect
from model import MIRNetConfig
from model.config import PRESETS
from model.images.photo_files import save_image

TINY = MIRNetConfig(channels=2, groups=1, blocks=1, streams=2, columns=1)
BLOCK = "skip-block.rrg_1.mrb_1"


@pytest.fixture
def tiny(monkeypatch) -> list[str]:
    """Words for a network that answers at once."""
    monkeypatch.setitem(PRESETS, "tiny", TINY)
    return ["--preset", "tiny", "--weights", "random"]


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """A dark photo and its bright one, the sides no multiples of the network's."""
    folder = tmp_path_factory.mktemp("photos")
    bright = np.random.default_rng(0).integers(40, 250, (23, 33, 3), "uint8")
    save_image(folder / "bright.png", bright)
    save_image(folder / "dark.png", bright // 6)
    return folder


def ablate(capsys, *argv):
    """The exit code, standard output and standard error of `mirnet ablate ...`."""
    code = main(["ablate", *map(str, argv)])
    return code, *capsys.readouterr()


# The command.


def test_every_method_for_gates_can_be_asked_for(capsys):
    with pytest.raises(SystemExit):
        main(["ablate", "--help"])
    assert f"{{{','.join(GATES)}}}" in "".join(capsys.readouterr().out.split())


def test_the_list_has_every_key(capsys, tiny):
    code, out, _ = ablate(capsys, "--list", *tiny)
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == [each.key for each in ablations(TINY)]


@pytest.mark.slow
def test_a_photo_with_its_bright_one(capsys, tiny, photos, tmp_path):
    files = tmp_path / "a.csv", tmp_path / "a.png"
    argv = [photos / "dark.png", "--reference", photos / "bright.png", "--csv", files[0], "--picture", files[1]]
    code, out, err = ablate(capsys, *argv, "--top", "5", *tiny)
    assert code == 0 and err.startswith("random weights")
    lines = [line for line in out.splitlines() if " dB " in line and line.split(".")[0] in KINDS]
    assert len(lines) == 5
    with open(files[0], encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["key"] for row in rows} == {each.key for each in ablations(TINY)}
    losses = [float(row["loss_db"]) for row in rows]
    assert losses == sorted(losses, reverse=True)
    assert lines[0].split()[0] == rows[0]["key"] and f"{losses[0]:.2f} dB" in lines[0]
    assert files[1].stat().st_size > 10_000
    assert "The most harmful is" in out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.png"]


def test_without_a_bright_photo_it_is_grey_levels(capsys, tiny, photos, tmp_path):
    code, out, _ = ablate(capsys, photos / "dark.png", "--csv", tmp_path / "a.csv", *tiny)
    assert code == 0 and " dB" not in out
    with open(tmp_path / "a.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["loss_db"] for row in rows} == {""}
    assert [float(row["rms_levels"]) for row in rows] == sorted((float(r["rms_levels"]) for r in rows), reverse=True)


@pytest.mark.slow
def test_only_some_and_all_of_them_at_once(capsys, tiny, photos, tmp_path):
    chosen = [BLOCK, "spatial-off.all"]
    argv = [photos / "dark.png", "--reference", photos / "bright.png", "--picture", tmp_path / "x.svg"]
    code, out, _ = ablate(capsys, *argv, "--only", *chosen, *tiny)
    assert code == 0
    assert {line.split()[0] for line in out.splitlines() if line.split(".")[0] in KINDS} == set(chosen)
    assert re.search(r"All 2 at once, first photo: [+-]\d+\.\d\d dB, change \d+\.\d, brightness [+-]\d+\.\d", out)
    drawn = (tmp_path / "x.svg").read_text(encoding="utf-8")
    assert all(f"<!-- {title} -->" in drawn for title in ("intact", "ablated", "bright photo"))
    code, out, _ = ablate(capsys, *argv, "--only", BLOCK, *tiny)
    assert code == 0 and "at once" not in out


def test_the_samples(capsys, tiny, monkeypatch, tmp_path):
    code, out, _ = ablate(capsys, "--samples", "--side", "16", "--only", BLOCK, *tiny)
    assert code == 0 and f"{BLOCK} " in out and " dB " in out


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        ([], "give a PHOTO, or --samples"),
        (["dark.png", "--only", "skip-block.rrg_2"], "did you mean skip-block.rrg_1.mrb_1"),
        (["--samples", "--reference", "bright.png"], "--reference belongs to a PHOTO"),
        (["dark.png", "--side", "8"], "--side must be at least 16"),
        (["dark.png", "--top", "0"], "--top must be at least 1"),
        (["dark.png", "--picture", "x.bmp"], "end it in .png, .svg or .pdf"),
        (["dark.png", "--csv", "nowhere/x.csv"], "there is no folder"),
        (["dark.png", "--reference", "small.png"], "33 x 23 pixels, not 5 x 4"),
        (["none.png"], "no such file"),
    ],
)
def test_what_a_user_can_fix(capsys, tiny, photos, monkeypatch, argv, complaint):
    save_image(photos / "small.png", np.zeros((4, 5, 3), "uint8"))
    monkeypatch.chdir(photos)
    code, out, err = ablate(capsys, *argv, *tiny)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("mirnet: error: ") and complaint in err


def test_a_photo_and_the_samples_exclude_each_other(capsys):
    with pytest.raises(SystemExit) as end:
        main(["ablate", "dark.png", "--samples"])
    assert end.value.code == 2 and "not allowed with" in capsys.readouterr().err


# The figures.


def table(config: MIRNetConfig, scored: bool = True, sign: int = 1) -> list[AblationRow]:
    """Made-up rows: losses of both signs, the last the worst."""
    found = ablations(config)
    losses = [sign * (k - len(found) / 3) / 10 for k in range(len(found))]
    rows = [
        AblationRow(each, k, loss if scored else None, loss + 1 if scored else None, abs(loss), loss)
        for k, (each, loss) in enumerate(zip(found, losses, strict=True))
    ]
    return sorted(rows, key=lambda row: -row.harm)


def chart(figure, title):
    return next(axes for axes in figure.axes if axes.get_title("left") == title)


@pytest.mark.parametrize(
    ("size", "theme"),
    [
        ("desk", "dark"),
        ("nano", "light"),
        *(
            pytest.param(*drawn, marks=pytest.mark.slow)
            for drawn in (("desk", "light"), ("nano", "dark"), ("3x3", "light"), ("3x3", "dark"))
        ),
    ],
)
def test_every_ablation_is_a_bar_of_its_colour(size, theme, crowded):
    config = PRESETS[size]
    rows = table(config)
    figure = draw_ablations(rows, THEMES[theme], subtitle="on made-up numbers")
    assert crowded(figure) == []
    worst = chart(figure, "the most harmful")
    assert [bar.get_width() for bar in worst.patches] == [row.harm for row in rows[:14]]
    legend = {
        text.get_text(): patch.get_facecolor()
        for text, patch in zip(worst.get_legend().get_texts(), worst.get_legend().get_patches(), strict=True)
    }
    assert set(legend) == set(PARTS) and len(set(legend.values())) == len(PARTS)
    for kind in KINDS.values():
        mine = sorted((row for row in rows if row.ablation.kind == kind.name and row.ablation.site), key=_place)
        bars = chart(figure, kind.words).patches
        assert [bar.get_height() for bar in bars] == [row.harm for row in mine]
        assert {bar.get_facecolor() for bar in bars} == {legend[kind.part]}


def _place(row: AblationRow) -> int:
    return row.place


@pytest.mark.slow
def test_the_caption_counts_what_did_harm(crowded):
    rows = table(PRESETS["desk"])
    better = sum(row.loss < 0 for row in rows)
    caption = draw_ablations(rows).caption
    assert f"In {better} of {len(rows)} the bar is below zero" in caption
    assert rows[0].ablation.words in caption
    levels = draw_ablations(table(PRESETS["desk"], scored=False))
    assert "grey levels" in levels.caption and "dB" not in levels.caption
    assert crowded(draw_ablations(table(PRESETS["desk"], sign=-1))) == []


def test_only_what_is_everywhere_can_be_drawn(crowded):
    rows = [row for row in table(PRESETS["desk"]) if not row.ablation.site]
    figure = draw_ablations(rows)
    assert len(figure.axes) == 1 and crowded(figure) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("bright", [True, False])
def test_a_photo_with_and_without(theme, bright, crowded):
    rng = np.random.default_rng(1)
    intact = rng.random((20, 30, 3), dtype="float32")
    output = intact + np.float32(0.1)
    scores = (11.5, 13.25) if bright else ()
    found = Effect(ablations(TINY)[:2], output, intact, *scores)
    dark = (intact * 60).astype("uint8")
    figure = draw_effect(found, dark, dark if bright else None, THEMES[theme])
    assert crowded(figure) == []
    titles = [axes.get_title("left") for axes in figure.axes if axes.get_title("left")]
    assert [title for title in titles if title in ("intact", "ablated", "bright photo")] == (
        ["bright photo"] * bright + ["intact", "ablated"]
    )
    difference = next(axes for axes in figure.axes if axes.get_title("left").startswith("ablated − intact, ×"))
    np.testing.assert_allclose(difference.images[0].get_array(), 255 * found.difference.mean(axis=-1), rtol=1e-5)
    assert ("it loses 1.75 dB" in figure.caption) == bright
    assert "brighter in the mean" in figure.caption
    assert figure_bytes(figure, "png")[:4] == b"\x89PNG"


def test_nothing_switched_off_is_drawn_as_such(crowded):
    same = np.full((20, 30, 3), 0.5, "float32")
    figure = draw_effect(Effect((), same, same), same)
    assert "differs by 0.0 grey levels" in figure.caption
    assert crowded(figure) == []
