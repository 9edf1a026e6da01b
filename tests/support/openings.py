"""What is heard when a call is answered: openings as persons and machines say them, in four languages.

`|` is a pause of a third of a second, as within a sentence, and `||` one of 0.8 s, as between two.
"""

from dataclasses import dataclass

from offhook.vocabulary import AnsweredBy


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardOpening:
    """One opening, and who says it."""

    by: AnsweredBy
    language: str
    said: str


def _all(by: AnsweredBy, language: str, said: str) -> list[HeardOpening]:
    return [HeardOpening(by=by, language=language, said=line.strip()) for line in said.strip().splitlines()]


_PERSON, _VOICEMAIL, _SCREENING, _MENU, _DEAD = AnsweredBy

OPENINGS = (
    *_all(
        _PERSON,
        "en-US",
        """
        Hello?
        Yeah?
        Hi, this is Marcus.
        Hello, Patterson residence.
        Good morning, Lakeside Dental, | this is Priya, how can I help you?
        Thank you for calling Brightwater Plumbing, | this is Tom speaking, | what can I do for you?
        Hello? || Hello, is anybody there?
        Who's this?
        She's not here right now, can I take a message?
        Sorry, he can't come to the phone right now. || Who is calling please?
        Hey, hang on a second, let me turn the radio down. || Okay, go ahead.
        You've reached Acme Tires, what's up?
        Front desk, one moment please. || Sorry about that, how may I help you?
        Yes, I am driving at the moment, | could you call me back this afternoon?
        No, I don't want anything, thank you.
        """,
    ),
    *_all(
        _VOICEMAIL,
        "en-US",
        """
        Hi, you've reached Dana. | I can't get to the phone, | so leave me a message and I'll call you back.
        Your call has been forwarded to an automated voice messaging system. || At the tone, please record your message.
        The person you are trying to reach is not available. | At the tone, please record your message. | When you have finished recording, you may hang up | or press one for more options.
        Hey it's Kevin. || Do your thing after the beep.
        You have reached the voicemail box of | four one five | five five five | zero one three two.
        Hello. || This is the Hendersons. | We're out enjoying the sunshine, | so please leave your name and number.
        The mailbox is full and cannot accept any messages at this time. Goodbye.
        The wireless customer you are calling is not available right now, | please try again later.
        Thanks for calling Hill Street Books. | We're closed at the moment. | Please leave a message and we'll get back to you as soon as we can.
        Hi, this is Doctor Reyes. | I'm away from my desk or with a patient. || I will return your call by the end of the day.
        The person you have called has a voicemail box that has not been set up yet. | Goodbye.
        You've reached Sam, | sorry I missed your call, | I'll get back to you as soon as possible.
        """,
    ),
    *_all(
        _SCREENING,
        "en-US",
        """
        Hi, if you record your name and reason for calling, | I'll see if this person is available.
        Hi, the person you're calling is using a screening service, | and will get a copy of this conversation. | Go ahead and say your name | and why you're calling.
        Hello. | Please state your name after the tone, | and I will try to connect you.
        This is an automated assistant. | May I have your name and the reason for your call | before I put you through?
        The person you called is screening calls from unknown numbers. | Please say who you are.
        Please say your name and why you are calling, | and I will see if this person is available.
        Hi! | I'm a call assistant answering for Jordan. | Who is calling and why?
        Before I try to connect you, | can I ask for your name?
        """,
    ),
    *_all(
        _MENU,
        "en-US",
        """
        Thank you for calling Northgate Insurance. | For claims, press one. | For billing, press two.
        Welcome to City Hospital. || If you know your party's extension, | you may dial it at any time.
        Please listen carefully, as our menu options have changed.
        For English, press 1. | Para español, oprima el 2.
        Thanks for calling Harbor Bank. | This call may be recorded. | In a few words, tell me why you are calling.
        Our office hours are nine to five. | For sales, say sales. | For support, say support.
        You have reached the Riverside Clinic. | If this is an emergency, hang up and dial nine one one. | To make an appointment, press two.
        Please choose from the following options.
        To leave a message, press one. | For the operator, press zero. | To hear this menu again, press star.
        """,
    ),
    *_all(
        _DEAD,
        "en-US",
        """
        We're sorry. | The number you have dialed is not in service. | Please check the number and dial again.
        The number you have reached has been disconnected or is no longer in service.
        We're sorry, your call cannot be completed as dialed. | Please check the number and try your call again.
        The number you have dialled has not been recognised.
        The telephone number you are calling is not a working number.
        The subscriber you have dialed does not exist.
        """,
    ),
    *_all(
        _PERSON,
        "de-DE",
        """
        Hallo?
        Müller.
        Praxis Doktor Weber, | guten Tag, was kann ich für Sie tun?
        Nein, der ist gerade nicht da. | Soll ich etwas ausrichten?
        """,
    ),
    *_all(
        _VOICEMAIL,
        "de-DE",
        """
        Hier ist der Anschluss von Familie Schulz. | Wir sind gerade nicht da. | Bitte sprechen Sie nach dem Signalton.
        Sie sind verbunden mit der Mailbox von Anna. | Hinterlassen Sie bitte eine Nachricht.
        Der gewünschte Gesprächspartner ist zurzeit nicht erreichbar. | Bitte versuchen Sie es später noch einmal.
        """,
    ),
    *_all(
        _SCREENING,
        "de-DE",
        """
        Hallo. | Nennen Sie bitte Ihren Namen und den Grund Ihres Anrufs, | dann sehe ich nach, ob die Person erreichbar ist.
        Bitte sagen Sie Ihren Namen und warum Sie anrufen.
        """,
    ),
    *_all(
        _MENU,
        "de-DE",
        """
        Willkommen bei der Stadtbank. | Für Fragen zu Ihrem Konto drücken Sie die Eins. | Für alles andere drücken Sie die Zwei.
        Bitte wählen Sie aus folgenden Optionen.
        """,
    ),
    *_all(
        _DEAD,
        "de-DE",
        """
        Diese Rufnummer ist nicht vergeben. | Bitte fragen Sie bei der Auskunft nach.
        Kein Anschluss unter dieser Nummer.
        """,
    ),
    *_all(
        _PERSON,
        "es-ES",
        """
        ¿Diga?
        Sí, ¿quién es?
        Clínica Vega, buenos días, | ¿en qué puedo ayudarle?
        Ahora no está, ¿quiere dejarle un recado?
        """,
    ),
    *_all(
        _VOICEMAIL,
        "es-ES",
        """
        Hola, soy Lucía. | Ahora no puedo atenderte, | deja tu mensaje después de la señal.
        Este es el buzón de voz del seiscientos doce. | Grabe su mensaje al oír la señal.
        Ha llamado a Talleres Romero. | En este momento no podemos atender su llamada. | Le llamaremos lo antes posible.
        """,
    ),
    *_all(
        _SCREENING,
        "es-ES",
        """
        Hola. | Diga su nombre y el motivo de su llamada | y veré si la persona está disponible.
        La persona a la que llama usa un asistente de llamadas. | ¿Por qué llama?
        """,
    ),
    *_all(
        _MENU,
        "es-ES",
        """
        Bienvenido a Seguros del Norte. | Para siniestros, pulse uno. | Para otras consultas, pulse dos.
        Elija una opción del menú principal.
        """,
    ),
    *_all(
        _DEAD,
        "es-ES",
        """
        El número marcado no existe. | Por favor, compruébelo.
        Este teléfono está fuera de servicio.
        """,
    ),
    *_all(
        _PERSON,
        "fr-FR",
        """
        Allô ?
        Oui, qui est à l'appareil ?
        Cabinet Morel bonjour, | en quoi puis-je vous aider ?
        Il n'est pas là pour l'instant, | je peux prendre un message ?
        """,
    ),
    *_all(
        _VOICEMAIL,
        "fr-FR",
        """
        Bonjour, vous êtes bien sur le répondeur de Julie. | Laissez-moi un message après le bip.
        Je ne peux pas vous répondre pour le moment. | Je vous rappelle dès que possible.
        La messagerie de votre correspondant est pleine.
        """,
    ),
    *_all(
        _SCREENING,
        "fr-FR",
        """
        Bonjour. | Dites votre nom et la raison de votre appel, | je regarde si cette personne est disponible.
        Ce numéro utilise un filtrage d'appels. | Indiquez votre nom.
        """,
    ),
    *_all(
        _MENU,
        "fr-FR",
        """
        Bienvenue chez Banque du Lac. | Pour vos comptes, tapez un. | Pour un conseiller, tapez deux.
        Appuyez sur la touche étoile pour revenir au menu principal.
        """,
    ),
    *_all(
        _DEAD,
        "fr-FR",
        """
        Le numéro que vous avez demandé n'est pas attribué. | Veuillez consulter l'annuaire.
        Ce numéro n'est plus en service.
        """,
    ),
)
"""What the lists of phrases were written with: 89 openings."""

