"""Reproducible experiments on model compression: quantisation, pruning, distillation and architectures, as rows."""
