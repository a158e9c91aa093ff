"""Serializers of search and health responses; most only describe them in the schema."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalogue.api.paging import MAX_LIMIT, PageSerializer
from catalogue.api.serializers import ArticleSerializer, FacetsSerializer
from visualsearch.services.retrieval.options import MAX_OFFSET

# No page of a search reaches further.
MAX_COUNT = MAX_OFFSET + MAX_LIMIT


class MatchSerializer(ArticleSerializer):
    """An article and its similarity."""

    similarity = serializers.FloatField(
        read_only=True, help_text="−1 to 1; higher is more similar, 1 is the identical photo."
    )

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return super().to_representation(instance.article) | {"similarity": round(instance.similarity, 4)}


class SimilarPageSerializer(PageSerializer):
    """A page of similar articles."""

    results = MatchSerializer(many=True)


class ModelSerializer(serializers.Serializer[Any]):
    """The model that described the photo."""

    name = serializers.CharField()
    version = serializers.CharField()
    fallback = serializers.BooleanField(help_text="Whether the fallback is used because the model could not be opened.")


class PredictionSerializer(serializers.Serializer[Any]):
    """A category that the photo may show."""

    category = serializers.CharField(help_text="The model's label.")
    label = serializers.CharField(help_text="The label for people.")  # type: ignore[assignment]  # a field of this name
    probability = serializers.FloatField(min_value=0, max_value=1)
    catalogue_category = serializers.CharField(allow_null=True, help_text="The slug of the shop's own category.")


class GarmentSerializer(PredictionSerializer):
    """A garment in the photo, with its most likely category."""

    box = serializers.ListField(
        child=serializers.FloatField(), min_length=4, max_length=4, help_text="x, y, width, height of the garment."
    )


class IndexSerializer(serializers.Serializer[Any]):
    """The state of the index."""

    vectors = serializers.IntegerField(help_text="Vectors that can be found: a photo has one or several.")
    sequence = serializers.IntegerField(help_text="The last change that the index holds.")
    pending = serializers.IntegerField(help_text="Photos that are not indexed yet.")


class TimingsSerializer(serializers.Serializer[Any]):
    """Milliseconds of each step, without those that a search by token skips."""

    receive = serializers.FloatField(required=False)
    decode = serializers.FloatField(required=False)
    inference = serializers.FloatField(required=False)
    search = serializers.FloatField()
    articles = serializers.FloatField()
    total = serializers.FloatField()


class WordFiltersSerializer(serializers.Serializer[Any]):
    """The filters that words named."""

    colour = serializers.ListField(child=serializers.CharField(), help_text="Slugs.")
    category = serializers.ListField(child=serializers.CharField(), help_text="Slugs.")


class WordsSerializer(serializers.Serializer[Any]):
    """What became of the words in `q`. Little ones, such as "with", count for nothing."""

    filters = WordFiltersSerializer()
    ranked_by = serializers.ListField(
        child=serializers.CharField(), help_text="Articles that have these come before the others."
    )
    unused = serializers.ListField(
        child=serializers.CharField(), help_text="Words that none of the nearest articles has; ignored."
    )
    overridden = serializers.ListField(
        child=serializers.CharField(), help_text="Words that contradict an explicit filter; ignored."
    )


class SearchAnswerSerializer(serializers.Serializer[Any]):
    """What a photo shows, and the most similar articles."""

    token = serializers.CharField(help_text="The query itself, for GET /api/search.")
    model = ModelSerializer()
    predictions = PredictionSerializer(many=True, help_text="What the first garment may be, the most likely first.")
    box = serializers.ListField(
        child=serializers.FloatField(),
        min_length=4,
        max_length=4,
        help_text="x, y, width, height of the first garment.",
    )
    garments = GarmentSerializer(many=True, help_text="All garments in the photo, the most certain first.")
    garment = serializers.IntegerField(min_value=1, help_text="Which of them was searched for.")
    map = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()), required=False, help_text="With explain=1."
    )
    match = serializers.ChoiceField(choices=["close", "weak", "none"])
    count = serializers.IntegerField(
        help_text=f"Articles on all pages: at most {MAX_COUNT:,}, the range of offset and limit."
    )
    next = serializers.URLField(allow_null=True, help_text="The next page, by the token; null on the last one.")
    previous = serializers.URLField(allow_null=True, help_text="The page before; null on the first one.")
    articles = MatchSerializer(many=True)
    words = WordsSerializer(required=False, help_text="With q.")
    facets = FacetsSerializer(required=False, help_text="With facets=1.")
    index = IndexSerializer()
    timings_ms = TimingsSerializer()


class ModelHealthSerializer(ModelSerializer):
    """The model, and whether it is open."""

    predicts = serializers.BooleanField(help_text="False if only colour is searched.")
    loaded = serializers.BooleanField()
    intact = serializers.BooleanField(help_text="False where files of the model are damaged.")


class IndexHealthSerializer(IndexSerializer):
    """The index in full."""

    articles = serializers.IntegerField(help_text="Published articles.")
    snapshot_sequence = serializers.IntegerField()
    failed = serializers.IntegerField(help_text="Photos that cannot be indexed.")
    intact = serializers.BooleanField(help_text="False while a damaged snapshot is made anew.")


class HealthSerializer(serializers.Serializer[Any]):
    """The state of every part."""

    status = serializers.ChoiceField(choices=["ok", "degraded", "down"])
    model = ModelHealthSerializer(allow_null=True)
    index = IndexHealthSerializer(allow_null=True)
    database = serializers.ChoiceField(choices=["ok", "damaged", "down"])
    broker = serializers.ChoiceField(choices=["ok", "down"])
    workers = serializers.ChoiceField(
        choices=["ok", "late", "unknown"], help_text="Late: none has looked for work for a minute."
    )
    disk = serializers.ChoiceField(choices=["ok", "low", "full", "unwritable"])
    store = serializers.ChoiceField(
        choices=["ok", "down"], help_text="The store of photos and files; ok where they are on the disk."
    )
    version = serializers.CharField()


class ReadinessSerializer(serializers.Serializer[Any]):
    """Whether the process is running, or ready."""

    status = serializers.ChoiceField(choices=["ok", "starting"])
