// Forward, GRU: all timesteps of some rows of the batch in one dispatch.
//
//   z = σ(x U_z + h W_z + b_z)          h' = (1 − z) ⊙ h + z ⊙ c
//   r = σ(x U_r + h W_r + b_r)
//   c = tanh(x U_h + q W_h + b_h)       q = r ⊙ h
//
//   tokens     [T][B]                              x, as a symbol's number: x U is row x of U
//   input      U_z, U_r, U_h: [INPUTS, H] each     (for vectors their products with U, which tokens just numbers)
//   recurrent  W_z, W_r, W_h: [H, H] each; b_z, b_r, b_h: [H] each
//   halves     where HALF: W_z, W_r, W_h as f16, as arrange.wgsl packs them
//   states     h: [T + 1][B][H], of which the first [B][H] is given; behind it q: [T][B][H]
//   gates      z, r, c: [3][T][B][H]
//
// A workgroup owns ROWS rows for the whole sequence. Rows never meet, so h and q stay in its memory, and nothing but a
// barrier stands between two timesteps. An invocation owns tiles of 4 rows × 4 hidden units: a matrix whose column i
// is the tile's row i, so that a product advances by whole 4 × 4 blocks. PARTS invocations may share a tile, each with its
// part of K.

override HIDDEN: u32 = 4;  // H, a multiple of 4
override INPUTS: u32 = 4;  // V, a multiple of 4; for vectors, as many products as there is room for
override ROWS: u32 = 4;    // 1, 2 or 4
override WORKGROUP: u32 = 32;
override PARTS: u32 = 1;   // of K, a power of 2
override HALF: bool = false;

override HIDDEN4: u32 = HIDDEN / 4;
// Tiles side by side. One past the last column writes nothing.
override SLOTS: u32 = WORKGROUP / PARTS;
override SHARED: u32 = select(WORKGROUP, 1, PARTS == 1);
// Every parameter starts at a multiple of 16 vectors.
override INPUT_STRIDE: u32 = (INPUTS * HIDDEN4 + 15) / 16 * 16;
override RECURRENT_STRIDE: u32 = (HIDDEN * HIDDEN4 + 15) / 16 * 16;
override BIAS_STRIDE: u32 = (HIDDEN4 + 15) / 16 * 16;

const Z = 0u;
const R = 1u;
const C = 2u;

struct Batch {
  rows: u32,       // B
  timesteps: u32,  // T
}

