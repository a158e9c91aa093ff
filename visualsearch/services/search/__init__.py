"""The use case: a photo, its token or an article comes in, articles that look like it go out."""
