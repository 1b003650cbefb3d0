"""The benches: measured in processes of their own, kept, continued, and put into tables."""

import json
import os
import platform
import re
import subprocess
import time
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from embedded.quantize.quantize import quantize
from explain.analysis.camera_frames import dark_frames
from explain.tracing.costs import cost
from mirnet_packages import ROOT
from model import MIRNet, MirnetError
from model.config import MIRNetConfig
from model.zoo import seed_weights
from tools.bench import NAMES, bench
from tools.bench.__main__ import main
from tools.bench.against import two_checkouts
from tools.bench.benchmark import BenchJob
from tools.bench.board_instructions import measure as measure_board
from tools.bench.forward_pass import NETS
from tools.bench.machine import PeakMemory, describe, fastest_product
from tools.bench.operator_times import measure as measure_operators
from tools.bench.report import busy_note, markdown
from tools.bench.run_jobs import Failure, Store, measured

SMALLEST = "1x1 16 channels 128 eager"
MEGABYTE = 2**20


@pytest.fixture(scope="module")
def smallest() -> BenchJob:
    [job] = [job for job in bench("forward").jobs if job.name == "1x1, 16 channels 128 eager"]
    return job


@pytest.fixture(scope="module")
def done(tmp_path_factory, smallest):
    """One measurement, made up: the folder with its results and its Markdown."""
    folder = tmp_path_factory.mktemp("bench")
    numbers = {"macs": 5.2e9, "memory": 40 * MEGABYTE, "runs": 3, "matmul_flops": 100e9, "load": 0.1}
    numbers |= {"convolutions": 0.2}
    Store(folder / "results.json").add(bench("forward"), smallest, numbers | {"seconds": 0.5, "first_seconds": 0.9})
    assert bench_of(folder, "--only", SMALLEST, "-o", str(folder / "bench.md")) == 0
    return folder


def bench_of(folder, *words: str) -> int:
    return main(["forward", "--results", str(folder / "results.json"), *words])


@pytest.mark.slow
def test_a_network_is_measured(tmp_path):
    assert bench_of(tmp_path, "--only", SMALLEST, "-o", str(tmp_path / "bench.md")) == 0
    [kept] = json.loads((tmp_path / "results.json").read_text()).values()
    result = kept["result"]
    assert result["macs"] == cost(MIRNet(NETS["1x1, 16 channels"]), (128, 128)).macs
    assert result["runs"] > 1
    assert 0.001 < result["seconds"] <= result["first_seconds"] * 10
    assert 2 * result["macs"] / result["seconds"] < 3 * result["matmul_flops"]
    # All that is alive at once is less than all there ever is, and more than one feature map.
    whole = cost(MIRNet(NETS["1x1, 16 channels"]), (128, 128)).activation_bytes
    assert 128 * 128 * 16 * 4 < result["memory"] < whole


def test_the_markdown_has_the_machine_and_the_table(done):
    text = (done / "bench.md").read_text()
    for name, value in describe().items():
        assert f"- {name}: {value}" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 3
    assert len({row.count("|") for row in rows}) == 1
    assert "| 1x1, 16 channels | 128 x 128 | eager |" in rows[2]
    assert [path.name for path in done.iterdir() if "part" in path.name] == []


def test_what_is_measured_is_not_measured_again(done, monkeypatch, capsys):
    def refuse(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "run", refuse)
    before = (done / "results.json").read_text()
    assert bench_of(done, "--only", SMALLEST) == 0
    assert "128 x 128" in capsys.readouterr().out
    # Another one would have to be measured: interrupted, what is there is shown, and it can go on.
    assert bench_of(done, "--only", "1x1 16 channels 128") == 130
    assert "interrupted: the same command goes on from here" in capsys.readouterr().err
    assert (done / "results.json").read_text() == before
    # And --fresh does not believe what is there, nor loses it before there is better.
    assert bench_of(done, "--only", SMALLEST, "--fresh") == 130
    assert (done / "results.json").read_text() == before


