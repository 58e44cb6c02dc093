"""A model split over the processes (FSDP2: Zhao et al. 2023, arXiv 2304.11277), for bases too large for one GPU.

Each block of the model is a group: its weights are gathered just before they compute and dropped just after, so a
process holds its share of everything and one or two blocks as a whole. Frozen weights are split whatever their number
format; the adapters on them are not: they are small, and their gradients are summed as without sharding. With
`method: full` every weight is split, and with it its gradient and the optimiser's moments.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from peft import PeftModel
from torch import distributed
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor
from transformers import AutoConfig, AutoModelForCausalLM

from drug_llm.errors import ConfigError
from drug_llm.models.attention import SEGMENTED
from drug_llm.models.base import BaseModel
from drug_llm.models.frozen_layers import fuse_frozen_layers
from drug_llm.models.loading import load_base_model
from drug_llm.models.precision import Precision
from drug_llm.training.config import TrainConfig
from drug_llm.training.loss import Row, row_loss
from drug_llm.training.processes import Processes

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Thing = TypeVar("Thing")
_NEEDED = "set_force_sum_reduction_for_comms"
"""What FSDP2 must be able to do: sum gradients without averaging them, on CPUs too. It came after torch 2.6."""


@dataclass(frozen=True)
class InStep(Processes):
    """Processes that must make the same number of passes, since in each pass all of them gather the weights."""

    idle: Callable[[], None] = lambda: None
    """A pass that learns and scores nothing."""

    def share(self, things: Sequence[Thing]) -> Iterator[Thing]:
        """Yield this process's things; then make the pass that others need when they have one thing more."""
        yield from super().share(things)
        if self.is_short(len(things)):
            self.idle()


def check_sharding(config: TrainConfig, together: Processes) -> None:
    """Raise ConfigError when the model is to be split and cannot be: one process, or a torch that is too old."""
    if config.sharding == "none":
        return
    if together.count == 1:
        raise ConfigError(
            f"sharding={config.sharding}: there is one process; expected several to split the model over. Start them "
            "with `torchrun --nproc-per-node N train.py`, or leave sharding=none."
        )
    if not hasattr(FSDPModule, _NEEDED):
        raise ConfigError(
            f"sharding={config.sharding}: FSDP2 of torch {torch.__version__} cannot sum gradients; expected a newer "
            "one, such as 2.13."
        )


def load_on_first(config: TrainConfig, base: BaseModel, precision: Precision, together: Processes) -> PreTrainedModel:
    """Return the base model, with its weights on the CPU of the first process and without any (`meta`) elsewhere.

    The others build it from the first one's settings, so that no second process ever holds the whole of it.
    """
    full = config.method == "full"
    message: list[Any] = [None, None]
    if together.first:
        on_cpu = replace(precision, device=torch.device("cpu"))
        model = load_base_model(base, on_cpu, segmented=True, dropout=config.base_dropout, method=config.method)
        message = [model.config.to_json_string(), {name: tensor.dtype for name, tensor in _tensors(model)}]
    distributed.broadcast_object_list(message)
    if not together.first:
        settings = AutoConfig.for_model(**json.loads(message[0]))
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(settings, attn_implementation=SEGMENTED)
        # Some architectures keep a few weights in float32, and only loading their files tells which.
        for name, tensor in _tensors(model):
            tensor.data = tensor.data.to(message[1][name])
        model.requires_grad_(full)
        fuse_frozen_layers(model)
    return model


def shard(model: PeftModel | PreTrainedModel, precision: Precision, together: Processes) -> None:
    """Split a model that lies with the first process, block after block, over all processes and their devices."""
    mesh = init_device_mesh(precision.device.type, (together.count,))
    inner: Any = model.get_base_model() if isinstance(model, PeftModel) else model
    policy = MixedPrecisionPolicy()
    if not isinstance(model, PeftModel):
        # Autocast would keep a copy of every gathered weight until the backward pass, so FSDP converts instead.
        policy = MixedPrecisionPolicy(param_dtype=precision.dtype, reduce_dtype=torch.float32)
        inner.computes_in = None
    placed: set[torch.nn.Module] = set()
    for group in [*_groups(inner), [model]]:
        _place(group, precision.device, placed)
        adapters = {p for p in model.parameters() if p.requires_grad} if isinstance(model, PeftModel) else set()
        # Gathered weights left in the modules after a pass would be taken for those that train.
        fully_shard(group, mesh=mesh, reshard_after_forward=True, mp_policy=policy, ignored_params=adapters)
    for module in model.modules():
        if isinstance(module, FSDPModule):
            # The loss is divided by the targets of all processes already; gloo can do the plain sum alone.
            module.set_gradient_divide_factor(1.0)
            module.set_force_sum_reduction_for_comms(True)


