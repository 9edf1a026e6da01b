"""English, as values are said in it."""

from streamer.call.spoken.words import Words, listed, numbered, paired, with_tens, wordings

_ONES = numbered(
    "zero/oh/o/nought/naught, one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, fourteen, "
    "fifteen, sixteen, seventeen, eighteen, nineteen"
)
_TENS = numbered("twenty, thirty, forty, fifty, sixty, seventy, eighty, ninety", first=20, step=10)
_ORDINALS = numbered(
    "first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth, eleventh, twelfth, thirteenth, fourteenth, "
    "fifteenth, sixteenth, seventeenth, eighteenth, nineteenth, twentieth, twenty first, twenty second, twenty third, "
    "twenty fourth, twenty fifth, twenty sixth, twenty seventh, twenty eighth, twenty ninth, thirtieth, thirty first",
    first=1,
)

WORDS = Words(
    small=with_tens(_ONES, _TENS, lambda ten, one, _: (f"{ten} {one}",)),
    scales={"hundred": 100, "thousand": 1000, "million": 1_000_000},
    linking=listed("and"),
    points=listed("point dot"),
    minus=listed("minus negative"),
    halves={"and a half": 0.5, "and a quarter": 0.25, "and three quarters": 0.75},
    decimal_mark=".",
    multiples={"double": 2, "triple": 3, "treble": 3},
    marks=paired(
        "at @, at sign @, dot ., point ., period ., dash -, hyphen -, minus -, underscore _, under score _, plus "
        "+, dotcom .com, apostrophe '"
    ),
    letters=paired(
        "ay a, bee b, be b, see c, sea c, dee d, ef f, eff f, gee g, aitch h, haitch h, eye i, jay j, kay k, el "
        "l, ell l, em m, en n, pee p, pea p, queue q, cue q, are r, ar r, ess s, tee t, tea t, you u, vee v, "
        "double u w, double you w, ex x, why y, wye y, zee z, zed z"
    ),
    spelled_by=("as in", "for", "like", "is for"),
    capital=listed("capital uppercase lowercase"),
    extension=listed("extension ext"),
    lead_ins=wordings(
        "my name is, the name is, my name's, the name's, my full name is, my first name is, my last name is, i am, i'm, this is, "
        "you can call me, call me, it is, it's, its, that is, that's, that would be, it would be, spelled, that is spelled, "
        "my email is, my email address is, my email is, the email is, email me at, my number is, my phone number is, "
        "my cell is, the number is, you can reach me at, reach me at, call me at, my address is, the address is, i live at, "
        "we live at, we're at, i'm at, i was born on, my birthday is, my date of birth is, the date is, on"
    ),
    fillers=listed(
        "um uh er erm hmm mm well so okay ok yeah yes sure please thanks thank the and then like just actually alright right"
    ),
    no_names=listed(
        "i want need don't do not know what why how help can could would you have is are no yes yeah rather a an to please "
        "speak talk somebody someone it that my with who when where phone email number address"
    ),
    particles=listed("van der den de la le di da del von zu bin al el ter"),
    months=numbered(
        "january/jan, february/feb, march/mar, april/apr, may, june/jun, july/jul, august/aug, september/sep/sept, october/oct, "
        "november/nov, december/dec",
        first=1,
    ),
    weekdays=numbered("monday, tuesday, wednesday, thursday, friday, saturday, sunday"),
    ordinals=_ORDINALS,
    days={
        "today": 0,
        "tonight": 0,
        "tomorrow": 1,
        "the day after tomorrow": 2,
        "day after tomorrow": 2,
        "yesterday": -1,
        "the day before yesterday": -2,
        "day before yesterday": -2,
    },
    next_=listed("next"),
    last_=listed("last"),
    this_=listed("this coming"),
    week_on=("next week", "a week on", "a week from"),
    units={"day": 1, "days": 1, "week": 7, "weeks": 7, "fortnight": 14},
    in_=listed("in"),
    one_=listed("a an"),
    yes=listed(
        "yes yeah yep yup correct right exactly sure ok okay perfect absolutely affirmative fine good great huh mhm indeed"
    ),
    no=listed("no nope nah wrong incorrect not isn't don't"),
    but=listed("but except wait almost"),
    positives=wordings("that's it, that is it, you got it, uh huh"),
    beside=listed("that is that's it is it's very quite all fine thank you the that was wrong i said"),
    answers=wordings(
        "yes, yes it is, yes that is right, that is right, that's right, correct, right, no, no it is not, that is wrong, that's wrong, wrong"
    ),
    restart=wordings(
        "no, no no, sorry, no sorry, wait, no wait, i mean, correction, scratch that, start over, start again, let me start over, my mistake"
    ),
    instead=wordings("instead of, not, rather than"),
    waiting=wordings(
        "one moment, just a moment, hold on, hang on, one second, just a second, wait a second, wait a minute, one minute, "
        "just a minute, let me see, let me check, let me look, let me think"
    ),
    declining=wordings(
        "i don't have one, i do not have one, i don't know, i do not know, i don't have an email, i don't have email, "
        "i'd rather not, i'd rather not say, i would rather not, i prefer not to, i won't tell you, skip, skip it, skip that, none, "
        "i don't remember, i can't remember, no thanks, no thank you, not now"
    ),
    end_of=wordings("ends in, ends with, ending in, ending with, at the end, the end is, the last, last"),
    beginning_of=wordings(
        "starts with, begins with, starting with, at the beginning, the beginning is, the first, the area code is, area code"
    ),
    positions=numbered(
        "first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth, eleventh, twelfth",
        first=1,
    ),
    with_=listed("with"),
    streets=listed(
        "street st avenue ave road rd lane ln drive dr boulevard blvd court ct place pl way terrace square circle highway "
        "parkway close crescent row alley trail"
    ),
    house_number=listed("number house"),
    postal_code=listed("zip zipcode postcode postal"),
)


def ending(number: int) -> str:
    """Return the letters that make an ordinal of a number in digits."""
    return "th" if 11 <= number % 100 <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
