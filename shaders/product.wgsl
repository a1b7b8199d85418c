// Product: one row for each timestep and row of the batch, times matrices that lie one behind the other.
//
//   ∂h' = ∂logits Vᵀ                        the output, backward: what each timestep's loss says about the state it was
//                                           predicted from
//   x U_z, x U_r, x U_h, or x U             what vectors bring to each gate, for all timesteps at once
//
//   left      [T][B][DEPTH]
//   matrices  [DEPTH, WIDTH] each, where parameters of that size would start
//   products  [T][B][WIDTH] for each matrix, PRODUCT_STRIDE vectors after those for the one before; where they are one for
//             each state, SKIPPED = 1 leaves out the first, from which nothing is predicted
//
// An invocation owns a tile of 4 of the T·B rows × 4 columns.

override DEPTH: u32 = 4;          // O or I, a multiple of 4
override WIDTH: u32 = 4;          // H, a multiple of 4
override SKIPPED: u32 = 0;        // timesteps
override PRODUCT_STRIDE: u32 = 4; // vectors from one matrix's products to the next's

override DEPTH4: u32 = DEPTH / 4;
override WIDTH4: u32 = WIDTH / 4;
// Every parameter starts at a multiple of 16 vectors.
override MATRIX_STRIDE: u32 = (DEPTH * WIDTH4 + 15) / 16 * 16;

struct Batch {
  rows: u32,       // B
  timesteps: u32,  // T
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> left: array<vec4f>;
@group(0) @binding(2) var<storage, read> matrices: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> products: array<vec4f>;

// Block k of a matrix: rows 4k to 4k + 3, at the tile's columns.
fn weights(matrix: u32, k: u32, column: u32) -> mat4x4f {
  let w = matrix * MATRIX_STRIDE + 4 * k * WIDTH4 + column;
  return mat4x4f(matrices[w], matrices[w + WIDTH4], matrices[w + 2 * WIDTH4], matrices[w + 3 * WIDTH4]);
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x;
  let total = batch.rows * batch.timesteps;
  if (column >= WIDTH4 || 4 * id.y >= total) { return; }

  let rows = min(4 * id.y + vec4u(0, 1, 2, 3), vec4u(total - 1));
  let source = rows * DEPTH4;
  var tile = mat4x4f();
  for (var k = 0u; k < DEPTH4; k++) {
    let left_k = mat4x4f(left[source.x + k], left[source.y + k], left[source.z + k], left[source.w + k]);
    tile += weights(id.z, k, column) * left_k;
  }

  let to = id.z * PRODUCT_STRIDE + SKIPPED * batch.rows * WIDTH4 + column;
  for (var i = 0u; i < 4; i++) {
    if (4 * id.y + i >= total) { break; }
    products[to + rows[i] * WIDTH4] = tile[i];
  }
}
