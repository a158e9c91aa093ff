"""The baseline of `benchmark search`: Flask, full-size JPEG decoding, Keras predict(), exact search with NumPy.

The benchmark serves it with gunicorn, with as many processes and threads as the shop.
"""

from __future__ import annotations

import keras
import numpy as np
from flask import Flask, Response, jsonify, request
from PIL import Image

SIDE = 224
FOUND = 12


def make_app(vectors: int) -> Flask:
    """Return the Flask application, with `vectors` random unit vectors in memory.

    MobileNetV2 has random weights too; neither affects the latency of a request.
    """
    app = Flask(__name__)
    network = keras.applications.MobileNetV2(
        include_top=False, pooling="avg", weights=None, input_shape=(SIDE, SIDE, 3)
    )
    stored = np.random.default_rng(0).standard_normal((vectors, network.output.shape[1]), np.float32)
    stored /= np.linalg.norm(stored, axis=1, keepdims=True)

    @app.post("/predict")
    def predict() -> Response:
        photo = Image.open(request.files["image"].stream).convert("RGB").resize((SIDE, SIDE))
        pixels = keras.applications.mobilenet_v2.preprocess_input(np.asarray(photo, np.float32)[np.newaxis])
        features = network.predict(pixels, verbose=0)[0]
        similarities = stored @ (features / np.linalg.norm(features))
        best = np.argsort(-similarities)[:FOUND]
        return jsonify([{"photo": int(place), "similarity": float(similarities[place])} for place in best])

    @app.get("/ready")
    def ready() -> Response:
        network.predict(np.zeros((1, SIDE, SIDE, 3), np.float32), verbose=0)
        return jsonify({"status": "ok"})

    return app