// Which part of the sequence this dispatch takes, and how many parts there are: 0 of 1 is all of it.
struct Stretch {
  index: u32,
  count: u32,
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<uniform> stretch: Stretch;
@group(0) @binding(2) var<storage, read> tokens: array<u32>;
@group(0) @binding(3) var<storage, read> input: array<vec4f>;
@group(0) @binding(4) var<storage, read> recurrent: array<vec4f>;
@group(0) @binding(5) var<storage, read> halves: array<vec4u>;
@group(0) @binding(6) var<storage, read_write> states: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> gates: array<vec4f>;

var<workgroup> h: array<vec4f, ROWS * HIDDEN4>;
var<workgroup> q: array<vec4f, ROWS * HIDDEN4>;
var<workgroup> parts: array<mat4x4f, SHARED>;

// x U + b for one gate: what a tile starts from before the recurrent product is added.
fn inputs(gate: u32, x: vec4u, column: u32) -> mat4x4f {
  let u = gate * INPUT_STRIDE + x * HIDDEN4 + column;
  let b = recurrent[3 * RECURRENT_STRIDE + gate * BIAS_STRIDE + column];
  return mat4x4f(input[u.x] + b, input[u.y] + b, input[u.z] + b, input[u.w] + b);
}

// A block of f16: two rows of 4 units in each vector.
fn unpack(above: vec4u, below: vec4u) -> mat4x4f {
  return mat4x4f(
    vec4f(unpack2x16float(above.x), unpack2x16float(above.y)), vec4f(unpack2x16float(above.z), unpack2x16float(above.w)),
    vec4f(unpack2x16float(below.x), unpack2x16float(below.y)), vec4f(unpack2x16float(below.z), unpack2x16float(below.w)));
}

// Block k of a gate's W: rows 4k to 4k + 3, at the tile's columns.
fn weights(gate: u32, k: u32, column: u32) -> mat4x4f {
  if (HALF) {
    let w = 2 * (gate * HIDDEN4 + k) * HIDDEN4 + column;
    return unpack(halves[w], halves[w + HIDDEN4]);
  }
  let w = gate * RECURRENT_STRIDE + 4 * k * HIDDEN4 + column;
  return mat4x4f(recurrent[w], recurrent[w + HIDDEN4], recurrent[w + 2 * HIDDEN4], recurrent[w + 3 * HIDDEN4]);
}

// A block's share of a tile. Rows of the tile that are no workgroup's cost nothing.
fn product(weights: mat4x4f, x: mat4x4f) -> mat4x4f {
  if (ROWS == 1) { return mat4x4f(weights * x[0], vec4f(), vec4f(), vec4f()); }
  if (ROWS == 2) { return mat4x4f(weights * x[0], weights * x[1], vec4f(), vec4f()); }
  return weights * x;
}

// Which invocation this is. Devices with subgroups have this, and what follows from it, from subgroup-sums.wgsl.
struct Invocation {
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
}

fn lane_of(invocation: Invocation) -> u32 { return invocation.lane; }

// Which tiles, and which part of K. The part is the same for all where there is but one, as a compiler then can tell.
fn slot_of(lane: u32) -> u32 { return lane % SLOTS; }
fn part_of(lane: u32) -> u32 { return select(lane / SLOTS, 0, PARTS == 1); }

// The sum of a tile over the parts of K, always in the same order; every part gets it.
fn total(tile: mat4x4f, lane: u32) -> mat4x4f {
  if (PARTS == 1) { return tile; }
  workgroupBarrier();
  parts[lane] = tile;
  workgroupBarrier();
  var sum = parts[lane % SLOTS];
  for (var part = 1u; part < PARTS; part++) { sum += parts[part * SLOTS + lane % SLOTS]; }
  return sum;
}

fn sigmoid(a: vec4f) -> vec4f { return 1 / (1 + exp(-a)); }

// 1 − 2 / (e²ᵃ + 1), since some devices' own tanh overflows; near 0, where that would lose its digits, the series.
fn hyperbolic_tangent(a: vec4f) -> vec4f {
  let s = a * a;
  let near = a * (1 - s * (1.0 / 3 - s * (2.0 / 15 - s * 17.0 / 315)));
  return select(1 - 2 / (exp(2 * a) + 1), near, abs(a) < vec4f(0.2));
}

@compute @workgroup_size(WORKGROUP)
fn main(invocation: Invocation) {
  let lane = lane_of(invocation);
  let slot = slot_of(lane);
  let part = part_of(lane);
  let first = invocation.group.x * ROWS;
  let count = min(ROWS, batch.rows - first);
  // A tile that reaches beyond the last row reads that row again and writes nothing for it.
  let rows = min(first + vec4u(0, 1, 2, 3), vec4u(first + count - 1));
  let own = (rows - first) * HIDDEN4;     // where they stand in the workgroup's memory
  let timestep = batch.rows * HIDDEN4;    // vectors in [B][H]
  let plane = batch.timesteps * timestep; // vectors in [T][B][H]

  let begin = batch.timesteps * stretch.index / stretch.count;
  let end = batch.timesteps * (stretch.index + 1) / stretch.count;
  for (var i = lane; i < count * HIDDEN4; i += WORKGROUP) { h[i] = states[begin * timestep + first * HIDDEN4 + i]; }
  workgroupBarrier();

  for (var t = begin; t < end; t++) {
    let place = t * batch.rows + rows;
    let x = vec4u(tokens[place.x], tokens[place.y], tokens[place.z], tokens[place.w]);

    for (var base = 0u; base < HIDDEN4; base += SLOTS) {
      let column = base + slot;
      var a_z = mat4x4f();
      var a_r = mat4x4f();
      for (var k = part; k < HIDDEN4; k += PARTS) {
        let h_k = mat4x4f(h[own.x + k], h[own.y + k], h[own.z + k], h[own.w + k]);
        a_z += product(weights(Z, k, column), h_k);
        a_r += product(weights(R, k, column), h_k);
      }
      a_z = total(a_z, lane) + inputs(Z, x, column);
      a_r = total(a_r, lane) + inputs(R, x, column);
      for (var i = part; i < ROWS; i += PARTS) {
        if (i >= count || column >= HIDDEN4) { break; }
        let at = t * timestep + rows[i] * HIDDEN4 + column;
        let z = sigmoid(a_z[i]);
        let r = sigmoid(a_r[i]);
        let reset = r * h[own[i] + column];
        gates[Z * plane + at] = z;
        gates[R * plane + at] = r;
        states[timestep + plane + at] = reset;
        q[own[i] + column] = reset;
      }
    }
    workgroupBarrier();

    for (var base = 0u; base < HIDDEN4; base += SLOTS) {
      let column = base + slot;
      var a_c = mat4x4f();
      for (var k = part; k < HIDDEN4; k += PARTS) {
        let q_k = mat4x4f(q[own.x + k], q[own.y + k], q[own.z + k], q[own.w + k]);
        a_c += product(weights(C, k, column), q_k);
      }
      a_c = total(a_c, lane) + inputs(C, x, column);
      for (var i = part; i < ROWS; i += PARTS) {
        if (i >= count || column >= HIDDEN4) { break; }
        let at = t * timestep + rows[i] * HIDDEN4 + column;
        let z = gates[Z * plane + at];
        let c = hyperbolic_tangent(a_c[i]);
        let next = (1 - z) * h[own[i] + column] + z * c;
        gates[C * plane + at] = c;
        states[timestep + at] = next;
        h[own[i] + column] = next;
      }
    }
    workgroupBarrier();
  }
}
