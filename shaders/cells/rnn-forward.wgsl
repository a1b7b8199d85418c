// RNN, the textbook's, forward:  h' = σ(s), s = x U + h W + b

override UNITS: u32 = 4;  // H before it was rounded up to a multiple of 4

// To h'. Of zeros σ would make ½: a padding unit is held at 0.
fn first_phase(a: mat4x4f, h: vec4f, place: Place) -> vec4f {
  let unit = 4 * (place.at % HIDDEN4) + vec4u(0, 1, 2, 3) < vec4u(UNITS);
  return select(vec4f(), sigmoid(a[S]), unit);
}
