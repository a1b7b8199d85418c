// GRU, reset gate after the recurrent product (PyTorch, cuDNN, Keras), forward:
//
//   z = σ(x U_z + h W_z + b_z)          p = h W_h + b_hh
//   r = σ(x U_r + h W_r + b_r)          c = tanh(x U_h + b_h + r ⊙ p)
//                                       h' = (1 − z) ⊙ h + z ⊙ m ⊙ c
//
// m is what dropout multiplies c with, and 1 without.

// To h'.
fn first_phase(a: mat4x4f, h: vec4f, place: Place) -> vec4f {
  let z = sigmoid(a[Z]);
  let r = sigmoid(a[R]);
  let p = a[P];
  let c = hyperbolic_tangent(a[C] + r * p);
  keep(Z, place, z);
  keep(R, place, r);
  keep(P, place, p);
  keep(C, place, c);
  return (1 - z) * h + z * candidate_mask(place) * c;
}
