"""T-shirts and long sleeves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lab.drawings.article import LETTERS, Cut, Design, Way
from lab.drawings.assortment import patterns as p
from lab.drawings.cuts import knits, parts, prints, tops
from lab.drawings.piece import Cloth, Garment, Piece

_BODY = tops.Body()
_BOXY = replace(_BODY, chest=28, hem=28, waist=27.6, shoulder=24.5, length=66, sleeve=21, cuff=17, armpit=25)
_WOMEN = replace(
    _BODY, chest=22.5, waist=21, hem=22.6, shoulder=18.6, length=61, sleeve=15.5, cuff=13, armpit=21.5, neck=8.8
)
_LONG = knits.LONG_BODY
_FITTED = replace(_LONG, chest=22, waist=20.8, hem=22.2, shoulder=18.8, length=61, armpit=22, sleeve=56, cuff=8.6)


def _tee(body: tops.Body, width: float = 1.9) -> Cut:
    return lambda cloth, rng, accent: tops.tee(body, cloth, rng, collar_width=width)


def _pocket_tee(cloth: Cloth, rng: np.random.Generator, accent: str) -> Garment:
    garment = tops.tee(_BOXY, cloth, rng, collar_width=2.4)
    garment.add(parts.pocket((6.5, 19.5), (10.5, 11.5), cloth, accent, point=1.2))
    return garment


def _ringer(cloth: Cloth, rng: np.random.Generator, accent: str) -> Garment:
    garment = tops.tee(_BODY, cloth, rng, trim=cloth.plain(accent, "rib"), collar_width=2.2)
    garment.both(parts.cuff(_BODY, cloth.plain(accent, "rib"), 1.4))
    return garment


def _printed(motif: Callable[..., list[Piece]], *colours: str) -> Cut:
    def cut(cloth: Cloth, rng: np.random.Generator, accent: str) -> Garment:
        garment = tops.tee(_BODY, cloth, rng, collar_width=2.2)
        garment.add(*motif(0.0, 27.0, 8.6, colours or (accent,)))
        return garment

    return cut


def _jumper(body: tops.Body, neck: str = "crew", ribs: float = 6.0) -> Cut:
    return lambda cloth, rng, accent: knits.jumper(body, cloth, rng, neck=neck, ribs=ribs)


TOPS = (
    Design(
        "TS01",
        "t-shirt",
        "Atelier Nord",
        "Heavy cotton T-shirt",
        "T-shirt en coton épais",
        "A straight T-shirt of heavy organic jersey with a firm ribbed collar. It keeps its shape wash after wash.",
        "Un T-shirt droit en jersey bio épais, au col côtelé bien net. Il garde sa forme, lavage après lavage.",
        "29.90",
        LETTERS,
        _tee(_BODY, 2.3),
        Cloth("", "jersey"),
        (
            Way("white"),
            Way("black"),
            Way("terracotta"),
            Way("sage"),
        ),
    ),
    Design(
        "TS02",
        "t-shirt",
        "Maison Brisk",
        "Striped T-shirt",
        "T-shirt rayé",
        "Knitted stripes, a wide neck and a soft, slightly fitted line.",
        "Des rayures tricotées, une encolure dégagée, une coupe douce et légèrement cintrée.",
        "35.00",
        LETTERS,
        _tee(replace(_WOMEN, neckline="boat", neck=10, neck_depth=5), 1.5),
        Cloth("", "jersey"),
        (Way("navy", pattern=p.BRETON_NAVY, also=("white",)), Way("red", pattern=p.BRETON_RED, also=("white",))),
    ),
    Design(
        "TS03",
        "t-shirt",
        "Linnea & Fils",
        "Linen V-neck",
        "T-shirt en lin à col\N{NO-BREAK SPACE}V",
        "Pure European linen, knitted fine and airy, with a V-neck.",
        "Pur lin européen, tricoté fin et aéré, avec un col en V.",
        "45.00",
        LETTERS,
        _tee(replace(_WOMEN, neckline="v", neck_depth=15, hem=24), 1.0),
        Cloth("", "linen", stiffness=0.3),
        (Way("ecru"), Way("lilac")),
    ),
    Design(
        "TS04",
        "t-shirt",
        "Port Ouest",
        "Boxy pocket T-shirt",
        "T-shirt ample à poche",
        "A boxy cut with dropped shoulders and a patch pocket on the chest.",
        "Une coupe ample aux épaules tombantes, avec une poche plaquée sur la poitrine.",
        "32.00",
        LETTERS,
        _pocket_tee,
        Cloth("", "jersey"),
        (Way("mustard"), Way("petrol")),
    ),
    Design(
        "TS05",
        "t-shirt",
        "Port Ouest",
        "Sunset print T-shirt",
        "T-shirt imprimé « Couchant »",
        "The sun going down over the harbour, screen-printed with water-based inks.",
        "Le soleil qui descend sur le port, sérigraphié à l’encre à l’eau.",
        "34.00",
        LETTERS,
        _printed(prints.sun_print, "#d9863f", "#2f6070", "#7ea3a5"),
        Cloth("", "jersey"),
        (Way("ecru"),),
    ),
    Design(
        "TS06",
        "t-shirt",
        "Port Ouest",
        "Summit print T-shirt",
        "T-shirt imprimé « Sommet »",
        "Two peaks and a moon, for those who leave before dawn.",
        "Deux sommets et une lune, pour qui part avant l’aube.",
        "34.00",
        LETTERS,
        _printed(prints.peak_print, "#ead9a8", "#8aa0b5", "#d9e0e2"),
        Cloth("", "jersey"),
        (Way("navy"),),
    ),
    Design(
        "TS07",
        "t-shirt",
        "Atelier Nord",
        "Poster print T-shirt",
        "T-shirt imprimé « Affiche »",
        "Three bars and a disc, after the posters of the twenties.",
        "Trois barres et un disque, comme sur les affiches des années vingt.",
        "34.00",
        LETTERS,
        _printed(prints.bar_print, "#b23230", "#27344f", "#c9942f"),
        Cloth("", "jersey"),
        (Way("white"),),
    ),
    Design(
        "TS08",
        "t-shirt",
        "Maison Brisk",
        "Ringer T-shirt",
        "T-shirt à bords contrastés",
        "Contrasting ribs at neck and sleeves, as on the running tracks of the seventies.",
        "Bords côtelés contrastés au col et aux manches, comme sur les pistes des années soixante-dix.",
        "31.00",
        LETTERS,
        _ringer,
        Cloth("", "jersey"),
        (Way("white", "#b23230", also=("red",)), Way("lemon", "#2e5343", also=("green",))),
    ),
    Design(
        "TS09",
        "t-shirt",
        "Linnea & Fils",
        "Rugby stripe T-shirt",
        "T-shirt à larges rayures",
        "Broad stripes in heavy jersey with a boxy fit.",
        "De larges rayures dans un jersey épais, pour une coupe ample.",
        "39.00",
        LETTERS,
        _tee(_BOXY, 2.3),
        Cloth("", "jersey"),
        (Way("pine", pattern=p.STRIPES_WIDE, also=("white",)),),
    ),
    Design(
        "LS01",
        "longsleeve",
        "Maison Brisk",
        "Breton top",
        "Marinière",
        "The sailor's classic: tight cotton knit, boat neck, sleeves that stop at the wrist bone.",
        "Le classique des marins : coton serré, encolure bateau, manches à l’os du poignet.",
        "49.00",
        LETTERS,
        _tee(replace(_LONG, neckline="boat", neck=10.5, neck_depth=5, sleeve=55), 1.4),
        Cloth("", "jersey"),
        (Way("white", pattern=p.BRETON_NAVY, also=("navy",)), Way("navy", pattern=p.BRETON_ECRU, also=("white",))),
    ),
    Design(
        "LS02",
        "longsleeve",
        "Port Ouest",
        "Waffle henley",
        "Henley gaufré",
        "A long-sleeved top of waffle knit with three buttons at the neck.",
        "Un haut à manches longues en maille gaufrée, à trois boutons.",
        "42.00",
        LETTERS,
        lambda cloth, rng, accent: knits.henley(_LONG, cloth, rng, "#e8dfcc"),
        Cloth("", "mesh"),
        (Way("oat"), Way("rust")),
    ),
    Design(
        "LS03",
        "longsleeve",
        "Linnea & Fils",
        "Merino roll-neck",
        "Col roulé en mérinos",
        "Fine-gauge merino that neither itches nor pills. Close-fitting.",
        "Du mérinos fin qui ne gratte pas et ne bouloche pas. Coupe près du corps.",
        "79.00",
        LETTERS,
        _jumper(_FITTED, "roll", 4.5),
        Cloth("", "jersey", melange=0.15),
        (Way("black"), Way("camel"), Way("plum")),
    ),
    Design(
        "LS04",
        "longsleeve",
        "Atelier Nord",
        "Cable-knit jumper",
        "Pull torsadé",
        "Cables and moss stitch in five-ply lambswool.",
        "Torsades et point mousse en laine d’agneau cinq fils.",
        "95.00",
        LETTERS,
        _jumper(replace(_LONG, chest=28, waist=27.5, hem=27, cuff=12)),
        Cloth("", "cable", stiffness=0.7),
        (Way("ecru"), Way("pine")),
    ),
    Design(
        "LS05",
        "longsleeve",
        "Port Ouest",
        "Loopback sweatshirt",
        "Sweat en molleton",
        "Loopback cotton, brushed by nothing but time.",
        "Molleton bouclé en coton, une douceur qui vient avec le temps.",
        "59.00",
        LETTERS,
        _jumper(replace(_LONG, chest=27, waist=26.6, hem=26.4, cuff=12)),
        Cloth("", "sweat", melange=0.2),
        (Way("grey"), Way("petrol"), Way("rose")),
    ),
    Design(
        "LS06",
        "longsleeve",
        "Linnea & Fils",
        "V-neck jumper",
        "Pull à col\N{NO-BREAK SPACE}V",
        "A light knit with a deep V, to wear over a shirt or alone.",
        "Une maille légère au V profond, sur une chemise ou seule.",
        "69.00",
        LETTERS,
        _jumper(_LONG, "v"),
        Cloth("", "knit", melange=0.2),
        (Way("burgundy"), Way("sky")),
    ),
    Design(
        "LS07",
        "longsleeve",
        "Maison Brisk",
        "Retro stripe jumper",
        "Pull à rayures rétro",
        "Wide stripes in autumn colours, knitted in soft cotton.",
        "De larges rayures aux couleurs d’automne, en coton doux.",
        "65.00",
        LETTERS,
        _jumper(_LONG),
        Cloth("", "knit"),
        (Way("ecru", pattern=p.STRIPES_RETRO, also=("yellow", "brown")),),
    ),
)
