"""`mirnet enhance`: restores dark photos."""

import argparse

from explain.cli.command_arguments import PHOTO_FORMATS, add_network_options


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet enhance` to the command."""
    parser = subparsers.add_parser(
        "enhance",
        help="restore dark photos",
        description="Restore photos of any size. One photo that cannot be read does not stop the others; the exit "
        "code is then 2. Results are sRGB and upright, and keep date and camera (EXIF); a PNG or TIFF of 16 bits stays "
        "one. In a folder they have the photos' names, where HEIC and AVIF become .jpg, and BMP becomes .png.",
    )
    parser.add_argument("inputs", nargs="+", metavar="IN", help=f"photos ({PHOTO_FORMATS}) or folders of photos")
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT", help="a file, for a single photo; or a folder, made if needed"
    )
    add_network_options(parser)
    parser.add_argument("--max-pixels", type=int, default=64_000_000, help="refuse photos larger than this (64000000)")
    parser.add_argument(
        "--keep-transparency", action="store_true", help="keep it (PNG, WebP, TIFF); black takes its place otherwise"
    )
    parser.add_argument(
        "--keep-location", action="store_true", help="keep where the photo was taken, which is left out otherwise"
    )


def run(args: argparse.Namespace) -> int:
    """Restore every photo; 0 when all were written, 2 when one was not."""
    import sys

    from explain.cli.console import notes_console
    from explain.cli.running.enhance_photos import Kept, enhance_all
    from explain.cli.running.enhance_targets import check_there, left_out, plan
    from model.safety.keras_settings import prefer_onednn
    from model.zoo import load_network

    # Before Keras is imported: a wrong path is told at once.
    jobs = plan(args.inputs, args.output, args.keep_transparency)
    check_there(jobs)
    for note in filter(None, map(left_out, args.inputs)):
        print(note, file=sys.stderr)
    prefer_onednn()
    net, note = load_network(args.preset, args.weights)
    print(note, file=sys.stderr)
    kept = Kept(args.keep_transparency, args.keep_location)
    failures = enhance_all(net, jobs, args.max_pixels, notes_console(), kept)
    for message in failures:
        print(f"mirnet: error: {message}", file=sys.stderr)
    return 2 if failures else 0
