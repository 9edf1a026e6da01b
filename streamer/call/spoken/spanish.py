"""Spanish, as values are said in it."""

from streamer.call.spoken.words import Words, listed, numbered, paired, with_tens, wordings

_ONES = numbered(
    "cero, uno/un/una, dos, tres, cuatro, cinco, seis, siete, ocho, nueve, diez, once, doce, trece, catorce, quince, "
    "dieciséis/dieciseis, diecisiete, dieciocho, diecinueve, veinte, veintiuno/veintiún/veintiuna, veintidós/veintidos, veintitrés/veintitres, "
    "veinticuatro, veinticinco, veintiséis/veintiseis, veintisiete, veintiocho, veintinueve"
)
_TENS = numbered("treinta, cuarenta, cincuenta, sesenta, setenta, ochenta, noventa", first=30, step=10)

WORDS = Words(
    small=with_tens(_ONES, _TENS, lambda ten, one, _: (f"{ten} y {one}",)),
    hundreds=numbered(
        "cien/ciento, doscientos/doscientas, trescientos/trescientas, cuatrocientos, quinientos/quinientas, seiscientos, "
        "setecientos, ochocientos, novecientos",
        first=100,
        step=100,
    ),
    scales={"mil": 1000, "millón": 1_000_000, "millones": 1_000_000},
    linking=listed("y"),
    points=listed("coma punto"),
    minus=listed("menos"),
    halves={"y medio": 0.5, "y media": 0.5},
    decimal_mark=",",
    multiples={"doble": 2, "triple": 3},
    marks=paired(
        "arroba @, punto ., guion -, guión -, menos -, guion bajo _, guión bajo _, subrayado _, más +, apóstrofo "
        "'"
    ),
    letters=paired(
        "be b, ce c, efe f, ge g, hache h, jota j, ka k, ele l, eme m, ene n, eñe ñ, pe p, cu q, erre r, ere r, "
        "ese s, te t, uve v, doble uve w, equis x, ye y, i griega y, zeta z, ceta z"
    ),
    spelled_by=("de", "como"),
    capital=listed("mayúscula minúscula"),
    extension=listed("extensión"),
    lead_ins=wordings(
        "me llamo, mi nombre es, el nombre es, soy, habla, mi correo es, mi email es, mi correo electrónico es, el correo es, "
        "mi número es, mi teléfono es, el número es, mi dirección es, la dirección es, vivo en, vivo en la, nací el, mi fecha de nacimiento es, es, "
        "es el, el, se escribe"
    ),
    fillers=listed("eh em este pues bueno sí si vale por favor gracias y luego la el"),
    no_names=listed(
        "quiero necesito no sé qué por cómo ayuda puedo puede tengo hay un una hablar alguien mi con quién cuándo dónde teléfono"
    ),
    particles=listed("de la del los las y"),
    months=numbered(
        "enero, febrero, marzo, abril, mayo, junio, julio, agosto, septiembre/setiembre, octubre, noviembre, diciembre",
        first=1,
    ),
    weekdays=numbered("lunes, martes, miércoles/miercoles, jueves, viernes, sábado/sabado, domingo"),
    ordinals={"primero": 1, "primer": 1},
    days={"hoy": 0, "mañana": 1, "pasado mañana": 2, "ayer": -1, "anteayer": -2},
    next_=listed("próximo próxima"),
    last_=listed("pasado pasada último"),
    this_=listed("este esta"),
    week_on=("la próxima semana", "la semana que viene", "de la próxima semana", "de la semana que viene"),
    units={"día": 1, "días": 1, "semana": 7, "semanas": 7},
    in_=listed("en dentro"),
    one_=listed("un una"),
    yes=listed("sí si correcto correcta exacto exactamente claro vale bien perfecto ok okay eso ajá"),
    no=listed("no incorrecto incorrecta falso mal"),
    but=listed("pero espere espera excepto casi"),
    positives=wordings("así es, eso es, está bien"),
    beside=listed("es está eso muy así todo que lo gracias"),
    answers=wordings("sí, sí es correcto, correcto, así es, no, no es correcto, incorrecto"),
    restart=wordings("no, perdón, perdone, espere, quiero decir, digo, empiezo de nuevo, otra vez"),
    instead=wordings("en vez de, en lugar de, no"),
    waiting=wordings("un momento, un segundo, espere, espere un momento, un minuto, déjeme ver"),
    declining=wordings(
        "no tengo, no lo sé, no sé, prefiero no decirlo, ninguno, ninguna, no gracias, saltar"
    ),
    end_of=wordings("al final, termina en, termina con, acaba en, el último, los últimos, las últimas"),
    beginning_of=wordings("al principio, empieza por, empieza con, comienza con, el primero, los primeros"),
    positions=numbered(
        "primero, segundo, tercero, cuarto, quinto, sexto, séptimo, octavo, noveno, décimo", first=1
    ),
    with_=listed("con"),
    streets=listed("calle avenida plaza paseo camino carretera ronda vía"),
    house_number=listed("número"),
    postal_code=listed("código postal"),
)
