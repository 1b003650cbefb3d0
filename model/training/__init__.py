"""Training: recipe, losses, fake quantization, one step, the loop, its checkpoints and its log."""