MORE_OPENINGS = (
    *_all(
        _PERSON,
        "en-US",
        """
        Hello, Jenny speaking.
        Yes, who am I talking to?
        Hi. | Can you hear me? | The line is really bad here.
        Good afternoon, Westfield Library, | what are you looking for?
        Sorry, I was just about to leave the house. | Is it quick?
        My wife usually handles this, | she'll be back around six.
        Mom's in the shower.
        """,
    ),
    *_all(
        _VOICEMAIL,
        "en-US",
        """
        Hi there, this is Olivia's phone. | I'm probably in a meeting, | so leave a message and I'll ring you back. | Cheers.
        The Google subscriber you have called is not available. | Please leave a message after the tone.
        Hello, and thanks for calling the Garcia family. | Nobody is home, | but your call means a lot to us. | Speak after the beep.
        You've got Rob. | You know what to do.
        This voicemail box is full. | Please call again later. | Goodbye.
        We are unable to take your call at present. | Our opening hours are Monday to Friday, eight to four.
        """,
    ),
    *_all(
        _SCREENING,
        "en-US",
        """
        Hello. | This call is being screened. | Please tell me who you are and why you're calling.
        Hi, this is Alex's assistant. | Could you tell me your name and what this is regarding?
        Please record your name and the purpose of your call. | Then stay on the line.
        The person you're trying to reach would like to know who is calling. | Please say your name.
        """,
    ),
    *_all(
        _MENU,
        "en-US",
        """
        Welcome to Metro Airlines. | To book a flight, press or say one. | To change a flight, press or say two.
        You're through to the tax office. | Please select one of the options below.
        Hello, and thank you for calling. | For store hours, press three.
        Press pound to return to the main menu.
        Please enter your account number followed by the pound key.
        """,
    ),
    *_all(
        _DEAD,
        "en-US",
        """
        Sorry, this number is no longer in use.
        The number you dialed, five five five, zero one nine nine, | has been changed. | The new number is unknown.
        You have dialed a number that is not in service from your area.
        """,
    ),
    *_all(_PERSON, "de-DE", "Ja, hallo, wer spricht denn da?\nStadtwerke Service, Krause, grüß Gott."),
    *_all(
        _VOICEMAIL,
        "de-DE",
        "Hallo, ihr habt die Mailbox von Jonas erreicht. | Nach dem Piep seid ihr dran.\n"
        "Leider können wir Ihren Anruf gerade nicht entgegennehmen. | Wir rufen Sie so bald wie möglich zurück.",
    ),
    *_all(_MENU, "de-DE", "Guten Tag. | Wenn Sie schon Kunde sind, drücken Sie bitte die Eins."),
    *_all(_DEAD, "de-DE", "Die gewählte Rufnummer ist uns nicht bekannt."),
    *_all(_PERSON, "es-ES", "Hola, ¿quién llama?\nDígame, le escucho."),
    *_all(
        _VOICEMAIL,
        "es-ES",
        "Hola, has llamado a Pedro. | No puedo cogerlo, | así que déjame un mensaje y te llamo.\n"
        "El teléfono al que llama está apagado o fuera de cobertura en este momento. | Deje su mensaje.",
    ),
    *_all(_MENU, "es-ES", "Gracias por llamar. | Si ya es cliente, marque uno."),
    *_all(_DEAD, "es-ES", "El número que usted marcó no existe o ha sido cambiado."),
    *_all(_PERSON, "fr-FR", "Oui bonjour, c'est Nathalie.\nAllô oui, j'écoute."),
    *_all(
        _VOICEMAIL,
        "fr-FR",
        "Salut, c'est Karim. | Je suis pas dispo, | laisse-moi un petit message.\n"
        "Votre correspondant n'est pas joignable pour le moment. | Merci de laisser un message après le signal sonore.",
    ),
    *_all(_MENU, "fr-FR", "Si vous êtes déjà client, | tapez sur la touche un."),
    *_all(_DEAD, "fr-FR", "Le numéro que vous avez composé n'est pas en service actuellement."),
)
"""What the lists were tried on then, and made longer by: 43 openings."""

