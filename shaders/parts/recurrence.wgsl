// What the kernels have in common that take a layer through its timesteps, either way and in either strategy. Each is linked
// with the pointwise equations of one cell, from cells/, whose gates are numbered by their letters: Z, R, C of a GRU.
//
//   lengths  how many timesteps each row has: [B]
//   weights  W, or for the way back Wᵀ, of each gate that has one: [H, H] each
//   halves   where HALF: the same as f16, as arrange.wgsl packs them
//   states   h before each timestep and after the last: [T + 1][B][H]. Behind it the cell's second state, the same, or q, what
//            its second phase reads: [T][B][H]
//   gates    what became of each gate: [GATES][T][B][H]
//
// Everything is 4 × 4 blocks: a tile is a matrix whose column i is the tile's row i, so that a product advances by
// `block * operand`. A tile that reaches beyond the last row reads that row again and writes nothing for it.

override HIDDEN: u32 = 4;         // H, a multiple of 4
override GATES: u32 = 4;          // of the cell
override MATRICES: u32 = 4;       // of its gates, those with a recurrent product, which come first
override FIRST_GATES: u32 = 4;    // gates of its first phase
override FIRST_MATRICES: u32 = 4; // those of them with a recurrent product
override SECOND_STATE: bool = false;
override ROWS: u32 = 4;           // of a tile that are some workgroup's: 1, 2 or 4
override WEIGHT_STRIDE: u32 = 4;  // vectors from one gate's matrix to the next
override HALF: bool = false;

override HIDDEN4: u32 = HIDDEN / 4;
override TWO_PHASES: bool = FIRST_GATES < GATES;

// Which part of the sequence a dispatch takes, counted from the start, and how many parts there are: 0 of 1 is all of it.
struct Stretch {
  index: u32,
  count: u32,
}

@group(0) @binding(1) var<uniform> stretch: Stretch;
@group(0) @binding(2) var<storage, read> lengths: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read> halves: array<vec4u>;

// Vectors in [B][H], in [T][B][H], and to what lies behind h in the states.
fn timestep() -> u32 { return batch.rows * HIDDEN4; }
fn plane() -> u32 { return places() * HIDDEN4; }
fn behind() -> u32 { return plane() + timestep(); }

// m of the candidates at the place of 4 units of a row, with `mask` of dropout.wgsl or no-dropout.wgsl.
fn candidate_mask(place: Place) -> vec4f { return mask(CANDIDATES, place.at / HIDDEN4, place.at % HIDDEN4); }

// A block of f16: two rows of 4 units in each vector.
fn unpack(above: vec4u, below: vec4u) -> mat4x4f {
  return mat4x4f(
    vec4f(unpack2x16float(above.x), unpack2x16float(above.y)), vec4f(unpack2x16float(above.z), unpack2x16float(above.w)),
    vec4f(unpack2x16float(below.x), unpack2x16float(below.y)), vec4f(unpack2x16float(below.z), unpack2x16float(below.w)));
}

// Block k of a gate's matrix: rows 4k to 4k + 3, at the tile's columns.
fn block(gate: u32, k: u32, column: u32) -> mat4x4f {
  if (HALF) {
    let w = 2 * (gate * HIDDEN4 + k) * HIDDEN4 + column;
    return unpack(halves[w], halves[w + HIDDEN4]);
  }
  let w = gate * WEIGHT_STRIDE + 4 * k * HIDDEN4 + column;
  return mat4x4f(weights[w], weights[w + HIDDEN4], weights[w + 2 * HIDDEN4], weights[w + 3 * HIDDEN4]);
}

// A block's share of a tile. Rows of the tile that are no workgroup's cost nothing.
fn product(weights: mat4x4f, x: mat4x4f) -> mat4x4f {
  if (ROWS == 1) { return mat4x4f(weights * x[0], vec4f(), vec4f(), vec4f()); }
  if (ROWS == 2) { return mat4x4f(weights * x[0], weights * x[1], vec4f(), vec4f()); }
  return weights * x;
}
