"""Text search: articles by a shopper's words, in English and French, on SQLite (FTS5) and PostgreSQL (tsvector)."""
