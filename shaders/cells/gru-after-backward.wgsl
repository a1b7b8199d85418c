// GRU, reset gate after the recurrent product, backward, with g = ∂loss/∂h':
//
//   da_c = g ⊙ z ⊙ m ⊙ (1 − c²)                dp   = da_c ⊙ r
//   da_z = g ⊙ (m ⊙ c − h) ⊙ z ⊙ (1 − z)       da_r = da_c ⊙ p ⊙ r ⊙ (1 − r)
//   ∂h   = g ⊙ (1 − z) + da_z W_zᵀ + da_r W_rᵀ + dp W_hᵀ
//
// m is what dropout multiplies c with, and 1 without.

// To ∂h without its products.
fn first_phase_backward(g: vec4f, place: Place) -> vec4f {
  let h = state(place);
  let z = kept(Z, place);
  let r = kept(R, place);
  let p = kept(P, place);
  let c = kept(C, place);
  let m = candidate_mask(place);
  let da_c = g * z * m * (1 - c * c);
  send(Z, place, g * (m * c - h) * z * (1 - z));
  send(R, place, da_c * p * r * (1 - r));
  send(P, place, da_c * r);
  send(C, place, da_c);
  return g * (1 - z);
}
