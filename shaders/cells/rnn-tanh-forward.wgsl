// RNN with tanh (Elman 1990), forward:  h' = tanh s, s = x U + h W + b

// To h'.
fn first_phase(a: mat4x4f, h: vec4f, place: Place) -> vec4f { return hyperbolic_tangent(a[S]); }
