// LSTM, backward, with d = ∂loss/∂h', and ∂loss/∂c' from the next timestep:
//
//   da_o = d ⊙ tanh c' ⊙ o ⊙ (1 − o)           dc = ∂loss/∂c' + d ⊙ o ⊙ (1 − tanh² c')
//   da_i = dc ⊙ m ⊙ g ⊙ i ⊙ (1 − i)            da_g = dc ⊙ i ⊙ m ⊙ (1 − g²)
//   da_f = dc ⊙ c ⊙ f ⊙ (1 − f)                ∂c = dc ⊙ f
//   ∂h   = da_i W_iᵀ + da_f W_fᵀ + da_g W_gᵀ + da_o W_oᵀ
//
// m is what dropout multiplies g with, and 1 without.

// To ∂h without its products.
fn first_phase_backward(d: vec4f, place: Place) -> vec4f {
  let i = kept(I, place);
  let f = kept(F, place);
  let g = kept(G, place);
  let o = kept(O, place);
  let shown = hyperbolic_tangent(next_second_state(place));
  let m = candidate_mask(place);
  let dc = next_second_gradient(place) + d * o * (1 - shown * shown);
  send(I, place, dc * m * g * i * (1 - i));
  send(F, place, dc * second_state(place) * f * (1 - f));
  send(G, place, dc * i * m * (1 - g * g));
  send(O, place, d * shown * o * (1 - o));
  keep_second_gradient(place, dc * f);
  return vec4f();
}
