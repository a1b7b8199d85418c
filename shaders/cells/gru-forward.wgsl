// GRU, reset gate before the recurrent product (Cho et al. 2014), forward:
//
//   z = σ(x U_z + h W_z + b_z)          h' = (1 − z) ⊙ h + z ⊙ m ⊙ c
//   r = σ(x U_r + h W_r + b_r)
//   c = tanh(x U_h + q W_h + b_h)       q = r ⊙ h
//
// m is what dropout multiplies c with, and 1 without.

// To q.
fn first_phase(a: mat4x4f, h: vec4f, place: Place) -> vec4f {
  let z = sigmoid(a[Z]);
  let r = sigmoid(a[R]);
  keep(Z, place, z);
  keep(R, place, r);
  return r * h;
}

// To h'.
fn second_phase(a: vec4f, h: vec4f, place: Place) -> vec4f {
  let z = kept(Z, place);
  let c = hyperbolic_tangent(a);
  keep(C, place, c);
  return (1 - z) * h + z * candidate_mask(place) * c;
}
