// Backward, RNN: backpropagation through all timesteps of some rows of the batch in one dispatch.
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
// A workgroup owns ROWS rows for the whole sequence, an invocation tiles of 4 rows × 4 hidden units, as in
// rnn-forward.wgsl; two ds take turns in the workgroup's memory. ∂h of a tile is only ever touched by the invocation
// that owns it.

override HIDDEN: u32 = 4;  // H, a multiple of 4
override ROWS: u32 = 4;    // 1, 2 or 4
override WORKGROUP: u32 = 32;
override PARTS: u32 = 1;   // of K, a power of 2
override HALF: bool = false;

override HIDDEN4: u32 = HIDDEN / 4;
// Tiles side by side. One past the last column writes nothing.
override SLOTS: u32 = WORKGROUP / PARTS;
override SHARED: u32 = select(WORKGROUP, 1, PARTS == 1);

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

var<workgroup> ds: array<vec4f, 2 * ROWS * HIDDEN4>;
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
  let own = (rows - first) * HIDDEN4;   // where they stand in one of the ds in the workgroup's memory
  let timestep = batch.rows * HIDDEN4;  // vectors in [B][H]

  let begin = batch.timesteps * stretch.index / stretch.count;
  let end = batch.timesteps * (stretch.index + 1) / stretch.count;
  for (var t = end - 1; t + 1 > begin; t--) {
    let now = t % 2 * ROWS * HIDDEN4 + own;

    for (var base = 0u; base < HIDDEN4; base += SLOTS) {
      let column = base + slot;
      for (var i = part; i < ROWS; i += PARTS) {
        if (i >= count || column >= HIDDEN4) { break; }
        let at = t * timestep + rows[i] * HIDDEN4 + column;
        let state = states[timestep + at];
        let by_s = dstates[timestep + at] * state * (1 - state);
        ds[now[i] + column] = by_s;
        gates[at] = by_s;
      }
    }
    workgroupBarrier();

    for (var base = 0u; base < HIDDEN4; base += SLOTS) {
      let column = base + slot;
      var dh = mat4x4f();
      for (var k = part; k < HIDDEN4; k += PARTS) {
        dh += product(weights(k, column), mat4x4f(ds[now.x + k], ds[now.y + k], ds[now.z + k], ds[now.w + k]));
      }
      dh = total(dh, lane);
      for (var i = part; i < ROWS; i += PARTS) {
        if (i >= count || column >= HIDDEN4) { break; }
        let at = t * timestep + rows[i] * HIDDEN4 + column;
        // No output was predicted from the state that the sequence started from.
        dstates[at] = select(dstates[at], vec4f(0), t == 0) + dh[i];
      }
    }
  }
}
