"""The ablation page: parts of the network switched off."""
