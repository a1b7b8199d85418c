// Backward, RNN: backpropagation through all timesteps of some rows of the batch in one dispatch.
//
//   with g = ∂loss/∂h', from the output and from the next timestep together, and s = x U + h W + b, so that h' = σ(s):
//
//   ds = g ⊙ h' ⊙ (1 − h')      ∂h = ds Wᵀ
//
//   transposed  Wᵀ: [H, H]
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

override HIDDEN4: u32 = HIDDEN / 4;
// Invocations side by side; those that share a tile's K stand COLUMNS apart. One past the last column writes nothing.
override COLUMNS: u32 = WORKGROUP / PARTS;
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
@group(0) @binding(3) var<storage, read> states: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> gates: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dstates: array<vec4f>;

var<workgroup> ds: array<vec4f, 2 * ROWS * HIDDEN4>;
var<workgroup> parts: array<mat4x4f, SHARED>;

// Block k of Wᵀ: rows 4k to 4k + 3, at the tile's columns.
fn weights(k: u32, column: u32) -> mat4x4f {
  let w = 4 * k * HIDDEN4 + column;
  return mat4x4f(transposed[w], transposed[w + HIDDEN4], transposed[w + 2 * HIDDEN4], transposed[w + 3 * HIDDEN4]);
}

// The sum of a tile over the parts of K, always in the same order; every part gets it.
fn total(tile: mat4x4f, lane: u32) -> mat4x4f {
  if (PARTS == 1) { return tile; }
  workgroupBarrier();
  parts[lane] = tile;
  workgroupBarrier();
  var sum = parts[lane % COLUMNS];
  for (var part = 1u; part < PARTS; part++) { sum += parts[part * COLUMNS + lane % COLUMNS]; }
  return sum;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  // The same for all where there is but one, as a compiler then can tell.
  let part = select(lane / COLUMNS, 0, PARTS == 1);
  let first = group.x * ROWS;
  let count = min(ROWS, batch.rows - first);
  // A tile that reaches beyond the last row reads that row again and writes nothing for it.
  let rows = min(first + vec4u(0, 1, 2, 3), vec4u(first + count - 1));
  let own = (rows - first) * HIDDEN4;   // where they stand in one of the ds in the workgroup's memory
  let timestep = batch.rows * HIDDEN4;  // vectors in [B][H]

  let begin = batch.timesteps * stretch.index / stretch.count;
  let end = batch.timesteps * (stretch.index + 1) / stretch.count;
  for (var t = end - 1; t + 1 > begin; t--) {
    let now = t % 2 * ROWS * HIDDEN4 + own;

    for (var base = 0u; base < HIDDEN4; base += COLUMNS) {
      let column = base + lane % COLUMNS;
      for (var i = part; i < 4; i += PARTS) {
        if (i >= count || column >= HIDDEN4) { break; }
        let at = t * timestep + rows[i] * HIDDEN4 + column;
        let state = states[timestep + at];
        let by_s = dstates[timestep + at] * state * (1 - state);
        ds[now[i] + column] = by_s;
        gates[at] = by_s;
      }
    }
    workgroupBarrier();

    for (var base = 0u; base < HIDDEN4; base += COLUMNS) {
      let column = base + lane % COLUMNS;
      var dh = mat4x4f();
      for (var k = part; k < HIDDEN4; k += PARTS) {
        dh += weights(k, column) * mat4x4f(ds[now.x + k], ds[now.y + k], ds[now.z + k], ds[now.w + k]);
      }
      dh = total(dh, lane);
      for (var i = part; i < 4; i += PARTS) {
        if (i >= count || column >= HIDDEN4) { break; }
        let at = t * timestep + rows[i] * HIDDEN4 + column;
        // No output was predicted from the state that the sequence started from.
        dstates[at] = select(dstates[at], vec4f(0), t == 0) + dh[i];
      }
    }
  }
}
