"""The same network on LiteRT, OpenVINO and ONNX Runtime: inference latency on one thread, interleaved in rounds."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import openvino
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from lab.drawings.assortment import ASSORTMENT
from lab.drawings.draw import draw

BATCH = 8
SIDE = 224
# ONNX opset for tf2onnx: supported by ONNX Runtime, and has all operators of the network.
OPSET = "17"

# A call that runs the network on fixed pixels (n, side, side, 3) and returns pooled features (n, d).
Run = Callable[[], NDArray[np.float32]]


def litert(file: Path, pixels: NDArray[np.float32]) -> Run:
    """Return a call that runs a .tflite file on LiteRT with pixels (n, side, side, 3) in −1..1."""
    interpreter = Interpreter(model_content=file.read_bytes(), num_threads=1)
    interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], pixels.shape)
    interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]
    target = min(interpreter.get_output_details(), key=lambda one: len(one["shape"]))
    values = quantised(pixels, source["dtype"], source["quantization"])

    def run() -> NDArray[np.float32]:
        interpreter.set_tensor(source["index"], values)
        interpreter.invoke()
        return dequantised(interpreter.get_tensor(target["index"]), target["quantization"])

    return run


def open_vino(file: Path, pixels: NDArray[np.float32]) -> Run:
    """Return the same on OpenVINO, which reads .tflite files natively."""
    network = openvino.Core().read_model(file)
    network.reshape(pixels.shape)
    # On CPUs with bfloat16 the default precision is bfloat16, about two decimal digits; force float32.
    configuration = {"INFERENCE_NUM_THREADS": 1, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.compile_model(network, "CPU", configuration)
    request = compiled.create_infer_request()
    place = min(range(2), key=lambda number: len(compiled.output(number).shape))
    details = {one["name"]: one["quantization"] for one in _details(file)}
    dtype = compiled.input(0).element_type.to_dtype()
    values = quantised(pixels, dtype, details["input"])

    def run() -> NDArray[np.float32]:
        request.infer({0: values})
        return dequantised(request.get_output_tensor(place).data.copy(), details["output"])

    return run


def _details(file: Path) -> list[dict[str, Any]]:
    """Return the tensor details, with quantisation, of a .tflite file's "input" and its pooled features, "output"."""
    interpreter = Interpreter(model_content=file.read_bytes(), num_threads=1)
    pooled = min(interpreter.get_output_details(), key=lambda one: len(one["shape"]))
    return [{**interpreter.get_input_details()[0], "name": "input"}, {**pooled, "name": "output"}]


def onnx_runtime(file: Path, pixels: NDArray[np.float32]) -> Run:
    """Return the same on ONNX Runtime, for a file of as_onnx()."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    pooled = min(session.get_outputs(), key=lambda one: len(one.shape)).name

    def run() -> NDArray[np.float32]:
        return np.asarray(session.run([pooled], {name: pixels})[0], np.float32)

    return run


def as_onnx(file: Path, onnx: Path) -> None:
    """Convert a float32 .tflite file, in a subprocess, since tf2onnx imports TensorFlow. Raises RuntimeError."""
    done = subprocess.run(  # noqa: S603  (our own interpreter and files)
        [sys.executable, "-m", "tf2onnx.convert", "--tflite", str(file), "--output", str(onnx), "--opset", OPSET],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not onnx.exists():
        raise RuntimeError(f"tf2onnx does not convert {file}: {done.stderr[-300:]}")


def quantised(pixels: NDArray[np.float32], dtype: Any, scale: tuple[float, int]) -> NDArray[Any]:
    if np.dtype(dtype) == np.float32:
        return pixels
    limits = np.iinfo(dtype)
    return np.asarray(np.clip(np.rint(pixels / scale[0] + scale[1]), limits.min, limits.max), dtype)


def dequantised(values: NDArray[Any], scale: tuple[float, int]) -> NDArray[np.float32]:
    if values.dtype == np.float32:
        return values
    return np.asarray((values.astype(np.float32) - scale[1]) * scale[0], np.float32)


def engines(int8: Path, float32: Path, onnx: Path | None, *, batch: int) -> dict[str, Run]:
    """Return a call for each engine and file, by name, on the same batch of drawn articles."""
    pictures = [np.asarray(draw(article, 0, size=(SIDE, SIDE))) for article in ASSORTMENT[:batch]]
    pixels = np.stack(pictures).astype(np.float32) / 127.5 - 1
    calls = {
        "LiteRT int8": litert(int8, pixels),
        "LiteRT float32": litert(float32, pixels),
        "OpenVINO int8": open_vino(int8, pixels),
        "OpenVINO float32": open_vino(float32, pixels),
    }
    if onnx is not None:
        calls["ONNX Runtime float32"] = onnx_runtime(onnx, pixels)
    return calls


def medians_ms(calls: dict[str, Run], rounds: int) -> dict[str, float]:
    """Return the median latency of each call in ms; calls are interleaved, so background load affects all alike."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            times[name].append((time.perf_counter() - started) * 1000)
    return {name: statistics.median(each) for name, each in times.items()}


def agreement(calls: dict[str, Run], with_: str) -> dict[str, float]:
    """Return the cosine between each call's pooled features of the first picture and those of the named call."""
    rows = {name: call()[0] for name, call in calls.items()}
    return {
        name: float(row @ rows[with_] / np.linalg.norm(row) / np.linalg.norm(rows[with_])) for name, row in rows.items()
    }
