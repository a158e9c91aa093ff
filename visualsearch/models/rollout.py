"""What models on trial did: counts by day, feedback of shoppers, and searches that failed."""

from __future__ import annotations

from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _


def feedback_photo_storage() -> Storage:
    """Return the store of photos that shoppers gave to the shop to learn from, named "given" in settings.STORAGES."""
    return storages["feedback_photos"]


class VersionDay(models.Model):
    """What a model version did in one day, in UTC: searches it answered, and those it was compared in silently."""

    version = models.ForeignKey("visualsearch.ModelVersion", models.CASCADE, related_name="days")
    day = models.DateField(_("day"))
    close = models.PositiveIntegerField(_("close"), default=0)
    weak = models.PositiveIntegerField(_("weak"), default=0)
    none = models.PositiveIntegerField(_("no close match"), default=0)
    # Looking and searching, as SearchDay has them: milliseconds by bucket.
    durations = models.JSONField(default=dict)
    # Silently: how many searches, of how many of the ten nearest both found in thousandths, and how often the same
    # article came first.
    compared = models.PositiveIntegerField(default=0)
    agreed = models.PositiveBigIntegerField(default=0)
    same_first = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    shadow_durations = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("day of a model version")
        verbose_name_plural = _("days of model versions")
        constraints = [models.UniqueConstraint(fields=["version", "day"], name="one_row_a_version_and_day")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.day}"

    @property
    def searches(self) -> int:
        return self.close + self.weak + self.none


class Feedback(models.Model):
    """What a shopper did with the results of a search. Of the search it knows a digest, of the shopper nothing."""

    class Kind(models.TextChoices):
        CLICKED = "clicked", _("opened")
        BASKET = "basket", _("added to the basket")
        NOT_SIMILAR = "not_similar", _("no match")
        CATEGORY = "category", _("corrected the category")

    version = models.ForeignKey("visualsearch.ModelVersion", models.CASCADE, related_name="feedback")
    search = models.CharField(max_length=32, db_index=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    # No foreign keys: what was sold out and deleted was clicked all the same. 0 where it is about no article.
    article_id = models.PositiveBigIntegerField(default=0)
    rank = models.PositiveIntegerField(null=True)
    day = models.DateField()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        indexes = [models.Index(fields=["version", "kind", "day"], name="feedback_of_version")]
        constraints = [
            models.UniqueConstraint(fields=["search", "kind", "article_id"], name="one_feedback_a_search_and_article")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.article_id}"


class ModelFailureQuerySet(models.QuerySet["ModelFailure"]):
    """Failures of models."""

    def without_match(self) -> ModelFailureQuerySet:
        """Filter the searches whose results shoppers reported as not matching."""
        return self.filter(kind=ModelFailure.Kind.NOT_SIMILAR)

    def with_photo(self) -> ModelFailureQuerySet:
        """Keep those whose photo a shopper agreed to leave."""
        return self.exclude(photo="")


class ModelFailure(models.Model):
    """A photo on which a model failed, as its vector and categories. The photo only where the shopper gave it."""

    class Kind(models.TextChoices):
        UNSURE = "unsure", _("not sure")
        CATEGORY = "category", _("corrected category")
        NOT_SIMILAR = "not_similar", _("no match")

    version = models.ForeignKey("visualsearch.ModelVersion", models.CASCADE, related_name="mistakes")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    search = models.CharField(max_length=32)
    # float16, little-endian, as of PhotoEmbedding.
    vector = models.BinaryField()
    predicted = models.CharField(_("recognised as"), max_length=100, blank=True)
    probability = models.FloatField(_("probability"), null=True)
    corrected = models.CharField(_("corrected to"), max_length=100, blank=True)
    photo = models.FileField(_("photo"), storage=feedback_photo_storage, max_length=100, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True, db_index=True)

    objects = ModelFailureQuerySet.as_manager()

    class Meta:
        verbose_name = _("search problem")
        verbose_name_plural = _("search problems")
        ordering = ("-created", "-pk")
        constraints = [models.UniqueConstraint(fields=["search", "kind"], name="one_failure_a_search")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.predicted}"
