// Output, backward: what the loss of each timestep says about the state it was predicted from.
//
//   ∂h' = ∂logits Vᵀ
//
//   dlogits     [T][B][V]
//   transposed  Vᵀ: [V, H]
//   dstates     ∂h: [T + 1][B][H]; ∂h' is all but the first [B][H], which the output never sees
//
// An invocation owns a tile of 4 of the T·B rows × 4 hidden units.

override HIDDEN: u32 = 4;      // H, a multiple of 4
override VOCABULARY: u32 = 4;  // V, a multiple of 4

override HIDDEN4: u32 = HIDDEN / 4;
override VOCABULARY4: u32 = VOCABULARY / 4;

struct Batch {
  rows: u32,       // B
  timesteps: u32,  // T
  scale: f32,      // 1 / (B·T)
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> dlogits: array<vec4f>;
@group(0) @binding(2) var<storage, read> transposed: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dstates: array<vec4f>;

fn weights(k: u32, column: u32) -> mat4x4f {
  let v = 4 * k * HIDDEN4 + column;
  return mat4x4f(transposed[v], transposed[v + HIDDEN4], transposed[v + 2 * HIDDEN4], transposed[v + 3 * HIDDEN4]);
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x;
  let total = batch.rows * batch.timesteps;
  if (column >= HIDDEN4 || 4 * id.y >= total) { return; }

  let rows = min(4 * id.y + vec4u(0, 1, 2, 3), vec4u(total - 1));
  let source = rows * VOCABULARY4;
  var dh = mat4x4f();
  for (var k = 0u; k < VOCABULARY4; k++) {
    let dlogits_k = mat4x4f(dlogits[source.x + k], dlogits[source.y + k], dlogits[source.z + k], dlogits[source.w + k]);
    dh += weights(k, column) * dlogits_k;
  }

  for (var i = 0u; i < 4; i++) {
    if (4 * id.y + i >= total) { break; }
    dstates[(batch.rows + rows[i]) * HIDDEN4 + column] = dh[i];
  }
}
