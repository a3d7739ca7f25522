"""Word lists: small, fixed, shipped. A change of one raises the version of the types that use it."""

from __future__ import annotations

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Function words and other words too common to ask for.
STOP = _set("""
    a about above after again against all also although always am among an and another any anyone anything are
    aren't around as at away back be became because become been before began being below between both but by came
    can can't cannot come could couldn't did didn't do does doesn't doing don't done down during each either else
    enough even ever every everyone everything few for from further gave get gets getting give given gives go goes
    going gone got had has hasn't have haven't having he he's her here here's hers herself him himself his how
    however i i'd i'll i'm i've if in instead into is isn't it it's its itself just keep kept know known knows last
    later least less let let's like likely look made make makes making many may maybe me might mine more most much
    must my myself near need needs never next no none nor not nothing now of off often on once one only onto or
    other others our ours ourselves out over own part per perhaps put rather really right said same saw say says see
    seem seen several shall she she's should shouldn't since so some someone something sometimes soon still such
    take taken takes than that that's the their theirs them themselves then there there's therefore these they
    they're they've thing things think this those though through thus till to together too took toward towards under
    until up upon us use used uses using very want was wasn't way we we'd we'll we're we've well went were weren't
    what what's when where whether which while who whole whom whose why will with within without won't would
    wouldn't yes yet you you'd you'll you're you've your yours yourself answer answers correct false true question
    solution wrong
    """)

#: Words that are numbers or change one.
NUMBER_WORDS = _set("""
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands
    million millions billion billions trillion dozen dozens half halves third thirds quarter quarters fourth fifth
    sixth seventh eighth ninth tenth first second once twice thrice double doubled triple tripled quadruple single
    pair pairs couple percent percentage minus plus times divided
    """)

#: Words that an answer can do without, each used by one in twenty of some model's recorded answers or more; one that an
#: answer does not use can be forbidden, and is not vacuous.
AVOIDABLE = (
    "also", "because", "even", "first", "hence", "however", "just", "let's", "likely", "next", "now", "only", "since",
    "so", "still", "then", "therefore", "thus",
)  # fmt: skip

#: Words that join steps; asking for one that the answer uses says nothing of the solution.
CONNECTIVES = _set("""
    additionally also because consequently finally first furthermore hence however moreover next now otherwise since
    so then therefore thus
    """)

#: First words that say nothing of the solution.
OPENERS = _set("""
    a after an as based because before each every first firstly for from given here i if in it let let's next now of
    on one our since so starting step suppose the then there therefore these this to we what when
    """)

#: Well-known abbreviations and Roman numerals with a vowel; one without a vowel is known by that.
ABBREVIATED_CAPITALS = _set("""
    AA AAA ABC AC AD AFC AFI AI AIDS AKA AM AMC AOL API APR ASAP ASCII ATM AU AUD AWACS BAFTA BCE BMI CAD CE CEO
    CFO CIA CIO COO COVID CPU CUNY DIY DNA DOB DOJ DUI ECB EDT EEG EKG EMI EP EPA EQ ERA ESA ESPN ETA EU EUR FAA
    FAO FAQ FBI FDA FEMA FIBA FIDE FIFA GAAP GE GI GIF GNU GPA GPU GUI HIV HVAC IBM ICC ICU ID IDE IEEE II III
    IKEA ILO IMAX IMDB IMF IO IOC IOS IOU IP IPA IPO IQ IRA IRL IRS ISBN ISO ISP ISS IT ITV IUPAC IV IX JFK LA LED
    LEED LEGO LOL MIA MIT MOMA NAACP NAFTA NASA NASCAR NASDAQ NATO NCAA NGO NOAA OCR OECD OED OK OPEC OS OSCE
    PEMDAS POV PRI QED RADAR RAF RBI ROI ROM ROTC RSVP RU SAT SEC SI SIDS SOHCAHTOA SONAR SOS SPCA SUV SWAT TARDIS
    TBA TIA UAE UCLA UEFA UFC UFO UK UN UNESCO UNHCR UNICEF URL US USA USAF USB USD USDA USMC USPS USSR UTC UV VAT
    VI VII VIII VIP VOA WHO WWI WWII XI XII XIV XVI YMCA
    """)
VOWELS = frozenset("AEIOUY")
#: Abbreviations that are spelt as a common word is.
LOOK_ALIKES = frozenset({"AM", "IT", "US", "WHO"})

#: Words with a capital before the pronoun "I", at the beginning of a sentence; after a name "I" is a number.
BEFORE_I = STOP | OPENERS | CONNECTIVES | NUMBER_WORDS
#: Words that say that a result is drawn from what came before.
CONCLUDING = _set("so therefore thus hence consequently finally")
#: How chatty answers begin and end.
GREETING = re.compile(
    r"(?:sure|certainly|of course|absolutely|great question|good question|no problem|okay|ok|hello|hi|hey)\b(?!-)",
    re.IGNORECASE,
)
FAREWELLS = ("let me know", "hope this helps", "hope that helps", "feel free", "happy to help", "any other questions")

#: Headings that any solution could have.
PLAIN_HEADINGS = frozenset(
    (
        "answer", "approach", "background", "calculation", "calculations", "check", "code", "conclusion", "context",
        "explanation", "facts", "final answer", "given", "information", "introduction", "notes", "overview", "plan",
        "problem", "question", "reasoning", "result", "solution", "step 1", "step 2", "step 3", "step 4", "step 5",
        "steps", "summary", "thought", "verification",
    )
)  # fmt: skip
