"""The voices of Amazon Polly, with the languages that each speaks and its engines.

The names are those of botocore 1.44.5's service model. The engines are put together from what could be read of Amazon's
developer guide (its history up to April 2026) and of public lists of `DescribeVoices`; the service itself was not asked.
The ten names of the model that none of them has are taken for generative, as all that were added since 2025.
"""

_LETTERS = {"n": "neural", "s": "standard", "g": "generative", "l": "long-form"}

# Who speaks for an agent that names no voice comes first in a language. The engine that comes first is the one that a
# voice speaks with where none is named: neural where there is one, then standard.
_BY_LANGUAGE = {
    "en-US": "Joanna:nsg Danielle:ngl Ruth:ngl Salli:nsg Kendra:ns Kimberly:ns Ivy:ns Matthew:nsg Stephen:ng "
    "Gregory:nl Joey:ns Justin:ns Kevin:ns Tiffany:g",
    "en-GB": "Amy:nsg Emma:ns Brian:nsg Arthur:n",
    "en-AU": "Olivia:ng Nicole:s Russell:s",
    "en-IN hi-IN": "Kajal:ng Aditi:s",
    "en-IN": "Raveena:s",
    "en-IE": "Niamh:ng",
    "en-NZ": "Aria:ng",
    "en-SG": "Jasmine:ng",
    "en-ZA": "Ayanda:ng",
    "en-GB-WLS en-WL": "Geraint:s",
    "ar-AE arb ar-SA": "Hala:n Zayd:n",
    "arb ar-SA": "Zeina:s",
    "ca-ES": "Arlet:n",
    "cmn-CN zh-CN": "Zhiyu:ns",
    "cs-CZ": "Jitka:n",
    "cy-GB cy-WL": "Gwyneth:s",
    "da-DK": "Sofie:n Naja:s Mads:s",
    "de-AT": "Hannah:ng",
    "de-CH": "Sabrina:ng",
    "de-DE": "Vicki:nsg Daniel:ng Marlene:s Hans:s Lennart:g",
    "es-ES": "Lucia:nsg Sergio:ng Conchita:s Enrique:s",
    "es-MX": "Mia:nsg Andres:ng",
    "es-US": "Lupe:nsg Pedro:ng Penelope:s Miguel:s",
    "fi-FI": "Suvi:n",
    "fr-BE": "Isabelle:ng",
    "fr-CA": "Gabrielle:ng Liam:ng Chantal:s",
    "fr-FR": "Lea:nsg Remi:ng Celine:s Mathieu:s Ambre:g Florian:g",
    "is-IS": "Dora:s Karl:s",
    "it-IT": "Bianca:nsg Adriano:n Carla:s Giorgio:s Beatrice:g Lorenzo:g",
    "ja-JP": "Kazuha:n Tomoko:n Takumi:ns Mizuki:s",
    "ko-KR": "Seoyeon:nsg Jihye:n",
    "nb-NO no-NO": "Ida:n Liv:s",
    "nl-BE": "Lisa:ng",
    "nl-NL": "Laura:ng Lotte:s Ruben:s",
    "pl-PL": "Ola:ng Ewa:s Maja:s Jacek:s Jan:s",
    "pt-BR": "Camila:nsg Vitoria:ns Thiago:n Ricardo:s",
    "pt-PT": "Ines:ns Cristiano:s",
    "ro-RO": "Carmen:s",
    "ru-RU": "Tatyana:s Maxim:s",
    "sv-SE": "Elin:n Astrid:s",
    "tr-TR": "Burcu:n Filiz:s",
    "yue-CN zh-HK": "Hiujin:n",
    "": "Arjun:g Carlos:g Carolina:g Curtis:g Hyunduk:g Kenneth:g Kiara:g Leo:g Nate:g Tina:g",
}

POLLY_VOICES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    name: (tuple(languages.split()), tuple(_LETTERS[letter] for letter in letters))
    for languages, voices in _BY_LANGUAGE.items()
    for name, _, letters in (voice.partition(":") for voice in voices.split())
}
"""By name: the languages, its own first, and the engines, its usual one first."""
