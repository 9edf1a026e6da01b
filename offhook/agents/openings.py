"""What persons and machines say when they answer a call, by language: what each is known by unless settings say otherwise.

A phrase counts as whole words, in any case and without punctuation. What is written in several ways (`can't`, `can not`)
stands here in each of them, since recognisers differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from offhook.vocabulary import AnsweredBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Openings:
    """The wordings of one language.

    `voicemail_or_person` is what people say too: it tells a machine only in talk that goes on for longer than theirs.
    `hold_on` is said while somebody is fetched, `hello` by whoever comes.
    """

    person: tuple[str, ...]
    voicemail: tuple[str, ...]
    voicemail_or_person: tuple[str, ...]
    screening: tuple[str, ...]
    menu: tuple[str, ...]
    not_in_service: tuple[str, ...]
    hold_on: tuple[str, ...]
    hello: tuple[str, ...]

    def of(self, kind: AnsweredBy) -> tuple[str, ...]:
        """Return what tells this kind, whoever else may say it."""
        phrases: tuple[str, ...] = getattr(self, kind.value)
        return phrases


def _each(template: str, *words: str) -> tuple[str, ...]:
    return tuple(template.format(word) for word in words)


_ENGLISH = Openings(
    person=(
        "who is this", "who's this", "who is calling", "who's calling", "who am i speaking", "who are you",
        "can i take a message", "may i take a message", "shall i take a message", "want me to take a message",
        "like to leave a message with", "would you like to leave a message", "do you want to leave a message",
        "can i help you", "may i help you", "how can i help", "how may i help", "what can i do for you",
        "how may i direct your call", "how can i direct your call", "wrong number", "what is this about", "what's this about",
        "can you hear me", "speaking how",
    ),
    voicemail=(
        "leave a message", "leave your message", "leave me a message", "leave us a message", "leave a brief message",
        "leave a short message", "leave a detailed message", "please leave a message after the tone",
        "leave your name", "leave me your name", "leave a voicemail", "leave a voice message", "record your message",
        "record a message", "after the tone", "after the beep", "at the tone", "at the beep", "wait for the beep",
        "reached the voicemail", "reached the voice mail", "reached the voice mailbox", "reached the mailbox",
        "voice messaging system", "voice message system", "to voicemail", "to voice mail", "voicemail box",
        "mailbox is full", "inbox is full", "mailbox has not been set up", "not set up a voicemail",
        "voicemail that has not been set up", "can't accept any messages", "not accepting messages", "no one is available to take", "nobody is available to take",
        "hear the tone", "hear the beep", "speak after the", "talk after the", "leave us your name",
    ),
    voicemail_or_person=(
        "not available right now", "not available at the moment", "is not available", "isn't available", "are not available",
        "aren't available", "currently unavailable", "can not take your call", "can't take your call", "cannot take your call",
        "unable to take your call", "can not come to the phone", "can't come to the phone", "cannot come to the phone",
        "unable to come to the phone", "can't answer the phone", "can't get to the phone", "away from my desk",
        "away from my phone", "away from the phone", "out of the office", "not in the office", "we're not in", "not at home",
        "call you back as soon", "get back to you as soon", "return your call", "missed your call", "sorry we missed", "know what to do", "try again later", "try your call again later",
        "call again later", "call back later", "ring you back", "i'll call you back", "send me a text", "shoot me a text", "can't talk right now",
        "unable to answer", "not able to answer", "nobody is home", "no one is home",
    ),
    screening=(
        "say your name", "please say your name and why you are calling", "state your name", "record your name", "give your name and the reason", "tell me your name and",
        "name and reason for calling", "name and the reason for", "name and why you", "who is calling and why",
        "what you're calling about and i'll", "if this person is available", "see if they are available",
        "see if they're available", "screening service", "call screening", "screening this call", "screening their calls",
        "screening calls", "call assistant", "get a copy of this conversation", "before i try to connect you", "being screened", "tell me who you are and", "say who you are",
        "purpose of your call", "like to know who is calling", "like to know who's calling",
        "will try to connect you",
    ),
    menu=(
        *_each(
            "press {}", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "zero", "star", "pound", "hash",
            *"1234567890",
        ),
        "press the", "for sales press one", "to leave a message press", "to leave a voicemail press", "main menu", "following options", "following menu", "menu options", "options have changed",
        "listen carefully", "repeat these options", "hear these options again", "party's extension", "know the extension",
        "know your extension", "dial by name", "in a few words", "you can say things like", "at any time say", "just say",
        *_each("for {} say", "sales", "support", "service", "billing", "english", "appointments", "reservations"),
        "please say sales", "say operator", "say representative", "please choose from", "please select from", "press or say", "say or enter", "one of the options", "one of the following",
        "pound key", "hash key", "star key", "please enter your", "your keypad", "for more options", "speak to a representative",
        "speak with a representative", "make your selection", "make a selection", "repeat this message", "to repeat this menu", "hear this menu again",
        "para español",
    ),
    not_in_service=(
        "not in service", "no longer in service", "out of service", "has been disconnected", "number is disconnected",
        "not a working number", "not a valid number", "number is invalid", "number is not valid", "does not exist",
        "number has been changed", "completed as dialed", "completed as dialled", "not been recognised",
        "not been recognized", "number is not recognised", "number is not recognized", "not assigned",
        "please check the number and", "no longer in use", "not in use", "the new number is",
        "been changed to", "number is unknown", "number is not known", "number you have dialed is incorrect", "the number you have dialed is not in service",
        "the number you have dialed has been disconnected",
    ),
    hold_on=(
        "stay on the line", "stay on line", "please hold", "hold the line", "hold on", "hold while", "one moment", "a moment",
        "one second", "bear with", "thank you", "thanks", "see if", "checking if", "connecting you", "connect your call",
        "trying to connect", "transferring you", "transfer your call", "call is important", "next available", "in the queue",
        "in line", "may be recorded", "is being recorded", "will be with you", "are you still there", "they are on another call",
    ),
    hello=("hello", "hi", "hey", "hello hello", "yes hello", "yes", "speaking", "this is he", "this is she", "who is this"),
)  # fmt: skip

_GERMAN = Openings(
    person=(
        "wer ist da", "wer spricht da", "mit wem spreche ich", "wer sind sie", "worum geht es", "worum geht's",
        "kann ich etwas ausrichten", "soll ich etwas ausrichten", "kann ich was ausrichten", "möchten sie eine nachricht hinterlassen",
        "wie kann ich ihnen helfen", "wie kann ich helfen", "was kann ich für sie tun", "kann ich ihnen helfen", "falsch verbunden",
        "hören sie mich", "am apparat", "was möchten sie", "spricht denn da",
    ),
    voicemail=(
        "nachricht hinterlassen", "hinterlassen sie", "hinterlasst", "hinterlasse eine nachricht", "hinterlass eine nachricht",
        "nach dem signalton", "nach dem ton", "nach dem piep", "nach dem pfeifton", "nach dem signal", "mailbox von",
        "die mailbox", "anrufbeantworter", "sprachbox", "sprachnachricht", "mailbox ist voll", "auf band sprechen",
        "sprechen sie nach", "ihre nachricht", "nachricht nach dem", "sprich nach dem", "mailbox erreicht", "sprechen nach dem",
    ),
    voicemail_or_person=(
        "nicht erreichbar", "gerade nicht da", "im moment nicht da", "zurzeit nicht da", "nicht ans telefon gehen",
        "nicht ans telefon kommen", "nicht persönlich entgegennehmen", "ihren anruf leider nicht", "rufe sie zurück",
        "rufen sie zurück", "rufe zurück", "außer haus", "nicht im büro", "nicht entgegennehmen", "bald wie möglich zurück", "später noch einmal", "später noch mal", "nicht zu hause",
        "schnellstmöglich zurück", "melde mich", "melden uns",
    ),
    screening=(
        "nennen sie ihren namen", "sagen sie ihren namen", "namen und den grund", "ihren namen und grund", "warum sie anrufen",
        "grund ihres anrufs", "grund für ihren anruf", "ob die person verfügbar ist", "ob diese person verfügbar ist",
        "ob die person erreichbar ist", "anrufannahme", "anruffilter", "anrufassistent", "anruf wird gefiltert", "wer sie sind und", "sagen sie wer sie sind", "eine kopie dieser unterhaltung",
    ),
    menu=(
        *_each(
            "drücken sie {}", "die", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "null",
            *"1234567890",
        ),
        *_each("drücken sie bitte {}", "die", "eins", "zwei", "drei", "null", *"1230"),
        *_each("wählen sie {}", "die", "eins", "zwei", "drei", "null", *"1230"),
        "wählen sie bitte", "hauptmenü", "folgenden optionen", "folgenden möglichkeiten", "sagen sie bitte", "sagen sie einfach",
        "die rautetaste", "die sterntaste", "durchwahl kennen", "in wenigen worten", "in ein paar worten", "eine der folgenden", "bitte wählen sie", "treffen sie ihre auswahl", "treffen sie eine auswahl",
        "raute", "über die tasten",
    ),
    not_in_service=(
        "nummer ist nicht vergeben", "rufnummer ist nicht vergeben", "nicht vergeben", "kein anschluss unter dieser nummer",
        "rufnummer ist ungültig", "nummer ist ungültig", "nicht mehr vergeben", "anschluss ist nicht mehr", "rufnummer hat sich geändert",
        "nummer hat sich geändert", "rufnummer ist nicht geschaltet", "außer betrieb", "rufnummer existiert nicht", "nummer existiert nicht", "uns nicht bekannt", "nummer ist nicht bekannt", "nicht mehr in betrieb",
        "nicht mehr geschaltet", "nicht mehr gültig", "prüfen sie die rufnummer", "die neue rufnummer",
    ),
    hold_on=(
        "bleiben sie am apparat", "bleiben sie dran", "bleiben sie in der leitung", "einen moment", "einen augenblick", "moment bitte",
        "augenblick bitte", "bitte warten", "danke", "vielen dank", "ich sehe nach", "ich prüfe", "werden verbunden", "ich verbinde",
        "nächste freie", "gleich für sie da", "aufgezeichnet", "warteschleife", "sind sie noch da",
    ),
    hello=("hallo", "ja", "ja hallo", "ja bitte", "guten tag", "am apparat", "wer ist da"),
)  # fmt: skip

_SPANISH = Openings(
    person=(
        "quién es", "quién habla", "con quién hablo", "de parte de quién", "quién llama", "quién le llama", "qué desea",
        "quiere dejar un recado", "quiere dejarle un recado", "quiere dejar un mensaje", "le doy algún recado", "en qué puedo ayudarle",
        "en qué le puedo ayudar", "en qué puedo ayudar", "cómo puedo ayudarle", "número equivocado", "se ha equivocado", "me oye",
        "de qué se trata",
    ),
    voicemail=(
        "deje un mensaje", "deje su mensaje", "deja un mensaje", "deja tu mensaje", "déjame un mensaje", "déjeme un mensaje",
        "dejar un mensaje", "dejar su mensaje", "dejar tu mensaje", "deje su nombre", "deja tu nombre", "grabe su mensaje",
        "graba tu mensaje", "después de la señal", "después del tono", "tras la señal", "tras el tono", "al oír la señal",
        "al escuchar el tono", "después del pitido", "buzón de voz", "contestador", "el buzón está lleno", "buzón lleno",
        "casilla de mensajes", "dejes un mensaje", "deje el mensaje", "escuche la señal", "oigas la señal", "cuando suene",
    ),
    voicemail_or_person=(
        "no está disponible", "no estoy disponible", "no estamos disponibles", "no puedo atender", "no puede atender",
        "no podemos atender", "no puedo contestar", "no puede contestar", "en este momento no está", "ahora no está", "no se encuentra",
        "te llamaré", "le llamaré", "le llamaremos", "devolveré la llamada", "devolveremos la llamada", "te llamo en cuanto", "le llamamos", "no podemos coger", "no puedo coger", "apagado o fuera de cobertura",
        "inténtelo más tarde", "llame más tarde", "no estoy en casa", "fuera de la oficina",
    ),
    screening=(
        "diga su nombre", "di tu nombre", "indique su nombre", "su nombre y el motivo", "tu nombre y el motivo", "nombre y motivo",
        "el motivo de su llamada", "el motivo de tu llamada", "por qué llama", "por qué llamas", "si esta persona está disponible",
        "si la persona está disponible", "filtrado de llamadas", "filtro de llamadas", "asistente de llamadas",
        "una copia de esta conversación",
    ),
    menu=(
        *_each("{} uno", "pulse", "marque", "oprima", "presione", "pulse el", "marque el", "oprima el", "presione el"),
        *_each("{} dos", "pulse", "marque", "oprima", "presione", "pulse el", "marque el", "oprima el", "presione el"),
        *_each("{} cero", "pulse", "marque", "oprima", "presione", "pulse el", "marque el"),
        *_each("{} 1", "pulse", "marque", "oprima", "presione", "pulse el", "marque el"),
        *_each("{} 2", "pulse", "marque", "oprima", "presione", "pulse el", "marque el"),
        *_each("pulse {}", "tres", "cuatro", "3", "4", "asterisco", "almohadilla", "la tecla"),
        *_each("marque {}", "tres", "cuatro", "3", "4", "la extensión", "la tecla", "su extensión"),
        "menú principal", "siguientes opciones", "elija una opción", "seleccione una opción", "escuche con atención",
        "escuche atentamente", "en pocas palabras", "diga ventas", "para ventas diga", "puede decir", "una de las siguientes", "una de las opciones", "introduzca su", "teclee su", "seguido de almohadilla",
    ),
    not_in_service=(
        "no está en servicio", "fuera de servicio", "número no existe", "no corresponde a ningún", "no está asignado",
        "número marcado no existe", "teléfono no existe", "ha sido desconectado", "ha cambiado de número", "número ha cambiado",
        "dado de baja", "número es incorrecto", "no es un número válido", "no pertenece a ningún", "actualmente no existe", "no existe o", "marcó no existe", "ya no existe", "ya no está en uso", "no está en uso", "el nuevo número es",
        "verifique el número",
    ),
    hold_on=(
        "permanezca en línea", "permanece en línea", "no cuelgue", "no cuelgues", "un momento", "un segundo", "espere", "espera",
        "gracias", "voy a ver", "le paso", "le comunico", "le conecto", "transfiriendo", "conectando", "próximo agente",
        "será atendido", "puede ser grabada", "sigue ahí",
    ),
    hello=("hola", "sí", "diga", "dígame", "bueno", "aló", "sí dígame", "sí diga", "quién es"),
)  # fmt: skip

_FRENCH = Openings(
    person=(
        "qui est à l'appareil", "c'est qui", "qui êtes vous", "c'est de la part de qui", "de la part de qui", "qui appelle",
        "je peux prendre un message", "puis je prendre un message", "voulez vous laisser un message", "souhaitez vous laisser un message",
        "en quoi puis je vous aider", "comment puis je vous aider", "que puis je faire pour vous", "je peux vous aider",
        "c'est à quel sujet", "à quel sujet", "faux numéro", "mauvais numéro", "vous m'entendez",
    ),
    voicemail=(
        "laissez un message", "laissez moi un message", "laissez nous un message", "laissez votre message", "laisser un message",
        "laisser votre message", "laisse un message", "laisse moi un message", "laissez vos coordonnées", "laissez votre nom",
        "enregistrez votre message", "après le bip", "après le signal", "après la tonalité", "au signal sonore", "messagerie vocale",
        "la messagerie", "boîte vocale", "le répondeur", "messagerie est pleine", "boîte est pleine", "petit message", "laissez un petit message", "parlez après", "parle après", "laissez vos nom",
    ),
    voicemail_or_person=(
        "pas disponible", "pas joignable", "n'est pas là", "ne suis pas là", "ne peux pas vous répondre", "ne peut pas vous répondre",
        "ne pouvons pas vous répondre", "ne peux pas répondre", "ne peut pas répondre", "indisponible", "absent pour le moment",
        "vous rappellerai", "vous rappellerons", "vous rappelle dès", "te rappelle dès", "pas dispo", "rappelez plus tard", "rappeler plus tard", "réessayer plus tard", "absent du bureau", "te rappelle", "vous rappellerons dès",
        "en congé", "en réunion",
    ),
    screening=(
        "dites votre nom", "indiquez votre nom", "donnez votre nom", "votre nom et la raison", "votre nom et le motif",
        "nom et la raison de votre appel", "la raison de votre appel", "le motif de votre appel", "pourquoi vous appelez",
        "si cette personne est disponible", "si la personne est disponible", "filtrage d'appels", "filtrage des appels",
        "filtre les appels", "assistant d'appel", "appel est filtré", "dites qui vous êtes", "qui vous êtes et", "une copie de cette conversation",
    ),
    menu=(
        *_each("tapez {}", "un", "deux", "trois", "quatre", "zéro", *"12340", "le", "sur", "étoile", "dièse"),
        *_each("appuyez sur {}", "la", "le", "un", "deux", "trois", "quatre", "zéro", *"12340"),
        *_each("faites le {}", "un", "deux", "trois", "zéro", *"1230"),
        *_each("composez le {}", "un", "deux", "trois", "zéro", *"1230"),
        "menu principal", "options suivantes", "choix suivants", "faites votre choix", "écoutez attentivement", "dites commercial",
        "en quelques mots", "vous pouvez dire", "touche dièse", "touche étoile", "tapez sur la touche", "parmi les options", "suivi de dièse", "saisissez votre", "une des options",
    ),
    not_in_service=(
        "n'est pas attribué", "n'est plus attribué", "n'est pas en service", "n'est plus en service", "hors service", "n'existe pas",
        "n'existe plus", "pas de correspondant", "pas d'abonné", "numéro n'est pas valide", "numéro a changé", "a été résilié",
        "a été déconnecté", "veuillez vérifier le numéro", "ne peut aboutir", "n'est plus utilisé", "le nouveau numéro", "est inconnu", "n'est pas reconnu",
    ),
    hold_on=(
        "restez en ligne", "ne quittez pas", "un instant", "un moment", "une seconde", "patientez", "veuillez patienter", "merci",
        "je regarde", "je vérifie", "je vous passe", "je vous mets en relation", "mise en relation", "transfert", "prochain conseiller",
        "va prendre votre appel", "être enregistré", "vous êtes toujours là",
    ),
    hello=("allô", "allo", "oui", "oui allô", "oui allo", "bonjour", "oui bonjour", "qui est à l'appareil"),
)  # fmt: skip

_BY_LANGUAGE: Mapping[str, Openings] = {"en": _ENGLISH, "de": _GERMAN, "es": _SPANISH, "fr": _FRENCH}


def openings_in(language: str) -> Openings:
    """Return the wordings of this language, such as `de-CH`; those of English where none are known."""
    return _BY_LANGUAGE.get(language.partition("-")[0].lower(), _ENGLISH)
