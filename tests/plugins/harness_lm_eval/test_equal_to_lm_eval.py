"""Prompts, filtered responses, values and standard errors are those of lm-eval itself, run beside ours."""

from dataclasses import replace

import pytest

from harness import Response, TaskSettings
from harness_lm_eval.source import LmEvalSource

QUESTIONS = [
    {"question": f"What is {a} plus {b}?", "choices": [str(a + b + k) for k in range(4)], "label": (a * b) % 4, "id": a}
    for a in range(2, 10)
    for b in (3, 4)
]
ASKED, SHOWN = QUESTIONS[:10], QUESTIONS[10:]

CHOICE = """
output_type: multiple_choice
test_split: test
training_split: train
fewshot_split: train
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_target: label
doc_to_choice: choices
metric_list:
  - metric: acc
  - metric: acc_norm
  - metric: acc_bytes
"""


@pytest.mark.parametrize("name", ["gsm8k", "gsm8k_cot", "gsm8k_cot_zeroshot"])
def test_generation_with_several_filters(settings, compare, name):
    compare(name, settings, builtin="gsm8k")


@pytest.mark.parametrize("multiturn", [True, False])
@pytest.mark.parametrize("system", [None, "Be exact."])
def test_conversations(settings, compare, multiturn, system):
    chat = replace(settings, apply_chat_template=True, fewshot_as_multiturn=multiturn, system_instruction=system)
    _, rows = compare("gsm8k", chat, limit=4, builtin="gsm8k")
    prompt = rows[0][1][0].prompt
    assert prompt.chat
    assert len(prompt.messages) == (11 if multiturn else 1) + (system is not None)
    assert prompt.asked.content[prompt.slot :] == "\nAnswer:"


def test_a_system_instruction_stands_before_plain_text(settings, compare):
    compare("gsm8k", replace(settings, system_instruction="Be exact.", num_fewshot=2), limit=4, builtin="gsm8k")


def test_examples_depend_on_their_seed_alone(settings):
    task = LmEvalSource().open("gsm8k", settings, None, "")
    other = LmEvalSource().open("gsm8k", replace(settings, fewshot_seed=7), None, "")
    docs = [task.doc(index) for index in (5, 0, 3)]
    there = [task.requests(doc) for doc in docs]
    fresh = LmEvalSource().open("gsm8k", settings, None, "")
    assert there == [fresh.requests(fresh.doc(index)) for index in (5, 0, 3)]
    assert there[0] != other.requests(other.doc(5))


def test_a_zero_of_the_task_file_is_not_overruled(settings, compare):
    task, _ = compare("gsm8k_cot_zeroshot", replace(settings, num_fewshot=3), limit=2, builtin="gsm8k")
    assert task.facts["num_fewshot"] == 0


@pytest.mark.parametrize("shots", [0, 3])
def test_multiple_choice(write_task, compare, shots):
    _, rows = compare("toy_choice", write_task("toy_choice", CHOICE, ASKED, SHOWN, num_fewshot=shots))
    doc, requests, _, score = rows[0]
    assert [request.continuation for request in requests] == [f" {choice}" for choice in doc.fields["choices"]]
    assert doc.golds == (doc.fields["choices"][doc.fields["label"]],)
    assert score.solved is (score.values["acc,none"] == 1)


def test_multiple_choice_in_a_conversation(write_task, compare):
    compare("toy_talk", write_task("toy_talk", CHOICE, ASKED, SHOWN, num_fewshot=2, apply_chat_template=True))


def test_examples_from_the_asked_split_leave_the_document_out(write_task, compare):
    yaml = CHOICE.replace("fewshot_split: train", "fewshot_split: test").replace("training_split: train\n", "")
    compare("toy_same", write_task("toy_same", yaml, ASKED, num_fewshot=4))


def test_the_first_examples(write_task, compare):
    yaml = CHOICE + 'fewshot_config:\n  sampler: first_n\ndescription: "Sums.\\n\\n"\n'
    compare("toy_first", write_task("toy_first", yaml, ASKED, SHOWN, num_fewshot=2))


def test_mutual_information_asks_for_the_choices_alone(write_task, compare):
    yaml = CHOICE + "  - metric: acc_mutual_info\n"
    _, rows = compare("toy_mutual", write_task("toy_mutual", yaml, ASKED, SHOWN))
    assert [request.prompt.text for request in rows[0][1]][4:] == [""] * 4


def test_corpus_metrics_of_choices(write_task, compare):
    yaml = CHOICE.replace("- metric: acc_bytes", "- metric: brier_score\n  - metric: mcc")
    rows = [{**row, "choices": row["choices"][:2], "label": row["label"] % 2} for row in ASKED]
    compare("toy_corpus", write_task("toy_corpus", yaml, rows, SHOWN))


def test_a_text_for_each_choice(write_task, compare):
    yaml = """
output_type: multiple_choice
test_split: test
doc_to_text: label
doc_to_target: ending
doc_to_choice: "{{[start + ' one', start + ' two']}}"
metric_list:
  - metric: acc
"""
    rows = [{"label": k % 2, "start": f"The {k}", "ending": f"won {k}."} for k in range(6)]
    _, found = compare("toy_inputs", write_task("toy_inputs", yaml, rows))
    assert found[0][0].golds == ("The 0 one",)


