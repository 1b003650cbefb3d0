"""`mirnet components`: the tree that it prints."""

import json

import pytest
from quick import quick

from explain.cli.command_arguments import parse_size
from explain.cli.commands.components import metric
from explain.cli.main import main
from explain.tracing.costs import cost
from model import MIRNet, MirnetError


@pytest.fixture(scope="module")
def whole():
    return cost(MIRNet.from_preset("1x1"), (32, 64))


def printed(capsys, *argv: str) -> str:
    assert main(["components", "--preset", "1x1", "--size", "32x64", *argv]) == 0
    out, err = capsys.readouterr()
    assert not err
    return out


def test_the_tree_has_shapes_parameters_and_work(capsys, whole):
    lines = printed(capsys).splitlines()
    assert lines[0].split("  ")[0] == "component"
    network = lines[1].split()
    assert network[0] == "MIRNet"
    assert f"{whole.parameters:,}" in network
    block = next(line for line in lines if line.strip().startswith("mrb_1"))
    assert "32 x 64 x 64" in block
    assert f"{whole.at('rrg_1/mrb_1').parameters:,}" in block
    assert f"{whole.macs / 1e9:.1f} GMAC" in lines[-1]
    assert "\x1b" not in "".join(lines)  # no colours in a pipe


def test_shared_layers_are_marked(capsys):
    lines = printed(capsys, "rrg_1/mrb_1", "--depth", "2").splitlines()
    second = [line for line in lines if "dau_1" in line][1]
    assert "the same as column_1/dau_1" in second
    assert "shared" in second.split()


@pytest.mark.parametrize("depth", quick([0, 1, 2], 1))
@pytest.mark.slow
def test_depth_bounds_the_tree(capsys, whole, depth):
    lines = printed(capsys, "--depth", str(depth)).splitlines()

    def within(part, level):
        return 1 + sum(within(child, level - 1) for child in part.children) if level else 1

    assert len(lines) == within(whole, depth) + 2  # the heading, and the sum at the end


@pytest.mark.slow
def test_json_is_the_whole_tree(capsys, whole):
    found = json.loads(printed(capsys, "--json"))
    assert (found["preset"], found["size"]) == ("1x1", [32, 64])
    assert found["cost"]["macs"] == whole.macs
    sites = []

    def walk(part):
        sites.append(part["site"])
        for child in part["children"]:
            walk(child)

    walk(found["cost"])
    assert sites == [part.site for part in whole.walk()]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--size", "256"], "--size must be height x width"),
        (["--size", "axb"], "--size must be height x width"),
        (["--size", "-4x8"], "--size must be height x width"),
        pytest.param(["--size", "0x8"], "size must be two integers", marks=pytest.mark.slow),
        pytest.param(["--size", "30x32"], "multiples of 4", marks=pytest.mark.slow),
        (["--depth", "-1"], "--depth must be at least 0"),
        (["--preset", "huge"], "unknown preset 'huge'; there are paper"),
        pytest.param(["rrg_9"], "not a call site of this MIRNet; did you mean rrg_", marks=pytest.mark.slow),
    ],
)
def test_what_the_user_can_fix_is_one_line_and_exit_code_2(capsys, argv, message):
    argv = [f"{argv[0]}={argv[1]}"] if len(argv) == 2 else argv  # a value may begin with a minus
    assert main(["components", *argv]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert message in err
    assert len(err.splitlines()) == 1


def test_sizes_may_be_copied_from_a_page():
    assert parse_size("256×384") == parse_size("256X384") == (256, 384)
    with pytest.raises(MirnetError):
        parse_size("²x4")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (4 * 10**15, "4000.0 TB"),
    ],
)
def test_numbers_are_short(number, text):
    assert metric(number, "B") == text
