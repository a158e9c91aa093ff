"""How shipped models are made: fine-tuning, quantising, fitting the descriptor. Alone in importing TensorFlow."""
