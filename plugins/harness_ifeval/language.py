"""Which language a text is in, by its script and its commonest words: deterministic, and None where that cannot tell.

The official checkers ask a statistical detector that gives other answers to equal questions, and count what it
cannot tell as followed. The languages are the thirty of the published instruction, with neighbours set against them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

#: ISO 639-1 code -> English name, as the published instruction names it.
LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "es": "Spanish",
    "pt": "Portuguese",
    "ar": "Arabic",
    "hi": "Hindi",
    "fr": "French",
    "ru": "Russian",
    "de": "German",
    "ja": "Japanese",
    "it": "Italian",
    "bn": "Bengali",
    "uk": "Ukrainian",
    "th": "Thai",
    "ur": "Urdu",
    "ta": "Tamil",
    "te": "Telugu",
    "bg": "Bulgarian",
    "ko": "Korean",
    "pl": "Polish",
    "he": "Hebrew",
    "fa": "Persian",
    "vi": "Vietnamese",
    "ne": "Nepali",
    "sw": "Swahili",
    "kn": "Kannada",
    "mr": "Marathi",
    "gu": "Gujarati",
    "pa": "Punjabi",
    "ml": "Malayalam",
    "fi": "Finnish",
}

#: Scripts by their ranges, and the languages that are written in them.
_SCRIPTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "latin": ("A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff", ()),
    "cyrillic": ("\u0400-\u052f", ("ru", "uk", "bg")),
    "arabic": ("\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff", ("ar", "fa", "ur")),
    "devanagari": ("\u0900-\u097f", ("hi", "mr", "ne")),
    "hebrew": ("\u0590-\u05ff", ("he",)),
    "bengali": ("\u0980-\u09ff", ("bn",)),
    "gurmukhi": ("\u0a00-\u0a7f", ("pa",)),
    "gujarati": ("\u0a80-\u0aff", ("gu",)),
    "tamil": ("\u0b80-\u0bff", ("ta",)),
    "telugu": ("\u0c00-\u0c7f", ("te",)),
    "kannada": ("\u0c80-\u0cff", ("kn",)),
    "malayalam": ("\u0d00-\u0d7f", ("ml",)),
    "thai": ("\u0e00-\u0e7f", ("th",)),
    "hangul": ("\u1100-\u11ff\u3130-\u318f\uac00-\ud7af", ("ko",)),
    "kana": ("\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f", ("ja",)),
    "han": ("\u3400-\u4dbf\u4e00-\u9fff", ("zh",)),
    "greek": ("\u0370-\u03ff\u1f00-\u1fff", ("el",)),
}
_LETTERS = {name: re.compile(f"[{ranges}]") for name, (ranges, _) in _SCRIPTS.items()}
#: A script has the text if it has this share of its letters.
_MAIN = 0.5

_COMMON: Mapping[str, str] = {
    "en": "the of and to in is you that it he was for on are with as his they be at this from have or by one had not "
    "but what all were when we there can an your which their said if do will each about how up out them then she i my "
    "a without so these some her would make like him into has more could no than been who its now did get may our me just know "
    "let us any much too very here should because through while also over every where why",
    "es": "el la de que y en los se del las un por con una su para es al lo como más pero sus le ya o este sí porque "
    "esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante todos uno les ni contra "
    "otros ese eso ante ellos mi yo tu te nuestra está son fue puede ser tiene no",
    "pt": "o a de que e do da em um para com não uma os no se na por mais as dos como mas ao ele das à seu sua ou quando "
    "muito nos já eu também só pelo pela até isso ela entre depois sem mesmo aos seus quem nas me esse eles você essa "
    "num nem são está foi pode ser tem há é",
    "fr": "le la les de des du un une et à est en que qui dans pour pas sur ne se ce il elle au aux avec plus par je son "
    "sa ses nous vous ils mais ou où y a été être cette ces comme tout leur leurs même si bien sans peut fait très "
    "votre notre c'est qu",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat "
    "dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr "
    "durch man sein wurde ich du wir ihr uns kann wenn",
    "it": "il di che e la in un a per è una non sono si da con le del i lo ha al come dei più ma gli alla nella della "
    "delle anche se questo questa nel ci mi tu suo sua loro dal essere ed o ai sul quando molto cui degli era perché "
    "tutti può",
    "nl": "de het een en van ik te dat die in je is niet op zijn met voor was er aan ook als maar om hem dan zou of wat "
    "mijn men dit zo door over ze zich bij naar heeft hebben deze u want nog worden wel kan",
    "pl": "i w na z do się nie że jest o to jak po co ale za od przez dla czy tak są być może przy pod już tylko oraz "
    "lub który która które ten ta te jego jej ich ja ty my wy było był była bardzo także",
    "vi": "và của là có các cho không một những được trong để với này người đã khi từ về như đó ra tôi bạn chúng ta sẽ "
    "vào lại cũng đến nhiều rất trên thì mà hay hoặc tại bị sau nếu làm phải việc",
    "sw": "na ya wa kwa ni katika la za kuwa cha hii ambayo kama hiyo au pia vya kutoka watu hivyo yake lakini ili huo "
    "baada sana mimi wewe yeye sisi wao hawa hili moja kila bila zaidi wakati kuhusu hapo wote yote wake yetu zetu "
    "kufanya ambao ambapo",
    "fi": "ja on ei se että oli hän joka mutta ovat olla tai kun niin myös kuin sen mitä voi jos vain nyt minä sinä he "
    "tämä tämän ole ollut sitä hänen kaikki sekä vielä mukaan jonka siitä hyvin ne nämä te me mikä minun sinun olen",
    "tr": "ve bir bu da de için ile çok ne gibi daha olan olarak var ama en kadar sonra ben sen biz siz değil her mi",
    "id": "yang dan di dengan untuk dari pada ini itu adalah tidak dalam akan oleh atau juga ke karena dapat saya kami "
    "anda mereka ada bisa lebih telah seperti",
    "sv": "och att det i en som på är av för med den till inte om ett har de jag var så men du vi kan man från eller när",
    "ru": "и в не на я что он с как это но по из у за то так же от для бы к или если мы вы они она мне был была было все "
    "его её их этот эта только уже может также чтобы который которые быть есть при очень",
    "uk": "і в не на я що з як це але по із у за та так від для до або якщо ми ви вони вона мені був була було всі його "
    "її їх цей ця тільки вже може також щоб який які бути є при дуже ти над під між",
    "bg": "и в не на аз че от с като това но по за са се да до или ако ние вие те тя ме беше бе всички го й им този тази "
    "само вече може също който които е при много със във ще към има си ми най",
    "ar": "في من على إلى أن التي الذي هذا هذه عن مع كان ما لا هو هي كما أو قد بعد كل ذلك بين لم ثم حيث عند إذا يمكن كانت "
    "أنا نحن أنت لك له لها وهو وهي",
    "fa": "و در به از که این را با است آن برای یک خود تا بر هم نیز شده می شود اما بود یا ما من شما او آنها باید هر دیگر "
    "کرد چه اگر های ها کند دارد",
    "ur": "اور کے کی میں ہے کا سے کو پر یہ کہ نے ہیں ایک بھی اس تھا تھی گیا کر لیے ہو جو وہ تک یا نہیں آپ ہم میرے ان کیا "
    "تھے رہے ساتھ ہوتا ہوتی",
    "hi": "है में के की और का से को पर यह कि ने हैं एक भी इस था थी कर लिए हो जो वह तक या नहीं आप हम मैं उन इन क्या साथ "
    "तो गया अपने होता करने मेरे",
    "mr": "आहे आणि च्या मध्ये ते हे या व की तर मी आम्ही तुम्ही त्या साठी होते होता नाही एक आहेत असे करा पण त्यांच्या "
    "माझ्या तो ती जे काय केले करण्यासाठी",
    "ne": "छ र को मा हो यो पनि गर्न भएको छन् लागि तर म हामी तपाईं उनी गरेको हुन्छ थियो एक गर्छ सबै बाट लाई हरू कि भने अनि यस त्यो",
}
_WORDS = {language: frozenset(listed.split()) for language, listed in _COMMON.items()}
_LATIN = ("en", "es", "pt", "fr", "de", "it", "nl", "pl", "vi", "sw", "fi", "tr", "id", "sv")
#: Letters that only one language of a script has; a few of them weigh as much as common words.
_OWN: Mapping[str, str] = {
    "uk": "іїєґ",
    "ru": "ыэё",
    "bg": "ъ",
    "fa": "پچژگ",
    "ur": "ٹڈڑںےھہ",
    "ar": "ةىأإ",
    "mr": "ळ",
    "vi": "ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
    "pl": "ąęłńśźż",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "de": "ß",
}
#: Endings that are the mark of a language.
_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "en": ("ing", "ness", "ght", "ics", "tion", "ship", "ful", "less", "ously", "ally", "ity"),
    "es": ("ción", "dad", "mente", "amos"),
    "pt": ("ção", "ções", "dade", "mente"),
    "fr": ("tion", "ment", "eux", "euse", "aient", "ité"),
    "de": ("ung", "keit", "lich", "isch", "schaft"),
    "it": ("zione", "zioni", "mente", "ità"),
    "nl": ("heid", "lijk", "ijke"),
    "pl": ("ość", "anie", "ych"),
    "fi": ("ssa", "ssä", "sta", "stä", "lla", "llä", "inen"),
    "tr": ("lar", "ler", "dır"),
    "id": ("kan", "nya"),
    "sv": ("ning", "het"),
    "ne": ("बाट", "लाई", "हरू", "नुहोस्", "को", "मा", "ले", "ुपर्छ", "र्छ", "न्छ"),
    "mr": ("च्या", "मध्ये", "साठी", "ांना", "चा", "ची", "चे", "ात", "ाने", "ावर"),
}
_SPELLED = re.compile(r"[^\W\d_][\w\u0900-\u0dff\u200c]*(?:['\u2019][^\W\d_]+)?")


@lru_cache(maxsize=64)
def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of the language that most of a text is in; None if it cannot be told.

    >>> language_of("The cat sat on the mat and it was happy."), language_of("El gato está en la mesa.")
    ('en', 'es')
    >>> language_of("यह एक अच्छा दिन है"), language_of("42"), language_of("Xyzzy plugh")
    ('hi', None, None)
    """
    script = script_of(text)
    if script is None:
        return None
    if script in {"kana", "han"}:
        return "ja" if _LETTERS["kana"].search(text) else "zh"
    candidates = _LATIN if script == "latin" else _SCRIPTS[script][1]
    return candidates[0] if len(candidates) == 1 else _likeliest(text, candidates)


def script_of(text: str) -> str | None:
    """Return the script that has most of the letters of a text; None if none has."""
    counts = {name: len(letters.findall(text)) for name, letters in _LETTERS.items()}
    total = sum(counts.values())
    if counts["kana"]:  # Japanese is written in both
        counts["kana"] += counts.pop("han")
    name = max(counts, key=lambda one: counts[one])
    return name if total and counts[name] > total * _MAIN else None


def _likeliest(text: str, candidates: tuple[str, ...]) -> str | None:
    """Return the candidate whose commonest words a text uses most; None where two do alike or none does."""
    spelled = Counter(word.lower().replace("\u2019", "'") for word in _SPELLED.findall(text))
    small = text.lower()
    marks = {
        language: sum(times for word, times in spelled.items() if word in _WORDS[language])
        + sum(small.count(letter) for letter in _OWN.get(language, ""))
        + sum(times for word, times in spelled.items() if word.endswith(_ENDINGS.get(language, ())))
        for language in candidates
    }
    first, second = sorted(marks, key=lambda one: -marks[one])[:2]
    return first if marks[first] > marks[second] else None
