// Weight gradients: products over all timesteps and rows, K = T·B.
//
//   ∂W_z = Σ hᵀ da_z    ∂W_r = Σ hᵀ da_r    ∂W_h = Σ qᵀ da_c    ∂b_• = Σ da_•      GRU
//   ∂W   = Σ hᵀ ds                                               ∂b   = Σ ds        RNN
//   ∂V   = Σ h'ᵀ ∂logits                                         ∂b_y = Σ ∂logits   SKIPPED = 1
//   ∂U_• = Σ xᵀ da_•                                             where vectors go in
//
//   incoming  h: [T + 1][B][H], behind it q: [T][B][H]; or x: [T][B][I]; in any case rows of HEIGHT
//   outgoing  da_z, da_r, da_c: [3][T][B][H], or ∂logits: [T][B][O]; in any case K rows of WIDTH for each matrix
//   partials  [SPLITS] × the gradients, as they lie in the flat buffer or a range of it
//
// K is cut into SPLITS parts, so that there is work for the whole device even when the matrices are small; the sum of the
// parts is taken by gradient-sum.wgsl. An invocation owns a tile of 4 × 4 weights in one part. Those at a
// matrix's upper edge also add up the bias: the weight of an input that is always 1.

override HEIGHT: u32 = 4;         // H or I, a multiple of 4
override WIDTH: u32 = 4;          // H or O, a multiple of 4
override SKIPPED: u32 = 0;        // timesteps of the incoming side
override CANDIDATE: u32 = 3;      // the matrix that meets q
override BIASED: bool = true;     // whether the products have biases
override SPLITS: u32 = 1;
override PARTIAL_STRIDE: u32 = 4; // vectors from one part to the next
override MATRIX_OFFSET: u32 = 0;  // where the first matrix and the first bias lie in a part
override BIAS_OFFSET: u32 = 0;

override HEIGHT4: u32 = HEIGHT / 4;
override WIDTH4: u32 = WIDTH / 4;
// Every parameter starts at a multiple of 16 vectors.
override MATRIX_STRIDE: u32 = (HEIGHT * WIDTH4 + 15) / 16 * 16;
override BIAS_STRIDE: u32 = (WIDTH4 + 15) / 16 * 16;

struct Batch {
  rows: u32,       // B
  timesteps: u32,  // T
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> incoming: array<vec4f>;
@group(0) @binding(2) var<storage, read> outgoing: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x;
  let row = id.y;
  let matrix = id.z / SPLITS;
  let split = id.z % SPLITS;
  if (column >= WIDTH4 || row >= HEIGHT4) { return; }

  let total = batch.rows * batch.timesteps;
  let part = (total + 4 * SPLITS - 1) / (4 * SPLITS) * 4;
  let end = min((split + 1) * part, total);

  // The first row of the incoming side: q for a GRU's W_h; h' for V; else h or x.
  let first = select(SKIPPED * batch.rows, batch.rows + total, matrix == CANDIDATE);
  let source = matrix * total * WIDTH4 + column;

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

  let to = split * PARTIAL_STRIDE + MATRIX_OFFSET + matrix * MATRIX_STRIDE + 4 * row * WIDTH4 + column;
  partials[to] = weights[0];
  partials[to + WIDTH4] = weights[1];
  partials[to + 2 * WIDTH4] = weights[2];
  partials[to + 3 * WIDTH4] = weights[3];
  if (BIASED && row == 0) { partials[split * PARTIAL_STRIDE + BIAS_OFFSET + matrix * BIAS_STRIDE + column] = bias; }
}
