"""What MIRNet does, shown: intermediates, interventions, costs, figures, the walkthrough and the `mirnet` command.

Names are loaded when first used: `import explain` alone imports neither Keras nor matplotlib.
"""

from importlib import import_module

_HOME = {
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
    "run_with_hooks": "tracing.trace",
    "save_figure": "figures",
}

__all__ = sorted(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module 'explain' has no attribute {name!r}")
    value = getattr(import_module(f"explain.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
