"""Training of the garment head on the frozen feature maps of a network, and its artefact's files.

An anchor-free detector after Objects as Points (Zhou, Wang and Krähenbühl, 2019): a Gaussian around each garment's
centre in the heat map of its label, with a penalty-reduced focal loss, and the edges of the box from each cell near the
centre, as in FCOS (Tian et al., 2019), with the generalised intersection over union (Rezatofighi et al., 2019) as loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.tools import flatbuffer_utils
from keras import layers, ops
from numpy.typing import NDArray
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from catalogue.progress import progress_bar
from lab.evaluation.clothing import LabelledPhoto
from lab.evaluation.outfits import BoxedPhoto
from lab.training.garment_views import Garments, Views, in_square, views_of
from visualsearch.inference.letterbox import frame
from visualsearch.inference.litert import Network

EPOCHS, BATCH, RATE, DECAY = 6, 32, 1.5e-3, 0.05
CHANNELS, BLOCKS = 96, 4
# Of the moving average of the weights, each AVERAGED_EVERY steps.
AVERAGE, AVERAGED_EVERY = 0.98, 10
WARM_UP = 200
# Standard deviation of the Gaussian of a garment, in sides of its box; cells above NEAR learn the box.
SPREAD, LEAST_SPREAD, NEAR = 1 / 6, 0.8 * 0.5, 0.55
# Sides of the square, of a box's edges from a cell where the network's output is softplus⁻¹(1).
REACH = 0.25
# ReLU6's outputs in 255 steps.
STEP = 6 / 255
NAME_LOSS, BOX_LOSS = 0.3, 2.0


def see(
    network: Network, outfits: Sequence[BoxedPhoto], photos: Sequence[LabelledPhoto], size: int, seed: int
) -> Views:
    """Run the network on all views, with a progress bar."""
    makers = list(views_of(outfits, photos, seed))
    middle, last, garments = [], [], []
    for make in progress_bar(makers, desc="Looking at views", unit="view"):
        picture, shown = make()
        _, _, some_middle, some_last = network.run(frame(picture, size, "letterbox")[None])
        middle.append(_stepped(some_middle[0]))
        last.append(_stepped(some_last[0]))
        garments.append(in_square(shown, picture.size))
    return Views(np.stack(middle), np.stack(last), garments)


def train_head(views: Views, labels: Sequence[str], seed: int) -> keras.Model:
    """Return a head from (middle, last) feature maps, float32, to heat maps (logits) and the edges of boxes."""
    keras.utils.set_random_seed(seed)
    cells = views.middle.shape[1]
    head = build_head(views.middle.shape[1:], views.last.shape[1:], len(labels))
    targets = [target_of(garments, labels, cells) for garments in views.garments]
    heat, boxes, weights = (np.stack(some) for some in zip(*targets, strict=True))
    optimiser = keras.optimizers.AdamW(RATE, weight_decay=DECAY, clipnorm=5.0)
    steps = EPOCHS * len(views.garments) // BATCH
    average = [weight.numpy() for weight in head.trainable_variables]
    rng = np.random.default_rng(seed)

    @tf.function  # type: ignore[untyped-decorator]  # TensorFlow has no types
    def step(middle: tf.Tensor, last: tf.Tensor, *wanted: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = loss_of(*head([_as_float(middle), _as_float(last)], training=True), *wanted)
        gradients = tape.gradient(loss, head.trainable_variables)
        optimiser.apply_gradients(zip(gradients, head.trainable_variables, strict=True))
        return loss

    with progress_bar(total=steps, desc="Training the garment head", unit="step") as bar:
        for number in range(steps):
            if number % (len(views.garments) // BATCH) == 0:
                order = rng.permutation(len(views.garments))
            start = number % (len(views.garments) // BATCH) * BATCH
            some = np.sort(order[start : start + BATCH])
            optimiser.learning_rate.assign(
                RATE * min(1.0, number / WARM_UP) * (0.5 + 0.5 * np.cos(np.pi * number / steps) + 0.01)
            )
            step(*(tf.constant(array[some]) for array in (views.middle, views.last, heat, boxes, weights)))
            if number % AVERAGED_EVERY == 0:
                share = min(AVERAGE, number / (number + WARM_UP))
                average = [
                    share * mean + (1 - share) * weight.numpy()
                    for mean, weight in zip(average, head.trainable_variables, strict=True)
                ]
            bar.update()
    for mean, weight in zip(average, head.trainable_variables, strict=True):
        weight.assign(mean)
    return head


def build_head(middle: tuple[int, ...], last: tuple[int, ...], labels: int) -> keras.Model:
    """Return an untrained head for feature maps of these shapes."""
    cells = middle[0]
    inputs = [keras.Input(middle, name="middle"), keras.Input(last, name="last")]
    narrow = [layers.Conv2D(CHANNELS, 1)(layers.SpatialDropout2D(0.25)(ops.sqrt(ops.relu(one)))) for one in inputs]
    factor = cells // last[0]
    seen = layers.Add()([narrow[0], layers.UpSampling2D(factor, interpolation="bilinear")(narrow[1])])
    seen = layers.Conv2D(CHANNELS, 1)(Place()(seen))
    seen = layers.ReLU()(layers.LayerNormalization()(seen))
    for block in range(BLOCKS):
        inner = layers.Conv2D(CHANNELS // 2, 1, activation="relu")(seen)
        inner = layers.Conv2D(CHANNELS // 2, 3, padding="same", dilation_rate=1 + block % 2, activation="relu")(inner)
        seen = layers.Add()([seen, layers.Conv2D(CHANNELS, 1, kernel_initializer="zeros")(inner)])
    seen = layers.Dropout(0.25)(layers.ReLU()(seen))
    heat = layers.Conv2D(labels, 1, bias_initializer=keras.initializers.Constant(-3.0))(seen)
    reach = layers.Conv2D(4, 1, bias_initializer=keras.initializers.Constant(-1.0))(seen)
    return keras.Model(inputs, [heat, Edges()(reach)], name="garments")


class Place(layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Adds two channels: where a cell is, −1 to 1 from left to right and from top to bottom."""

    def call(self, features: tf.Tensor) -> tf.Tensor:
        """Return the features (n, h, w, channels + 2)."""
        rows, columns = features.shape[1:3]
        across, down = np.meshgrid(np.linspace(-1, 1, columns), np.linspace(-1, 1, rows))
        place = ops.convert_to_tensor(np.stack([across, down], axis=-1)[None].astype(np.float32))
        # A product with ones, since the number of photos is not known here.
        return ops.concatenate([features, place * ops.ones_like(features[..., :2])], axis=-1)


