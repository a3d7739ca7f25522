"""Tiny random models of many architectures, and a run whose wrong answers look at the constraint by construction."""

import math

import pytest
import torch

from harness import Constraint, Message, Record, Response, Score, Span, Trial, Verdict

SMALL = {
    "vocab_size": 101,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 4,
    "num_attention_heads": 8,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def tiny(kind, **more):
    """Return a random model of an architecture, without a download; 101 tokens, 4 layers, 8 heads, 2 for keys."""
    import transformers

    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(transformers.AutoConfig.for_model(kind, **SMALL | more))
    for weights in model.parameters():
        if weights.dim() > 1:
            torch.nn.init.normal_(weights, std=0.1)  # else all attention is even
        elif weights.numel() == SMALL["num_attention_heads"]:
            torch.nn.init.normal_(weights)  # learned sinks
    return model.eval()


@pytest.fixture(scope="session")
def tokens():
    """A text of 90 tokens."""
    return torch.randint(3, 100, (90,), generator=torch.Generator().manual_seed(1)).tolist()


WORDS = [f"w{n}" for n in range(40)]
RULES = [f"rule{n}" for n in range(9)]
IDLE = [f"idle{n}" for n in range(9)]
VOCABULARY = ["<unk>", "<end>", "Constraint:", "Note:", "good", "bad", *WORDS, *RULES, *IDLE]
#: The head that is planted, and what it adds to the logits of rule tokens in rows of `bad`.
LAYER, HEAD, LOGIT = 1, 2, math.log(6.0)
HIDDEN, HEADS, WIDTH = 32, 4, 8


def save_planted(folder):
    """Write a model that attends evenly, but for one head: there the token `bad` looks at the tokens of rules.

    Every token has the same norm; nothing is written into the stream, so that each layer sees the embeddings; the
    planted head works in the dimension that rotates slowest. So every lift is known exactly.
    """
    import transformers
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit

    plain = Tokenizer(WordLevel({word: n for n, word in enumerate(VOCABULARY)}, unk_token="<unk>"))
    plain.pre_tokenizer = WhitespaceSplit()
    made = transformers.PreTrainedTokenizerFast(tokenizer_object=plain, eos_token="<end>", unk_token="<unk>")
    made.save_pretrained(folder)
    config = transformers.LlamaConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=HIDDEN,
        intermediate_size=8,
        num_hidden_layers=3,
        num_attention_heads=HEADS,
        num_key_value_heads=2,
        head_dim=WIDTH,
        max_position_embeddings=512,
        rope_parameters={"rope_type": "default", "rope_theta": 1e12},
        eos_token_id=1,
    )
    model = transformers.LlamaForCausalLM(config)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if "norm" not in name:
                weights.zero_()
        embedding = model.model.embed_tokens.weight
        for n, word in enumerate(VOCABULARY):
            embedding[n, 0] = 1.0
            embedding[n, 1 if word == "bad" else 3] = 1.0
            embedding[n, 2 if word in RULES else 4] = 1.0
        size = (HIDDEN / 3) ** 0.5  # of each of the three ones, once normed
        attention = model.model.layers[LAYER].self_attn
        slow = WIDTH // 2 - 1
        attention.q_proj.weight[HEAD * WIDTH + slow, 1] = LOGIT * WIDTH**0.5 / size**2
        attention.k_proj.weight[HEAD // 2 * WIDTH + slow, 2] = 1.0
    model.save_pretrained(folder)


def planted_record(index, outcomes):
    """Return the record of a document whose wrong answers say `bad`."""
    words = " ".join(WORDS[: 20 + index])
    rule, idle = " ".join(RULES[: 3 + index % 4]), " ".join(IDLE[: 3 + index % 4])
    made = Constraint(type="rule", family="f", version="1", params={}, text=rule)

    def trial(arm, draw, label, head, text):
        inserted = f"\n\n{head} {text}"
        start = len(words) + len(inserted) - len(text)
        solved = outcomes[draw]
        answer = " ".join(["good" if solved else "bad"] * (6 + draw % 3))
        return Trial(
            arm=arm,
            draw=draw,
            k=1,
            inserted=inserted,
            position="appended",
            spans=(Span(message=0, start=start, end=start + len(text), label=label),),
            responses=(Response(text=f" {answer}"),),
            score=Score(solved=solved),
            verdicts=(Verdict(met=True),),
        )

    draws = range(len(outcomes))
    return Record(
        doc=f"t/{index}",
        task="t",
        index=index,
        source=0,
        prompt=(Message(role="user", content=words),),
        constraints=(made,),
        trials=(
            *(trial("placebo", draw, "placebo", "Note:", idle) for draw in draws),
            *(trial("constrained", draw, "c0", "Constraint:", rule) for draw in draws),
        ),
    )


def save_run(folder, records):
    """Write the folder of a run that has ended."""
    import msgspec

    folder.mkdir()
    (folder / "records.jsonl").write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in records))
    results = {
        "schema": 2,
        "funnel": {},
        "reasons": {},
        "estimates": [],
        "evaluation": {"name": "sustainscore", "version": "1"},
        **{key: {} for key in ("plan", "constraint_types", "metrics", "tasks")},
        "model": {"backend": "hf", "dtype": "float32"},
    }
    (folder / "results.json").write_bytes(msgspec.json.encode(results))
    return folder
