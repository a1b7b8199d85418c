// Backward, GRU: back through one timestep of all rows of the batch, in two dispatches: first with RESET da_r, then ∂h.
//
//   with g = ∂loss/∂h', from the output and from the next timestep together:
//
//   da_c = g ⊙ z ⊙ (1 − c²)                    dq   = da_c W_hᵀ
//   da_z = g ⊙ (c − h) ⊙ z ⊙ (1 − z)           da_r = dq ⊙ h ⊙ r ⊙ (1 − r) = dq ⊙ q ⊙ (1 − r)
//   ∂h   = g ⊙ (1 − z) + dq ⊙ r + da_z W_zᵀ + da_r W_rᵀ
//
//   transposed  W_zᵀ, W_rᵀ, W_hᵀ: [H, H] each
//   halves      where HALF: the same as f16, as arrange.wgsl packs them
//   states      h: [T + 1][B][H]; behind it q: [T][B][H]
//   gates       z, r, c: [3][T][B][H] on the way in; da_z, da_r, da_c in their places on the way out
//   dstates     ∂h: [T + 1][B][H]; from the output alone on the way in, whole on the way out. The first [B][H] is the
//               gradient by the state that the sequence started from.
//
// All as in gru-backward.wgsl, with the tiles of gru-step-forward.wgsl. A tile of ∂h that is whole is the g of the timestep
// before, so the second dispatch goes on to da_c and da_z there; once for the state after the last timestep, which has
// no product of its own, it begins.

override HIDDEN: u32 = 4;  // H, a multiple of 4
override QUADS: u32 = 1;   // tiles above one another
override PARTS: u32 = 1;   // of K, a power of 2
override HALF: bool = false;
override RESET: bool = false;

override HIDDEN4: u32 = HIDDEN / 4;
override SLOTS: u32 = COLUMNS * QUADS;
override WORKGROUP: u32 = SLOTS * PARTS;
override SHARED: u32 = select(WORKGROUP, 1, PARTS == 1);

const Z = 0u;
const R = 1u;
const C = 2u;
const COLUMNS = 8u; // tiles side by side

struct Batch {
  rows: u32,       // B
  timesteps: u32,  // T
}

// A stretch of one timestep: which. T is the state after the last.
struct Stretch {
  index: u32,
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<uniform> stretch: Stretch;
@group(0) @binding(2) var<storage, read> transposed: array<vec4f>;
@group(0) @binding(3) var<storage, read> halves: array<vec4u>;
@group(0) @binding(4) var<storage, read> states: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> gates: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dstates: array<vec4f>;

var<workgroup> parts: array<mat4x4f, SHARED>;

// A block of f16: two rows of 4 units in each vector.
fn unpack(above: vec4u, below: vec4u) -> mat4x4f {
  return mat4x4f(
    vec4f(unpack2x16float(above.x), unpack2x16float(above.y)), vec4f(unpack2x16float(above.z), unpack2x16float(above.w)),
    vec4f(unpack2x16float(below.x), unpack2x16float(below.y)), vec4f(unpack2x16float(below.z), unpack2x16float(below.w)));
}

// Block k of a gate's Wᵀ: rows 4k to 4k + 3, at the tile's columns.
fn weights(gate: u32, k: u32, column: u32) -> mat4x4f {
  if (HALF) {
    let w = 2 * (gate * HIDDEN4 + k) * HIDDEN4 + column;
    return unpack(halves[w], halves[w + HIDDEN4]);
  }
  let w = gate * HIDDEN * HIDDEN4 + 4 * k * HIDDEN4 + column;
  return mat4x4f(transposed[w], transposed[w + HIDDEN4], transposed[w + 2 * HIDDEN4], transposed[w + 3 * HIDDEN4]);
}

// Block k of da Wᵀ for one gate.
fn product(gate: u32, k: u32, column: u32, source: vec4u) -> mat4x4f {
  let da = source + k;
  return weights(gate, k, column) * mat4x4f(gates[da.x], gates[da.y], gates[da.z], gates[da.w]);
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

@compute @workgroup_size(WORKGROUP)
fn main(invocation: Invocation) {
  let group = invocation.group;
  let lane = lane_of(invocation);
  let slot = slot_of(lane);
  let part = part_of(lane);
  let column = group.x * COLUMNS + slot % COLUMNS;
  let first = 4 * (group.y * QUADS + slot / COLUMNS);
  // A tile that reaches beyond the last row reads that row again and writes nothing for it.
  let rows = min(first + vec4u(0, 1, 2, 3), vec4u(batch.rows - 1));
  let timestep = batch.rows * HIDDEN4;    // vectors in [B][H]
  let plane = batch.timesteps * timestep; // vectors in [T][B][H]
  let now = stretch.index * timestep;
  let last = stretch.index == batch.timesteps;

  let source = now + rows * HIDDEN4;
  var back = mat4x4f();
  for (var k = part; k < select(HIDDEN4, 0, last); k += PARTS) {
    if (RESET) {
      back += product(C, k, column, C * plane + source);
    } else {
      back += product(Z, k, column, Z * plane + source);
      back += product(R, k, column, R * plane + source);
    }
  }
  back = total(back, lane);
  if (column >= HIDDEN4) { return; }

  for (var i = part; i < 4; i += PARTS) {
    if (first + i >= batch.rows) { break; }
    let at = now + rows[i] * HIDDEN4 + column;
    if (RESET) {
      let q = states[timestep + plane + at];
      let r = gates[R * plane + at];
      gates[R * plane + at] = back[i] * q * (1 - r);
      dstates[at] += back[i] * r;
    } else {
      let g = dstates[at] + back[i];
      dstates[at] = g;
      if (stretch.index == 0) { continue; }
      let before = at - timestep;
      let h = states[before];
      let z = gates[Z * plane + before];
      let c = gates[C * plane + before];
      gates[C * plane + before] = g * z * (1 - c * c);
      gates[Z * plane + before] = g * (c - h) * z * (1 - z);
      // No output was predicted from the state that the sequence started from.
      dstates[before] = select(dstates[before], vec4f(0), stretch.index == 1) + g * (1 - z);
    }
  }
}
