"""Random models with real architectures and tokenizers trained on the lines below."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

LINES = [
    "Dresses|color,sleeve length,material",
    "T:Joanie women's midi dress rust floral print, long sleeve, navy blue belt",
    '{"color":["rust","navy blue"],"sleeve length":["long sleeve"]}',
    "T:Herren Hemd größengrau aus Baumwolle, ohne Bügeln",
    "T:连衣裙 藏青色 长袖 材质：棉",
    '{"color":["藏青色"],"material":["棉"]}',
    "a/b and the \\\\ of it all; 100% cotton, 5 x 20 cm (new!)",
]
PAD, END, UNKNOWN = "<pad>", "</s>", "<unk>"
_T5_ALPHABET = sorted({*string.printable.strip(), *"".join(LINES)} - {" "})


def save_causal(folder: Path, *, seed: int = 0) -> Path:
    """Write a Llama (grouped-query attention, 512 positions) that knows every byte; return its folder."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=[PAD, END], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.train_from_iterator(LINES, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=PAD, eos_token=END)
    torch.manual_seed(seed)
    config = LlamaConfig(
        # Wider than the tokenizer, as published models are: what has no token must never be chosen.
        vocab_size=len(fast) + 24,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        initializer_range=0.5,
        pad_token_id=fast.pad_token_id,
        eos_token_id=fast.eos_token_id,
        bos_token_id=None,
    )
    return _save(folder, LlamaForCausalLM(config), fast)


def save_seq2seq(folder: Path, *, seed: int = 4, alphabet: str | None = None) -> Path:
    """Write a T5 that knows the characters of ``alphabet`` (printable ASCII and those of LINES); return its folder."""
    # Written down, not trained: UnigramTrainer finds other pieces in every process, so every run had another model.
    known = _T5_ALPHABET if alphabet is None else sorted({*alphabet} - {" "})
    words = {word for line in LINES for word in f" {line}".replace(" ", " ▁").split() if {*word} <= {"▁", *known}}
    pieces = [*((one, 0.0) for one in (PAD, END, UNKNOWN, "▁")), *((one, -9.0) for one in known)]
    pieces += [(word, -5.0) for word in sorted(words - {"▁"})]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=2))
    tokenizer.add_special_tokens([PAD, END, UNKNOWN])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    ids = [(END, tokenizer.token_to_id(END))]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"$A {END}", special_tokens=ids)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=PAD, eos_token=END, unk_token=UNKNOWN)
    torch.manual_seed(seed)
    config = T5Config(
        vocab_size=len(fast) + 12,
        d_model=32,
        d_kv=8,
        d_ff=64,
        num_layers=2,
        num_heads=4,
        initializer_factor=1.0,
        pad_token_id=fast.pad_token_id,
        eos_token_id=fast.eos_token_id,
        decoder_start_token_id=fast.pad_token_id,
    )
    return _save(folder, T5ForConditionalGeneration(config), fast)


def save_adapter(checkpoint: Path, folder: Path, *, layers: list[int] | None = None) -> Path:
    """Write a LoRA with random A and B for the attention of a tiny model; return its folder."""
    from peft import LoraConfig, get_peft_model

    model, is_t5 = load(checkpoint)
    config = LoraConfig(
        r=4,
        lora_alpha=64,
        target_modules=["q", "v"] if is_t5 else ["q_proj", "v_proj"],
        layers_to_transform=layers,
        init_lora_weights=False,
        task_type="SEQ_2_SEQ_LM" if is_t5 else "CAUSAL_LM",
    )
    torch.manual_seed(1)
    get_peft_model(model, config).save_pretrained(folder)
    return folder


def load(checkpoint: Path) -> tuple[Any, bool]:
    """Return (model, whether it is the T5)."""
    is_t5 = "T5" in (checkpoint / "config.json").read_text(encoding="utf-8")
    kind = T5ForConditionalGeneration if is_t5 else LlamaForCausalLM
    return kind.from_pretrained(checkpoint), is_t5


def _save(folder: Path, model: Any, tokenizer: Any) -> Path:
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
