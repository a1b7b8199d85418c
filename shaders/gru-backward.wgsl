// Backward, GRU: backpropagation through all timesteps of some rows of the batch in one dispatch.
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
// A workgroup owns ROWS rows for the whole sequence, an invocation tiles of 4 rows × 4 hidden units, as in gru-forward.wgsl.
// The da of one timestep stay in the workgroup's memory; ∂h of a tile is only ever touched by the invocation that owns it.

override HIDDEN: u32 = 4;  // H, a multiple of 4
override ROWS: u32 = 4;    // 1, 2 or 4
override WORKGROUP: u32 = 32;
override PARTS: u32 = 1;   // of K, a power of 2
override HALF: bool = false;

override HIDDEN4: u32 = HIDDEN / 4;
// Tiles side by side. One past the last column writes nothing.
override SLOTS: u32 = WORKGROUP / PARTS;
override SHARED: u32 = select(WORKGROUP, 1, PARTS == 1);

const Z = 0u;
const R = 1u;
const C = 2u;

struct Batch {
  rows: u32,       // B
  timesteps: u32,  // T
}

// Which part of the sequence this dispatch takes, counted from the start, and how many parts there are: 0 of 1 is all of it.
struct Stretch {
  index: u32,
  count: u32,
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<uniform> stretch: Stretch;
@group(0) @binding(2) var<storage, read> transposed: array<vec4f>;
@group(0) @binding(3) var<storage, read> halves: array<vec4u>;
@group(0) @binding(4) var<storage, read> states: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> gates: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dstates: array<vec4f>;

var<workgroup> da_z: array<vec4f, ROWS * HIDDEN4>;
var<workgroup> da_r: array<vec4f, ROWS * HIDDEN4>;
var<workgroup> da_c: array<vec4f, ROWS * HIDDEN4>;
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
  for (var t = end - 1; t + 1 > begin; t--) {
    for (var base = 0u; base < HIDDEN4; base += SLOTS) {
      let column = base + slot;
      for (var i = part; i < ROWS; i += PARTS) {
        if (i >= count || column >= HIDDEN4) { break; }
        let at = t * timestep + rows[i] * HIDDEN4 + column;
        let g = dstates[timestep + at];
        let h = states[at];
        let z = gates[Z * plane + at];
        let c = gates[C * plane + at];
        let by_c = g * z * (1 - c * c);
        let by_z = g * (c - h) * z * (1 - z);
        da_c[own[i] + column] = by_c;
        da_z[own[i] + column] = by_z;
        gates[C * plane + at] = by_c;
        gates[Z * plane + at] = by_z;
        // No output was predicted from the state that the sequence started from.
        dstates[at] = select(dstates[at], vec4f(0), t == 0) + g * (1 - z);
      }
    }
    workgroupBarrier();

    for (var base = 0u; base < HIDDEN4; base += SLOTS) {
      let column = base + slot;
      var dq = mat4x4f();
      for (var k = part; k < HIDDEN4; k += PARTS) {
        let da_k = mat4x4f(da_c[own.x + k], da_c[own.y + k], da_c[own.z + k], da_c[own.w + k]);
        dq += product(weights(C, k, column), da_k);
      }
      dq = total(dq, lane);
      for (var i = part; i < ROWS; i += PARTS) {
        if (i >= count || column >= HIDDEN4) { break; }
        let at = t * timestep + rows[i] * HIDDEN4 + column;
        let q = states[timestep + plane + at];
        let r = gates[R * plane + at];
        let by_r = dq[i] * q * (1 - r);
        da_r[own[i] + column] = by_r;
        gates[R * plane + at] = by_r;
        dstates[at] += dq[i] * r;
      }
    }
    workgroupBarrier();

    for (var base = 0u; base < HIDDEN4; base += SLOTS) {
      let column = base + slot;
      var dh = mat4x4f();
      for (var k = part; k < HIDDEN4; k += PARTS) {
        let da_z_k = mat4x4f(da_z[own.x + k], da_z[own.y + k], da_z[own.z + k], da_z[own.w + k]);
        let da_r_k = mat4x4f(da_r[own.x + k], da_r[own.y + k], da_r[own.z + k], da_r[own.w + k]);
        dh += product(weights(Z, k, column), da_z_k);
        dh += product(weights(R, k, column), da_r_k);
      }
      dh = total(dh, lane);
      for (var i = part; i < ROWS; i += PARTS) {
        if (i >= count || column >= HIDDEN4) { break; }
        dstates[t * timestep + rows[i] * HIDDEN4 + column] += dh[i];
      }
    }
    workgroupBarrier();
  }
}
