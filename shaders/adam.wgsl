// Adam, over the flat buffer of all parameters, or a range of it.
//
//   g = clip · ∂
//   m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²
//   θ ← θ − α λ θ − α m̂ / (√v̂ + ε)     m̂ = m / (1 − β₁ᵗ)     v̂ = v / (1 − β₂ᵗ)     λ of a bias is 0
//
// The biases of a network without any stay as they are.
//
// Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1; Loshchilov and Hutter, "Decoupled Weight
// Decay Regularization", 2019, algorithm 2. An invocation owns 4 neighbouring elements at a time. Moves nothing once the
// report says that a number was not finite. Whoever is linked with this declares average.
//
//   matrices  a bit for each block of the whole flat buffer, from the lowest of a word on: whether it is a matrix's

override LENGTH: u32 = 4;  // vectors in the range
override FIRST: u32 = 0;   // blocks before the range
override BIASES: u32 = 1;  // whether the network has any

const BLOCK = 16u;         // vectors to whose multiple each parameter's start is rounded up

struct Adam {
  step_size: f32,        // α / (1 − β₁ᵗ)
  v_correction: f32,     // 1 / √(1 − β₂ᵗ)
  beta1: f32,
  one_minus_beta1: f32,  // taken in double precision, as 1 − 0.999 would lose half its digits here
  beta2: f32,
  one_minus_beta2: f32,
  epsilon: f32,
  decay: f32,            // α λ
  averaging: f32,        // β of the averages
}

@group(0) @binding(0) var<uniform> adam: Adam;
@group(0) @binding(1) var<storage, read> report: Report;
@group(0) @binding(2) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(6) var<storage, read> matrices: array<u32>;

// 1 where an element is a matrix's, else 0
fn matrix(i: u32) -> u32 {
  let block = FIRST + i / BLOCK;
  return (matrices[block / 32] >> (block % 32)) & 1;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  if (report.halted != 0) { return; }
  for (var i = id.x; i < LENGTH; i += 64 * groups.x) {
    if (BIASES == 0 && matrix(i) == 0) { continue; }
    let g = report.clip * gradients[i];
    let m_i = adam.beta1 * m[i] + adam.one_minus_beta1 * g;
    let v_i = adam.beta2 * v[i] + adam.one_minus_beta2 * g * g;
    m[i] = m_i;
    v[i] = v_i;
    var moved = parameters[i];
    if (adam.decay != 0) { moved -= adam.decay * f32(matrix(i)) * moved; }
    moved -= adam.step_size * m_i / (sqrt(v_i) * adam.v_correction + adam.epsilon);
    parameters[i] = moved;
    average(i, moved);
  }
}
