// Input gradients: ∂U_• = Σ_t xᵀ da_•. With x one-hot, row v of ∂U is the sum of da over the places where symbol v went in.
//
//   places    the places t·B + b, sorted by symbol, in the order of the sequence: [T·B]
//   starts    where each symbol's places start, and behind the last where they end: [V + 1]
//   da        of each gate: [T][B][H] each
//   partials  [SPLITS] × the gradients, of which ∂U of each gate, [V, H] each, come first
//
// A symbol's places are cut into SPLITS parts, as K is in weight-gradient.wgsl, and the sum of the parts is taken in the same
// place: no atomics, and the same bits every time. An invocation owns a vector of one gate's row in one part, and reads 4
// places at a time, so that it waits for memory a quarter as often.

override HIDDEN: u32 = 4;         // H, a multiple of 4
override VOCABULARY: u32 = 4;     // V, a multiple of 4
override GATES: u32 = 3;          // 3 of a GRU, 1 of an RNN
override SPLITS: u32 = 1;
override PARTIAL_STRIDE: u32 = 4; // vectors from one part to the next

override HIDDEN4: u32 = HIDDEN / 4;
// Every parameter starts at a multiple of 16 vectors.
override MATRIX_STRIDE: u32 = (VOCABULARY * HIDDEN4 + 15) / 16 * 16;

struct Batch {
  rows: u32,       // B
  timesteps: u32,  // T
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> places: array<u32>;
@group(0) @binding(2) var<storage, read> starts: array<u32>;
@group(0) @binding(3) var<storage, read> da: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let gate = id.x / HIDDEN4;
  let column = id.x % HIDDEN4;
  let symbol = id.y;
  let split = id.z;
  if (gate >= GATES) { return; }

  let source = gate * batch.rows * batch.timesteps * HIDDEN4 + column;
  let end = starts[symbol + 1];
  var sum = vec4f();
  for (var i = starts[symbol] + 4 * split; i < end; i += 4 * SPLITS) {
    let four = i + vec4u(0, 1, 2, 3);
    // Past the end stands the last place again, with nothing to add.
    let inside = vec4f(four < vec4u(end));
    let next = min(four, vec4u(end - 1));
    let at = source + vec4u(places[next.x], places[next.y], places[next.z], places[next.w]) * HIDDEN4;
    sum += mat4x4f(da[at.x], da[at.y], da[at.z], da[at.w]) * inside;
  }
  partials[split * PARTIAL_STRIDE + gate * MATRIX_STRIDE + symbol * HIDDEN4 + column] = sum;
}
