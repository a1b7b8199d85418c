// Forward: all timesteps of some rows of the batch in one dispatch.
//
//   z = σ(x U_z + h W_z + b_z)          h' = (1 − z) ⊙ h + z ⊙ c
//   r = σ(x U_r + h W_r + b_r)
//   c = tanh(x U_h + q W_h + b_h)       q = r ⊙ h
//
//   tokens     [T][B]                              x, as a symbol's number: x U is row x of U
//   input      U_z, U_r, U_h: [V, H] each
//   recurrent  W_z, W_r, W_h: [H, H] each; b_z, b_r, b_h: [H] each
//   states     h: [T + 1][B][H], of which the first [B][H] is given; behind it q: [T][B][H]
//   gates      z, r, c: [3][T][B][H]
//
// A workgroup owns ROWS rows for the whole sequence. Rows never meet, so h and q stay in its memory, and nothing but a
// barrier stands between two timesteps. An invocation owns tiles of 4 rows × 4 hidden units: a matrix whose column i
// is the tile's row i, so that a product advances by whole 4 × 4 blocks. A tile that reaches beyond the last row
// repeats that row.

override HIDDEN: u32 = 4;      // H, a multiple of 4
override VOCABULARY: u32 = 4;  // V, a multiple of 4
override ROWS: u32 = 4;        // 1, 2 or 4
override WORKGROUP: u32 = 32;

override HIDDEN4: u32 = HIDDEN / 4;
// Every parameter starts at a multiple of 16 vectors.
override INPUT_STRIDE: u32 = (VOCABULARY * HIDDEN4 + 15) / 16 * 16;
override RECURRENT_STRIDE: u32 = (HIDDEN * HIDDEN4 + 15) / 16 * 16;
override BIAS_STRIDE: u32 = (HIDDEN4 + 15) / 16 * 16;

const Z = 0u;
const R = 1u;
const C = 2u;

