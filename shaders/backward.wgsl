// Backward: backpropagation through all timesteps of some rows of the batch in one dispatch.
//
//   with g = ∂loss/∂h', from the output and from the next timestep together:
//
//   da_c = g ⊙ z ⊙ (1 − c²)                    dq   = da_c W_hᵀ
//   da_z = g ⊙ (c − h) ⊙ z ⊙ (1 − z)           da_r = dq ⊙ h ⊙ r ⊙ (1 − r) = dq ⊙ q ⊙ (1 − r)
//   ∂h   = g ⊙ (1 − z) + dq ⊙ r + da_z W_zᵀ + da_r W_rᵀ
//
//   transposed  W_zᵀ, W_rᵀ, W_hᵀ: [H, H] each
//   states      h: [T + 1][B][H]; behind it q: [T][B][H]
//   gates       z, r, c: [3][T][B][H] on the way in; da_z, da_r, da_c in their places on the way out
//   dstates     ∂h: [T + 1][B][H]; from the output alone on the way in, whole on the way out. The first [B][H] is the
//               gradient by the state that the sequence started from.
//
// A workgroup owns ROWS rows for the whole sequence, an invocation tiles of 4 rows × 4 hidden units, as in forward.wgsl.
// The da of one timestep stay in the workgroup's memory; ∂h of a tile is only ever touched by the invocation that owns it.

override HIDDEN: u32 = 4;  // H, a multiple of 4
override ROWS: u32 = 4;    // 1, 2 or 4
override WORKGROUP: u32 = 32;

override HIDDEN4: u32 = HIDDEN / 4;

const Z = 0u;
const R = 1u;
const C = 2u;

