// Forward, GRU: one timestep of all rows of the batch, in two dispatches: first z, r and q, then with CANDIDATE c and h'.
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
// All as in gru-forward.wgsl, but there a workgroup streams all of W for its few rows at every timestep; here it owns 32
// hidden units of 4·QUADS rows, and reads only their columns of W, one gate's. An invocation owns a tile of 4 rows × 4 units in one of
// PARTS parts of K; the sum of the parts is taken in the workgroup's memory, always in the same order.

override HIDDEN: u32 = 4;  // H, a multiple of 4
override INPUTS: u32 = 4;  // V, a multiple of 4; for vectors, as many products as there is room for
override QUADS: u32 = 1;   // tiles above one another
override PARTS: u32 = 1;   // of K, a power of 2
override HALF: bool = false;
override CANDIDATE: bool = false;

override HIDDEN4: u32 = HIDDEN / 4;
override SLOTS: u32 = COLUMNS * QUADS;
override WORKGROUP: u32 = SLOTS * PARTS;
override SHARED: u32 = select(WORKGROUP, 1, PARTS == 1);
// Every parameter starts at a multiple of 16 vectors.
override INPUT_STRIDE: u32 = (INPUTS * HIDDEN4 + 15) / 16 * 16;
override RECURRENT_STRIDE: u32 = (HIDDEN * HIDDEN4 + 15) / 16 * 16;
override BIAS_STRIDE: u32 = (HIDDEN4 + 15) / 16 * 16;

const Z = 0u;
const R = 1u;
const C = 2u;
const COLUMNS = 8u; // tiles side by side

struct Batch {
  rows: u32,       // B
  timesteps: u32,  // T
}

// A stretch of one timestep: which.
struct Stretch {
  index: u32,
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<uniform> stretch: Stretch;
@group(0) @binding(2) var<storage, read> tokens: array<u32>;
@group(0) @binding(3) var<storage, read> input: array<vec4f>;
@group(0) @binding(4) var<storage, read> recurrent: array<vec4f>;
@group(0) @binding(5) var<storage, read> halves: array<vec4u>;
@group(0) @binding(6) var<storage, read_write> states: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> gates: array<vec4f>;

var<workgroup> parts: array<mat4x4f, SHARED>;

// x U + b for one gate.
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
  let group = invocation.group;
  let lane = lane_of(invocation);
  let slot = slot_of(lane);
  let part = part_of(lane);
  let column = group.x * COLUMNS + slot % COLUMNS;
  let first = 4 * (group.y * QUADS + slot / COLUMNS);
  let gate = select(group.z, C, CANDIDATE);
  // A tile that reaches beyond the last row reads that row again and writes nothing for it.
  let rows = min(first + vec4u(0, 1, 2, 3), vec4u(batch.rows - 1));
  let timestep = batch.rows * HIDDEN4;    // vectors in [B][H]
  let plane = batch.timesteps * timestep; // vectors in [T][B][H]
  let now = stretch.index * timestep;

  // h, or for the candidate q.
  let source = now + select(0, timestep + plane, CANDIDATE) + rows * HIDDEN4;
  var a = mat4x4f();
  for (var k = part; k < HIDDEN4; k += PARTS) {
    let state_k = mat4x4f(states[source.x + k], states[source.y + k], states[source.z + k], states[source.w + k]);
    a += weights(gate, k, column) * state_k;
  }
  a = total(a, lane);
  if (column >= HIDDEN4) { return; }

  let place = stretch.index * batch.rows + rows;
  a += inputs(gate, vec4u(tokens[place.x], tokens[place.y], tokens[place.z], tokens[place.w]), column);
  for (var i = part; i < 4; i += PARTS) {
    if (first + i >= batch.rows) { break; }
    let at = now + rows[i] * HIDDEN4 + column;
    if (CANDIDATE) {
      let z = gates[Z * plane + at];
      let c = hyperbolic_tangent(a[i]);
      gates[C * plane + at] = c;
      states[timestep + at] = (1 - z) * states[at] + z * c;
    } else {
      let opened = sigmoid(a[i]);
      gates[gate * plane + at] = opened;
      if (gate == R) { states[timestep + plane + at] = opened * states[at]; }
    }
  }
}
