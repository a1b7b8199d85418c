// GRU, reset gate before the recurrent product, backward, with g = ∂loss/∂h':
//
//   da_c = g ⊙ z ⊙ m ⊙ (1 − c²)                dq   = da_c W_hᵀ
//   da_z = g ⊙ (m ⊙ c − h) ⊙ z ⊙ (1 − z)       da_r = dq ⊙ h ⊙ r ⊙ (1 − r) = dq ⊙ q ⊙ (1 − r)
//   ∂h   = g ⊙ (1 − z) + dq ⊙ r + da_z W_zᵀ + da_r W_rᵀ
//
// m is what dropout multiplies c with, and 1 without.

// To ∂h without its products.
fn first_phase_backward(g: vec4f, place: Place) -> vec4f {
  let h = state(place);
  let z = kept(Z, place);
  let c = kept(C, place);
  let m = candidate_mask(place);
  send(C, place, g * z * m * (1 - c * c));
  send(Z, place, g * (m * c - h) * z * (1 - z));
  return g * (1 - z);
}

// To what dq adds to ∂h.
fn second_phase_backward(dq: vec4f, place: Place) -> vec4f {
  let q = second_operand(place);
  let r = kept(R, place);
  send(R, place, dq * q * (1 - r));
  return dq * r;
}
