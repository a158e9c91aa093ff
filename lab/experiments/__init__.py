"""Reproducible experiments on model compression: quantisation, pruning, distillation, architectures. One is a row."""
