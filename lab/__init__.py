"""Offline tools: training, evaluation, benchmarks, chaos, attacks. Serving never imports it; no image contains it."""
