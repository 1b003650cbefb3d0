"""What a network does, in numbers: precision, studies, ablations, receptive fields. Prints and draws nothing."""