struct Batch {
  rows: u32,       // B
  timesteps: u32,  // T
  scale: f32,      // 1 / (B·T)
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> input: array<vec4f>;
@group(0) @binding(3) var<storage, read> recurrent: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> states: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> gates: array<vec4f>;

var<workgroup> h: array<vec4f, ROWS * HIDDEN4>;
var<workgroup> q: array<vec4f, ROWS * HIDDEN4>;

// x U + b for one gate: what a tile starts from before the recurrent product is added.
fn inputs(gate: u32, x: vec4u, column: u32) -> mat4x4f {
  let u = gate * INPUT_STRIDE + x * HIDDEN4 + column;
  let b = recurrent[3 * RECURRENT_STRIDE + gate * BIAS_STRIDE + column];
  return mat4x4f(input[u.x] + b, input[u.y] + b, input[u.z] + b, input[u.w] + b);
}

// Block k of a gate's W: rows 4k to 4k + 3, at the tile's columns.
fn weights(gate: u32, k: u32, column: u32) -> mat4x4f {
  let w = gate * RECURRENT_STRIDE + 4 * k * HIDDEN4 + column;
  return mat4x4f(recurrent[w], recurrent[w + HIDDEN4], recurrent[w + 2 * HIDDEN4], recurrent[w + 3 * HIDDEN4]);
}

// The equations, for one row of a tile.
fn sigmoid(a: vec4f) -> vec4f { return 1 / (1 + exp(-a)); }

// 1 − 2 / (e²ᵃ + 1): some devices' own tanh overflows.
fn hyperbolic_tangent(a: vec4f) -> vec4f { return 1 - 2 / (exp(2 * a) + 1); }

fn next_state(z: vec4f, h: vec4f, c: vec4f) -> vec4f { return (1 - z) * h + z * c; }

fn load_h(at: vec4u) -> mat4x4f { return mat4x4f(h[at.x], h[at.y], h[at.z], h[at.w]); }

fn load_q(at: vec4u) -> mat4x4f { return mat4x4f(q[at.x], q[at.y], q[at.z], q[at.w]); }

fn load_gate(at: vec4u) -> mat4x4f { return mat4x4f(gates[at.x], gates[at.y], gates[at.z], gates[at.w]); }

fn store_gate(at: vec4u, tile: mat4x4f) {
  gates[at.x] = tile[0];
  gates[at.y] = tile[1];
  gates[at.z] = tile[2];
  gates[at.w] = tile[3];
}

fn store_state(at: vec4u, tile: mat4x4f) {
  states[at.x] = tile[0];
  states[at.y] = tile[1];
  states[at.z] = tile[2];
  states[at.w] = tile[3];
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = group.x * ROWS;
  let last = min(first + ROWS, batch.rows) - 1;
  let rows = min(first + vec4u(0, 1, 2, 3), vec4u(last));
  let own = (rows - first) * HIDDEN4;     // where they stand in the workgroup's memory
  let timestep = batch.rows * HIDDEN4;    // vectors in [B][H]
  let plane = batch.timesteps * timestep; // vectors in [T][B][H]

  for (var i = lane; i < ROWS * HIDDEN4; i += WORKGROUP) {
    h[i] = states[min(first + i / HIDDEN4, last) * HIDDEN4 + i % HIDDEN4];
  }
  workgroupBarrier();

  for (var t = 0u; t < batch.timesteps; t++) {
    let place = t * batch.rows + rows;
    let x = vec4u(tokens[place.x], tokens[place.y], tokens[place.z], tokens[place.w]);

    for (var column = lane; column < HIDDEN4; column += WORKGROUP) {
      let saved = t * timestep + rows * HIDDEN4 + column;
      var a_z = inputs(Z, x, column);
      var a_r = inputs(R, x, column);
      for (var k = 0u; k < HIDDEN4; k++) {
        let h_k = load_h(own + k);
        a_z += weights(Z, k, column) * h_k;
        a_r += weights(R, k, column) * h_k;
      }
      let z = mat4x4f(sigmoid(a_z[0]), sigmoid(a_z[1]), sigmoid(a_z[2]), sigmoid(a_z[3]));
      let r = mat4x4f(sigmoid(a_r[0]), sigmoid(a_r[1]), sigmoid(a_r[2]), sigmoid(a_r[3]));
      let before = load_h(own + column);
      let reset = mat4x4f(r[0] * before[0], r[1] * before[1], r[2] * before[2], r[3] * before[3]);

      store_gate(Z * plane + saved, z);
      store_gate(R * plane + saved, r);
      store_state(timestep + plane + saved, reset);
      q[own.x + column] = reset[0];
      q[own.y + column] = reset[1];
      q[own.z + column] = reset[2];
      q[own.w + column] = reset[3];
    }
    workgroupBarrier();

    for (var column = lane; column < HIDDEN4; column += WORKGROUP) {
      let saved = t * timestep + rows * HIDDEN4 + column;
      var a_c = inputs(C, x, column);
      for (var k = 0u; k < HIDDEN4; k++) {
        a_c += weights(C, k, column) * load_q(own + k);
      }
      let c = mat4x4f(
        hyperbolic_tangent(a_c[0]), hyperbolic_tangent(a_c[1]),
        hyperbolic_tangent(a_c[2]), hyperbolic_tangent(a_c[3]));
      let z = load_gate(Z * plane + saved);
      let before = load_h(own + column);
      let next = mat4x4f(
        next_state(z[0], before[0], c[0]), next_state(z[1], before[1], c[1]),
        next_state(z[2], before[2], c[2]), next_state(z[3], before[3], c[3]));

      store_gate(C * plane + saved, c);
      store_state(timestep + saved, next);
      h[own.x + column] = next[0];
      h[own.y + column] = next[1];
      h[own.z + column] = next[2];
      h[own.w + column] = next[3];
    }
    workgroupBarrier();
  }
}
