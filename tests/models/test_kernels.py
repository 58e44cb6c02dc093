"""The kernels that replace those of the libraries compute the same."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch.nn.functional import scaled_dot_product_attention
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.activations import NewGELUActivation
from transformers.models.llama.modeling_llama import LlamaRMSNorm

from drug_llm.encoding import IGNORED, EncodedExample
from drug_llm.models.adapted_linear import _kept, compute_adapters_in_base_format
from drug_llm.models.attention import SEGMENTED, segmented_attention
from drug_llm.models.base import resolve_base_model
from drug_llm.models.frozen_layers import fuse_frozen_layers
from drug_llm.models.loading import LoraSettings, add_adapter, load_base_model
from drug_llm.models.precision import choose_precision
from drug_llm.training import loss as losses
from drug_llm.training.loss import make_row, row_loss


def with_gradients(
    compute: Callable[..., torch.Tensor], *inputs: torch.Tensor
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    leaves = [tensor.detach().clone().requires_grad_() for tensor in inputs]
    out = compute(*leaves)
    torch.manual_seed(9)
    out.backward(torch.randn(out.shape).to(out.dtype))
    return out.detach(), [leaf.grad for leaf in leaves if leaf.grad is not None]


def error(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one.float() - other.float()).norm() / other.float().norm())


@pytest.mark.parametrize("key_heads", [6, 2])
def test_products_attend_as_the_exact_kernel_does(key_heads: int) -> None:
    torch.manual_seed(1)
    lengths = [5, 1, 40, 17]
    shapes = [(1, 6, 63, 16), (1, key_heads, 63, 16), (1, key_heads, 63, 16)]
    inputs = [torch.randn(shape) for shape in shapes]

    def products(*qkv: torch.Tensor) -> torch.Tensor:
        halves = [part.bfloat16() for part in qkv]
        out = segmented_attention(torch.nn.Identity(), *halves, None, segment_lengths=lengths)[0]
        assert type(out.grad_fn).__name__ == "_ProductAttentionBackward"
        return out

    def exact(*qkv: torch.Tensor) -> torch.Tensor:
        starts = [0, 5, 6, 46, 63]
        parts = [[part[:, :, a:b] for part in qkv] for a, b in pairwise(starts)]
        done = [scaled_dot_product_attention(*part, is_causal=True, enable_gqa=True) for part in parts]
        return torch.cat(done, dim=2).transpose(1, 2)

    out, gradients = with_gradients(products, *inputs)
    expected, theirs = with_gradients(exact, *inputs)
    assert error(out, expected) < 0.01
    assert all(error(mine, other) < 0.02 for mine, other in zip(gradients, theirs, strict=True))


def test_norm_equals_that_of_transformers() -> None:
    torch.manual_seed(2)
    norm = LlamaRMSNorm(32)
    norm.weight.data.uniform_(0.5, 2).requires_grad_(False)
    norm.weight.requires_grad_(False)
    fused = deepcopy(norm)
    fuse_frozen_layers(fused)
    x = torch.randn(2, 7, 32)
    (out, gradients), (expected, theirs) = with_gradients(fused, x), with_gradients(norm, x)
    torch.testing.assert_close(out, expected)
    torch.testing.assert_close(gradients[0], theirs[0])
    torch.testing.assert_close(fused(x.bfloat16()), norm(x.bfloat16()), rtol=0, atol=0)


def test_norm_that_is_trained_keeps_its_own_code() -> None:
    norm = LlamaRMSNorm(8)
    before = norm.forward
    fuse_frozen_layers(norm)
    assert norm.forward == before


def test_gelu_equals_that_of_gpt2() -> None:
    fused = torch.nn.Sequential(NewGELUActivation())
    fuse_frozen_layers(fused)
    x = torch.linspace(-6, 6, 200)
    torch.testing.assert_close(fused(x), NewGELUActivation()(x), rtol=1e-5, atol=1e-6)


@pytest.fixture(scope="module")
def llama() -> LlamaForCausalLM:
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=90,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        attn_implementation=SEGMENTED,
    )
    return LlamaForCausalLM(config).requires_grad_(False)


def adapted(llama: LlamaForCausalLM, **changes: Any) -> Any:
    torch.manual_seed(4)
    settings: dict[str, Any] = {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj", "up_proj", "o_proj"]}
    model = get_peft_model(deepcopy(llama), LoraConfig(**settings | {"task_type": "CAUSAL_LM"} | changes))
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            weight.data.normal_(std=0.1)
    return model


EXAMPLES = [
    EncodedExample(list(range(5, 45)), [IGNORED] * 10 + list(range(15, 45))),
    EncodedExample([7, 8, 9, 0], [IGNORED, 8, 9, 0]),
]


def gradients(model: Any, examples: list[EncodedExample]) -> tuple[float, dict[str, torch.Tensor]]:
    loss = row_loss(model, make_row(examples, torch.device("cpu")))
    loss.backward()
    return float(loss.detach()), {n: p.grad for n, p in model.named_parameters() if p.grad is not None}


def test_adapted_layers_learn_what_those_of_peft_learn(llama: LlamaForCausalLM) -> None:
    plain, fast = adapted(llama), adapted(llama)
    assert compute_adapters_in_base_format(fast) == 8
    loss, theirs = gradients(plain, EXAMPLES)
    mine, own = gradients(fast, EXAMPLES)
    assert mine == pytest.approx(loss, rel=1e-5)
    assert own.keys() == theirs.keys()
    for name, gradient in theirs.items():
        torch.testing.assert_close(own[name], gradient, rtol=1e-3, atol=1e-5)


def test_adapter_that_is_switched_off_changes_nothing(llama: LlamaForCausalLM) -> None:
    fast = adapted(llama)
    compute_adapters_in_base_format(fast)
    row = make_row(EXAMPLES, torch.device("cpu"))
    with fast.disable_adapter():
        assert float(row_loss(fast, row)) == pytest.approx(float(row_loss(llama, row)), rel=1e-6)
    assert float(row_loss(fast, row).detach()) != pytest.approx(float(row_loss(llama, row)), rel=1e-4)


def test_layers_of_other_kinds_keep_the_code_of_peft(llama: LlamaForCausalLM) -> None:
    assert compute_adapters_in_base_format(adapted(llama, use_dora=True)) == 0


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_dropout_drops_its_share_and_keeps_the_mean(share: float) -> None:
    torch.manual_seed(5)
    x = torch.ones(1001, 333)
    kept = _kept(x, share)
    assert float((kept == 0).float().mean()) == pytest.approx(share, abs=0.003)
    assert float(kept.mean()) == pytest.approx(1, abs=0.005)
    torch.manual_seed(5)
    assert torch.equal(_kept(x, share), kept)
    assert not torch.equal(_kept(x, share), kept)


def test_dropout_leaves_its_mark_on_the_gradients(llama: LlamaForCausalLM) -> None:
    model = adapted(llama, lora_dropout=0.3)
    compute_adapters_in_base_format(model)
    model.train()
    torch.manual_seed(6)
    with_dropout = gradients(model, EXAMPLES)[0]
    model.eval()
    assert with_dropout != pytest.approx(gradients(model, EXAMPLES)[0], rel=1e-4)


def test_loss_in_chunks_is_the_loss_of_all_logits(llama: LlamaForCausalLM, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "LOGIT_ROWS", {"cpu": 7})
    chunked = gradients(adapted(llama), EXAMPLES)
    monkeypatch.setattr(losses, "_PLAIN_HEADS", ())
    whole = gradients(adapted(llama), EXAMPLES)
    assert chunked[0] == pytest.approx(whole[0], rel=1e-5)
    for name, gradient in whole[1].items():
        torch.testing.assert_close(chunked[1][name], gradient, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_logits_of_an_example_are_the_same_packed_and_alone(tiny_base: Path, dtype: str) -> None:
    base = resolve_base_model(str(tiny_base))
    model = load_base_model(base, choose_precision("cpu", dtype), segmented=True)
    adapter = add_adapter(model, LoraSettings(4, 8, 0.0, None), base=base).eval()
    compute_adapters_in_base_format(adapter)

    def logits(examples: list[EncodedExample]) -> torch.Tensor:
        row = make_row(examples, torch.device("cpu"))
        inputs = {"position_ids": row.position_ids, "segment_lengths": row.segment_lengths}
        with torch.no_grad():
            return adapter(input_ids=row.input_ids, use_cache=False, **inputs).logits[0].float()

    together = logits(EXAMPLES * 2)
    alone = torch.cat([logits([example]) for example in EXAMPLES] * 2)
    assert error(together, alone) < (1e-5 if dtype == "float32" else 0.01)
