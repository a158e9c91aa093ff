"""What shoppers type, and what of the demo's products must come first.

Each line: the query, then how many of the first results are judged, then of what they must be: the beginnings of their
SKUs, any of them, and after a plus sign a colour that they must have. 0 says that nothing is found.

The rules and synonyms were tuned to TUNED alone. HELD_OUT was written before it was run, and judges them.
"""

TUNED = """
linnen dress | 2 DR02
sweater | 5 LS04 LS07 LS06
jumper | 5 LS04 LS07 LS06
pullover | 5 LS04 LS07 LS06
trainers | 7 CH01 CH02 CH03
sneakers | 4 CH01 CH02
baskets | 7 CH01 CH02 CH03
robe rouge | 1 DR05+red
robe rouge | 3 DR+red
red dress | 3 DR+red
hat | 16 HA
Été | 2 DR08
été | 2 DR08
ete | 2 DR08
pants | 11 PA
trousers | 11 PA
tee | 15 TS
t shirt | 15 TS
tshirt | 15 TS
T-Shirts | 15 TS
chemise blanche | 1 SH01+white
chemises blanches | 1 SH01+white
white shirt | 3 SH+white
"linen dress" | 2 DR02
jupe plissee | 2 SK02
jupes plissées | 2 SK02
pleated skirt | 2 SK02
manteaux | 2 OW01
navy | 5 +navy
bleu marine | 5 +navy
dreses | 5 DR
trouers | 5 PA
snekers | 4 CH01 CH02
vest en jean | 2 OW04
robe en lin | 2 DR02
lin | 5 TS03 SH03 PA07 SO04 SK06 DR02
linen | 5 TS03 SH03 PA07 SO04 SK06 DR02
beanie | 2 HA01
bonnet | 4 HA01 HA02
casquette bleu marine | 1 HA03+navy
ts01-02 | 1 TS01-02
TS0102 | 1 TS01-02
doudoune | 3 OW03
puffer | 3 OW03
raincoat | 2 OW07 OW08
trench | 1 OW07
hoodie | 1 OW09
sweat à capuche | 1 OW09
shorts | 12 SO
short | 12 SO
short dress | 3 DR
black boots | 1 CH05+black
bottines noires | 1 CH05+black
zzzz |  0
zzzz dress | 5 DR
robe à fleurs | 3 DR01
floral dress | 3 DR01
grey | 5 +grey
gray joggers | 1 PA06+grey
Atelier Nord | 5 TS LS PA SK DR OW SH HA
"""

HELD_OUT = """
blazzer | 2 OW02
denim jaket | 2 OW04
veste en jean | 2 OW04
jean noir | 1 PA02+black
black jeans | 1 PA02+black
blue jeans | 1 PA01+blue
skirts | 15 SK
mini jupe | 1 SK08
mini skirt | 1 SK08
jupe longue | 2 SK07
maxi skirt | 2 SK07
purple skirt | 1 SK+purple
jupe violette | 1 SK+purple
pull bordeaux | 1 LS06+red
turtleneck | 3 LS03
col roulé noir | 1 LS03+black
col roule | 3 LS03
mariniere | 2 LS01
striped t-shirt | 2 TS02
t-shirt rayé | 2 TS02
tshirt raye | 2 TS02
t-shirt vert | 2 TS+green
green tee | 2 TS+green
chemise en lin | 2 SH03
linen shirts | 2 SH03
blouses | 2 SH08
chemisier | 2 SH08
pantalon large | 2 PA07
wide leg trousers | 2 PA07
velours cotelé | 2 PA04 SK08
corduroy | 3 PA04 SK08 OW10
jogging gris | 1 PA06+grey
sweatpants | 2 PA06
swim trunks | 2 SO06
maillot short de bain | 1 SO06
bermudas | 2 SO05
robe d'été | 2 DR08
summer dress | 2 DR08
robe de soirée satin | 2 DR03
satin dress | 2 DR03
polka dots | 2 DR07
robe à pois | 2 DR07
yellow dress | 1 DR08+yellow
robe jaune | 1 DR08+yellow
imperméable | 2 OW07 OW08
parka kaki | 1 OW06+green
manteau beige | 1 OW01+beige
camel coat | 1 OW01+beige
loafers | 2 CH06
mocassin marron | 1 CH06+brown
heels | 2 CH08
escarpins rouges | 1 CH08+red
ballet flats | 2 CH09
ankle boots | 4 CH04 CH05
running shoes | 3 CH03
chaussures de course | 3 CH03
straw hat | 2 HA06
chapeau de paille | 2 HA06
beret | 2 HA07
woolen hat | 2 HA07 HA01 HA02
"""
