"""Benchmark `board`: instructions and cycles of a frame of `nano`, from the camera's bytes to the rows of the picture.

Instructions are counted on emulated Cortex-M4s, so the same program gives the same result on every machine, however
busy. The whole is QEMU's where that is installed, the split by operator that of `embedded.cortexm.unicorn_board`; the
table says how far they differ. Cycles are an estimate from the same trace, see `embedded.cortexm.timing`.
"""

import shutil
from collections.abc import Sequence
from dataclasses import asdict, astuple
from importlib.util import find_spec

from tools.bench.benchmark import Bench, BenchJob, Result, Table

__all__ = ["BENCH"]

MODEL, PHOTO = "nano", "room"
BUILDS = ("DSP", "portable")
COMMANDS = {"gcc": "arm-none-eabi-gcc", "qemu": "qemu-system-arm"}
CMSIS_NN = (
    "To compare with, counted on an emulated Cortex-M4 too: TensorFlow Lite Micro with CMSIS-NN takes 8.8 instructions "
    "per MAC on a whole network like MIRNet, where MEAN, REDUCE_MAX, ADD and broadcast MUL are 46 %; its 3x3 "
    "convolution alone (8 to 8 channels, 48 x 48) takes 3.48."
)


def _jobs() -> list[BenchJob]:
    compilers = [name for name, here in (("gcc", shutil.which(COMMANDS["gcc"])), ("zig", find_spec("ziglang"))) if here]
    return [
        BenchJob(
            f"{MODEL}, {compiler}, {build}",
            {"model": MODEL, "compiler": compiler, "build": build},
            25 if build == "DSP" else 45,
        )
        for compiler in compilers or ["zig"]  # without one, the measurement says what to install
        for build in BUILDS
    ]


def measure(model: str, compiler: str, build: str) -> Result:
    """Counts one build.

    Args:
        model: `nano`, or a .tflite file.
        compiler: `gcc` or `zig`.
        build: `DSP` or `portable`, see `embedded.codegen.generate.generate`.
    """
    from embedded.camera.ov7675 import Camera
    from embedded.cortexm.run_model import OnBoard
    from embedded.emulator import Emulator
    from embedded.models.shipped_models import model_file
    from model.errors import MirnetError
    from model.samples import load_sample

    emulator = Emulator(model_file(model))
    onboard = OnBoard(emulator.model, compiler, dsp=build == "DSP")
    frame = Camera().capture(load_sample(PHOTO)[0])
    answer = onboard.restore(frame)
    answers = [answer]
    if shutil.which(COMMANDS["qemu"]):
        answers.append(onboard.restore_in_qemu(frame))
    expected = emulator.restore(frame)
    if any((each.picture != expected).any() for each in answers):
        raise MirnetError(f"{compiler}, {build}: the board's picture is not the emulator's, so the count means nothing")
    whole = answers[-1].run.instructions - answer.handing_over
    return {
        "instructions": whole,
        "by_qemu": len(answers) == 2,
        "differ": abs(whole - answer.instructions),
        "macs": answer.macs,
        "kinds": [asdict(kind) for kind in answer.by_kind],
        "cycles": asdict(answer.cycles),
        "ram": onboard.program.ram_bytes + answer.run.peak_stack,
        "flash": onboard.program.flash_bytes,
        "compiler": onboard.program.compiler,
    }


def _tables(results: Sequence[tuple[BenchJob, Result]]) -> list[Table]:
    by_compiler: dict[str, dict[str, Result]] = {}
    for job, result in results:
        by_compiler.setdefault(job.settings["compiler"], {})[job.settings["build"]] = result
    tables = [(_kinds(name, found), _cycles(name, found)) for name, found in by_compiler.items()]
    return [_whole(by_compiler), *(table for pair in tables for table in pair)]


def _whole(by_compiler: dict[str, dict[str, Result]]) -> Table:
    from embedded.budget.boards import BOARDS
    from embedded.budget.estimate import Estimate

    board = BOARDS["nano33ble"]
    header = (
        "build",
        "instructions",
        "per MAC",
        "x DSP",
        "cycles",
        "lowest",
        "likely",
        "highest",
        "RAM",
        "flash",
        "counted by",
        "they differ by",
    )
    rows = []
    for compiler, found in by_compiler.items():
        for build, result in found.items():
            count = result["instructions"]
            cycles = Estimate(**result["cycles"])
            seconds = cycles / board.clock_hz.value
            rows.append(
                (
                    f"{compiler}, {build}",
                    f"{count:,}",
                    f"{count / result['macs']:.2f}",
                    f"{count / found['DSP']['instructions']:.2f}" if "DSP" in found else "",
                    f"{cycles.likely:,.0f}",
                    *(f"{value:.2f} s" for value in astuple(seconds)),
                    f"{result['ram']:,} B",
                    f"{result['flash']:,} B",
                    "QEMU's icount" if result["by_qemu"] else "unicorn",
                    f"{result['differ']:,}" if result["by_qemu"] else "",
                )
            )
    return Table(f"A frame on the emulated {board.title}: {MODEL}", header, rows, _notes(by_compiler, board))


