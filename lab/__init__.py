"""The laboratory: training, evaluation, benchmarks and trials. Offline: nothing that is served imports it."""