def test_the_likelihood_of_a_last_word(write_task, compare):
    yaml = """
output_type: loglikelihood
test_split: test
doc_to_text: "{{text.split(' ')[:-1]|join(' ')}}"
doc_to_target: "{{' '+text.split(' ')[-1]}}"
metric_list:
  - metric: perplexity
    aggregation: perplexity
    higher_is_better: false
  - metric: acc
    aggregation: mean
    higher_is_better: true
"""
    rows = [{"text": f"The {k} cats sat on {k} mats"} for k in range(8)]
    _, found = compare("toy_word", write_task("toy_word", yaml, rows))
    assert [score.solved for *_, score in found] == [score.values["acc,none"] == 1 for *_, score in found]


def test_the_likelihood_of_whole_texts(write_task, compare):
    yaml = """
output_type: loglikelihood_rolling
test_split: test
doc_to_text: ""
doc_to_target: page
"""
    rows = [{"page": f"Page {k}.\n" + "word " * (k + 1)} for k in range(6)]
    task, found = compare("toy_pages", write_task("toy_pages", yaml, rows))
    assert task.kinds == {"rolling"}
    assert found[0][0].golds == ()
    assert found[0][3].solved is None


GENERATE = """
output_type: generate_until
test_split: test
training_split: train
doc_to_text: "{{question}}"
doc_to_target: "{{choices[0]}}"
"""


def test_repeats_and_a_vote(write_task, compare):
    yaml = (
        GENERATE
        + """repeats: 5
generation_kwargs: {until: ["\\n"], do_sample: true, temperature: 0.7, max_gen_toks: 32, num_beams: 1}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
filter_list:
  - {name: first, filter: [{function: regex, regex_pattern: "(\\\\d+)"}, {function: take_first}]}
  - {name: vote, filter: [{function: regex, regex_pattern: "(\\\\d+)"}, {function: majority_vote}, {function: take_first}]}
"""
    )
    _, rows = compare("toy_vote", write_task("toy_vote", yaml, ASKED, SHOWN))
    assert [request.draw for request in rows[0][1]] == list("01234")
    sampling = rows[0][1][0].sampling
    assert (sampling.max_tokens, sampling.temperature, sampling.stop) == (32, 0.7, ("\n",))
    assert sampling.extra == {"num_beams": 1}
    assert {"exact_match,first", "exact_match,vote"} <= set(rows[0][3].values)
    assert rows[0][3].lenient is not None


@pytest.mark.parametrize("chat", [True, False])
def test_the_beginning_of_an_answer(write_task, compare, chat):
    yaml = GENERATE + 'gen_prefix: "The answer is"\n'
    settings = write_task("toy_prefix", yaml, ASKED, SHOWN, num_fewshot=2, apply_chat_template=chat)
    _, rows = compare("toy_prefix", settings)
    prompt = rows[0][1][0].prompt
    assert prompt.prefix == ("The answer is" if chat else "")
    assert prompt.text.endswith("The answer is")
    assert prompt.asked.content[: prompt.slot].endswith("?")


def test_several_right_answers(write_task, compare):
    yaml = GENERATE.replace("{{choices[0]}}", "{{choices}}")
    _, rows = compare("toy_many", write_task("toy_many", yaml, ASKED, SHOWN))
    assert rows[0][0].golds == tuple(rows[0][0].fields["choices"])


def test_functions_of_a_task_file(write_task, compare, tmp_path):
    (tmp_path / "tasks").mkdir(exist_ok=True)
    (tmp_path / "tasks" / "toy_functions.py").write_text(
        "import random\n"
        "def rows(data):\n    return data.map(lambda row: {**row, 'extra': random.randint(0, 9)})\n"
        "def text(row):\n    return f\"{row['question']} ({row['extra']})\"\n"
        "def grades(row, results):\n    return {'long': float(len(results[0])), 'odd': len(results[0]) % 2 == 1}\n"
    )
    yaml = GENERATE.replace('"{{question}}"', "!function toy_functions.text") + (
        "process_docs: !function toy_functions.rows\nprocess_results: !function toy_functions.grades\n"
        "metric_list:\n  - {metric: long, aggregation: median, higher_is_better: true}\n"
        "  - {metric: odd, aggregation: mean, higher_is_better: true}\n"
    )
    compare("toy_functions", write_task("toy_functions", yaml, ASKED, SHOWN))


def test_translation_metrics(write_task, compare):
    yaml = GENERATE.replace("{{choices[0]}}", "So it is {{choices[0]}} or more.") + (
        "metric_list:\n  - metric: bleu\n  - metric: chrf\n  - metric: ter\n"
    )
    compare("toy_bleu", write_task("toy_bleu", yaml, ASKED, SHOWN))


def test_what_could_not_be_scored_is_left_out_and_counted(settings):
    task = LmEvalSource().open("gsm8k", settings, None, "")
    doc = task.doc(0)
    right = task.score(doc, [Response(text="#### 18")])
    from harness import Score

    figures = task.aggregate([right, Score(note="request failed"), right])
    assert {(figure.value, figure.n, figure.note) for figure in figures} == {(1.0, 2, "1 unscored left out")}


def test_settings_are_values(settings):
    assert TaskSettings(dataset_root=settings.dataset_root) == settings
