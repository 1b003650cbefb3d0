"""`mirnet figure`: one component's feature maps on a photo, as a picture file."""

import argparse

from explain.cli.command_arguments import add_network_options, load_reference

MAX_SIDE = 512  # pixels; pictures in a figure are at most about that wide


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet figure` to the command."""
    parser = subparsers.add_parser(
        "figure",
        help="draw what a component does to a photo",
        description="Draw the intermediate feature maps of one component on a photo, and say what to look at. "
        f"Photos larger than {MAX_SIDE} pixels are shrunk first.",
    )
    parser.add_argument(
        "name",
        metavar="NAME",
        help="a kind of component (mirnet, rrg, mrb, dau, skff, spatial_attention, channel_attention, down, up), a "
        "call site (rrg_1/mrb_2/exchange/skff_1), or any hook point (rrg_1/conv)",
    )
    parser.add_argument("input", metavar="IN", help="a photo")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="a .png, .svg or .pdf file")
    add_network_options(parser)
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="colours (light)")
    parser.add_argument("--channel", type=int, help="show this channel, from 0 (all together: their activity)")
    parser.add_argument("--all-channels", action="store_true", help="of a hook point: all channels side by side")
    parser.add_argument("--reference", metavar="FILE", help="with mirnet: the photo in good light, to compare with")


def run(args: argparse.Namespace) -> int:
    """Draw the figure; the caption goes to standard output, notes to standard error."""
    import sys

    from model.images.photo_files import load_image, resize_to_fit

    photo = load_image(args.input)  # before Keras and matplotlib are imported: a wrong path is told at once
    reference = load_reference(args.reference, photo)

    from explain.figures import THEMES
    from explain.figures.draw import draw
    from explain.figures.kit.export import check_target, save_figure
    from model.zoo import load_network

    check_target(args.output)
    net, note = load_network(args.preset, args.weights)
    print(note, file=sys.stderr)
    smaller = resize_to_fit(photo, MAX_SIDE)
    if smaller.shape != photo.shape:
        height, width = smaller.shape[:2]
        print(f"shrunk to {width} x {height} pixels to be drawn", file=sys.stderr)
    figure = draw(
        net,
        smaller,
        args.name,
        channel=args.channel,
        all_channels=args.all_channels,
        reference=None if reference is None else resize_to_fit(reference, MAX_SIDE),
        theme=THEMES[args.theme],
    )
    save_figure(figure, args.output)
    print(figure.caption)
    return 0