def test_a_result_of_another_program_or_machine_does_not_count(done, smallest, monkeypatch):
    path = done / "results.json"
    assert Store(path).get(bench("forward"), smallest) is not None
    monkeypatch.setattr("tools.bench.run_jobs.describe", lambda: {"processor": "another"})
    assert Store(path).get(bench("forward"), smallest) is None


@pytest.mark.parametrize("text", ['{"half', "[]", '{"forward: desk 128 eager": 3}'])
def test_a_broken_store_is_begun_anew(tmp_path, text):
    (tmp_path / "results.json").write_text(text)
    store, [job] = (
        Store(tmp_path / "results.json"),
        [job for job in bench("forward").jobs if job.name == "desk 128 eager"],
    )
    assert store.get(bench("forward"), job) is None
    store.add(bench("forward"), job, {"seconds": 1.0})
    assert Store(store.path).get(bench("forward"), job) == {"seconds": 1.0}


KEY_ERROR = subprocess.CompletedProcess([], 1, "", "Traceback (most recent call last):\nKeyError: 'nothing'\n")


@pytest.mark.parametrize(
    "ended", [KEY_ERROR, pytest.param(None, marks=pytest.mark.slow)], ids=["made up", "a process of its own"]
)
def test_a_measurement_that_fails_says_why(tmp_path, monkeypatch, ended):
    if ended is not None:
        monkeypatch.setattr("tools.bench.run_jobs.subprocess.run", lambda *args, **kwargs: ended)
    job = BenchJob("nothing", {"net": "nothing", "side": 32, "mode": "eager"}, 1)
    with pytest.raises(Failure, match=r"nothing: KeyError: 'nothing'"):
        measured(bench("forward"), job, Store(tmp_path / "results.json"))
    assert not (tmp_path / "results.json").exists()


@pytest.mark.slow
def test_the_operators_do_all_the_macs():
    found = measure_operators("1x1, 16 channels", 32)
    whole = cost(MIRNet(NETS["1x1, 16 channels"]), (32, 32))
    assert sum(found["macs"].values()) == whole.macs + whole.fixed_macs
    assert set(found["macs"]) < set(found["seconds"])  # every kind that is counted was seen running
    assert min(found["seconds"].values()) > 0
    [table] = bench("operators").tables([(bench("operators").jobs[0], found)])
    assert table.rows[-1][0] == "all"
    assert sum(float(row[2].rstrip("%")) for row in table.rows[:-1]) == pytest.approx(100, abs=1)


@pytest.mark.parametrize("name", NAMES)
def test_jobs_have_names_of_their_own_and_settings_for_json(name):
    jobs = bench(name).jobs
    assert bench(name).name == name
    assert len({job.name for job in jobs}) == len(jobs)
    assert all(json.loads(json.dumps(job.settings)) == job.settings for job in jobs)
    assert all(job.seconds > 0 for job in jobs)


def test_growth_and_share_are_worked_out():
    def result(seconds, memory, macs):
        numbers = {"seconds": seconds, "memory": memory * MEGABYTE, "macs": macs, "matmul_flops": 100e9}
        return numbers | {"convolutions": seconds / 4}

    jobs = [BenchJob("", {"net": "desk", "side": side, "mode": "eager"}, 1) for side in (128, 256)]
    results = [result(0.5, 40, 10e9), result(2.5, 120, 40e9)]
    [table] = bench("forward").tables(list(zip(jobs, results, strict=True)))
    cells = [dict(zip(table.header, row, strict=True)) for row in table.rows]
    assert [row["share of peak"] for row in cells] == ["40%", "32%"]
    assert [row["convolutions alone"] for row in cells] == ["25% of the time"] * 2
    assert table.rows[1][3:7] == ("2.50 s", "5.0", "120 MiB", "3.0")
    assert table.rows[0][4] == table.rows[0][6] == ""  # nothing smaller to compare with


