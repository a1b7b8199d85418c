// RNN, the textbook's, backward, with g = ∂loss/∂h':  ds = g ⊙ h' ⊙ (1 − h')      ∂h = ds Wᵀ

// To ∂h without its product.
fn first_phase_backward(g: vec4f, place: Place) -> vec4f {
  let next = next_state(place);
  send(S, place, g * next * (1 - next));
  return vec4f();
}
