// Weight gradients: products over all timesteps and rows, K = T·B.
//
//   ∂W_• = Σ hᵀ da_•, or Σ qᵀ da_• of a second phase      ∂b_• = Σ da_•
//   ∂U_• = Σ xᵀ da_•                                      where vectors go in, or what the layer below puts out
//   ∂V   = Σ h'ᵀ ∂logits                                  ∂b_y = Σ ∂logits
//
//   incoming  h, or with dropout what a layer puts out of it: [T + 1][B][H], behind h q: [T][B][H]; or x: [T][B][I]; in any
//             case rows of HEIGHT
//   outgoing  da_•: [gates][T][B][H], or ∂logits: [T][B][O]; in any case K rows of WIDTH for each gate
//   partials  [SPLITS] × the gradients, as they lie in the flat buffer or a range of it; what is there is added to where the
//             rows of a batch are taken in parts
//
// K is cut into SPLITS parts, so that there is work for the whole device even when the matrices are small; the sum of the
// parts is taken by gradient-sum.wgsl. An invocation owns a tile of 4 × 4 weights in one part. Those at a
// matrix's upper edge also add up the bias: the weight of an input that is always 1. A gate without a matrix has its bias
// alone.

override HEIGHT: u32 = 4;         // H or I, a multiple of 4
override WIDTH: u32 = 4;          // H or O, a multiple of 4
override SKIPPED: u32 = 0;        // timesteps of the incoming side
override MATRICES: u32 = 1;       // the gates that have one come first, unless one is MISSING
override MISSING: u32 = 99;       // the gate that has no matrix
override SECOND: u32 = 99;        // the first gate that meets q
override BIASED: bool = true;     // whether biases are wanted
override SPLITS: u32 = 1;
override PARTIAL_STRIDE: u32 = 4; // vectors from one part to the next
override MATRIX_OFFSET: u32 = 0;  // where the first matrix and the first bias lie in a part
override MATRIX_STRIDE: u32 = 4;  // vectors from one to the next
override BIAS_OFFSET: u32 = 0;
override BIAS_STRIDE: u32 = 4;
override ADDS: bool = false;      // whether what is there is added to

override HEIGHT4: u32 = HEIGHT / 4;
override WIDTH4: u32 = WIDTH / 4;

@group(0) @binding(1) var<storage, read> incoming: array<vec4f>;
@group(0) @binding(2) var<storage, read> outgoing: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x;
  let row = id.y;
  let matrix = id.z / SPLITS;
  let split = id.z % SPLITS;
  if (column >= WIDTH4 || row >= select(1u, HEIGHT4, matrix < MATRICES)) { return; }

  let total = places();
  let part = (total + 4 * SPLITS - 1) / (4 * SPLITS) * 4;
  let end = min((split + 1) * part, total);

  // The first row of the incoming side: q for a second phase; h' for V, and of the layer below; else h or x.
  let first = select(SKIPPED * batch.rows, batch.rows + total, matrix >= SECOND);
  let gate = select(matrix, matrix + 1, matrix >= MISSING);
  let source = gate * total * WIDTH4 + column;

  var weights = mat4x4f();
  var bias = vec4f();
  for (var k = split * part; k < end; k += 4) {
    let at = min(k + vec4u(0, 1, 2, 3), vec4u(total - 1));
    let x = (first + at) * HEIGHT4 + row;
    let da = source + at * WIDTH4;
    // Past the end stands the last row again, with nothing to add.
    let inside = vec4f(k + vec4u(0, 1, 2, 3) < vec4u(end));
    let outgoing_k = mat4x4f(
      outgoing[da.x] * inside.x, outgoing[da.y] * inside.y, outgoing[da.z] * inside.z, outgoing[da.w] * inside.w);
    weights += outgoing_k * transpose(mat4x4f(incoming[x.x], incoming[x.y], incoming[x.z], incoming[x.w]));
    bias += outgoing_k * vec4f(1);
  }

  let to = split * PARTIAL_STRIDE;
  if (matrix < MATRICES) {
    let w = to + MATRIX_OFFSET + matrix * MATRIX_STRIDE + 4 * row * WIDTH4 + column;
    if (ADDS) {
      weights += mat4x4f(partials[w], partials[w + WIDTH4], partials[w + 2 * WIDTH4], partials[w + 3 * WIDTH4]);
    }
    partials[w] = weights[0];
    partials[w + WIDTH4] = weights[1];
    partials[w + 2 * WIDTH4] = weights[2];
    partials[w + 3 * WIDTH4] = weights[3];
  }
  if (BIASED && row == 0) {
    let b = to + BIAS_OFFSET + matrix * BIAS_STRIDE + column;
    if (ADDS) { bias += partials[b]; }
    partials[b] = bias;
  }
}
