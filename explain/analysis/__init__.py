"""Measurements of networks: precision, studies, ablations, receptive fields. Prints and draws nothing."""
