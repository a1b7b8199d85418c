// Input gradients: ∂U_• = Σ_t xᵀ da_•. With x one-hot, row v of ∂U is the sum of da over the places where symbol v went in.
//
//   sorted    the places t·B + b, sorted by symbol, in the order of the sequence: [T·B]
//   starts    where each symbol's places start, and behind the last where they end: [V + 1]
//   da        of each gate: [T][B][H] each
//   partials  [SPLITS] × the gradients, of which ∂U of each gate that reads the input, [V, H] each, come first; what is there is added to where
//             the rows of a batch are taken in parts
//
// A symbol's places are cut into SPLITS parts, as K is in weight-gradient.wgsl, and the sum of the parts is taken in the same
// place: no atomics, and the same bits every time. An invocation owns a vector of one gate's row in one part, and reads 4
// places at a time, so that it waits for memory a quarter as often.

override HIDDEN: u32 = 4;         // H, a multiple of 4
override VOCABULARY: u32 = 4;     // V, a multiple of 4
override MATRICES: u32 = 3;       // U of the gates that read the input
override MISSING: u32 = 99;       // the gate that does not
override SPLITS: u32 = 1;
override PARTIAL_STRIDE: u32 = 4; // vectors from one part to the next
override MATRIX_STRIDE: u32 = 4;  // vectors from one matrix to the next
override ADDS: bool = false;      // whether what is there is added to

override HIDDEN4: u32 = HIDDEN / 4;

@group(0) @binding(1) var<storage, read> sorted: array<u32>;
@group(0) @binding(2) var<storage, read> starts: array<u32>;
@group(0) @binding(3) var<storage, read> da: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let matrix = id.x / HIDDEN4;
  let column = id.x % HIDDEN4;
  let symbol = id.y;
  let split = id.z;
  if (matrix >= MATRICES) { return; }

  let gate = select(matrix, matrix + 1, matrix >= MISSING);
  let source = gate * places() * HIDDEN4 + column;
  let end = starts[symbol + 1];
  var sum = vec4f();
  for (var i = starts[symbol] + 4 * split; i < end; i += 4 * SPLITS) {
    let four = i + vec4u(0, 1, 2, 3);
    // Past the end stands the last place again, with nothing to add.
    let inside = vec4f(four < vec4u(end));
    let next = min(four, vec4u(end - 1));
    let at = source + vec4u(sorted[next.x], sorted[next.y], sorted[next.z], sorted[next.w]) * HIDDEN4;
    sum += mat4x4f(da[at.x], da[at.y], da[at.z], da[at.w]) * inside;
  }
  let to = split * PARTIAL_STRIDE + matrix * MATRIX_STRIDE + symbol * HIDDEN4 + column;
  if (ADDS) { sum += partials[to]; }
  partials[to] = sum;
}
