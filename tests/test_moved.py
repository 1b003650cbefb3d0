"""What learners' notebooks of the first lessons import is still there, wherever it has moved to."""

from importlib import import_module

import pytest

import embedded
import explain
import model
from mirnet_packages import MOVED

NOTEBOOKS = """
embedded: Camera EmulatedBoard Emulator make_plan read_graph
embedded.board: FRAME_BYTES NANO
embedded.camera: Camera
embedded.codegen: kernels
embedded.emit: emit
embedded.emulator: Emulator
embedded.firmware: RAM
embedded.fit: fit
embedded.fixedpoint: quantized_multiplier
embedded.job: Arrays Job
embedded.mapping: hook_values
embedded.naming: PARTS part_of part_of_hook
embedded.onboard: OnBoard
embedded.packing: Block
embedded.shipped: model_file
embedded.sketchbook: setup_commands use_commands write_sketch
embedded.tables: folded
embedded.toolchain: build find_compiler
explain: cost run_with_cache run_with_hooks
explain.app.board_data: read_costs read_counts
explain.app.study_data: shipped_study
explain.figures: draw_channel_attention draw_dau draw_mrb
explain.figures.parts: part_colours part_legend
explain.figures.skff: draw_skff draw_weights
explain.receptive: field_of look
explain.sites: label
lessons.checks.dau: weights_of
lessons.checks.parts: Parts whole_of
lessons.drawing: THEME charts legend pictures show table
lessons.making.trainings: SMALL picture_of shipped_trainings shown_pair
model: MIRNet enhance psnr
model.arrays: as_uint8
model.contracts: component_at examine formulas
model.contracts.formulas: prelu relu sigmoid
model.darken: Darkness darken to_bytes to_linear to_srgb
model.pixels: to_frame
model.samples: SAMPLES load_sample
model.step: training_step
model.zoo: load_network seed_weights
"""
"""What `mirnet lessons -o` wrote with version 0.1.0, module by module."""

PUBLIC = {
    model: """ChannelAttention CharbonnierLoss Crops Darkness Downsample DualAttentionUnit Frames HookError HookPoint
        ImageError MIRNet MIRNetConfig MirnetError MultiScaleResidualBlock PRESETS PairFolder PixelCache PsnrLoss
        RecursiveResidualGroup SKFF SpatialAttention Upsample WeightsError call_site enhance load_image load_reference
        open_pairs psnr save_image ssim visiting""",
    embedded: """BOARDS BoardLimits Camera EmulatedBoard Emulator Fit Graph HookMap ModelFileError PixelTables Plan
        float_model generate make_plan read_graph""",
    explain: """DARK FIGURES KINDS LIGHT ablation_table ablations as_latex as_text cost draw draw_channels draw_tensor
        explain_cell explain_int8_cell field_of kind_of look run_with_cache run_with_hooks save_figure""",
}
"""The public names of version 0.1.0."""


@pytest.mark.parametrize("line", NOTEBOOKS.split("\n")[1:-1])
def test_a_notebook_of_the_first_lessons_finds_what_it_imports(line):
    module, _, names = line.partition(":")
    found = import_module(module)
    assert not [name for name in names.split() if not hasattr(found, name)]


@pytest.mark.parametrize("package", PUBLIC, ids=lambda package: package.__name__)
def test_public_names_stay(package):
    names = PUBLIC[package].split()
    assert set(names) <= set(package.__all__)
    for name in names:
        assert getattr(package, name) is not None


def test_a_moved_module_is_the_one_at_its_new_place():
    assert import_module("model.arrays") is import_module("model.images.arrays")
    assert import_module("explain.sites").label is import_module("explain.tracing.sites").label


def test_every_moved_module_has_a_place():
    for old, new in MOVED.items():
        assert import_module(old).__name__ in (old, new)
