"""From pixels to predictions and vectors: an engine that knows neither Django nor TensorFlow."""
