// The averaged parameters: average ← β average + (1 − β) θ, in a form that gives θ itself where both are the same, and
// where β is 0. Whoever is linked with this declares adam.

@group(0) @binding(7) var<storage, read_write> averaged: array<vec4f>;

fn average(i: u32, parameter: vec4f) {
  averaged[i] = parameter + adam.averaging * (averaged[i] - parameter);
}
