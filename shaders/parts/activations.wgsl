// What makes gates and outputs of sums.

fn sigmoid(a: vec4f) -> vec4f { return 1 / (1 + exp(-a)); }

// 1 − 2 / (e²ᵃ + 1), since some devices' own tanh overflows; near 0, where that would lose its digits, the series.
fn hyperbolic_tangent(a: vec4f) -> vec4f {
  let s = a * a;
  let near = a * (1 - s * (1.0 / 3 - s * (2.0 / 15 - s * 17.0 / 315)));
  return select(1 - 2 / (exp(2 * a) + 1), near, abs(a) < vec4f(0.2));
}

// log(1 + eᵃ), where eᵃ would overflow too; by its series where the logarithm would lose its digits.
fn softplus(a: vec4f) -> vec4f {
  let e = exp(-abs(a));
  return max(a, vec4f(0)) + select(log(1 + e), e * (1 - e * (0.5 - e / 3)), e < vec4f(0.01));
}
