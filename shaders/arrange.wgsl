// Arrange: copies of weights, in the order and precision in which the products of other kernels read them.
//
//   matrices  [MATRICES] × [HEIGHT, WIDTH], each matrix STRIDE vectors after the one before
//   arranged  TRANSPOSED: Aᵀ of each, [MATRICES] × [WIDTH, HEIGHT], so that backward products, which need Wᵀ and Vᵀ,
//             go along rows as the forward ones do; else as they are; packed without gaps. HALF: as f16, a vector for 4
//             columns of two rows that follow one another, half as many vectors.
//
// HEIGHT and WIDTH are multiples of 4. An invocation owns a block of 4 × 4.

override MATRICES: u32 = 1;
override HEIGHT: u32 = 4;
override WIDTH: u32 = 4;
override STRIDE: u32 = 4;
override TRANSPOSED: bool = true;
override HALF: bool = false;

override HEIGHT4: u32 = HEIGHT / 4;
override WIDTH4: u32 = WIDTH / 4;
override ARRANGED4: u32 = select(WIDTH4, HEIGHT4, TRANSPOSED);  // vectors in a row of what comes out

@group(0) @binding(0) var<storage, read> matrices: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> arranged: array<vec4u>;

fn pack(row: vec4f) -> vec2u { return vec2u(pack2x16float(row.xy), pack2x16float(row.zw)); }

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= WIDTH4 || id.y >= HEIGHT4) { return; }

  let source = id.z * STRIDE + 4 * id.y * WIDTH4 + id.x;
  var block = mat4x4f(
    matrices[source], matrices[source + WIDTH4], matrices[source + 2 * WIDTH4], matrices[source + 3 * WIDTH4]);
  var place = id.xy;
  if (TRANSPOSED) {
    block = transpose(block);
    place = id.yx;
  }

  let rows = id.z * HEIGHT4 * WIDTH4 + place.y * ARRANGED4;  // rows of blocks before, times their length
  if (HALF) {
    let to = 2 * rows + place.x;
    arranged[to] = vec4u(pack(block[0]), pack(block[1]));
    arranged[to + ARRANGED4] = vec4u(pack(block[2]), pack(block[3]));
  } else {
    let to = 4 * rows + place.x;
    for (var i = 0u; i < 4; i++) { arranged[to + i * ARRANGED4] = bitcast<vec4u>(block[i]); }
  }
}