OTHER_OPENINGS = (
    *_all(
        _PERSON,
        "en-US",
        """
        Hello, hello? | I can barely hear you.
        Speaking.
        Joe's Pizza, pick up or delivery?
        Hi honey, I'm just about to get on the train, | can I call you back?
        This is Officer Daniels, | what is your emergency?
        He's out at the moment, | do you want his cell number?
        Not interested, please take me off your list.
        """,
    ),
    *_all(
        _VOICEMAIL,
        "en-US",
        """
        You've reached Benjamin at Carter and Sons. | I'm either on the phone or out of the office. | Leave your name, number and a brief message.
        Your call has been forwarded to voicemail. | The person you're trying to reach isn't available.
        Hi, it's Mia, | I can't pick up right now, | so text me.
        The customer you are calling has not set up their voicemail.
        Thank you for calling Oak Tree Vets. | The practice is now closed. | Please wait for the tone and leave your details.
        Sorry, I'm on holiday until the third. | Please drop me an email.
        """,
    ),
    *_all(
        _SCREENING,
        "en-US",
        """
        Hi, before I connect you, | please say your name and what the call is about.
        The number you called screens its calls. | Say your name after the beep | and press any key.
        Hello. | The person you are calling can't talk right now. | I'm their call assistant. | What is this about?
        """,
    ),
    *_all(
        _MENU,
        "en-US",
        """
        Hello, and welcome to Sunrise Energy. | If you smell gas, press nine now.
        For directions to our office, dial four.
        Did you know that you can pay online? | To continue in English, press one.
        Please hold for the next available agent, | or stay on the line for more options.
        You can say billing, | technical support, | or something else.
        """,
    ),
    *_all(
        _DEAD,
        "en-US",
        """
        The number you have called is not in service. | This is a recording.
        We're sorry, you have reached a number that has been disconnected.
        The number you're calling isn't in service at this time.
        """,
    ),
    *_all(_PERSON, "de-DE", "Guten Tag, Sie sprechen mit Frau Lorenz.\nJa bitte?"),
    *_all(
        _VOICEMAIL,
        "de-DE",
        "Ich kann gerade nicht rangehen, | hinterlass mir doch eine Nachricht.\n"
        "Sie rufen außerhalb unserer Öffnungszeiten an. | Nachrichten nach dem Signalton.",
    ),
    *_all(_MENU, "de-DE", "Bei Störungen drücken Sie die Drei."),
    *_all(_DEAD, "de-DE", "Die Rufnummer ist leider nicht vergeben."),
    *_all(_PERSON, "es-ES", "¿Sí, dígame?\nNo, aquí no vive ningún Carlos."),
    *_all(
        _VOICEMAIL,
        "es-ES",
        "Soy Marta, | déjame un mensaje o mándame un guasap.\nEl buzón está lleno y no admite mensajes.",
    ),
    *_all(_MENU, "es-ES", "Para información de su pedido, | diga pedido o pulse tres."),
    *_all(_DEAD, "es-ES", "Lo sentimos, el número al que llama no está en servicio."),
    *_all(_PERSON, "fr-FR", "Oui, j'écoute.\nBoulangerie Petit, bonjour !"),
    *_all(
        _VOICEMAIL,
        "fr-FR",
        "Bienvenue sur la messagerie de Claire. | À vous.\nNous sommes fermés, | merci de laisser vos coordonnées après le bip.",
    ),
    *_all(_MENU, "fr-FR", "Pour le service après-vente, | faites le deux."),
    *_all(_DEAD, "fr-FR", "Ce numéro n'est plus attribué."),
)
"""What they were tried on at last, and not changed by: 42 openings."""
