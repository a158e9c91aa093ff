"""The demos, and what loads them: a drawn one, shipped as files, and one of photographs from a public dataset.

The drawn one is `articles.json` and `pictures/`: `lab/drawings` designs the articles and draws the photos. Where it is,
`manage.py draw_demo` rewrites these files. The other is `photographs.csv`, a list of photos to fetch.
"""
