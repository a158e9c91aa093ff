"""Draws the demo shop's photos.

`cuts` builds a garment from pieces of cloth (`piece`), in centimetres; `paint` shades each piece's weave, pattern and
folds; `scene` adds background and shadow; `draw` renders the photo. `assortment` defines the articles, and `demo_files`
writes the files that the shop loads. Nothing here uses the database.
"""
