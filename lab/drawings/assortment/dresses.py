"""Dresses and skirts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lab.drawings.article import WOMEN, Cut, Design, Way
from lab.drawings.assortment import patterns as p
from lab.drawings.cuts import dresses, knits, parts, shirts, skirts, tops
from lab.drawings.cuts.dresses import DRESS_BODY, DressCut
from lab.drawings.cuts.skirts import Fall
from lab.drawings.piece import Cloth, Garment

_V = replace(DRESS_BODY, neckline="v", neck_depth=15)


def _dress(body: tops.Body, fall: Fall, cut: DressCut) -> Cut:
    return lambda cloth, rng, accent: dresses.dress(body, fall, cloth, rng, cut)


def _shirt_dress(cloth: Cloth, rng: np.random.Generator, accent: str) -> Garment:
    body = replace(
        shirts.SHIRT_BODY, chest=23.5, waist=23, hem=29, shoulder=20, length=106, armpit=23, sleeve=54, cuff=9.5
    )
    garment = shirts.shirt(body, cloth, rng, shirts.ShirtCut("classic", 2, tail=7))
    at = next(n for n, piece in enumerate(garment.pieces) if piece.tube and len(piece.tube.nodes) == 3)
    garment.pieces[at:at] = parts.belt(43, 23.6, 3.4, cloth, tie=True)
    return garment


def _long_tee(cloth: Cloth, rng: np.random.Generator, accent: str) -> Garment:
    body = replace(tops.Body(), chest=24, waist=25, hem=30, shoulder=20, length=92, sleeve=18, cuff=15, armpit=22.5)
    return tops.tee(body, cloth, rng)


def _knit_dress(cloth: Cloth, rng: np.random.Generator, accent: str) -> Garment:
    body = replace(
        knits.LONG_BODY, chest=21, waist=19.5, hem=22.5, shoulder=18.5, length=104, armpit=21.5, sleeve=55, cuff=8.4
    )
    return knits.jumper(body, cloth, rng, neck="roll", ribs=0)


def _skirt(fall: Fall, *, band: float = 4.0, thread: str = "", elastic: bool = False) -> Cut:
    return lambda cloth, rng, accent: skirts.skirt(fall, cloth, rng, band_height=band, thread=thread, elastic=elastic)


DRESSES = (
    Design(
        "DR01",
        "dress",
        "Maison Brisk",
        "Floral tea dress",
        "Robe fleurie ceinturée",
        "A round neck, short sleeves and a full skirt, tied at the waist.",
        "Col rond, manches courtes, jupe ample nouée à la taille.",
        "89.00",
        WOMEN,
        _dress(DRESS_BODY, Fall(hem=37, length=63), DressCut(belt="tie")),
        Cloth("", "crepe", stiffness=0.3),
        (
            Way("navy", pattern=p.FLOWERS_NAVY),
            Way("ecru", pattern=p.FLOWERS_CREAM, also=("pink",)),
            Way("black", pattern=p.FLOWERS_BLACK, also=("red",)),
        ),
    ),
    Design(
        "DR02",
        "dress",
        "Linnea & Fils",
        "Tiered linen dress",
        "Robe à volants en lin",
        "Three gathered tiers of washed linen and a deep V. For heat, and for dancing.",
        "Trois volants froncés en lin lavé et un V profond. Pour la chaleur et pour danser.",
        "119.00",
        WOMEN,
        _dress(_V, Fall(hem=39, length=72, tiers=3, depth=0.8), DressCut(sleeves=False)),
        Cloth("", "linen", stiffness=0.4),
        (Way("terracotta"), Way("white")),
    ),
    Design(
        "DR03",
        "dress",
        "Atelier Nord",
        "Satin slip dress",
        "Robe nuisette en satin",
        "Cut on the bias, on fine straps, with a cowl of light.",
        "Coupée dans le biais, à fines bretelles, toute en reflets.",
        "99.00",
        WOMEN,
        _dress(
            replace(DRESS_BODY, chest=20.5, hem=18.4),
            Fall(hem=27, length=70, count=4, depth=0.9),
            DressCut(straps=True),
        ),
        Cloth("", "smooth", gloss=0.24, stiffness=0.1),
        (Way("pine"), Way("rose")),
    ),
    Design(
        "DR04",
        "dress",
        "Port Ouest",
        "Belted shirt dress",
        "Robe chemise ceinturée",
        "A long shirt with a belt of the same cloth and two chest pockets.",
        "Une longue chemise, sa ceinture assortie et deux poches poitrine.",
        "95.00",
        WOMEN,
        _shirt_dress,
        Cloth("", "plain", stiffness=0.35),
        (Way("camel"), Way("sky", pattern=p.BUTCHER_STRIPES, also=("white",))),
    ),
    Design(
        "DR05",
        "dress",
        "Linnea & Fils",
        "Roll-neck knit dress",
        "Robe pull à col roulé",
        "Ribbed from neck to calf, close and warm.",
        "Côtelée du col au mollet, près du corps et chaude.",
        "110.00",
        WOMEN,
        _knit_dress,
        Cloth("", "rib"),
        (Way("oat"), Way("burgundy")),
    ),
    Design(
        "DR06",
        "dress",
        "Port Ouest",
        "T-shirt dress",
        "Robe T-shirt",
        "The heavy T-shirt, down to the knee.",
        "Le T-shirt épais, jusqu’au genou.",
        "49.00",
        WOMEN,
        _long_tee,
        Cloth("", "jersey"),
        (Way("grey"), Way("navy", pattern=p.BRETON_ECRU, also=("white",))),
    ),
    Design(
        "DR07",
        "dress",
        "Maison Brisk",
        "Polka-dot midi dress",
        "Robe midi à pois",
        "Buttoned from neck to hem, with a seam at the waist and light sleeves.",
        "Boutonnée du col à l’ourlet, taillée à la ceinture, manches légères.",
        "92.00",
        WOMEN,
        _dress(replace(_V, neck_depth=12), Fall(hem=34, length=68, count=7), DressCut(belt="seam", buttons="#efe6d6")),
        Cloth("", "crepe", stiffness=0.3),
        (Way("navy", pattern=p.DOTS_NAVY, also=("white",)), Way("rust", pattern=p.DOTS_RUST)),
    ),
    Design(
        "DR08",
        "dress",
        "Maison Brisk",
        "Gingham sundress",
        "Robe d’été vichy",
        "Thin straps, a square look and a skirt with room for a bicycle.",
        "Fines bretelles et jupe assez ample pour le vélo.",
        "75.00",
        WOMEN,
        _dress(DRESS_BODY, Fall(hem=38, length=52, count=10), DressCut(straps=True)),
        Cloth("", "plain", stiffness=0.4),
        (Way("red", pattern=p.GINGHAM_RED, also=("white",)), Way("lemon")),
    ),
)

SKIRTS = (
    Design(
        "SK01",
        "skirt",
        "Port Ouest",
        "Denim skirt",
        "Jupe en jean",
        "A short A-line with patch pockets and topstitching.",
        "Courte et trapèze, à poches plaquées et surpiqûres.",
        "55.00",
        WOMEN,
        _skirt(Fall(18, 24, 26, 42, depth=0, pockets=True, dip=1.2), thread="#c78f4a"),
        Cloth("", "denim", stiffness=0.85),
        (Way("denim"), Way("raw")),
    ),
    Design(
        "SK02",
        "skirt",
        "Atelier Nord",
        "Pleated midi skirt",
        "Jupe midi plissée",
        "Knife pleats set by heat, that swing with each step.",
        "Des plis couchés fixés à chaud, qui dansent à chaque pas.",
        "79.00",
        WOMEN,
        _skirt(Fall(17.5, 24, 36, 70, 22, 0.7, "knife", dip=2), elastic=True),
        Cloth("", "crepe", stiffness=0.8),
        (Way("sage"), Way("burgundy")),
    ),
    Design(
        "SK03",
        "skirt",
        "Maison Brisk",
        "Wrap skirt",
        "Jupe portefeuille",
        "Wrapped and tied: one size fits many summers.",
        "Croisée, nouée : elle traverse les étés.",
        "65.00",
        WOMEN,
        _skirt(Fall(17.5, 24, 33, 64, 6, 0.9, wrap=True)),
        Cloth("", "crepe", stiffness=0.3),
        (Way("sage", pattern=p.FLOWERS_SAGE), Way("sand", pattern=p.LEAVES_SAND, also=("green",))),
    ),
    Design(
        "SK04",
        "skirt",
        "Atelier Nord",
        "Satin bias skirt",
        "Jupe satinée en biais",
        "A fluid skirt cut on the bias, with a hidden elastic.",
        "Une jupe fluide coupée dans le biais, à élastique caché.",
        "69.00",
        WOMEN,
        _skirt(Fall(17, 23, 28, 68, 4, 0.9), band=2.6),
        Cloth("", "smooth", gloss=0.24, stiffness=0.1),
        (Way("oat"), Way("petrol")),
    ),
    Design(
        "SK05",
        "skirt",
        "Linnea & Fils",
        "Wool kilt skirt",
        "Jupe kilt en laine",
        "Box pleats in Scottish checks.",
        "Des plis creux dans un tartan d’Écosse.",
        "85.00",
        WOMEN,
        _skirt(Fall(18, 23, 27, 46, 14, 0.55, "box", dip=1.4)),
        Cloth("", "wool", stiffness=0.8),
        (Way("pine", pattern=p.TARTAN_GREEN, also=("navy",)), Way("camel", pattern=p.TARTAN_CAMEL)),
    ),
    Design(
        "SK06",
        "skirt",
        "Linnea & Fils",
        "Buttoned linen skirt",
        "Jupe boutonnée en lin",
        "Mid-length, with buttons of corozo nut all the way down.",
        "Mi-longue, boutonnée de haut en bas de corozo.",
        "72.00",
        WOMEN,
        _skirt(Fall(17.5, 24, 32, 62, 7, 0.7, buttons="#7a5a3c")),
        Cloth("", "linen", stiffness=0.4),
        (Way("rust"), Way("white")),
    ),
    Design(
        "SK07",
        "skirt",
        "Maison Brisk",
        "Tiered maxi skirt",
        "Jupe longue à volants",
        "Three tiers down to the ankle.",
        "Trois volants jusqu’à la cheville.",
        "68.00",
        WOMEN,
        _skirt(Fall(17.5, 24, 40, 80, 9, 0.8, tiers=3), elastic=True),
        Cloth("", "plain", stiffness=0.4),
        (Way("black"), Way("lilac")),
    ),
    Design(
        "SK08",
        "skirt",
        "Port Ouest",
        "Corduroy mini skirt",
        "Mini-jupe en velours côtelé",
        "Wide-wale corduroy with a row of metal buttons.",
        "Du velours à grosses côtes et une rangée de boutons de métal.",
        "52.00",
        WOMEN,
        _skirt(Fall(18, 24, 25, 40, depth=0, dip=1, buttons="#b58a4d"), thread="#5f3a20"),
        Cloth("", "corduroy", stiffness=0.9),
        (Way("cognac"),),
    ),
)
