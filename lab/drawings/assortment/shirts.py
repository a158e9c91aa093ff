"""Shirts and blouses."""

from __future__ import annotations

from dataclasses import replace

from lab.drawings.article import LETTERS, Cut, Design, Way
from lab.drawings.assortment import patterns as p
from lab.drawings.cuts import shirts, tops
from lab.drawings.piece import Cloth

_BODY = shirts.SHIRT_BODY
_BLOUSE = replace(_BODY, chest=23.5, waist=22, hem=24, shoulder=19.5, length=66, armpit=23, sleeve=54, cuff=9.5)
_SHORT = replace(_BODY, sleeve=23, cuff=18, arms=50, bend=0, length=68, neck_depth=8.5, chest=27.5, hem=27.5, waist=27)


def _shirt(body: tops.Body, cut: shirts.ShirtCut) -> Cut:
    return lambda cloth, rng, accent: shirts.shirt(body, cloth, rng, cut)


SHIRTS = (
    Design(
        "SH01",
        "shirt",
        "Linnea & Fils",
        "Oxford shirt",
        "Chemise oxford",
        "Button-down collar, chest pocket, mother-of-pearl buttons: the shirt that goes with all the others.",
        "Col boutonné, poche poitrine, boutons de nacre : la chemise qui va avec tout.",
        "59.00",
        LETTERS,
        _shirt(_BODY, shirts.ShirtCut("button-down")),
        Cloth("", "canvas"),
        (Way("sky"), Way("white")),
    ),
    Design(
        "SH02",
        "shirt",
        "Port Ouest",
        "Flannel shirt",
        "Chemise en flanelle",
        "Brushed on both sides, with two flap pockets. Warm as a jacket.",
        "Grattée des deux côtés, à deux poches à rabat. Chaude comme une veste.",
        "65.00",
        LETTERS,
        _shirt(_BODY, shirts.ShirtCut("classic", 2, True, button="#3b342f")),
        Cloth("", "sweat"),
        (Way("red", pattern=p.TARTAN_RED, also=("navy",)), Way("pine", pattern=p.TARTAN_GREEN, also=("navy",))),
    ),
    Design(
        "SH03",
        "shirt",
        "Linnea & Fils",
        "Linen band-collar shirt",
        "Chemise en lin à col officier",
        "Washed linen without a collar to fold.",
        "Lin lavé, sans col à repasser.",
        "72.00",
        LETTERS,
        _shirt(_BODY, shirts.ShirtCut("band", 0)),
        Cloth("", "linen", stiffness=0.25),
        (Way("ecru"), Way("terracotta")),
    ),
    Design(
        "SH04",
        "shirt",
        "Port Ouest",
        "Denim shirt",
        "Chemise en jean",
        "Light denim with topstitching and two pointed pockets.",
        "Un jean léger, surpiqué, à deux poches en pointe.",
        "69.00",
        LETTERS,
        _shirt(_BODY, shirts.ShirtCut("classic", 2, True, button="#d9d4c8", thread="#c9955a")),
        Cloth("", "denim"),
        (Way("denim"), Way("bleached")),
    ),
    Design(
        "SH05",
        "shirt",
        "Maison Brisk",
        "Holiday shirt",
        "Chemise de vacances",
        "A camp collar, short sleeves and a print that needs no occasion.",
        "Col ouvert, manches courtes, et un imprimé qui se passe d’occasion.",
        "55.00",
        LETTERS,
        _shirt(_SHORT, shirts.ShirtCut("camp", 0, tail=0)),
        Cloth("", "crepe", stiffness=0.3),
        (
            Way("pine", pattern=p.LEAVES_PINE),
            Way("sky", pattern=p.BRUSH_BLUE, also=("white",)),
            Way("terracotta", pattern=p.BRUSH_TERRACOTTA, also=("beige",)),
        ),
    ),
    Design(
        "SH06",
        "shirt",
        "Atelier Nord",
        "Poplin shirt",
        "Chemise en popeline",
        "Fine stripes, a classic collar and a pleat in the back.",
        "De fines rayures, un col classique, un pli dans le dos.",
        "62.00",
        LETTERS,
        _shirt(_BODY, shirts.ShirtCut("classic", 1)),
        Cloth("", "plain"),
        (
            Way("sky", pattern=p.SHIRT_STRIPES, also=("white",)),
            Way("bleached", pattern=p.BUTCHER_STRIPES, also=("white",)),
        ),
    ),
    Design(
        "SH07",
        "shirt",
        "Maison Brisk",
        "Gingham short-sleeved shirt",
        "Chemisette vichy",
        "Small checks, short sleeves, one pocket.",
        "Petits carreaux, manches courtes, une poche.",
        "49.00",
        LETTERS,
        _shirt(replace(_SHORT, neck_depth=5.4), shirts.ShirtCut("classic", 1, tail=3)),
        Cloth("", "plain"),
        (Way("sky", pattern=p.GINGHAM_BLUE, also=("white",)),),
    ),
    Design(
        "SH08",
        "shirt",
        "Linnea & Fils",
        "Silk-touch blouse",
        "Blouse satinée",
        "A fluid blouse with a hidden button band and narrow cuffs.",
        "Une blouse fluide à patte cachée et poignets étroits.",
        "68.00",
        LETTERS,
        _shirt(_BLOUSE, shirts.ShirtCut("classic", 0, hidden=True)),
        Cloth("", "smooth", gloss=0.2, stiffness=0.1),
        (Way("ecru"), Way("petrol")),
    ),
)
