"""Static files under names that hold their digests, in what scripts import too."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it has no types
    """WhiteNoise's, which leaves what a module imports under its bare name unless told otherwise."""

    support_js_module_import_aggregation = True
