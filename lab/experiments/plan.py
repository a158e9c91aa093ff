"""The plan of all experiments, as data. Imports no TensorFlow, so that a report is fast.

A row is a network trained or converted in one way. Unset fields are inherited from its parent, or from train_model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from django.utils.translation import gettext_noop as _

Chapter = Literal["architectures", "quantisation", "pruning", "distillation", "folding", "combination"]
Brought = Literal["shipped", "teacher"]
Technique = Literal["trained", "brought", "converted", "aware", "masked", "narrowed", "student", "unfolded"]
Kind = Literal["float32", "float16", "dynamic", "int8"]

SERVED_SIZE = 224
# The fields of a row that only affect its presentation in the report, not its artefact.
TOLD = ("chapter", "title", "reference", "beside")


@dataclass(frozen=True, slots=True)
class Row:
    """One experiment. `recipe` overrides fields of finetuning.Recipe, `options` are the technique's parameters.

    `reference` is the baseline for a course's claims, `beside` the ablation baseline that shows the gain of the
    technique; `size` is the side of the input at inference, in pixels.
    """

    name: str
    chapter: Chapter
    title: str
    technique: Technique
    parent: str | None = None
    reference: str | None = None
    beside: str | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    size: int = SERVED_SIZE
    kind: Kind = "int8"
    sparse: bool = False


SHORT = {"steps": 160, "size": 160}
# Without pretrained weights, the same compute goes into more steps, a higher learning rate and smaller images.
UNTAUGHT = {"steps": 600, "photos_per_step": 16, "size": 128, "learning_rate": 2e-3, "averaging": 0.98}
AFTERWARDS = {"steps": 60, "size": 192, "learning_rate": 1e-4, "averaging": 0.96}
# Sparse networks need longer fine-tuning to recover.
SPARSE = AFTERWARDS | {"steps": 120, "learning_rate": 2e-4}
HALF = {"architecture": "mobilenetv2-0.5", "steps": 350, "size": 192}
THIRD = {"architecture": "mobilenetv2-0.35", "steps": 350, "size": 176}
ALONE = {"wide": "mobilenetv2"}
# Converted to int8: as accurate as in float32, in half the time.
TEACHER = "teacher"
LOSS = {"loss": {"temperature": 2.0, "soft_weight": 1.0, "distance_weight": 2.0, "hard_weight": 0.5}}
TAUGHT = ALONE | LOSS

PLAN: tuple[Row, ...] = (
    *(
        Row(name, "architectures", title, "trained", recipe=recipe | {"architecture": name})
        for name, title, recipe in (
            ("mobilenetv2", "MobileNetV2", SHORT),
            ("mobilenetv3-small", "MobileNetV3 small", UNTAUGHT),
            ("mobilenetv3-large", "MobileNetV3 large", UNTAUGHT),
            ("efficientnet-lite0", "EfficientNet-Lite0", SHORT),
            ("squeezenet", "SqueezeNet 1.1", UNTAUGHT),
        )
    ),
    Row(
        "float32",
        "quantisation",
        _("The shipped network, float32"),
        "brought",
        options={"network": "shipped"},
        kind="float32",
    ),
    Row(
        "float16",
        "quantisation",
        _("Weights of float16"),
        "converted",
        parent="float32",
        reference="float32",
        kind="float16",
    ),
    Row(
        "dynamic",
        "quantisation",
        _("Weights of int8, dynamic range"),
        "converted",
        parent="float32",
        reference="float32",
        kind="dynamic",
    ),
    Row(
        "int8",
        "quantisation",
        _("Weights and activations of int8, after training"),
        "converted",
        parent="float32",
        reference="float32",
    ),
    Row(
        "int8-aware",
        "quantisation",
        _("The same, fine-tuned with quantisation in view"),
        "aware",
        parent="float32",
        reference="float32",
        beside="int8",
        recipe=AFTERWARDS,
    ),
    *(
        Row(
            f"pruned-{share}",
            "pruning",
            title,
            "masked",
            parent=parent,
            reference="int8",
            recipe=SPARSE,
            options={"share": share / 100},
            sparse=True,
        )
        for share, parent, title in (
            (50, "float32", _("50 % of the weights of 1×1 convolutions zero")),
            (75, "pruned-50", _("75 % of the weights of 1×1 convolutions zero")),
            (90, "pruned-75", _("90 % of the weights of 1×1 convolutions zero")),
        )
    ),
    *(
        Row(
            f"channels-{share}",
            "pruning",
            title,
            "narrowed",
            parent=parent,
            reference="int8",
            recipe=AFTERWARDS,
            options={"share": of_the_rest},
        )
        for share, of_the_rest, parent, title in (
            (50, 0.5, "float32", _("50 % of the hidden channels removed")),
            (75, 0.5, "channels-50", _("75 % of the hidden channels removed")),
            (90, 0.6, "channels-75", _("90 % of the hidden channels removed")),
        )
    ),
    Row(
        TEACHER,
        "distillation",
        _("EfficientNet-Lite1, the teacher"),
        "brought",
        options={"network": "teacher"},
    ),
    Row(
        "half-alone",
        "distillation",
        _("MobileNetV2 of half the width, without a teacher"),
        "student",
        reference="int8",
        recipe=HALF,
        options=ALONE,
        size=192,
    ),
    Row(
        "half-taught",
        "distillation",
        _("MobileNetV2 of half the width, with a teacher"),
        "student",
        parent=TEACHER,
        reference="int8",
        beside="half-alone",
        recipe=HALF,
        options=TAUGHT,
        size=192,
    ),
    Row(
        "third-alone",
        "distillation",
        _("MobileNetV2 of a third of the width, without a teacher"),
        "student",
        reference="int8",
        recipe=THIRD,
        options=ALONE,
        size=176,
    ),
    Row(
        "third-taught",
        "distillation",
        _("MobileNetV2 of a third of the width, with a teacher"),
        "student",
        parent=TEACHER,
        reference="int8",
        beside="third-alone",
        recipe=THIRD,
        options=TAUGHT,
        size=176,
    ),
    Row(
        "norms-kept",
        "folding",
        _("SqueezeNet 1.1 with its batch norms"),
        "unfolded",
        parent="squeezenet",
        kind="float32",
    ),
    Row(
        "norms-folded",
        "folding",
        _("SqueezeNet 1.1, batch norms folded into the convolutions"),
        "converted",
        parent="squeezenet",
        beside="norms-kept",
        kind="float32",
    ),
    Row(
        "half-combined",
        "combination",
        _("Half the width, distilled, 50 % of its 1×1 weights zero, int8"),
        "masked",
        parent="half-taught",
        reference="int8",
        beside="half-taught",
        recipe=SPARSE,
        options={"share": 0.5} | LOSS,
        size=192,
        sparse=True,
    ),
    Row(
        "third-combined",
        "combination",
        _("A third of the width, distilled, 50 % of its 1×1 weights zero, int8"),
        "masked",
        parent="third-taught",
        reference="int8",
        beside="third-taught",
        recipe=SPARSE | {"size": 176},
        options={"share": 0.5} | LOSS,
        size=176,
        sparse=True,
    ),
)

# Rows of the quick mode: each technique, on networks that train in seconds.
TINY = (
    "squeezenet",
    "float32",
    "float16",
    "dynamic",
    "int8",
    "int8-aware",
    "pruned-50",
    "channels-50",
    TEACHER,
    "half-alone",
    "half-taught",
    "norms-kept",
    "norms-folded",
    "half-combined",
)
TINY_SIZE = 64
TINY_RECIPE: Mapping[str, Any] = {"steps": 2, "photos_per_step": 4, "size": TINY_SIZE}
TINY_NETWORK, TINY_STUDENT = "trial", "trial-half"


def tiny() -> tuple[Row, ...]:
    """Return a smoke-test plan of the same techniques on a tiny network; it takes two minutes and learns nothing."""
    rows = {row.name: row for row in PLAN}
    return tuple(_shrunk(rows[name]) for name in TINY)


def _shrunk(row: Row) -> Row:
    recipe, options = {**row.recipe, **TINY_RECIPE}, dict(row.options)
    if row.technique == "student":
        options["wide"] = TINY_NETWORK
    if "architecture" in row.recipe:
        recipe["architecture"] = TINY_STUDENT if row.technique == "student" else TINY_NETWORK
    return replace(row, recipe=recipe, options=options, size=TINY_SIZE)


def with_parents(plan: Sequence[Row], names: Iterable[str]) -> list[Row]:
    """Return the named rows of a plan and their ancestors, in the plan's order; all rows if none is named.

    Raises ValueError if a name is unknown.
    """
    rows = {row.name: row for row in plan}
    selected: set[str] = set()
    waiting = list(names) or list(rows)
    while waiting:
        name = waiting.pop()
        if name not in rows:
            raise ValueError(f"The plan has no row {name!r}. It has {', '.join(rows)}.")
        if name not in selected:
            selected.add(name)
            parent = rows[name].parent
            waiting += [parent] if parent else []
    return [row for row in plan if row.name in selected]
