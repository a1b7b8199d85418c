"""The gated recurrent unit, one timestep back: what gru.py asks for, worked out. docs/bptt.md, section 7."""


def step_backward(p, x, h, z, r, q, c, g):
    """As in gru.py."""
    # h′ = (1 − z) ⊙ h + z ⊙ c
    da_c = g * z * (1 - c * c)
    da_z = g * (c - h) * z * (1 - z)
    # a_c = x U_h + q W_h + b_h
    dq = da_c @ p["W_h"].T
    # q = r ⊙ h
    da_r = dq * h * r * (1 - r)
    # h stands in h′, in q, in a_z and in a_r
    dh = g * (1 - z) + dq * r + da_z @ p["W_z"].T + da_r @ p["W_r"].T
    gradients = {}
    for letter, operand, da in ("z", h, da_z), ("r", h, da_r), ("h", q, da_c):
        gradients[f"U_{letter}"] = x.T @ da
        gradients[f"W_{letter}"] = operand.T @ da
        gradients[f"b_{letter}"] = da.sum(axis=0)
    return da_z, da_r, da_c, dq, dh, gradients
