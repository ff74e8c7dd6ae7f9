"""Makes gru_reference.h: a GRU's outputs and gradients as PyTorch computes them. Usage: gru_reference.py > gru_reference.h"""
import torch

torch.manual_seed(7)
INPUT, DIM, STEPS, STREAMS = 3, 4, 5, 2
gru = torch.nn.GRU(INPUT, DIM).double()
x = torch.randn(STEPS, STREAMS, INPUT, dtype=torch.float64, requires_grad=True)
h0 = torch.randn(1, STREAMS, DIM, dtype=torch.float64) * 0.5
direction = torch.randn(STEPS, STREAMS, DIM, dtype=torch.float64)
y, last = gru(x, h0)
(y * direction).sum().backward()


def array(name, tensor):
    values = ", ".join(f"{v:.9e}f" for v in tensor.detach().flatten().tolist())
    print(f"static const float reference_{name}[] = {{{values}}};")


print("/* Made by gru_reference.py with PyTorch", torch.__version__.split("+")[0] + ": a GRU of", DIM, "units on", INPUT,
      "inputs,", STEPS, "steps of", STREAMS, "streams. */")
print("// clang-format off")
print(f"enum {{ INPUT = {INPUT}, DIM = {DIM}, STEPS = {STEPS}, STREAMS = {STREAMS} }};")
array("input_weight", gru.weight_ih_l0)
array("input_bias", gru.bias_ih_l0)
array("recurrent_weight", gru.weight_hh_l0)
array("recurrent_bias", gru.bias_hh_l0)
array("x", x)
array("h0", h0)
array("direction", direction)
array("y", y)
array("input_weight_gradient", gru.weight_ih_l0.grad)
array("recurrent_weight_gradient", gru.weight_hh_l0.grad)
array("recurrent_bias_gradient", gru.bias_hh_l0.grad)
array("x_gradient", x.grad)
