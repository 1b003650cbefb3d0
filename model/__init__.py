"""MIRNet: its components, configuration and weights, its training, and the pixels it works on.

MIRNet: Zamir et al., "Learning Enriched Features for Real Image Restoration and Enhancement", ECCV 2020,
https://arxiv.org/abs/2003.06792. Every component is a Keras 3 layer written with `keras.ops` only, so it runs and
trains on any Keras backend.

Names are loaded when first used: `import model` alone does not import Keras.
"""

from mirnet_packages import lazy_names

_HOME = {
    "ChannelAttention": "attention",
    "CharbonnierLoss": "training.losses",
    "Crops": "data",
    "Darkness": "images.darken",
    "Downsample": "resizing",
    "DualAttentionUnit": "attention",
    "Frames": "data",
    "HookError": "errors",
    "HookPoint": "hooks",
    "ImageError": "errors",
    "MIRNet": "mirnet",
    "MIRNetConfig": "config",
    "MirnetError": "errors",
    "MultiScaleResidualBlock": "mrb",
    "PRESETS": "config",
    "PairFolder": "data",
    "PixelCache": "data",
    "PsnrLoss": "training.losses",
    "RecursiveResidualGroup": "rrg",
    "SKFF": "skff",
    "SpatialAttention": "attention",
    "Upsample": "resizing",
    "WeightsError": "errors",
    "call_site": "hooks",
    "enhance": "inference.tiling",
    "load_image": "images.photo_files",
    "load_reference": "weights.authors",
    "open_pairs": "data",
    "psnr": "quality.metrics",
    "save_image": "images.photo_files",
    "ssim": "quality.metrics",
    "visiting": "hooks",
}

__all__ = sorted(_HOME)
__getattr__, __dir__ = lazy_names(__name__, _HOME)
