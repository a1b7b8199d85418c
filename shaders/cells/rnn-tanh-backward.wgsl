// RNN with tanh, backward, with g = ∂loss/∂h':  ds = g ⊙ (1 − h'²)      ∂h = ds Wᵀ

// To ∂h without its product.
fn first_phase_backward(g: vec4f, place: Place) -> vec4f {
  let next = next_state(place);
  send(S, place, g * (1 - next * next));
  return vec4f();
}