def test_memory_rises_by_what_is_filled_and_only_from_now_on():
    before = PeakMemory()
    block = np.ones(100 * MEGABYTE, np.uint8)
    assert 95 * MEGABYTE < before.rise() < 130 * MEGABYTE
    del block
    assert before.rise() > 95 * MEGABYTE  # the peak stays
    if os.access("/proc/self/clear_refs", os.W_OK):
        assert PeakMemory().rise() < 20 * MEGABYTE


def test_the_fastest_of_many_counts():
    pauses = iter([0.03, 0.002] + [0.02] * 1000)
    flops = fastest_product(lambda: time.sleep(next(pauses)), side=100)
    assert 2 * 100**3 / 0.02 < flops <= 2 * 100**3 / 0.002


def test_the_machine_is_described_without_its_name():
    text = " ".join(describe().values())
    assert re.search(r"\d+ cores", text)
    assert re.search(r"[1-9]\d* GiB", text)
    assert not platform.node() or platform.node() not in text.split()


def test_a_busy_machine_is_told_of():
    assert busy_note([0.3, 2.0], cores=2) is None
    assert "before 1 of 2 measurements" in str(busy_note([0.3, 7.1], cores=2))
    assert "Busy" in markdown({}, [], [str(busy_note([0.3, 7.1], cores=2))])


