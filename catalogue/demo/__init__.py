"""The demo shop as files: its articles (`articles.json`), their photos (`pictures/`), and what loads both.

`lab/drawings` designs the articles and draws the photos. Where it is, `manage.py draw_demo` writes these files anew.
"""
