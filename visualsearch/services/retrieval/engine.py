"""The search engine of one model version: its row, model and index, each read once per request."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from PIL.Image import Image

from visualsearch.exceptions import ModelUnavailableError, SearchUnavailableError, TokenOutdatedError
from visualsearch.index.base import VectorIndex
from visualsearch.inference.types import Model
from visualsearch.models import ModelVersion
from visualsearch.services import versions
from visualsearch.services.indexing import indexing
from visualsearch.services.retrieval.garments import Garment
from visualsearch.services.retrieval.tokens import Query
from visualsearch.vectors import Vectors, normalise


class Engine:
    """A model version with its model and index. Create one per request, so that the index is refreshed.

    `model` and `index` are opened on first use and raise SearchUnavailableError if that fails.
    """

    def __init__(self, version: ModelVersion) -> None:
        self.version = version

    @classmethod
    def serving(cls) -> Engine:
        """Return the engine of the serving version. Raises SearchUnavailableError if there is none."""
        return cls(versions.serving_version())

    @cached_property
    def model(self) -> Model:
        """The version's model in this process, or its fallback."""
        return versions.get_model(self.version)

    @cached_property
    def index(self) -> VectorIndex:
        """The version's index in this process, refreshed on first use."""
        return indexing.fresh_index(self.version)

    def embed_query(self, photo: Image) -> Query:
        """Return the query of a photo (upright RGB). Raises SearchUnavailableError if no model can run."""
        return self.embed_queries([photo])[0]

    def embed_queries(self, photos: Sequence[Image]) -> list[Query]:
        """Return the queries of several photos, each for its first garment, by one call of the model.

        Raises as `embed_query` does.
        """
        if not photos:
            return []
        try:
            seen = self.model.predict_garments(photos)
        except ModelUnavailableError as error:
            raise SearchUnavailableError(error.message) from error
        descriptor = self.model.descriptor
        return [
            Query(
                version=self.version,
                garments=tuple(Garment.of(inference, descriptor) for inference in garments),
                map=garments[0].map,
            )
            for garments in seen
        ]

    def vector_like(self, stored: bytes) -> Vectors:
        """Return the vector of a query for a photo that is stored, as PhotoEmbedding has it."""
        vectors = np.frombuffer(stored, "<f2").reshape(-1, self.version.dimensions)
        whole = normalise(vectors[0].astype(np.float32))
        if self.version.vectors_a_photo == 1:
            # Without regions, stored vectors are compared as they are.
            return whole
        descriptor = self.model.descriptor
        # Only studio photos have more than one.
        return descriptor.query(*descriptor.parts_of(whole), studio=len(vectors) > 1)

    def vector_of(self, query: Query, *, emphasis: float = 0.0) -> Vectors:
        """Return the vector of a query, (dimensions,), whose products with stored vectors are similarities.

        `emphasis`: −1 is shape alone, +1 colour.

        Raises TokenOutdatedError for a query whose parts have other dimensions than the version's.
        """
        descriptor = self.model.descriptor
        try:
            shape, colour = query.garment.vectors(descriptor)
        except ValueError as error:
            raise TokenOutdatedError("token.expired") from error
        return descriptor.query(shape, colour, studio=query.garment.studio, emphasis=emphasis)