def gather(tensor: torch.Tensor) -> torch.Tensor:
    """Return the whole of a tensor; where it is split, every process must ask for it."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def gather_on_cpu(tensors: Iterable[tuple[str, torch.Tensor]], *, kept: bool = True) -> dict[str, torch.Tensor]:
    """Return whole, contiguous tensors on the CPU by name.

    Every process must ask for those that are split; one that does not keep them never holds more than one.
    """
    whole = ((name, gather(tensor.detach())) for name, tensor in tensors)
    return {name: tensor.cpu().contiguous() for name, tensor in whole if kept}


def share_of(whole: torch.Tensor, parameter: torch.Tensor) -> torch.Tensor:
    """Return what this process holds of a whole tensor, split and placed as the parameter is."""
    there = whole.to(parameter.device)
    if not isinstance(parameter, DTensor):
        return there
    return distribute_tensor(there, parameter.device_mesh, parameter.placements, src_data_rank=None)


def whole_model(model: Any, together: Processes) -> PeftModel | PreTrainedModel:
    """Return the model as it can be written: with whole weights, on the first process's CPU, if they were split.

    An adapter is whole anyway, and all that is written of its model.
    """
    split = isinstance(model, FSDPModule) and not isinstance(model, PeftModel)
    if not split:
        return model
    weights = gather_on_cpu(_tensors(model), kept=together.first)
    with torch.device("meta"):
        whole = AutoModelForCausalLM.from_config(model.config, dtype=torch.float32)
    if together.first:
        whole.load_state_dict(weights, strict=False, assign=True)
        whole.tie_weights()
        whole.generation_config = model.generation_config
    return whole


def in_step(together: Processes, model: torch.nn.Module, device: torch.device) -> Processes:
    """Return the processes such that they make as many passes as each other, where the model is split."""
    if not isinstance(model, FSDPModule):
        return together
    return InStep(together.rank, together.count, together.device, lambda: idle_pass(model, device))


def idle_pass(model: torch.nn.Module, device: torch.device) -> None:
    """Make a pass over one token without any target, which adds nothing to the loss and zero to the gradients."""
    none = torch.empty(0, dtype=torch.int64, device=device)
    one = torch.zeros(1, 1, dtype=torch.int64, device=device)
    loss = row_loss(model, Row(one, one, (1,), none, none))
    if torch.is_grad_enabled():
        loss.backward()


def _groups(model: Any) -> list[list[torch.nn.Module]]:
    """Return the modules that are gathered together: each block; the embedding; the output, with it where tied."""
    kinds = set(model._no_split_modules or ())
    blocks = [[module] for module in model.modules() if type(module).__name__ in kinds]
    first, last = model.get_input_embeddings(), model.get_output_embeddings()
    # As a group of its own the output matrix is no plain `Linear` any more, so `row_loss` lets the model compute its
    # logits, inside the passes that gather weights, instead of reading the matrix itself.
    return [*blocks, *([[first, last]] if first.weight is last.weight else [[first], [last]])]


def _tensors(model: torch.nn.Module) -> list[tuple[str, torch.Tensor]]:
    return [*model.named_parameters(), *model.named_buffers()]


def _place(group: Iterable[torch.nn.Module], device: torch.device, placed: set[torch.nn.Module]) -> None:
    """Put the first process's weights and buffers of some modules on every process's device."""
    # Tied weights arrive once and stay tied; they are within one group.
    arrived: dict[torch.Tensor, torch.Tensor] = {}
    modules: list[Any] = [module for outer in group for module in outer.modules() if module not in placed]
    placed.update(modules)
    for module in modules:
        for held in (module._parameters, module._buffers):
            for name, tensor in held.items():
                if tensor is not None and tensor not in arrived:
                    arrived[tensor] = _send(tensor, device)
                held[name] = None if tensor is None else arrived[tensor]


def _send(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    there = torch.empty_like(tensor, device=device) if tensor.is_meta else tensor.detach().to(device).contiguous()
    distributed.broadcast(there, src=0)
    return torch.nn.Parameter(there, tensor.requires_grad) if isinstance(tensor, torch.nn.Parameter) else there
