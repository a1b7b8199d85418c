// Multiply-add: nothing but arithmetic, to see how much of it a device can do at most.
//
//   x ← x·a + b, ROUNDS × 16 times for each of 4 vectors: 512 operations a round
//
//   results  what came out, so that none of it can be left away: one vector an invocation
//
// An invocation owns 4 vectors that do not wait for each other.

override ROUNDS: u32 = 1;

@group(0) @binding(0) var<storage, read_write> results: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  // Read, so that the compiler cannot know them.
  let a = results[id.x] * 0.5;
  let b = a + 0.25;
  var x = mat4x4f(a, b, a + b, a - b);
  for (var round = 0u; round < ROUNDS; round++) {
    for (var i = 0u; i < 16; i++) {
      x[0] = fma(x[0], a, b);
      x[1] = fma(x[1], a, b);
      x[2] = fma(x[2], a, b);
      x[3] = fma(x[3], a, b);
    }
  }
  results[id.x] = 1e-3 * (x[0] + x[1] + x[2] + x[3]);
}
