"""The gated recurrent unit, one timestep back: yours to write. docs/bptt.md, section 7, derives it; vectors are rows.

Fill in step_backward, then run exercise.py.
"""


def step_backward(p, x, h, z, r, q, c, g):
    """From g = ∂loss/∂h′ to the gradients of one timestep; B rows at a time, one below the other.

    p: the parameters by name: U_z, W_z, b_z and so on
    x: [B, V], the symbols as one-hot rows; h: [B, H], the state before the timestep
    z, r, c: [B, H], the gates and the candidate; q = r * h
    g: [B, H], ∂loss by the state after the timestep

    Returns da_z, da_r, da_c, dq and dh, [B, H] each, and a dictionary with this timestep's gradient by each of the nine
    parameters. NumPy: a * b is a ⊙ b, a @ b a product of matrices, W.T the transpose, a.sum(axis=0) the sum over the rows.
    """
    raise NotImplementedError("step_backward in gru.py is yours to write.")
