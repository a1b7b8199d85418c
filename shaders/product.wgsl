// Product: one row for each timestep and row of the batch, times matrices that lie one behind the other.
//
//   x U_z, x U_r, x U_h, or x U             what vectors, or the layer below, bring to each gate, for all
//                                           timesteps at once
//   ∂h' = ∂logits Vᵀ                        the output, backward: what each timestep's loss says about the state it was
//                                           predicted from
//   ∂h' = Σ da_• U_•ᵀ                       a layer, backward: what it says about the states of the layer below that it read
//
//   left      [T][B][DEPTH], of each term; where they are one for each state, LEFT_SKIPPED = 1 leaves out the first, which no
//             timestep ended in
//   matrices  [DEPTH, WIDTH] each
//   products  [T][B][WIDTH] for each matrix, or one for TERMS of them: their sum; SKIPPED as on the left
//
// ∂h' is multiplied with the m that h' was multiplied with on its way out (parts/dropout.wgsl), all else with 1
// (parts/no-dropout.wgsl).
//
// An invocation owns a tile of 4 of the T·B rows × 4 columns. Workgroups are counted down the rows along y, and on behind the
// COUNT matrices along z.

override DEPTH: u32 = 4;          // I, H or O, a multiple of 4
override WIDTH: u32 = 4;          // H, a multiple of 4
override TERMS: u32 = 1;          // products that are summed up
override MISSING: u32 = 99;       // the one among the left sides that has no matrix
override LEFT_SKIPPED: u32 = 0;   // timesteps
override SKIPPED: u32 = 0;        // timesteps
override COUNT: u32 = 1;          // matrices, or sums of TERMS of them, that come out apart
override MATRIX_STRIDE: u32 = 4;  // vectors from one matrix to the next
override PRODUCT_STRIDE: u32 = 4; // vectors from one matrix's products to the next's

override DEPTH4: u32 = DEPTH / 4;
override WIDTH4: u32 = WIDTH / 4;

@group(0) @binding(1) var<storage, read> left: array<vec4f>;
@group(0) @binding(2) var<storage, read> matrices: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> products: array<vec4f>;

// Block k of a matrix: rows 4k to 4k + 3, at the tile's columns.
fn block(matrix: u32, k: u32, column: u32) -> mat4x4f {
  let w = matrix * MATRIX_STRIDE + 4 * k * WIDTH4 + column;
  return mat4x4f(matrices[w], matrices[w + WIDTH4], matrices[w + 2 * WIDTH4], matrices[w + 3 * WIDTH4]);
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let column = id.x;
  let matrix = id.z % COUNT;
  let first = 4 * (id.z / COUNT * 8 * groups.y + id.y);
  let total = places();
  if (column >= WIDTH4 || first >= total) { return; }

  let rows = min(first + vec4u(0, 1, 2, 3), vec4u(total - 1));
  var tile = mat4x4f();
  for (var term = 0u; term < TERMS; term++) {
    let from_left = select(term, term + 1, term >= MISSING);
    let source = (LEFT_SKIPPED * batch.rows + from_left * total + rows) * DEPTH4;
    for (var k = 0u; k < DEPTH4; k++) {
      let left_k = mat4x4f(left[source.x + k], left[source.y + k], left[source.z + k], left[source.w + k]);
      tile += block(matrix + term, k, column) * left_k;
    }
  }

  let to = matrix * PRODUCT_STRIDE + SKIPPED * batch.rows * WIDTH4 + column;
  for (var i = 0u; i < 4; i++) {
    if (first + i >= total) { break; }
    products[to + rows[i] * WIDTH4] = mask(OUTPUTS, rows[i], column) * tile[i];
  }
}
