// Generate: reads primes and goes on with the network's own predictions, many sequences at once, for a stretch of
// positions in one dispatch, through all layers.
//
//   the states of each layer as in step-forward.wgsl, one layer after the other        logits = h' V + bias
//   next symbol = argmax (scores / temperature + Gumbel noise), which is a draw from softmax(scores / temperature)
//   (Gumbel 1954; Maddison, Tarlow and Minka, "A* Sampling", 2014); at temperature 0, argmax scores
//   scores = logits, which differ from log-probabilities by a constant; where the output is σ, log σ(logits)
//
//   lengths    of each prime: [rows]
//   primes     [rows][longest prime]
//   input      U of each gate of the first layer: [V, H] each
//   weights    of the first layer W, then b of each gate; of each further layer U, W, b: [H, H] and [H] each
//   output     V: [H, V]; its bias: [V]
//   states     h, q or h', and the second state of each layer; then what becomes of each gate: [LAYERS·3 + GATES][rows][H]
//   generated  [rows][length]
//
// A workgroup owns 4 sequences, an invocation tiles of 4 rows × 4 units or symbols, as in step-forward.wgsl; the states
// stand in storage, so that any H fits. The draw of a symbol is the same on every device, up to rounding: its noise is the
// hash of seed, sequence, index and symbol (src/model/random.ts).

override HIDDEN: u32 = 4;         // H, a multiple of 4
override SYMBOLS: u32 = 4;        // V before it was rounded up to a multiple of 4
override LAYERS: u32 = 1;
override GATES: u32 = 4;          // of the cell
override MATRICES: u32 = 4;       // of its gates, those with a recurrent product, which come first
override FIRST_GATES: u32 = 4;    // gates of its first phase
override INPUTLESS: u32 = 99;     // the gate that reads no input
override INPUT_STRIDE: u32 = 4;   // vectors from one gate's U of the first layer to the next's
override WEIGHT_STRIDE: u32 = 4;  // vectors from one W, or U of a further layer, to the next
override BIAS_STRIDE: u32 = 4;    // vectors from one gate's bias to the next's
override OUTPUT_BIAS: u32 = 4;    // vectors from V to its bias
override SIGMOID: bool = false;   // whether the output is σ; else a softmax
override WORKGROUP: u32 = 32;     // a power of 2

override HIDDEN4: u32 = HIDDEN / 4;
override SYMBOLS4: u32 = (SYMBOLS + 3) / 4;
override TWO_PHASES: bool = FIRST_GATES < GATES;
override INPUT_MATRICES: u32 = select(GATES, GATES - 1, INPUTLESS < GATES);
// Vectors of the first layer, and of each further one.
override FIRST_LAYER: u32 = MATRICES * WEIGHT_STRIDE + GATES * BIAS_STRIDE;
override FURTHER_LAYER: u32 = INPUT_MATRICES * WEIGHT_STRIDE + FIRST_LAYER;

const ROWS = 4u;       // of a workgroup
const PARTS = 1u;      // of K
const PLANES = 3u;     // of a layer's states
const NEVER = -3.4e38; // a score that is never the largest

struct Stretch {
  rows: u32,
  longest_prime: u32,
  shortest_prime: u32,
  length: u32,      // symbols to generate for each row
  first: u32,       // positions, prime included, from this
  end: u32,         // to before this
  temperature: f32,
  seed: u32,
}

@group(0) @binding(0) var<uniform> stretch: Stretch;
@group(0) @binding(1) var<storage, read> lengths: array<u32>;
@group(0) @binding(2) var<storage, read> primes: array<u32>;
@group(0) @binding(3) var<storage, read> input: array<vec4f>;
@group(0) @binding(4) var<storage, read> weights: array<vec4f>;
@group(0) @binding(5) var<storage, read> output: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> states: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> generated: array<u32>;

struct Best {
  score: vec4f,  // one element for each row of the tile
  symbol: vec4u,
}

var<workgroup> best: array<Best, WORKGROUP>;
var<workgroup> x: array<u32, ROWS>;

// The layer that is at work, counted from 0.
var<private> layer: u32;

// Where a vector of 4 units of a row stands: in [rows][H].
struct Place { at: u32 }