class Edges(layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Turns each cell's distances to the four edges of its garment's box into the edges, in sides of the square."""

    def call(self, reach: tf.Tensor) -> tf.Tensor:
        """Return left, upper, right and lower edge, (n, h, w, 4)."""
        rows, columns = reach.shape[1:3]
        across, down = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows)
        centres = ops.convert_to_tensor(np.stack([across, down, across, down], axis=-1)[None].astype(np.float32))
        signs = ops.convert_to_tensor(np.array([-1.0, -1.0, 1.0, 1.0], np.float32) * REACH)
        return centres + signs * ops.softplus(reach)


def target_of(
    garments: Garments, labels: Sequence[str], cells: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return heat (h, w, labels), edges (h, w, 4) and the cells' weights (h, w) that a head should output for a view.

    Where garments overlap, a cell learns the box of the smaller one.
    """
    heat = np.zeros((cells, cells, len(labels)), np.float32)
    edges, weights = np.zeros((cells, cells, 4), np.float32), np.zeros((cells, cells), np.float32)
    down, across = (np.mgrid[:cells, :cells] + 0.5) / cells
    for label, (x, y, width, height) in sorted(garments, key=lambda garment: -garment[1][2] * garment[1][3]):
        middle = x + width / 2, y + height / 2
        spread = [max(side * SPREAD, LEAST_SPREAD / cells) for side in (width, height)]
        near = np.exp(
            -((across - middle[0]) ** 2 / (2 * spread[0] ** 2) + (down - middle[1]) ** 2 / (2 * spread[1] ** 2))
        )
        row, column = min(cells - 1, int(middle[1] * cells)), min(cells - 1, int(middle[0] * cells))
        near = np.minimum(near / near[row, column], 1.0)
        place = labels.index(label)
        heat[..., place] = np.maximum(heat[..., place], near)
        inside = (near > NEAR) & (across > x) & (across < x + width) & (down > y) & (down < y + height)
        inside[row, column] = True
        edges[inside] = x, y, x + width, y + height
        weights[inside] = near[inside]
    return heat, edges, weights


def loss_of(
    heat: tf.Tensor, edges: tf.Tensor, wanted: tf.Tensor, wanted_edges: tf.Tensor, weights: tf.Tensor
) -> tf.Tensor:
    """Return the loss of a batch: of the peaks, of their names, and of the boxes."""
    share = tf.clip_by_value(tf.sigmoid(heat), 1e-5, 1 - 1e-5)
    peak = tf.cast(wanted > 0.999, tf.float32)
    focal = -(
        peak * (1 - share) ** 2 * tf.math.log(share)
        + (1 - peak) * (1 - wanted) ** 4 * share**2 * tf.math.log(1 - share)
    )
    peaks = tf.reduce_sum(peak) + 1
    named = tf.nn.softmax_cross_entropy_with_logits(
        peak / tf.maximum(tf.reduce_sum(peak, axis=-1, keepdims=True), 1.0), heat
    )
    named *= tf.reduce_max(peak, axis=-1)
    low, high = tf.maximum(edges[..., :2], wanted_edges[..., :2]), tf.minimum(edges[..., 2:], wanted_edges[..., 2:])
    shared = tf.reduce_prod(tf.maximum(high - low, 0.0), axis=-1)
    union = _area(edges) + _area(wanted_edges) - shared
    low, high = tf.minimum(edges[..., :2], wanted_edges[..., :2]), tf.maximum(edges[..., 2:], wanted_edges[..., 2:])
    around = tf.reduce_prod(high - low, axis=-1)
    apart = 1 - shared / (union + 1e-6) + (around - union) / (around + 1e-6)
    return (
        tf.reduce_sum(focal) / peaks
        + NAME_LOSS * tf.reduce_sum(named) / peaks
        + BOX_LOSS * tf.reduce_sum(apart * weights) / (tf.reduce_sum(weights) + 1)
    )


def convert_head(head: keras.Model) -> bytes:
    """Return the head as a .tflite file of one photo, with float16 weights."""
    shapes = [tf.TensorSpec((1, *one.shape[1:]), tf.float32, name=one.name) for one in head.inputs]
    function = tf.function(lambda middle, last: head([middle, last], training=False), autograph=False)
    holder = tf.Module()
    # As in conversion.py: variables become constants, and the traced function must be reachable.
    holder.function = convert_variables_to_constants_v2(function.get_concrete_function(*shapes))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([holder.function], holder)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


def with_maps(network: bytes) -> bytes:
    """Return a served .tflite file whose feature maps, of which its pooled features are the means, are outputs too."""
    model = flatbuffer_utils.read_model_from_bytearray(bytearray(network))
    graph = model.subgraphs[0]
    means = [one for one in graph.operators if flatbuffer_utils.opcode_to_name(model, one.opcodeIndex) == "MEAN"]
    maps = [one.inputs[0] for one in means if len(graph.tensors[one.inputs[0]].shape) == 4]
    signature = model.signatureDefs[0]
    for place in maps:
        if place not in graph.outputs:
            output = copy(signature.outputs[0])
            output.name, output.tensorIndex = f"output_{len(graph.outputs)}".encode(), place
            signature.outputs.append(output)
            graph.outputs = [*graph.outputs, place]
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _stepped(features: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return features of ReLU6 in 255 steps: a quarter of the memory."""
    return np.asarray(np.clip(np.rint(features / STEP), 0, 255) - 128, np.int8)


def _as_float(stepped: tf.Tensor) -> tf.Tensor:
    return (tf.cast(stepped, tf.float32) + 128) * STEP


def _area(edges: tf.Tensor) -> tf.Tensor:
    return tf.reduce_prod(edges[..., 2:] - edges[..., :2], axis=-1)
