"""What the suites know of each task beyond its task file: data, and nothing else."""

from __future__ import annotations

from harness import TaskSpec

#: Where answers stand; a constraint that speaks of such a place is set apart.
HASHES = r"####\s*.*"
BOX = r"\\boxed\b|\\fbox\b"
PHRASE = r"(?i:the answer is)[^\n]*"
LINE = r"(?im:^[ \t*_#>-]*(?:final )?answer[ \t*_]*:.*)"
FENCE = r"```|~~~|(?m:^[ \t]*(?:async\s+)?def\s)"

MATH = (
    TaskSpec(
        name="gsm8k",
        solved="exact_match,strict-match",
        lenient="exact_match,flexible-extract",
        channel=HASHES,
        question=("question",),
        worked=("answer",),
    ),
    TaskSpec(
        name="math500",
        solved="exact_match,none",
        lenient="exact_match_lenient,none",
        channel=BOX,
        question=("problem",),
        worked=("solution",),
    ),
    TaskSpec(
        name="svamp",
        solved="exact_match,none",
        lenient="exact_match_lenient,none",
        channel=PHRASE,
        question=("question_concat",),
    ),
)

# The rows are those of gsm8k, so these stand apart: a suite must not count a question twice.
GSM8K_PROMPTS = (
    TaskSpec(
        name="gsm8k_chat",
        solved="exact_match,none",
        lenient="exact_match_lenient,none",
        channel=PHRASE,
        question=("question",),
        worked=("answer",),
    ),
    *(
        TaskSpec(
            name=name,
            solved="exact_match,strict-match",
            lenient="exact_match,flexible-extract",
            channel=PHRASE,
            question=("question",),
            worked=("answer",),
        )
        for name in ("gsm8k_cot", "gsm8k_cot_zeroshot")
    ),
)

MULTIHOP_QA = (
    TaskSpec(
        name="hotpotqa",
        solved="exact_match,none",
        lenient="exact_match_lenient,none",
        channel=LINE,
        hops=("supporting_facts.title",),
        question=("question",),
        cluster="supporting_facts.title",
    ),
    TaskSpec(
        name="musique",
        solved="exact_match,none",
        lenient="exact_match_lenient,none",
        channel=LINE,
        aliases="answer_aliases",
        hops=("question_decomposition.answer", "paragraphs[is_supporting].title"),
        question=("question",),
        cluster="question_decomposition.id",  # several questions end with the same hop
    ),
    TaskSpec(
        name="2wikimultihopqa",
        solved="exact_match,none",
        lenient="exact_match_lenient,none",
        channel=LINE,
        hops=("supporting_facts.title",),
        question=("question",),
        cluster="supporting_facts.title",
    ),
    TaskSpec(
        name="strategyqa",
        solved="exact_match,none",
        lenient="exact_match_lenient,none",
        channel=LINE,
        question=("question",),
        worked=("facts",),
        cluster="term",
    ),
)

CODE = (
    TaskSpec(
        name="humaneval_chat",
        solved="pass_at_1,none",
        lenient="pass_at_1_lenient,none",
        channel=FENCE,
        question=("prompt",),
        program=("canonical_solution",),
    ),
    TaskSpec(
        name="mbpp_chat",
        solved="pass_at_1,none",
        lenient="pass_at_1_lenient,none",
        channel=FENCE,
        question=("text", "test_list"),
        program=("code",),
    ),
)

# The problems are those of CODE, so these stand apart: a suite must not count a question twice.
CODE_PLUS = (
    TaskSpec(
        name="humaneval_plus_chat",
        solved="pass_at_1,none",
        lenient="pass_at_1_lenient,none",
        channel=FENCE,
        question=("prompt",),
        program=("canonical_solution",),
    ),
    TaskSpec(
        name="mbpp_plus_chat",
        solved="pass_at_1,none",
        lenient="pass_at_1_lenient,none",
        channel=FENCE,
        question=("prompt", "test_list"),
        program=("code",),
    ),
)

RATINGS = (
    TaskSpec(name="complex_words", domain="lexical complexity", solved="acc,none"),
    TaskSpec(name="complex_phrases", domain="lexical complexity", solved="acc,none"),
    TaskSpec(name="stsb_ranks", domain="similarity", solved="acc,none"),
    TaskSpec(name="topical_chat_overall", domain="judging", solved="acc,none", cluster="source"),
    TaskSpec(name="sfhot_naturalness", domain="judging", solved="acc,none", cluster="source"),
)

DEMO = (
    TaskSpec(
        name="demo_words",
        domain="math",
        solved="exact_match,strict",
        lenient="exact_match,flexible",
        channel=PHRASE,
        question=("question",),
    ),
    TaskSpec(
        name="demo_facts",
        domain="multihop_qa",
        solved="exact_match,strict",
        lenient="exact_match,flexible",
        channel=PHRASE,
        question=("question",),
    ),
    TaskSpec(
        name="demo_code",
        domain="code",
        solved="pass_at_1,none",
        channel=FENCE,
        question=("question",),
        program=("target",),
    ),
)
