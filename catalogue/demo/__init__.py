"""The demo shop: an assortment of clothes, and pictures of them drawn by code.

A garment is cut (`cuts`) as pieces of cloth (`piece`) in centimetres; `paint` puts light on each piece's weave, pattern
and folds; `scene` lays it down somewhere; `draw` takes the picture. Only `loading` knows Django.
"""