// Vectors in [rows][H], and to a plane of the layer's states.
fn plane() -> u32 { return stretch.rows * HIDDEN4; }
fn state_plane(index: u32) -> u32 { return (layer * PLANES + index) * plane(); }

fn gate_plane(gate: u32) -> u32 { return (LAYERS * PLANES + gate) * plane(); }
fn keep(gate: u32, place: Place, value: vec4f) { states[gate_plane(gate) + place.at] = value; }
fn kept(gate: u32, place: Place) -> vec4f { return states[gate_plane(gate) + place.at]; }
fn second_state(place: Place) -> vec4f { return states[state_plane(2u) + place.at]; }
fn keep_second_state(place: Place, value: vec4f) { states[state_plane(2u) + place.at] = value; }
// What is trained with dropout generates without.
fn candidate_mask(place: Place) -> vec4f { return vec4f(1); }

fn matrix_block(w: u32) -> mat4x4f {
  return mat4x4f(weights[w], weights[w + HIDDEN4], weights[w + 2 * HIDDEN4], weights[w + 3 * HIDDEN4]);
}

// Where the layer's W begin; before them lie a further layer's U.
fn layer_start() -> u32 { return layer * FURTHER_LAYER; }

// Block k of a gate's W: rows 4k to 4k + 3, at the tile's columns.
fn block(gate: u32, k: u32, column: u32) -> mat4x4f {
  return matrix_block(layer_start() + gate * WEIGHT_STRIDE + 4 * k * HIDDEN4 + column);
}

// Block k of 4 rows of states.
fn operand(own: vec4u, k: u32) -> mat4x4f {
  return mat4x4f(states[own.x + k], states[own.y + k], states[own.z + k], states[own.w + k]);
}

// x U + b for one gate: x are symbols, or in a further layer where the states of the layer below stand.
fn inputs(gate: u32, x: vec4u, column: u32) -> mat4x4f {
  let b = weights[layer_start() + MATRICES * WEIGHT_STRIDE + gate * BIAS_STRIDE + column];
  var sum = mat4x4f(b, b, b, b);
  if (gate == INPUTLESS) { return sum; }
  let matrix = select(gate, gate - 1, gate > INPUTLESS);
  if (layer == 0) {
    let u = matrix * INPUT_STRIDE + x * HIDDEN4 + column;
    return mat4x4f(input[u.x], input[u.y], input[u.z], input[u.w]) + sum;
  }
  let u = layer_start() - (INPUT_MATRICES - matrix) * WEIGHT_STRIDE + column;
  for (var k = 0u; k < HIDDEN4; k++) { sum += matrix_block(u + 4 * k * HIDDEN4) * operand(x, k); }
  return sum;
}

fn product(weights: mat4x4f, x: mat4x4f) -> mat4x4f { return weights * x; }
fn total(tile: mat4x4f, lane: u32) -> mat4x4f { return tile; }

fn output_weights(k: u32, column: u32) -> mat4x4f {
  let v = 4 * k * SYMBOLS4 + column;
  return mat4x4f(output[v], output[v + SYMBOLS4], output[v + 2 * SYMBOLS4], output[v + 3 * SYMBOLS4]);
}

// `gumbelAt` of src/model/random.ts, for 4 neighbouring symbols.
fn gumbel(row: u32, index: u32, symbols: vec4u) -> vec4f {
  let key = hash(hash(hash(stretch.seed) ^ row) ^ index);
  let bits = vec4u(
    hash(key ^ symbols.x), hash(key ^ symbols.y), hash(key ^ symbols.z), hash(key ^ symbols.w)) >> vec4u(9);
  let u = (vec4f(bits) + 0.5) / 8388608;
  // −log(1 − u), by its series where the logarithm would lose its digits.
  let exponential = select(-log(1 - u), u * (1 + u * (0.5 + u / 3)), u < vec4f(0.01));
  return -log(exponential);
}

fn scores(logits: vec4f, row: u32, index: u32, symbols: vec4u) -> vec4f {
  // At temperature 0 only their order matters, and that is the logits'.
  var score = logits;
  if (stretch.temperature > 0) {
    // log σ(a) = −log(1 + e⁻ᵃ)
    if (SIGMOID) { score = -softplus(-logits); }
    score = score / stretch.temperature + gumbel(row, index, symbols);
  }
  return select(score, vec4f(NEVER), symbols >= vec4u(SYMBOLS));
}

