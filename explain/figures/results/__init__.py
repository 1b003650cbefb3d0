"""Figures of results: trainings, studies, ablations, receptive fields, frames of the board."""
