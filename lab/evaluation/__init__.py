"""Evaluation of models: category accuracy, recall@k and calibration, with confidence intervals."""
