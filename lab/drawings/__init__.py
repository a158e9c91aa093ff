"""Draws the demo shop's photos.

A garment is cut (`cuts`) as pieces of cloth (`piece`) in centimetres; `paint` puts light on each piece's weave, pattern
and folds; `scene` lays it down somewhere; `draw` takes the picture. `assortment` says what there is to draw, and
`demo_files` writes the files that the shop loads. Nothing here knows the database.
"""
