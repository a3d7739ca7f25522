"""The closed lists that published instructions go by: names, pronouns, conjunctions, stop words, verbs, capitals."""

from __future__ import annotations


def listed(words: str) -> frozenset[str]:
    """Return the words of a line as a set: a list of strings would read worse."""
    return frozenset(words.split())


def ordered(words: str) -> tuple[str, ...]:
    """Return the words of a line in their order."""
    return tuple(words.split())


#: The list that `count:person_names` gives in its prompt.
NAMES = ordered(
    "Emma Liam Sophia Jackson Olivia Noah Ava Lucas Isabella Mason Mia Ethan Charlotte Alexander Amelia Benjamin Harper "
    "Leo Zoe Daniel Chloe Samuel Lily Matthew Grace Owen Abigail Gabriel Ella Jacob Scarlett Nathan Victoria Elijah "
    "Layla Nicholas Audrey David Hannah Christopher Penelope Thomas Nora Andrew Aria Joseph Claire Ryan Stella Jonathan"
)

CONJUNCTIONS = listed("and but for nor or so yet")

PRONOUNS = listed(
    "i me we us you he him she her it they them my mine our ours your yours his hers its their theirs "
    "myself ourselves yourself yourselves himself herself itself themselves this that these those "
    "who whom whose which what whoever whomever whatever whichever "
    "anybody anyone anything everybody everyone everything nobody nothing somebody someone something "
    "each either neither both all some any none"
)

#: English function words, as the usual list for information retrieval has them.
STOP_WORDS = listed(
    "i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it "
    "its itself they them their theirs themselves what which who whom this that these those am is are was were be been "
    "being have has had having do does did doing a an the and but if or because as until while of at by for with about "
    "against between into through during before after above below to from up down in out on off over under again "
    "further then once here there when where why how all any both each few more most other some such no nor not only "
    "own same so than too very s t can will just don should now d ll m o re ve y ain aren couldn didn doesn hadn hasn "
    "haven isn ma mightn mustn needn shan shouldn wasn weren won wouldn"
)

#: Base forms of common English verbs; the other forms follow from them.
VERBS = listed(
    "accept achieve act adapt add address adjust adopt advance allow analyze announce answer appear apply approach "
    "appreciate argue arrange arrive ask assemble assert assess assign assist assume assure attach attempt attend "
    "avoid balance be beat become begin behold believe bend blend boil bring build buy calculate call carry catch "
    "cause celebrate challenge change check choose cite clarify classify clean clear click close collect combine come "
    "compare compile complete compose compute conceive conclude conduct confirm connect consider construct consult "
    "contact contain continue contribute convert convince cook coordinate copy count cover craft create cultivate cut "
    "declare decrease deduce define deliver demonstrate deny depend derive describe design detect determine develop "
    "devise die differ discover discuss display dissolve distinguish divide do draft draw dream drink drive drop eat "
    "edit eliminate embrace emphasize employ enable encourage end engage enhance enjoy ensure enter envision escape "
    "establish estimate evaluate examine exist expand expect experience experiment explain explore express extend "
    "extract face fail fall feel fight fill find finish fit fix fly focus fold follow forget form formulate foster gather "
    "generate get give go grab grow guide handle hang happen harness have hear help hide highlight hold identify "
    "ignore illustrate imagine implement improve include incorporate increase indicate infer influence inform "
    "initialize initiate insert inspect install integrate interpret introduce invent invest investigate invite "
    "involve join jump keep kill know launch lead learn leave let leverage lie light limit listen live load locate "
    "look lose love maintain make manage manipulate master maximize mean measure meet merge minimize mix modify "
    "monitor move multiply navigate need negotiate note notice observe obtain offer open operate optimize order "
    "organize overcome paint participate pass pay perceive perform pick place plan plant play point ponder pour "
    "practice prepare present preserve prevent print prioritize proceed process produce promote prove provide pull "
    "purchase push put reach read realize recall receive recognize recommend record reduce refer refine reflect "
    "regard reject relate release rely remain remember remove repeat replace reply report represent require research "
    "resolve respond rest return reveal review rewrite ride rise run save say search see seek seem select sell send "
    "separate serve set share shift shine show simplify sing sit sleep solve speak specify spend stand start state "
    "stay step stir stop strengthen strive structure study submit suggest summarize support suppose survive take "
    "talk teach tell tend test thank think throw transform translate travel treat trust try turn understand unite "
    "unleash unlock update use utilize validate verify view visit visualize wait walk want watch wear weigh welcome "
    "win wish wonder work worry write yield"
)

_IRREGULAR = listed(
    "am is are was were been being has had did does done went gone took taken gave given made said saw seen knew known "
    "thought found told became began begun brought built bought came felt got held kept led left lost meant met paid "
    "ran sent sat spoke spoken stood taught understood won wrote written can could may might must shall should will "
    "would"
)


def is_verb(word: str) -> bool | None:
    """Return whether an English word is a form of a verb; None if these lists cannot tell.

    >>> is_verb("Describing"), is_verb("tries"), is_verb("The"), is_verb("Xylophones")
    (True, True, False, None)
    """
    small = word.lower()
    if small in VERBS or small in _IRREGULAR:
        return True
    if small in STOP_WORDS or small in CONJUNCTIONS or not small.isalpha():
        return False
    stems = {small.removesuffix(ending) for ending in ("s", "es", "d", "ed", "ing") if small.endswith(ending)}
    stems |= {stem + "e" for stem in stems} | {stem[:-1] + "y" for stem in stems if stem.endswith("i")}
    stems |= {stem[:-1] for stem in stems if stem[-1:] == stem[-2:-1]}
    if not stems.isdisjoint(VERBS) or small.endswith("ing"):
        return True
    return None


#: After these a full stop ends no sentence.
ABBREVIATIONS = listed(
    "mr mrs ms dr prof rev hon gen col capt cmdr lt sgt maj sen rep gov st messrs mt ft jr sr vs etc cf al ca approx "
    "inc ltd co corp bros dept univ est vol pp fig figs eq sec ed eds jan feb apr jun jul aug sep sept oct nov dec "
    "tue thu fri ave blvd nos ph.d"
)
#: With a capital after an abbreviation, these begin a sentence.
STARTERS = listed(
    "the a an this that these those it he she they we i you there in on at as if when while but and so however "
    "although after before since because for what who how why where some many most one his her their our its"
)

#: Capitals of Europe north of 45 degrees, from north to south, as `custom:european_capitals_sort` has them.
CAPITALS = ordered(
    "Reykjavik Helsinki Oslo Tallinn Stockholm Riga Moscow Copenhagen Vilnius Minsk Dublin Berlin Amsterdam Warsaw "
    "London Brussels Prague Luxembourg Paris Vienna Bratislava Budapest Vaduz Chisinau Bern Ljubljana Zagreb"
)
