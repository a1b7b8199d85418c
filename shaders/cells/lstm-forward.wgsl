// LSTM (Hochreiter and Schmidhuber 1997; Gers et al. 2000), forward:
//
//   i = σ(x U_i + h W_i + b_i)          c' = f ⊙ c + i ⊙ m ⊙ g
//   f = σ(x U_f + h W_f + b_f)          h' = o ⊙ tanh c'
//   g = tanh(x U_g + h W_g + b_g)
//   o = σ(x U_o + h W_o + b_o)
//
// m is what dropout multiplies g with, and 1 without.

// To h'.
fn first_phase(a: mat4x4f, h: vec4f, place: Place) -> vec4f {
  let i = sigmoid(a[I]);
  let f = sigmoid(a[F]);
  let g = hyperbolic_tangent(a[G]);
  let o = sigmoid(a[O]);
  let c = f * second_state(place) + i * candidate_mask(place) * g;
  keep(I, place, i);
  keep(F, place, f);
  keep(G, place, g);
  keep(O, place, o);
  keep_second_state(place, c);
  return o * hyperbolic_tangent(c);
}
