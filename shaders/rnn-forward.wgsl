// Forward, RNN: all timesteps of some rows of the batch in one dispatch.
//
//   h' = σ(x U + h W + b)
//
//   tokens     [T][B]                x, as a symbol's number: x U is row x of U
//   input      U: [V, H]             (for vectors their products with U, which tokens just numbers)
//   recurrent  W: [H, H]; b: [H]
//   halves     where HALF: W as f16, as arrange.wgsl packs them
//   states     h: [T + 1][B][H], of which the first [B][H] is given
//
// A workgroup owns ROWS rows for the whole sequence, an invocation tiles of 4 rows × 4 hidden units, as in
// gru-forward.wgsl. The workgroup's memory holds two states and they take turns, so that one barrier a timestep is enough.

override HIDDEN: u32 = 4;  // H, a multiple of 4
override UNITS: u32 = 4;   // H before it was rounded up to a multiple of 4
override ROWS: u32 = 4;    // 1, 2 or 4
override WORKGROUP: u32 = 32;
override PARTS: u32 = 1;   // of K, a power of 2
override HALF: bool = false;

override HIDDEN4: u32 = HIDDEN / 4;
// Tiles side by side. One past the last column writes nothing.
override SLOTS: u32 = WORKGROUP / PARTS;
override SHARED: u32 = select(WORKGROUP, 1, PARTS == 1);
// Every parameter starts at a multiple of 16 vectors.
override RECURRENT_STRIDE: u32 = (HIDDEN * HIDDEN4 + 15) / 16 * 16;

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

var<workgroup> h: array<vec4f, 2 * ROWS * HIDDEN4>;
var<workgroup> parts: array<mat4x4f, SHARED>;

// x U + b: what a tile starts from before the recurrent product is added.
fn inputs(x: vec4u, column: u32) -> mat4x4f {
  let u = x * HIDDEN4 + column;
  let b = recurrent[RECURRENT_STRIDE + column];
  return mat4x4f(input[u.x] + b, input[u.y] + b, input[u.z] + b, input[u.w] + b);
}

// A block of f16: two rows of 4 units in each vector.
fn unpack(above: vec4u, below: vec4u) -> mat4x4f {
  return mat4x4f(
    vec4f(unpack2x16float(above.x), unpack2x16float(above.y)), vec4f(unpack2x16float(above.z), unpack2x16float(above.w)),
    vec4f(unpack2x16float(below.x), unpack2x16float(below.y)), vec4f(unpack2x16float(below.z), unpack2x16float(below.w)));
}

// Block k of W: rows 4k to 4k + 3, at the tile's columns.
fn weights(k: u32, column: u32) -> mat4x4f {
  if (HALF) {
    let w = 2 * k * HIDDEN4 + column;
    return unpack(halves[w], halves[w + HIDDEN4]);
  }
  let w = 4 * k * HIDDEN4 + column;
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

@compute @workgroup_size(WORKGROUP)
fn main(invocation: Invocation) {
  let lane = lane_of(invocation);
  let slot = slot_of(lane);
  let part = part_of(lane);
  let first = invocation.group.x * ROWS;
  let count = min(ROWS, batch.rows - first);
  // A tile that reaches beyond the last row reads that row again and writes nothing for it.
  let rows = min(first + vec4u(0, 1, 2, 3), vec4u(first + count - 1));
  let own = (rows - first) * HIDDEN4;   // where they stand in one of the states in the workgroup's memory
  let timestep = batch.rows * HIDDEN4;  // vectors in [B][H]

  let begin = batch.timesteps * stretch.index / stretch.count;
  let end = batch.timesteps * (stretch.index + 1) / stretch.count;
  var now = 0u;
  var next = ROWS * HIDDEN4;
  for (var i = lane; i < count * HIDDEN4; i += WORKGROUP) { h[i] = states[begin * timestep + first * HIDDEN4 + i]; }
  workgroupBarrier();

  for (var t = begin; t < end; t++) {
    let place = t * batch.rows + rows;
    let x = vec4u(tokens[place.x], tokens[place.y], tokens[place.z], tokens[place.w]);
    let own_now = now + own;

    for (var base = 0u; base < HIDDEN4; base += SLOTS) {
      let column = base + slot;
      var s = mat4x4f();
      for (var k = part; k < HIDDEN4; k += PARTS) {
        s += product(weights(k, column), mat4x4f(h[own_now.x + k], h[own_now.y + k], h[own_now.z + k], h[own_now.w + k]));
      }
      s = total(s, lane) + inputs(x, column);
      // Of zeros σ would make ½: a padding unit is held at 0.
      let unit = 4 * column + vec4u(0, 1, 2, 3) < vec4u(UNITS);
      for (var i = part; i < ROWS; i += PARTS) {
        if (i >= count || column >= HIDDEN4) { break; }
        let state = select(vec4f(0), sigmoid(s[i]), unit);
        states[(t + 1) * timestep + rows[i] * HIDDEN4 + column] = state;
        h[next + own[i] + column] = state;
      }
    }
    now = ROWS * HIDDEN4 - now;
    next = ROWS * HIDDEN4 - next;
    workgroupBarrier();
  }
}
