"""What MIRNet does, shown: intermediates, interventions, costs, figures, the walkthrough and the `mirnet` command.

Names are loaded when first used: `import explain` alone imports neither Keras nor matplotlib.
"""

from mirnet_packages import lazy_names

_HOME = {
    "ActivationCache": "tracing.activation_cache",
    "DARK": "figures",
    "FIGURES": "figures",
    "KINDS": "tracing.sites",
    "LIGHT": "figures",
    "ablation_table": "analysis.ablation",
    "ablations": "analysis.ablation",
    "as_latex": "cell",
    "as_text": "cell",
    "cost": "tracing.costs",
    "draw": "figures.draw",
    "draw_channels": "figures",
    "draw_tensor": "figures",
    "explain_cell": "cell",
    "explain_int8_cell": "cell",
    "field_of": "analysis.receptive",
    "kind_of": "tracing.sites",
    "look": "analysis.receptive",
    "run_with_cache": "tracing.trace",
    "run_with_gradients": "tracing.trace",
    "run_with_hooks": "tracing.trace",
    "save_figure": "figures",
}

__all__ = sorted(_HOME)
__getattr__, __dir__ = lazy_names(__name__, _HOME)
