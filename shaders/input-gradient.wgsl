// Input gradients: ∂U_• = Σ_t xᵀ da_•. With x one-hot, row v of ∂U is the sum of da over the places where symbol v went in.
//
//   places     the places t·B + b, sorted by symbol, in the order of the sequence: [T·B]
//   starts     where each symbol's places start, and behind the last where they end: [V + 1]
//   da         of each gate: [T][B][H] each
//   gradients  ∂U of each gate: [V, H] each
//
// A workgroup owns COLUMNS vectors of one symbol's rows. SLICES invocations share a vector, each taking every SLICES-th
// place; their sums are added in a fixed order, so no atomics and the same bits every time.

override HIDDEN: u32 = 4;      // H, a multiple of 4
override VOCABULARY: u32 = 4;  // V, a multiple of 4
override GATES: u32 = 3;       // 3 of a GRU, 1 of an RNN

override HIDDEN4: u32 = HIDDEN / 4;
// Every parameter starts at a multiple of 16 vectors.
override STRIDE: u32 = (VOCABULARY * HIDDEN4 + 15) / 16 * 16;

const COLUMNS = 16u;
const SLICES = 4u;

struct Batch {
  rows: u32,       // B
  timesteps: u32,  // T
}

@group(0) @binding(0) var<uniform> batch: Batch;
@group(0) @binding(1) var<storage, read> places: array<u32>;
@group(0) @binding(2) var<storage, read> starts: array<u32>;
@group(0) @binding(3) var<storage, read> da: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> gradients: array<vec4f>;

// One vector for each gate's ∂U.
alias Row = array<vec4f, 3>;

var<workgroup> sums: array<array<Row, COLUMNS>, SLICES>;

@compute @workgroup_size(COLUMNS, SLICES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u) {
  let column = group.x * COLUMNS + id.x;
  let symbol = group.y;
  let plane = batch.rows * batch.timesteps * HIDDEN4;

  var row = Row();
  if (column < HIDDEN4) {
    let end = starts[symbol + 1];
    for (var i = starts[symbol] + id.y; i < end; i += SLICES) {
      let at = places[i] * HIDDEN4 + column;
      for (var gate = 0u; gate < GATES; gate++) { row[gate] += da[gate * plane + at]; }
    }
  }
  sums[id.y][id.x] = row;
  workgroupBarrier();

  if (id.y == 0 && column < HIDDEN4) {
    for (var gate = 0u; gate < GATES; gate++) {
      var total = vec4f();
      for (var slice = 0u; slice < SLICES; slice++) { total += sums[slice][id.x][gate]; }
      gradients[gate * STRIDE + symbol * HIDDEN4 + column] = total;
    }
  }
}