def test_measurements_are_listed_and_chosen_by_words(capsys):
    assert main(["--list", "--only", "desk 256"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["forward: desk 256 compiled", "forward: desk 256 eager", "operators: desk 256"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nothing"], "unknown bench 'nothing'; there are forward"),
        (["--only", "desk 1000"], "no measurement has the words desk 1000"),
        (
            ["--only", "desk 128", "-o", "no/such/folder/b.md"],
            "no/such/folder/b.md: cannot be written, there is no folder",
        ),
    ],
)
def test_what_the_user_can_fix_is_told_before_measuring(words, message, capsys):
    assert main(words) == 2
    assert message in capsys.readouterr().err


def test_an_older_checkout_is_asked_for_and_has_to_be_one(tmp_path, capsys):
    assert main(["operators", "--against", str(ROOT)]) == 2
    assert "it goes with forward alone" in capsys.readouterr().err
    assert main(["forward", "--against", str(tmp_path)]) == 2
    assert "no checkout of this project" in capsys.readouterr().err
    assert main(["forward", "--against", str(ROOT), "--list", "--only", "paper", "step"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"against: {job}" for job in ("paper 256", "8 channels 2x2 step")]


@pytest.mark.slow
@pytest.mark.parametrize("task", [{"size": (32, 48)}, {"batch": 2, "crop": 8}], ids=["picture", "step"])
def test_a_checkout_agrees_with_itself(monkeypatch, task):
    tiny = {"net": {"channels": 2, "groups": 1, "blocks": 1, "streams": 2}, "rounds": 3}
    monkeypatch.setitem(two_checkouts.TASKS, "tiny", tiny | task)
    found = json.loads(json.dumps(two_checkouts.measure("tiny", str(ROOT))))
    assert found["difference"] < 1e-5  # only one of the two asks for oneDNN
    assert 0.2 < found["ratio"] < 5 and min(found["seconds"]) > 0 and min(found["memory"]) > 0
    [table] = bench("against").tables([(bench("against").jobs[0], found)])
    assert len(table.rows[0]) == len(table.header)


def test_an_unknown_bench_is_an_error_of_the_user():
    with pytest.raises(MirnetError):
        bench("nothing")


def test_a_change_of_a_benchs_own_sources_makes_its_results_old(tmp_path, monkeypatch):
    monkeypatch.setattr("tools.bench.run_jobs.ROOT", tmp_path)
    monkeypatch.setattr("tools.bench.run_jobs._sources", lambda: iter(()))
    (tmp_path / "kernel.c").write_text("one")
    own, others = (replace(bench("board"), sources=sources) for sources in (("*.c",), ()))
    job = own.jobs[0]
    store = Store(tmp_path / "results.json")
    for each in (own, others):
        store.add(each, job, {"instructions": 1})
        assert store.get(each, job) == {"instructions": 1}
    store.add(own, job, {"instructions": 1})
    (tmp_path / "kernel.c").write_text("another")
    assert store.get(own, job) is None


def test_the_boards_sources_are_there():
    for pattern in bench("board").sources:
        assert list(ROOT.glob(pattern))


def number(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.fixture(scope="module")
def small_model(tmp_path_factory) -> str:
    """A small network of the board's style, as a .tflite file."""
    net = MIRNet(MIRNetConfig(channels=4, groups=1, blocks=1, style="board", stem=10, companding=63.0))
    seed_weights(net, seed=3)
    path = tmp_path_factory.mktemp("board") / "m.tflite"
    path.write_bytes(quantize(net, dark_frames(None, None, 8)).model)
    return str(path)


@pytest.mark.slow
def test_instructions_on_the_board_are_counted(small_model, require):
    require(find_spec("unicorn") and find_spec("capstone"), "needs unicorn: pip install 'mirnet-explainer[board]'")
    require(find_spec("ziglang"), "needs zig: pip install 'mirnet-explainer[board]'")
    settings = [{"model": small_model, "compiler": "zig", "build": build} for build in ("DSP", "portable")]
    found = [measure_board(**each) for each in settings]
    assert json.loads(json.dumps(found)) == found
    dsp, portable = (result["instructions"] for result in found)
    assert portable > 1.5 * dsp
    assert all(result["differ"] <= 10 for result in found)
    whole, kinds, cycles = bench("board").tables(
        [(BenchJob("", each, 1), result) for each, result in zip(settings, found, strict=True)]
    )
    assert [row[1] for row in whole.rows] == [f"{dsp:,}", f"{portable:,}"]
    assert [row[3] for row in whole.rows] == ["1.00", f"{portable / dsp:.2f}"]
    columns = {name: place for place, name in enumerate(kinds.header)}
    for build, result in zip(("DSP", "portable"), found, strict=True):
        counts = sum(number(row[columns[build]]) for row in kinds.rows)
        assert abs(counts - result["instructions"]) <= 10
    convolution = next(row for row in kinds.rows if row[0] == "CONV_2D 3x3")
    assert float(convolution[-1]) > 1.5 and convolution[columns["DSP"] + 1].endswith(" / MAC")
    assert any("CMSIS-NN" in note for note in whole.notes) and any("manual of" in note for note in whole.notes)
    place = {name: place for place, name in enumerate(whole.header)}
    for row in whole.rows:
        low, likely, high = (float(row[place[name]].removesuffix(" s")) for name in ("lowest", "likely", "highest"))
        assert low < likely < high and likely == pytest.approx(number(row[place["cycles"]]) / 64e6, abs=0.01)
    assert {row[0] for row in cycles.rows} == {row[0] for row in kinds.rows}
    assert sum(number(row[2]) for row in cycles.rows) == pytest.approx(number(whole.rows[0][place["cycles"]]), abs=20)


@pytest.mark.slow
def test_one_build_alone_is_a_table_too(small_model, require):
    require(find_spec("unicorn") and find_spec("capstone"), "needs unicorn: pip install 'mirnet-explainer[board]'")
    require(find_spec("ziglang"), "needs zig: pip install 'mirnet-explainer[board]'")
    settings = {"model": small_model, "compiler": "zig", "build": "portable"}
    whole, kinds, cycles = bench("board").tables([(BenchJob("", settings, 1), measure_board(**settings))])
    assert whole.rows[0][3] == "" and all(row[-1] == "" for row in kinds.rows)
    for table in (kinds, cycles):
        assert {len(row) for row in table.rows} == {len(table.header)}
