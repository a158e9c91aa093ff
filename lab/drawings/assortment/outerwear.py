"""Coats and jackets."""

from __future__ import annotations

from dataclasses import replace

from lab.drawings.article import LETTERS, Cut, Design, Way
from lab.drawings.assortment import patterns as p
from lab.drawings.cuts import coats, tops
from lab.drawings.cuts.coats import COAT_BODY, CoatCut
from lab.drawings.piece import Cloth

_LONG = replace(COAT_BODY, length=106, hem=31.5, neck_depth=25, waist=27)
_BLAZER = replace(COAT_BODY, neck_depth=32, chest=26.5, waist=24.4, hem=26.5, shoulder=22.5, length=74)
_SHORT = replace(COAT_BODY, length=60, hem=27)


def _coat(body: tops.Body, cut: CoatCut) -> Cut:
    return lambda cloth, rng, accent: coats.coat(body, cloth, rng, cut)


OUTERWEAR = (
    Design(
        "OW01",
        "outwear",
        "Atelier Nord",
        "Double-breasted coat",
        "Manteau croisé",
        "Felted wool, wide lapels, six buttons. It outlives fashions.",
        "Drap de laine, larges revers, six boutons. Il survit aux modes.",
        "249.00",
        LETTERS,
        _coat(_LONG, CoatCut("double", pockets="welt")),
        Cloth("", "wool", stiffness=0.7),
        (Way("camel"), Way("grey", pattern=p.HERRINGBONE)),
    ),
    Design(
        "OW02",
        "outwear",
        "Atelier Nord",
        "Two-button blazer",
        "Blazer deux boutons",
        "Half-lined, soft-shouldered, with flap pockets.",
        "Semi-doublé, épaules souples, poches à rabat.",
        "169.00",
        LETTERS,
        _coat(_BLAZER, CoatCut("lapel", opened=3.2)),
        Cloth("", "wool", stiffness=0.65),
        (Way("navy"), Way("black", pattern=p.HOUNDSTOOTH, also=("white",))),
    ),
    Design(
        "OW03",
        "outwear",
        "Port Ouest",
        "Puffer jacket",
        "Doudoune",
        "Recycled down, a hood, and a weight that one forgets.",
        "Duvet recyclé, capuche, et un poids qui s’oublie.",
        "139.00",
        LETTERS,
        _coat(replace(COAT_BODY, length=66, hem=29, cuff=15), CoatCut("zip", pockets="none", quilt=7.2, hood=True)),
        Cloth("", "nylon", gloss=0.2, stiffness=0.8),
        (Way("red"), Way("black"), Way("mustard")),
    ),
    Design(
        "OW04",
        "outwear",
        "Port Ouest",
        "Denim jacket",
        "Veste en jean",
        "Four pockets, metal buttons, copper thread.",
        "Quatre poches, boutons de métal, fil de cuivre.",
        "95.00",
        LETTERS,
        _coat(replace(_SHORT, hem=25.5), CoatCut("shirt", pockets="chest", thread="#cf9b58", opened=4.5)),
        Cloth("", "denim", stiffness=0.75),
        (Way("denim"), Way("raw")),
    ),
    Design(
        "OW05",
        "outwear",
        "Maison Brisk",
        "Bomber jacket",
        "Blouson bomber",
        "A light shell with ribbed collar, cuffs and hem.",
        "Une toile légère, col, poignets et base côtelés.",
        "119.00",
        LETTERS,
        _coat(_SHORT, CoatCut("zip", pockets="welt", ribs=True, lining="#b5652f", opened=4.5)),
        Cloth("", "nylon", gloss=0.13, stiffness=0.4),
        (Way("olive"), Way("burgundy")),
    ),
    Design(
        "OW06",
        "outwear",
        "Port Ouest",
        "Hooded parka",
        "Parka à capuche",
        "Waxed cotton, large flap pockets and a warm collar.",
        "Coton ciré, grandes poches à rabat, capuche chaude.",
        "179.00",
        LETTERS,
        _coat(replace(COAT_BODY, length=86, hem=30), CoatCut("zip", hood=True, opened=5.5)),
        Cloth("", "canvas", stiffness=0.6),
        (Way("olive"), Way("sand")),
    ),
    Design(
        "OW07",
        "outwear",
        "Linnea & Fils",
        "Belted trench coat",
        "Trench ceinturé",
        "Dense gabardine that the rain runs off, tied at the waist.",
        "Une gabardine serrée où glisse la pluie, nouée à la taille.",
        "189.00",
        LETTERS,
        _coat(replace(_LONG, neck_depth=20, waist=24.5), CoatCut("lapel", pockets="welt", belt=True)),
        Cloth("", "twill", stiffness=0.5),
        (Way("sand"),),
    ),
    Design(
        "OW08",
        "outwear",
        "Port Ouest",
        "Sailor's raincoat",
        "Ciré de marin",
        "A coated coat with a hood, for real weather.",
        "Un ciré à capuche, pour le vrai temps.",
        "109.00",
        LETTERS,
        _coat(replace(COAT_BODY, length=82, hem=31), CoatCut("zip", hood=True, lining="#2f3d55")),
        Cloth("", "smooth", gloss=0.22, stiffness=0.6),
        (Way("mustard"),),
    ),
    Design(
        "OW09",
        "outwear",
        "Maison Brisk",
        "Zipped hoodie",
        "Sweat zippé à capuche",
        "Brushed inside, with a lined hood and kangaroo pockets.",
        "Gratté à l’intérieur, capuche doublée, poches kangourou.",
        "69.00",
        LETTERS,
        _coat(replace(_SHORT, length=64), CoatCut("zip", pockets="kangaroo", ribs=True, hood=True, lining="#8d8f92")),
        Cloth("", "sweat", melange=0.3),
        (Way("grey"),),
    ),
    Design(
        "OW10",
        "outwear",
        "Atelier Nord",
        "Corduroy overshirt",
        "Surchemise en velours",
        "Between shirt and jacket, with two chest pockets.",
        "Entre chemise et veste, à deux poches poitrine.",
        "99.00",
        LETTERS,
        _coat(
            replace(COAT_BODY, length=70),
            CoatCut("shirt", pockets="chest", thread="#6b4527", metal="#5f4a38", lining="#4d4038", opened=3.5),
        ),
        Cloth("", "corduroy", stiffness=0.7),
        (Way("cognac"),),
    ),
)