def _notes(by_compiler: dict[str, dict[str, Result]], board) -> tuple[str, ...]:
    results = [result for found in by_compiler.values() for result in found.values()]
    return (
        f"From the camera's bytes to the rows of the picture. MACs: {results[0]['macs']:,}, those of all convolutions, "
        "the fixed blur's too. portable: C without the DSP instructions. x DSP: how many times as many as with them.",
        "counted by: QEMU's icount where it is installed, else unicorn; they differ by: so many instructions, on the "
        "same program. Every picture was the emulator's, byte for byte.",
        f"cycles: the likely ones; lowest, likely, highest: seconds at {board.clock_hz.value / 1e6:.0f} MHz by the "
        "manual of the Cortex-M4 and the wait states of the flash, an estimate; how well it meets measured chips: "
        "cycles.md.",
        f"RAM: with the camera's frame and the stack. Compilers, at -O2: "
        f"{'; '.join(sorted({result['compiler'] for result in results}))}.",
        CMSIS_NN,
    )


def _kinds(compiler: str, found: dict[str, Result]) -> Table:
    """Each build in two columns, side by side."""
    builds = [build for build in BUILDS if build in found]
    names = [column for build in builds for column in (build, "each", "of all")]
    kinds = {build: {kind["name"]: kind for kind in found[build]["kinds"]} for build in builds}
    rows = []
    for name, first in kinds[builds[0]].items():
        cells = [name, str(first["operators"] or ""), f"{first['macs']:,}" if first["macs"] else ""]
        cells.append(f"{first['elements']:,}")
        for build in builds:
            count = kinds[build][name]["instructions"]
            share = count / sum(kind["instructions"] for kind in kinds[build].values())
            unit = "MAC" if first["macs"] else "element"
            cells += [f"{count:,}", f"{count / (first['macs'] or first['elements']):.2f} / {unit}", f"{share:.1%}"]
        rows.append((*cells, _ratio([kinds[build][name]["instructions"] for build in builds])))
    header = ("operator", "operators", "MACs", "elements", *names, "x DSP")
    return Table(f"What the instructions are for: {MODEL}, {compiler}", header, rows, (KINDS_NOTE,))


def _cycles(compiler: str, found: dict[str, Result]) -> Table:
    """The first build's cycles by operator, instructions beside them."""
    from embedded.budget.boards import BOARDS
    from embedded.budget.estimate import Estimate

    build = next(build for build in BUILDS if build in found)
    result, clock = found[build], BOARDS["nano33ble"].clock_hz.value
    whole = result["cycles"]["likely"]
    rows = []
    for kind in sorted(result["kinds"], key=lambda kind: -kind["cycles"]["likely"]):
        cycles = Estimate(**kind["cycles"])
        unit = "MAC" if kind["macs"] else "element"
        rows.append(
            (
                kind["name"],
                f"{kind['instructions']:,}",
                f"{cycles.likely:,.0f}",
                f"{cycles.likely / kind['instructions']:.2f}",
                f"{cycles.likely / (kind['macs'] or kind['elements']):.2f} / {unit}",
                f"{cycles.likely / whole:.1%}",
                *(f"{value:.4f} s" for value in astuple(cycles / clock)),
            )
        )
    header = ("operator", "instructions", "cycles", "per instruction", "each", "of all", "lowest", "likely", "highest")
    return Table(f"What the cycles are for: {MODEL}, {compiler}, {build}", header, rows, (CYCLES_NOTE,))


CYCLES_NOTE = "cycles, per instruction, each, of all: the likely ones."
KINDS_NOTE = "Counted by unicorn, operator by operator. each: per MAC, or per number that is given (or averaged)."


def _ratio(counts: Sequence[int]) -> str:
    return f"{counts[1] / counts[0]:.2f}" if len(counts) == len(BUILDS) and counts[0] else ""


BENCH = Bench(
    "board",
    "instructions and cycles of a frame on the board",
    _jobs(),
    measure,
    _tables,
    ("embedded/**/*.py", "embedded/codegen/kernels/*", "embedded/cortexm/startup/*", "embedded/models/nano.tflite"),
)
