"""From a query to articles: the token that carries a query, the nearest vectors, and the rows of their articles."""
