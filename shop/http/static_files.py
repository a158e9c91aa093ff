"""Static files with content hashes in their names, also in the imports of JavaScript modules."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it has no types
    """WhiteNoise's storage, which by default does not rewrite the imports of JavaScript modules."""

    support_js_module_import_aggregation = True