struct Batch {
  rows: u32,       // B
  timesteps: u32,  // T
  scale: f32,      // 1 / (B·T)
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> transposed: array<vec4f>;
@group(0) @binding(2) var<storage, read> states: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> gates: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dstates: array<vec4f>;

var<workgroup> da_z: array<vec4f, ROWS * HIDDEN4>;
var<workgroup> da_r: array<vec4f, ROWS * HIDDEN4>;
var<workgroup> da_c: array<vec4f, ROWS * HIDDEN4>;

// Block k of a gate's Wᵀ: rows 4k to 4k + 3, at the tile's columns.
fn weights(gate: u32, k: u32, column: u32) -> mat4x4f {
  let w = gate * HIDDEN * HIDDEN4 + 4 * k * HIDDEN4 + column;
  return mat4x4f(transposed[w], transposed[w + HIDDEN4], transposed[w + 2 * HIDDEN4], transposed[w + 3 * HIDDEN4]);
}

// The equations, for one row of a tile.
fn candidate(g: vec4f, z: vec4f, c: vec4f) -> vec4f { return g * z * (1 - c * c); }

fn update_gate(g: vec4f, z: vec4f, c: vec4f, h: vec4f) -> vec4f { return g * (c - h) * z * (1 - z); }

fn reset_gate(dq: vec4f, q: vec4f, r: vec4f) -> vec4f { return dq * q * (1 - r); }

fn load_state(at: vec4u) -> mat4x4f { return mat4x4f(states[at.x], states[at.y], states[at.z], states[at.w]); }

fn load_gate(at: vec4u) -> mat4x4f { return mat4x4f(gates[at.x], gates[at.y], gates[at.z], gates[at.w]); }

fn load_dstate(at: vec4u) -> mat4x4f { return mat4x4f(dstates[at.x], dstates[at.y], dstates[at.z], dstates[at.w]); }

fn load_da_z(at: vec4u) -> mat4x4f { return mat4x4f(da_z[at.x], da_z[at.y], da_z[at.z], da_z[at.w]); }

fn load_da_r(at: vec4u) -> mat4x4f { return mat4x4f(da_r[at.x], da_r[at.y], da_r[at.z], da_r[at.w]); }

fn load_da_c(at: vec4u) -> mat4x4f { return mat4x4f(da_c[at.x], da_c[at.y], da_c[at.z], da_c[at.w]); }

fn store_gate(at: vec4u, tile: mat4x4f) {
  gates[at.x] = tile[0];
  gates[at.y] = tile[1];
  gates[at.z] = tile[2];
  gates[at.w] = tile[3];
}

fn store_dstate(at: vec4u, tile: mat4x4f) {
  dstates[at.x] = tile[0];
  dstates[at.y] = tile[1];
  dstates[at.z] = tile[2];
  dstates[at.w] = tile[3];
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = group.x * ROWS;
  let last = min(first + ROWS, batch.rows) - 1;
  let rows = min(first + vec4u(0, 1, 2, 3), vec4u(last));
  let own = (rows - first) * HIDDEN4;     // where they stand in the workgroup's memory
  let timestep = batch.rows * HIDDEN4;    // vectors in [B][H]
  let plane = batch.timesteps * timestep; // vectors in [T][B][H]

  for (var t = batch.timesteps; t > 0; t--) {
    let before = (t - 1) * timestep;

    for (var column = lane; column < HIDDEN4; column += WORKGROUP) {
      let at = own + column;
      let saved = before + rows * HIDDEN4 + column;

      let g = load_dstate(timestep + saved);
      let h = load_state(saved);
      let z = load_gate(Z * plane + saved);
      let c = load_gate(C * plane + saved);
      let by_c = mat4x4f(
        candidate(g[0], z[0], c[0]), candidate(g[1], z[1], c[1]),
        candidate(g[2], z[2], c[2]), candidate(g[3], z[3], c[3]));
      let by_z = mat4x4f(
        update_gate(g[0], z[0], c[0], h[0]), update_gate(g[1], z[1], c[1], h[1]),
        update_gate(g[2], z[2], c[2], h[2]), update_gate(g[3], z[3], c[3], h[3]));
      let direct = mat4x4f(g[0] * (1 - z[0]), g[1] * (1 - z[1]), g[2] * (1 - z[2]), g[3] * (1 - z[3]));

      store_gate(C * plane + saved, by_c);
      store_gate(Z * plane + saved, by_z);
      // No output was predicted from the state that the sequence started from.
      if (t == 1) { store_dstate(saved, direct); } else { store_dstate(saved, load_dstate(saved) + direct); }
      da_c[at.x] = by_c[0];
      da_c[at.y] = by_c[1];
      da_c[at.z] = by_c[2];
      da_c[at.w] = by_c[3];
      da_z[at.x] = by_z[0];
      da_z[at.y] = by_z[1];
      da_z[at.z] = by_z[2];
      da_z[at.w] = by_z[3];
    }
    workgroupBarrier();

    for (var column = lane; column < HIDDEN4; column += WORKGROUP) {
      let saved = before + rows * HIDDEN4 + column;

      var dq = mat4x4f();
      for (var k = 0u; k < HIDDEN4; k++) {
        dq += weights(C, k, column) * load_da_c(own + k);
      }
      let r = load_gate(R * plane + saved);
      let q = load_state(timestep + plane + saved);
      let by_r = mat4x4f(
        reset_gate(dq[0], q[0], r[0]), reset_gate(dq[1], q[1], r[1]),
        reset_gate(dq[2], q[2], r[2]), reset_gate(dq[3], q[3], r[3]));
      let through_q = mat4x4f(dq[0] * r[0], dq[1] * r[1], dq[2] * r[2], dq[3] * r[3]);

      store_gate(R * plane + saved, by_r);
      store_dstate(saved, load_dstate(saved) + through_q);
      da_r[own.x + column] = by_r[0];
      da_r[own.y + column] = by_r[1];
      da_r[own.z + column] = by_r[2];
      da_r[own.w + column] = by_r[3];
    }
    workgroupBarrier();

    for (var column = lane; column < HIDDEN4; column += WORKGROUP) {
      let saved = before + rows * HIDDEN4 + column;

      var dh = load_dstate(saved);
      for (var k = 0u; k < HIDDEN4; k++) {
        dh += weights(Z, k, column) * load_da_z(own + k);
        dh += weights(R, k, column) * load_da_r(own + k);
      }
      store_dstate(saved, dh);
    }
    workgroupBarrier();
  }
}
