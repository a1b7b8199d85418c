// Backward, RNN: back through one timestep of all rows of the batch in one dispatch.
//
//   with g = ∂loss/∂h', from the output and from the next timestep together, and s = x U + h W + b, so that h' = σ(s):
//
//   ds = g ⊙ h' ⊙ (1 − h')      ∂h = ds Wᵀ
//
//   transposed  Wᵀ: [H, H]
//   halves      where HALF: the same as f16, as arrange.wgsl packs them
//   states      h: [T + 1][B][H]
//   gates       ds: [T][B][H]
//   dstates     ∂h: [T + 1][B][H]; from the output alone on the way in, whole on the way out. The first [B][H] is the
//               gradient by the state that the sequence started from.
//
// The tiles are those of gru-step-forward.wgsl. A tile of ∂h that is whole is the g of the timestep before, so a dispatch
// goes on to ds there; the one for the state after the last timestep, which has no product of its own, begins.

override HIDDEN: u32 = 4;  // H, a multiple of 4
override QUADS: u32 = 1;   // tiles above one another
override PARTS: u32 = 1;   // of K, a power of 2
override HALF: bool = false;

override HIDDEN4: u32 = HIDDEN / 4;
override SLOTS: u32 = COLUMNS * QUADS;
override WORKGROUP: u32 = SLOTS * PARTS;
override SHARED: u32 = select(WORKGROUP, 1, PARTS == 1);

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

// Block k of Wᵀ: rows 4k to 4k + 3, at the tile's columns.
fn weights(k: u32, column: u32) -> mat4x4f {
  if (HALF) {
    let w = 2 * k * HIDDEN4 + column;
    return unpack(halves[w], halves[w + HIDDEN4]);
  }
  let w = 4 * k * HIDDEN4 + column;
  return mat4x4f(transposed[w], transposed[w + HIDDEN4], transposed[w + 2 * HIDDEN4], transposed[w + 3 * HIDDEN4]);
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
  let timestep = batch.rows * HIDDEN4;  // vectors in [B][H]
  let now = stretch.index * timestep;
  let last = stretch.index == batch.timesteps;

  let source = now + rows * HIDDEN4;
  var dh = mat4x4f();
  for (var k = part; k < select(HIDDEN4, 0, last); k += PARTS) {
    dh += weights(k, column) * mat4x4f(gates[source.x + k], gates[source.y + k], gates[source.z + k], gates[source.w + k]);
  }
  dh = total(dh, lane);
  if (column >= HIDDEN4) { return; }

  for (var i = part; i < 4; i += PARTS) {
    if (first + i >= batch.rows) { break; }
    let at = now + rows[i] * HIDDEN4 + column;
    // No output was predicted from the state that the sequence started from.
    let g = select(dstates[at], vec4f(0), stretch.index == 0) + dh[i];
    dstates[at] = g;
    if (stretch.index == 0) { continue; }
    let state = states[at];
    gates[at - timestep] = g * state * (1 - state);
  }
}
