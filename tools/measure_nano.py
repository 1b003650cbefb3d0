"""Precomputes what the pages about the board show, into `explain/app/data`: costs, instruction counts, sizes.

    python tools/measure_nano.py costs     what rounding each tensor of `nano` alone costs (a minute)
    python tools/measure_nano.py counts    instructions and cycles of each operator; needs gcc-arm-none-eabi and [board]
    python tools/measure_nano.py sizes     what the larger presets would need on the board (minutes)

To be run again when the model, the kernels or the presets are new.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


from explain.cli.console import notes_console  # noqa: E402
from explain.cli.progress import Show, bars_on  # noqa: E402
from model.errors import MirnetError  # noqa: E402

PAIRS = 12
PHOTO = "room"
PRESETS = ("desk", "paper")
DIGITS = 5


def main() -> int:
    """Does what the command line asks for; gives the exit code."""
    jobs = {"costs": costs, "counts": counts, "sizes": sizes}
    if len(sys.argv) != 2 or sys.argv[1] not in jobs:
        sys.exit(__doc__)
    try:
        with bars_on(notes_console()) as show:
            path = jobs[sys.argv[1]](show)
    except MirnetError as error:
        print(f"measure_nano: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("measure_nano: stopped, nothing was written", file=sys.stderr)
        return 130
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")
    return 0


def costs(show: Show) -> Path:
    """As `mirnet layers nano`."""
    from embedded.emulator import Emulator
    from embedded.models.shipped_models import NANO, SHA256, model_file
    from explain.analysis.camera_frames import frame_pairs
    from explain.analysis.precision import compare_precision
    from explain.app.data.board_measurements import COSTS, Costs, TensorCost, write
    from model.zoo import load_network

    emulator = Emulator(model_file(NANO))
    net, _ = load_network(emulator.config, "nano-float")
    found = compare_precision(net, emulator, frame_pairs(None, PAIRS), show)
    tensors = tuple(
        TensorCost(
            each.name,
            round(each.cost, DIGITS),
            round(each.worst, DIGITS),
            None if each.confirmed is None else round(each.confirmed, DIGITS),
        )
        for each in found.hooks
    )
    psnr = round(found.float_psnr, DIGITS), round(found.int8_psnr, DIGITS)
    write(COSTS, Costs(SHA256, PAIRS, *psnr, tensors))
    return COSTS


def counts(show: Show) -> Path:
    """As `mirnet board --compiler gcc`: the compiler of the Arduino core is a GCC too."""
    from embedded.budget.estimate import Estimate
    from embedded.camera.ov7675 import Camera
    from embedded.cortexm.run_model import OnBoard
    from embedded.models.shipped_models import NANO, SHA256, model_file
    from explain.app.data.board_measurements import COUNTS, Counts, write
    from model.samples import load_sample

    onboard = OnBoard(model_file(NANO).read_bytes(), "gcc")
    count = len(onboard.steps)
    frame = Camera().capture(load_sample(PHOTO)[0])
    answer = onboard.restore(frame, tell=lambda step: show("run on the board", min(step, count), count))
    program, cycles = onboard.program, answer.cycles
    write(
        COUNTS,
        Counts(
            SHA256,
            program.compiler,
            PHOTO,
            answer.pixels_in,
            tuple(each.instructions for each in answer.operators),
            answer.pixels_out,
            tuple(round(each.cycles.likely) for each in answer.operators),
            Estimate(round(cycles.lowest), round(cycles.likely), round(cycles.highest)),
            program.ram_bytes + answer.run.peak_stack,
            program.flash_bytes,
        ),
    )
    return COUNTS


def sizes(show: Show) -> Path:
    """Converts each preset for a frame of the camera, and plans its memory as if every number were one byte."""
    from embedded.budget.boards import NANO
    from embedded.budget.fit import fit
    from embedded.quantize.convert import board_graph
    from explain.app.data.board_measurements import SIZES, Need, as_integers, write
    from model.zoo import load_network

    needs = []
    for done, name in enumerate(PRESETS):
        show("presets", done, len(PRESETS))
        net, _ = load_network(name)
        found = fit(as_integers(board_graph(net)), NANO)
        needs.append(
            Need(
                name,
                net.count_params(),
                found.macs,
                found.ram,
                found.plan.bound,
                found.flash,
                round(found.seconds, 1),
            )
        )
    show("presets", len(PRESETS), len(PRESETS))
    write(SIZES, tuple(needs))
    return SIZES


if __name__ == "__main__":
    sys.exit(main())
