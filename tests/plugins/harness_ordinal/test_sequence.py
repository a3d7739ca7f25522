"""An ordinal head on a transformers model: saved, loaded, trained by its Trainer."""

import pytest
import torch
from transformers import BertConfig, BertModel, Trainer, TrainingArguments

from harness_ordinal import OrdinalError
from harness_ordinal.sequence import OrdinalConfig, OrdinalForSequenceClassification

TINY = BertConfig(
    vocab_size=32,
    hidden_size=16,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=32,
    hidden_dropout_prob=0.0,
)


def model(head="corn", size=4):
    torch.manual_seed(0)
    return OrdinalForSequenceClassification(OrdinalConfig(encoder=TINY.to_dict(), num_classes=size, head=head))


def rows(count=64):
    random = torch.Generator().manual_seed(1)
    tokens = torch.randint(2, 32, (count, 6), generator=random)
    labels = (tokens.float().mean(1) - 8).div(6).clamp(0, 3).long()
    return [
        {"input_ids": one, "attention_mask": torch.ones(6), "labels": label}
        for one, label in zip(tokens, labels, strict=True)
    ]


@pytest.mark.parametrize("head", ["corn", "corn:nll", "coral", "clm", "ce", "rps"])
def test_what_is_saved_is_loaded(head, tmp_path):
    made = model(head).eval()
    made.save_pretrained(tmp_path)
    assert (tmp_path / "model.safetensors").exists()
    again = OrdinalForSequenceClassification.from_pretrained(tmp_path).eval()
    tokens = torch.arange(2, 14).reshape(2, 6)
    assert again.config.head == head
    assert torch.equal(made(tokens).logits, again(tokens).logits)
    assert again.ranks(again(tokens).logits).shape == (2,)


def test_the_trainer_lowers_the_loss(tmp_path):
    made = model()
    data = rows()
    batch = {key: torch.stack([row[key] for row in data]) for key in data[0]}
    before = made.eval()(**batch).loss.item()
    arguments = TrainingArguments(
        output_dir=str(tmp_path),
        num_train_epochs=15,
        per_device_train_batch_size=16,
        learning_rate=3e-3,
        report_to=[],
        save_strategy="no",
        use_cpu=True,
        disable_tqdm=True,
        logging_strategy="no",
    )
    Trainer(model=made, args=arguments, train_dataset=data).train()
    assert made.eval()(**batch).loss.item() < 0.7 * before


def test_a_trained_encoder_keeps_its_weights(tmp_path):
    torch.manual_seed(3)
    encoder = BertModel(TINY).eval()
    encoder.save_pretrained(tmp_path)
    made = OrdinalForSequenceClassification.from_encoder(tmp_path, num_classes=5).eval()
    tokens = torch.arange(2, 14).reshape(2, 6)
    states = encoder(tokens).last_hidden_state.mean(1)
    assert torch.allclose(made(tokens).logits, made.head(states), atol=1e-6)
    assert made(tokens).logits.shape == (2, 4)


def test_padding_changes_nothing():
    made = model().eval()
    tokens = torch.arange(2, 8)[None]
    padded = torch.cat([tokens, torch.zeros(1, 3, dtype=torch.long)], 1)
    mask = (padded > 0).long()
    assert torch.allclose(made(tokens).logits, made(padded, attention_mask=mask).logits, atol=1e-5)


def test_labels_off_the_scale_are_named():
    with pytest.raises(OrdinalError, match=r"\(4\)"):
        model()(torch.arange(2, 8)[None], labels=torch.tensor([4]))
