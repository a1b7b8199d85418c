// Adam, over the flat buffer of all parameters, or a range of it.
//
//   g = clip · ∂
//   m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²
//   θ ← θ − α m̂ / (√v̂ + ε)     m̂ = m / (1 − β₁ᵗ)     v̂ = v / (1 − β₂ᵗ)
//
// Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1. An invocation owns 4 neighbouring
// elements at a time. Moves nothing once the report says that a number was not finite.

override LENGTH: u32 = 4;  // vectors in the range

struct Adam {
  step_size: f32,        // α / (1 − β₁ᵗ)
  v_correction: f32,     // 1 / √(1 − β₂ᵗ)
  beta1: f32,
  one_minus_beta1: f32,  // taken in double precision, as 1 − 0.999 would lose half its digits here
  beta2: f32,
  one_minus_beta2: f32,
  epsilon: f32,
}

@group(0) @binding(0) var<uniform> adam: Adam;
@group(0) @binding(1) var<storage, read> report: Report;
@group(0) @binding(2) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> parameters: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  if (report.halted != 0) { return; }
  for (var i = id.x; i < LENGTH; i += 64 * groups.x) {
    let g = report.clip * gradients[i];
    let m_i = adam.beta1 * m[i] + adam.one_minus_beta1 * g;
    let v_i = adam.beta2 * v[i] + adam.one_minus_beta2 * g * g;
    m[i] = m_i;
    v[i] = v_i;
    parameters[i] -= adam.step_size * m_i / (sqrt(v_i) * adam.v_correction + adam.epsilon);
  }
}
