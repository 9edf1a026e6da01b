"""French, as values are said in it."""

from streamer.call.spoken.words import Words, listed, numbered, paired, wordings

_ONES = numbered(
    "zéro/zero, un/une, deux, trois, quatre, cinq, six, sept, huit, neuf, dix, onze, douze, treize, quatorze, quinze, seize, "
    "dix sept, dix huit, dix neuf"
)
_TENS = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "quatre vingt": 80}


def _small() -> dict[str, int]:
    """Return the numbers below 100: above 60 and 80 one counts on to 19; Belgians and Swiss have 70 and 90."""
    made = dict(_ONES) | _TENS | {"quatre vingts": 80, "septante": 70, "huitante": 80, "nonante": 90}
    for ten, value in {**_TENS, "septante": 70, "nonante": 90}.items():
        for one, more in _ONES.items():
            if 0 < more < (20 if value in (60, 80) else 10):
                made[f"{ten} {one}"] = made[f"{ten} et {one}"] = value + more
    return made


WORDS = Words(
    small=_small(),
    scales={"cent": 100, "cents": 100, "mille": 1000, "million": 1_000_000, "millions": 1_000_000},
    linking=listed("et"),
    points=listed("virgule point"),
    minus=listed("moins"),
    halves={"et demi": 0.5, "et demie": 0.5},
    decimal_mark=",",
    multiples={"double": 2, "triple": 3},
    marks=paired(
        "arobase @, arrobas @, arobas @, chez @, point ., tiret -, trait d'union -, moins -, tiret bas _, "
        "souligné _, underscore _, plus +, apostrophe '"
    ),
    letters=paired(
        "bé b, cé c, dé d, effe f, gé g, ache h, ji j, ka k, elle l, emme m, enne n, pé p, erre r, esse s, té t, "
        "vé v, double vé w, ixe x, i grec y, zède z"
    ),
    spelled_by=("comme",),
    capital=listed("majuscule minuscule"),
    extension=listed("poste"),
    lead_ins=wordings(
        "je m'appelle, mon nom est, je suis, c'est, c'est le, c'est au, mon adresse email est, mon email est, mon mail est, mon adresse mail est, mon email est, "
        "mon numéro est, mon numéro est le, mon téléphone est le, le numéro est le, mon adresse est, l'adresse est, j'habite au, j'habite, je suis né le, je suis née le, le, "
        "ça s'écrit"
    ),
    fillers=listed("euh hum alors ben oui bon voilà s'il vous plaît merci et puis le la"),
    no_names=listed(
        "je veux voudrais pas sais quoi pourquoi comment aide peux pouvez avoir est non oui un une parler quelqu'un mon ma avec qui quand où téléphone"
    ),
    particles=listed("de la du des le van"),
    months=numbered(
        "janvier, février/fevrier, mars, avril, mai, juin, juillet, août/aout, septembre, octobre, novembre, décembre/decembre",
        first=1,
    ),
    weekdays=numbered("lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche"),
    ordinals={"premier": 1, "1er": 1},
    days={
        "aujourd'hui": 0,
        "demain": 1,
        "après demain": 2,
        "hier": -1,
        "avant hier": -2,
    },
    next_=listed("prochain prochaine"),
    last_=listed("dernier dernière"),
    this_=listed("ce cette"),
    week_on=("la semaine prochaine", "de la semaine prochaine", "en huit"),
    units={"jour": 1, "jours": 1, "semaine": 7, "semaines": 7},
    in_=listed("dans"),
    one_=listed("un une"),
    yes=listed(
        "oui ouais exact exactement correct correcte voilà parfait parfaitement absolument ok okay bien juste"
    ),
    no=listed("non pas faux incorrect erreur"),
    but=listed("mais sauf attendez presque"),
    positives=wordings("c'est ça, c'est bon, tout à fait, bien sûr"),
    beside=listed("c'est ça ce est n'est tout à fait bien sûr très merci"),
    answers=wordings(
        "oui, oui c'est ça, c'est ça, c'est exact, exact, non, ce n'est pas ça, non c'est faux, faux"
    ),
    restart=wordings("non, pardon, attendez, je veux dire, je recommence, erreur"),
    instead=wordings("au lieu de, et pas, pas"),
    waiting=wordings("un moment, un instant, une seconde, attendez, une minute, je regarde"),
    declining=wordings(
        "je n'en ai pas, je ne sais pas, je préfère ne pas le dire, aucun, aucune, non merci, passer"
    ),
    end_of=wordings("à la fin, finit par, se termine par, le dernier, les derniers"),
    beginning_of=wordings("au début, commence par, le premier, les premiers"),
    positions=numbered(
        "premier, deuxième, troisième, quatrième, cinquième, sixième, septième, huitième, neuvième, dixième",
        first=1,
    ),
    with_=listed("avec"),
    streets=listed("rue avenue boulevard place chemin impasse route quai allée"),
    house_number=listed("numéro"),
    postal_code=listed("postal"),
)
