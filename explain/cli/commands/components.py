"""`mirnet components`: the components of a network with shapes, parameters, MACs and memory."""

import argparse
from pathlib import Path

from explain.cli.command_arguments import WEIGHTS, at_least, parse_size
from model.config import PRESETS

COLUMNS = ("component", "shape of the result", "parameters", "MACs", "of all", "activations")
NARROW = 4
"""Columns that a narrow terminal gets."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet components` to the command."""
    parser = subparsers.add_parser(
        "components",
        help="list the parts of the network with their shapes, parameters and work",
        description="List the network's components as a tree, in the order of execution: the shape of each result "
        "(height x width x channels), parameters (those of a shared layer at its first call), multiply-accumulates, "
        "their share of all, and the bytes of all tensors inside.",
    )
    parser.add_argument("site", nargs="?", default="", help="only this call site, such as rrg_1/mrb_1/merge/skff")
    parser.add_argument("--preset", metavar="NAME", help=f"desk (default), {_other_presets()}")
    parser.add_argument("--weights", metavar="W", help=f"the network that these weights are of: {WEIGHTS}")
    parser.add_argument("--size", default="256x256", metavar="HxW", help="height and width in pixels (256x256)")
    parser.add_argument("--depth", type=int, metavar="N", help="levels to show (3; all for a single call site)")
    parser.add_argument("--json", action="store_true", help="print the whole tree as JSON")


def run(args: argparse.Namespace) -> int:
    """Print the tree."""
    size = parse_size(args.size)
    at_least(args, depth=0)
    found = _cost(args, size).at(args.site.strip("/"))
    if args.json:
        _print_json(args, size, found)
    else:
        _print_table(args, size, found)
    return 0


def _cost(args: argparse.Namespace, size: tuple[int, int]):
    """What the network costs; the weights are read where they are named, since they may be of another one."""
    import sys

    from model.zoo import load_network

    if args.weights is None:
        from model.mirnet import MIRNet

        net = MIRNet.from_preset(args.preset or "desk")
    else:
        net, note = load_network(args.preset, args.weights)
        print(note, file=sys.stderr)

    from explain.tracing.costs import cost

    return cost(net, size)


def _network(args: argparse.Namespace) -> str:
    return Path(args.weights).name if args.weights else args.preset or "desk"


def _other_presets() -> str:
    return ", ".join(name for name in PRESETS if name != "desk")


def _print_json(args, size, found) -> None:
    import json
    from dataclasses import asdict

    network = {"weights" if args.weights else "preset": _network(args)}
    print(json.dumps(network | {"size": size, "cost": asdict(found)}, indent=1))


def _print_table(args, size, found) -> None:
    from explain.cli.console import plain_table, result_console

    console = result_console(200)
    columns = COLUMNS if console.width >= 100 else COLUMNS[:NARROW]
    table = plain_table(*columns)
    depth = args.depth if args.depth is not None else (100 if args.site else 3)
    for row, style in _rows(found, found, depth):
        table.add_row(*row[: len(columns)], style=style)
    console.print(table)
    console.print(_summary(args, size, found), style="dim")


def _rows(part, whole, depth: int, level: int = 0, inside_shared: bool = False):
    """The cells of a component and of those inside, down to `depth` levels, and how to print them."""
    name = part.name if part.name else part.kind
    if part.kind and part.kind != name:
        name += f"  {part.kind}"
    if part.shared_with is not None and not inside_shared:
        name += f" (the same as {_from_here(part.shared_with, part.site)})"
    shared = inside_shared or part.shared_with is not None
    yield _cells("  " * level + name, part, whole), "dim" if shared else ""
    if level < depth:
        for child in part.children:
            yield from _rows(child, whole, depth, level + 1, shared)


def _cells(name: str, part, whole) -> tuple[str, ...]:
    all_shared = not part.parameters and any(inside.shared_with is not None for inside in part.walk())
    return (
        name,
        " x ".join(str(length) for length in part.outputs[0][1:]) if part.outputs else "",
        "shared" if all_shared else f"{part.parameters:,}",
        metric(part.macs, ""),
        f"{part.macs / whole.macs:.1%}" if whole.macs else "",
        metric(part.activation_bytes, "B"),
    )


def _from_here(site: str, here: str) -> str:
    """A call site without the first parts that it has in common with another: `column_1/dau_1`."""
    parts, others = site.split("/"), here.split("/")
    common = next((k for k, pair in enumerate(zip(parts, others, strict=False)) if pair[0] != pair[1]), 0)
    return "/".join(parts[common:])


def _summary(args, size, found) -> str:
    blur = f" (and {metric(found.fixed_macs, '')} of fixed blur)" if found.fixed_macs else ""
    return (
        f"{_network(args)}{' ' + found.site if found.site else ''} at {size[0]} x {size[1]}: "
        f"{found.parameters:,} parameters, {metric(found.macs, 'MAC')}{blur}, "
        f"{metric(found.activation_bytes, 'B')} of activations in float32"
    )


def metric(number: int, unit: str) -> str:
    """A number with a metric prefix: `479.4 G`, `12.5 MB`, `37`."""
    value, prefixes = float(number), ["", "k", "M", "G", "T"]
    while value >= 999.95 and len(prefixes) > 1:
        value /= 1000
        prefixes.pop(0)
    digits = f"{value:.0f}" if prefixes[0] == "" else f"{value:.1f}"
    return f"{digits} {prefixes[0]}{unit}".strip()