// The better of two scores for each row; of two equal ones, the symbol that comes first.
fn better(a: Best, b: Best) -> Best {
  let first = (a.score > b.score) | ((a.score == b.score) & (a.symbol < b.symbol));
  return Best(select(b.score, a.score, first), select(b.symbol, a.symbol, first));
}

// The layer's states become the next ones, from the 4 rows of x.
fn advance(x: vec4u, own: vec4u, count: u32, lane: u32) {
  let h = state_plane(0u);
  let other = state_plane(1u); // q, or h'
  for (var column = lane; column < HIDDEN4; column += WORKGROUP) {
    let sums = sums_of(0u, FIRST_GATES, h + own, x, column, lane, 0u);
    for (var i = 0u; i < count; i++) {
      let at = own[i] + column;
      states[other + at] = first_phase(row_of(sums, i), states[h + at], Place(at));
    }
  }
  storageBarrier();

  for (var column = lane; column < HIDDEN4; column += WORKGROUP) {
    if (TWO_PHASES) {
      let sums = sums_of(FIRST_GATES, 1u, other + own, x, column, lane, 0u);
      for (var i = 0u; i < count; i++) {
        let at = own[i] + column;
        states[h + at] = second_phase(sums.a[i], states[h + at], Place(at));
      }
    } else {
      for (var i = 0u; i < count; i++) { states[h + own[i] + column] = states[other + own[i] + column]; }
    }
  }
  storageBarrier();
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = group.x * ROWS;
  let count = min(ROWS, stretch.rows - first);
  // A tile that reaches beyond the last row reads that row again and writes nothing for it.
  let rows = min(first + vec4u(0, 1, 2, 3), vec4u(first + count - 1));
  let own = rows * HIDDEN4;
  let prime_length = vec4u(lengths[rows.x], lengths[rows.y], lengths[rows.z], lengths[rows.w]);

  for (var position = stretch.first; position < stretch.end; position++) {
    // What goes in: the prime, and after it what was drawn at the position before.
    if (lane < count) {
      let drawn = position - prime_length[lane];
      if (position < prime_length[lane]) {
        x[lane] = primes[rows[lane] * stretch.longest_prime + position];
      } else {
        x[lane] = generated[rows[lane] * stretch.length + min(drawn, stretch.length - 1)];
      }
    }
    workgroupBarrier();
    var x_rows = vec4u(x[0], x[min(1u, count - 1)], x[min(2u, count - 1)], x[min(3u, count - 1)]);

    for (var l = 0u; l < LAYERS; l++) {
      layer = l;
      advance(x_rows, own, count, lane);
      x_rows = state_plane(0u) + own;
    }

    // While every row is still reading its prime there is nothing to draw.
    if (position + 1 < stretch.shortest_prime) { continue; }

    let index = position + 1 - prime_length;
    var mine = Best(vec4f(NEVER), vec4u(0));
    for (var column = lane; column < SYMBOLS4; column += WORKGROUP) {
      let b = output[OUTPUT_BIAS + column];
      var logits = mat4x4f(b, b, b, b);
      for (var k = 0u; k < HIDDEN4; k++) { logits += output_weights(k, column) * operand(x_rows, k); }
      let symbols = 4 * column + vec4u(0, 1, 2, 3);
      for (var i = 0u; i < 4; i++) {
        let score = scores(logits[i], rows[i], index[i], symbols);
        for (var j = 0u; j < 4; j++) {
          if (score[j] > mine.score[i]) {
            mine.score[i] = score[j];
            mine.symbol[i] = symbols[j];
          }
        }
      }
    }
    best[lane] = mine;
    for (var half = WORKGROUP / 2; half > 0; half /= 2) {
      workgroupBarrier();
      if (lane < half) { best[lane] = better(best[lane], best[lane + half]); }
    }
    workgroupBarrier();

    if (lane < count && position + 1 >= prime_length[lane] && index[lane] < stretch.length) {
      generated[rows[lane] * stretch.length + index[lane]] = best[0].symbol[lane];
    }
  }
}
