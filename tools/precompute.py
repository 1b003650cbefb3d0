"""Precomputes what the page shows, into `explain/app/data`: ablations and the study of sizes.

    python tools/precompute.py ablations    every single ablation of the shipped weights, on all samples (minutes)
    python tools/precompute.py study RUN    the study of sizes that `mirnet study -o RUN` wrote

Both are to be run again when the weights or the study are new. An interrupted `ablations` goes on where it was.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


from explain.cli.console import notes_console  # noqa: E402
from explain.cli.progress import Show, bars_on  # noqa: E402
from model.errors import MirnetError  # noqa: E402

UNFINISHED = ROOT / "build" / "ablations.json"
SIZE = "desk"


def main() -> int:
    """Does what the command line asks for; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("ablations")
    commands.add_parser("study").add_argument("run", type=Path)
    args = parser.parse_args()
    console = notes_console()
    try:
        with bars_on(console) as show:
            made = ablations(show) if args.command == "ablations" else study(args.run, show)
    except MirnetError as error:
        print(f"precompute: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("precompute: stopped; the same command goes on from here", file=sys.stderr)
        return 130
    for path in made:
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")
    return 0


def ablations(show: Show) -> list[Path]:
    """Measures what is not measured yet with these weights; writes the file when all of it is there."""
    from explain.analysis.ablation import Switchboard
    from explain.analysis.ablation import ablations as all_of
    from explain.app.compute.photos import sample_names, sample_photo
    from explain.app.data.shipped_ablations import ABLATIONS, Measured, measure, read_measured, write_measured
    from model.weights.shipped_weights import SHIPPED
    from model.zoo import load_network

    net, _ = load_network(SIZE)
    known = [one.key for one in all_of(net.config)]
    names = sample_names()
    sha256 = SHIPPED[SIZE].sha256
    UNFINISHED.parent.mkdir(exist_ok=True)
    done = dict(read_measured(UNFINISHED).changes) if _goes_on(sha256, names) else {}
    show("ablations", len(done), len(known))
    photos = [sample_photo(name, net.config.multiple) for name in names]
    for key, change in measure(Switchboard(net), photos, [key for key in known if key not in done]):
        done[key] = change
        write_measured(UNFINISHED, Measured(sha256, names, done))
        show("ablations", len(done), len(known))
    write_measured(ABLATIONS, Measured(sha256, names, {key: done[key] for key in known}))
    UNFINISHED.unlink(missing_ok=True)
    return [ABLATIONS]


def _goes_on(sha256: str, names: tuple[str, ...]) -> bool:
    """Whether an interrupted run was with the same weights and photos."""
    from explain.app.data.shipped_ablations import read_measured

    if not UNFINISHED.exists():
        return False
    before = read_measured(UNFINISHED)
    return (before.sha256, before.photos) == (sha256, names)


def study(run: Path, show: Show) -> list[Path]:
    """Copies what the page shows of a finished study, and has every network of it restore the photos."""
    from explain.app.data.study_results import ship_study

    return ship_study(run, lambda done, total: show("networks", done, total))


if __name__ == "__main__":
    sys.exit(main())
