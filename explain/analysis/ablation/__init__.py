"""Ablations of a trained network: parts switched off, and the PSNR that photos lose.

```python
net, _ = load_network("desk")
dark, bright = load_sample("kingfisher")
found = effect(net, dark, ["spatial-off.all", "skip-block.rrg_2.mrb_1"], bright)
found.change  # dB that the photo gains (above 0) or loses without these parts
```

The weights stay as they are: tensors are replaced at hook points while the network runs, and nothing of it stays.
"""

from explain.analysis.ablation.every_ablation import AblationRow, ablation_table
from explain.analysis.ablation.gate_values import GATES, GateMethod
from explain.analysis.ablation.interventions import KINDS, Ablation, AblationKind, ablations, choose
from explain.analysis.ablation.run_ablated import Effect, Switchboard, ablate, effect

__all__ = [
    "GATES",
    "KINDS",
    "Ablation",
    "AblationKind",
    "AblationRow",
    "Effect",
    "GateMethod",
    "Switchboard",
    "ablate",
    "ablation_table",
    "ablations",
    "choose",
    "effect",
]
