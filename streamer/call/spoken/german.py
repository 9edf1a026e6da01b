"""German, as values are said in it."""

import re

from streamer.call.spoken.words import Words, listed, numbered, paired, with_tens, wordings

_ONES = numbered(
    "null, eins/ein/eine, zwei/zwo, drei, vier, fünf, sechs, sieben, acht, neun, zehn, elf, zwölf, dreizehn, vierzehn, fünfzehn, "
    "sechzehn, siebzehn, achtzehn, neunzehn"
)
_TENS = numbered(
    "zwanzig, dreißig/dreissig, vierzig, fünfzig, sechzig, siebzig, achtzig, neunzig", first=20, step=10
)
_ORDINALS = numbered(
    "erst, zweit, dritt, viert, fünft, sechst, siebt, acht, neunt, zehnt, elft, zwölft, dreizehnt, vierzehnt, fünfzehnt, "
    "sechzehnt, siebzehnt, achtzehnt, neunzehnt, zwanzigst, einundzwanzigst, zweiundzwanzigst, dreiundzwanzigst, "
    "vierundzwanzigst, fünfundzwanzigst, sechsundzwanzigst, siebenundzwanzigst, achtundzwanzigst, neunundzwanzigst, "
    "dreißigst, einunddreißigst",
    first=1,
)

WORDS = Words(
    small=with_tens(_ONES, _TENS, lambda ten, one, value: (f"{one}und{ten}",)),
    scales={"hundert": 100, "tausend": 1000, "million": 1_000_000, "millionen": 1_000_000},
    linking=listed("und"),
    parting=re.compile(r"(hundert|tausend)(?:und)?"),
    points=listed("komma punkt"),
    minus=listed("minus"),
    halves={"einhalb": 0.5, "und eine halbe": 0.5},
    decimal_mark=",",
    multiples={"doppel": 2, "doppelt": 2, "zweimal": 2, "dreimal": 3},
    marks=paired(
        "at @, ät @, et @, at zeichen @, klammeraffe @, punkt ., dot ., bindestrich -, minus -, strich -, "
        "unterstrich _, plus +, apostroph '"
    ),
    letters=paired(
        "be b, ce c, de d, ef f, ge g, ha h, jot j, ka k, el l, em m, en n, pe p, ku q, er r, es s, te t, vau v, "
        "we w, ix x, ypsilon y, zett z, zet z"
    ),
    spelled_by=("wie", "für"),
    capital=listed("groß klein großes kleines"),
    extension=listed("durchwahl"),
    lead_ins=wordings(
        "mein name ist, der name ist, mein name lautet, ich heiße, ich heisse, ich bin, hier ist, hier spricht, das ist, das wäre, es ist, "
        "meine email ist, meine email ist, meine mail ist, meine email adresse ist, meine email adresse ist, die email ist, meine nummer ist, "
        "meine telefonnummer ist, die nummer ist, sie erreichen mich unter, meine adresse ist, die adresse ist, ich wohne in der, "
        "ich wohne in, ich wohne am, ich bin geboren am, geboren am, mein geburtstag ist der, am, buchstabiert"
    ),
    fillers=listed("äh ähm hm also ja gut genau bitte danke und dann der die das"),
    no_names=listed(
        "ich will möchte brauche nicht weiß was warum wie hilfe kann können würde sie haben ist sind nein ja lieber ein eine zu bitte "
        "sprechen jemand es das mein meine mit wer wann wo telefon nummer adresse"
    ),
    particles=listed("von zu vom van der den de la"),
    months=numbered(
        "januar/jänner/jan, februar/feber/feb, märz, april/apr, mai, juni/juno/jun, juli/julei/jul, august/aug, september/sep, oktober/okt, "
        "november/nov, dezember/dez",
        first=1,
    ),
    weekdays=numbered("montag, dienstag, mittwoch, donnerstag, freitag, samstag/sonnabend, sonntag"),
    ordinals={f"{stem}{ending}": value for stem, value in _ORDINALS.items() for ending in ("e", "er", "en")},
    days={"heute": 0, "morgen": 1, "übermorgen": 2, "gestern": -1, "vorgestern": -2},
    next_=listed("nächsten nächster nächste nächstes"),
    last_=listed("letzten letzter letzte vergangenen"),
    this_=listed("diesen dieser kommenden kommender"),
    week_on=("nächste woche", "in einer woche", "kommende woche"),
    units={"tag": 1, "tage": 1, "tagen": 1, "woche": 7, "wochen": 7},
    in_=listed("in"),
    one_=listed("einem einer"),
    yes=listed("ja jawohl jo genau richtig stimmt korrekt passt exakt gut ok okay klar sicher perfekt"),
    no=listed("nein nee nö falsch nicht"),
    but=listed("aber außer moment fast"),
    positives=(),
    beside=listed("das ist es so ganz alles vielen dank leider"),
    answers=wordings(
        "ja, ja genau, ja das stimmt, genau, richtig, stimmt, nein, nein das ist falsch, falsch, das stimmt nicht"
    ),
    restart=wordings(
        "nein, entschuldigung, moment, ich meine, quatsch, falsch, noch mal, nochmal, von vorne"
    ),
    instead=wordings("statt, nicht, anstatt"),
    waiting=wordings(
        "einen moment, moment, moment bitte, einen augenblick, augenblick, sekunde, eine sekunde, warten sie, ich schaue nach"
    ),
    declining=wordings(
        "habe ich nicht, hab ich nicht, weiß ich nicht, das weiß ich nicht, ich weiß es nicht, möchte ich nicht sagen, keine, überspringen, nein danke"
    ),
    end_of=wordings("am ende, endet auf, endet mit, hinten, die letzte, die letzten, letzte"),
    beginning_of=wordings(
        "am anfang, beginnt mit, fängt an mit, vorne, die erste, die ersten, die vorwahl ist, vorwahl"
    ),
    positions=numbered(
        "erste, zweite, dritte, vierte, fünfte, sechste, siebte, achte, neunte, zehnte, elfte, zwölfte",
        first=1,
    ),
    with_=listed("mit"),
    streets=listed("straße strasse str weg allee platz gasse ring ufer damm"),
    house_number=listed("nummer hausnummer"),
    postal_code=listed("postleitzahl plz"),
)
