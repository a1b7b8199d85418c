// Transpose: Aᵀ for matrices that lie one behind the other, so that the backward products, which need Wᵀ and Vᵀ, read
// their weights in the same order as the forward ones.
//
//   matrices    [MATRICES] × [HEIGHT, WIDTH], each matrix STRIDE vectors after the one before
//   transposed  [MATRICES] × [WIDTH, HEIGHT], packed
//
// HEIGHT and WIDTH are multiples of 4. An invocation owns a block of 4 × 4.

override MATRICES: u32 = 1;
override HEIGHT: u32 = 4;
override WIDTH: u32 = 4;
override STRIDE: u32 = 4;

override HEIGHT4: u32 = HEIGHT / 4;
override WIDTH4: u32 = WIDTH / 4;

@group(0) @binding(0) var<storage, read> matrices: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> transposed: array<vec4f>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x;
  let row = id.y;
  if (column >= WIDTH4 || row >= HEIGHT4) { return; }

  let source = id.z * STRIDE + 4 * row * WIDTH4 + column;
  let block = transpose(mat4x4f(matrices[source], matrices[source + WIDTH4], matrices[source + 2 * WIDTH4], matrices[source + 3 * WIDTH4]));

  let to = id.z * HEIGHT * WIDTH4 + 4 * column * HEIGHT4 + row;
  transposed[to] = block[0];
  transposed[to + HEIGHT4] = block[1];
  transposed[to + 2 * HEIGHT4] = block[2];
  transposed[to + 3 * HEIGHT4] = block[3];
}
