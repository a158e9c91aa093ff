"""Training of shipped models: fine-tuning, quantisation, fitting the descriptor. The only importer of TensorFlow."""
