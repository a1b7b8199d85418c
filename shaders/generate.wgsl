// Generate: reads primes and goes on with the network's own predictions, many sequences at once, for a stretch of
// positions in one dispatch.
//
//   h' as in gru-forward.wgsl or rnn-forward.wgsl        logits = h' V + bias
//   next symbol = argmax (scores / temperature + Gumbel noise), which is a draw from softmax(scores / temperature)
//   (Gumbel 1954; Maddison, Tarlow and Minka, "A* Sampling", 2014); at temperature 0, argmax scores
//   scores = logits, which differ from log-probabilities by a constant; where the output is σ, log σ(logits)
//
//   lengths    of each prime: [rows]
//   primes     [rows][longest prime]
//   input      U of each gate: [V, H] each
//   recurrent  W of each gate: [H, H] each; b of each gate: [H] each
//   output     V: [H, V]; its bias: [V]
//   states     h; q, for an RNN h'; z: [3][rows][H]
//   generated  [rows][length]
//
// A workgroup owns 4 sequences, an invocation tiles of 4 rows × 4 units or symbols, as in gru-forward.wgsl; but the states
// stand in storage, so that any H fits. The draw of a symbol is the same on every device, up to rounding: its noise is the
// hash of seed, sequence, index and symbol (src/model/random.ts).

override HIDDEN: u32 = 4;       // H, a multiple of 4
override VOCABULARY: u32 = 4;   // V, a multiple of 4
override UNITS: u32 = 4;        // H before it was rounded up to a multiple of 4
override SYMBOLS: u32 = 4;      // V before it was
override GATES: u32 = 3;        // 3 of a GRU, 1 of an RNN
override SIGMOID: bool = false; // whether the output is σ; else a softmax
override WORKGROUP: u32 = 32;   // a power of 2

override HIDDEN4: u32 = HIDDEN / 4;
override VOCABULARY4: u32 = VOCABULARY / 4;
// Every parameter starts at a multiple of 16 vectors.
override INPUT_STRIDE: u32 = (VOCABULARY * HIDDEN4 + 15) / 16 * 16;
override RECURRENT_STRIDE: u32 = (HIDDEN * HIDDEN4 + 15) / 16 * 16;
override BIAS_STRIDE: u32 = (HIDDEN4 + 15) / 16 * 16;
override OUTPUT_STRIDE: u32 = (HIDDEN * VOCABULARY4 + 15) / 16 * 16;

const Z = 0u;
const R = 1u;
const C = 2u;
const ROWS = 4u;       // of a workgroup
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
@group(0) @binding(4) var<storage, read> recurrent: array<vec4f>;
@group(0) @binding(5) var<storage, read> output: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> states: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> generated: array<u32>;

struct Best {
  score: vec4f,  // one element for each row of the tile
  symbol: vec4u,
}

var<workgroup> best: array<Best, WORKGROUP>;
var<workgroup> x: array<u32, ROWS>;

fn inputs(gate: u32, x: vec4u, column: u32) -> mat4x4f {
  let u = gate * INPUT_STRIDE + x * HIDDEN4 + column;
  let b = recurrent[GATES * RECURRENT_STRIDE + gate * BIAS_STRIDE + column];
  return mat4x4f(input[u.x] + b, input[u.y] + b, input[u.z] + b, input[u.w] + b);
}

fn weights(gate: u32, k: u32, column: u32) -> mat4x4f {
  let w = gate * RECURRENT_STRIDE + 4 * k * HIDDEN4 + column;
  return mat4x4f(recurrent[w], recurrent[w + HIDDEN4], recurrent[w + 2 * HIDDEN4], recurrent[w + 3 * HIDDEN4]);
}

fn output_weights(k: u32, column: u32) -> mat4x4f {
  let v = 4 * k * VOCABULARY4 + column;
  return mat4x4f(output[v], output[v + VOCABULARY4], output[v + 2 * VOCABULARY4], output[v + 3 * VOCABULARY4]);
}

fn sigmoid(a: vec4f) -> vec4f { return 1 / (1 + exp(-a)); }

// 1 − 2 / (e²ᵃ + 1), since some devices' own tanh overflows; near 0, where that would lose its digits, the series.
fn hyperbolic_tangent(a: vec4f) -> vec4f {
  let s = a * a;
  let near = a * (1 - s * (1.0 / 3 - s * (2.0 / 15 - s * 17.0 / 315)));
  return select(1 - 2 / (exp(2 * a) + 1), near, abs(a) < vec4f(0.2));
}

// `hash` of src/model/random.ts.
fn hash(value: u32) -> u32 {
  let state = value * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
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

// log σ(a) = −log(1 + e⁻ᵃ), as in output-sigmoid.wgsl.
fn log_sigmoid(a: vec4f) -> vec4f {
  let e = exp(-abs(a));
  return min(a, vec4f(0)) - select(log(1 + e), e * (1 - e * (0.5 - e / 3)), e < vec4f(0.01));
}

fn scores(logits: vec4f, row: u32, index: u32, symbols: vec4u) -> vec4f {
  // At temperature 0 only their order matters, and that is the logits'.
  var score = logits;
  if (stretch.temperature > 0) {
    if (SIGMOID) { score = log_sigmoid(logits); }
    score = score / stretch.temperature + gumbel(row, index, symbols);
  }
  return select(score, vec4f(NEVER), symbols >= vec4u(SYMBOLS));
}

// The better of two scores for each row; of two equal ones, the symbol that comes first.
fn better(a: Best, b: Best) -> Best {
  let first = (a.score > b.score) | ((a.score == b.score) & (a.symbol < b.symbol));
  return Best(select(b.score, a.score, first), select(b.symbol, a.symbol, first));
}

// Block k of 4 rows of states.
fn block(source: vec4u, k: u32) -> mat4x4f {
  return mat4x4f(states[source.x + k], states[source.y + k], states[source.z + k], states[source.w + k]);
}

// h becomes h' of a GRU: z, r, c as in gru-forward.wgsl.
fn gated_step(x_in: vec4u, own: vec4u, count: u32, lane: u32) {
  let plane = stretch.rows * HIDDEN4; // vectors in [rows][H]
  for (var column = lane; column < HIDDEN4; column += WORKGROUP) {
    var a_z = inputs(Z, x_in, column);
    var a_r = inputs(R, x_in, column);
    for (var k = 0u; k < HIDDEN4; k++) {
      let h_k = block(own, k);
      a_z += weights(Z, k, column) * h_k;
      a_r += weights(R, k, column) * h_k;
    }
    for (var i = 0u; i < 4; i++) {
      if (i >= count) { break; }
      let at = own[i] + column;
      states[plane + at] = sigmoid(a_r[i]) * states[at];
      states[2 * plane + at] = sigmoid(a_z[i]);
    }
  }
  storageBarrier();

  for (var column = lane; column < HIDDEN4; column += WORKGROUP) {
    var a_c = inputs(C, x_in, column);
    for (var k = 0u; k < HIDDEN4; k++) { a_c += weights(C, k, column) * block(plane + own, k); }
    for (var i = 0u; i < 4; i++) {
      if (i >= count) { break; }
      let at = own[i] + column;
      let z = states[2 * plane + at];
      states[at] = (1 - z) * states[at] + z * hyperbolic_tangent(a_c[i]);
    }
  }
  storageBarrier();
}

// h becomes h' of an RNN, as in rnn-forward.wgsl.
fn plain_step(x_in: vec4u, own: vec4u, count: u32, lane: u32) {
  let plane = stretch.rows * HIDDEN4; // vectors in [rows][H]
  for (var column = lane; column < HIDDEN4; column += WORKGROUP) {
    var s = inputs(0, x_in, column);
    for (var k = 0u; k < HIDDEN4; k++) { s += weights(0, k, column) * block(own, k); }
    let unit = 4 * column + vec4u(0, 1, 2, 3) < vec4u(UNITS);
    for (var i = 0u; i < 4; i++) {
      if (i >= count) { break; }
      states[plane + own[i] + column] = select(vec4f(0), sigmoid(s[i]), unit);
    }
  }
  storageBarrier();

  for (var column = lane; column < HIDDEN4; column += WORKGROUP) {
    for (var i = 0u; i < 4; i++) {
      if (i >= count) { break; }
      states[own[i] + column] = states[plane + own[i] + column];
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
    let symbols_in = vec4u(x[0], x[min(1, count - 1)], x[min(2, count - 1)], x[min(3, count - 1)]);

    if (GATES == 3) { gated_step(symbols_in, own, count, lane); } else { plain_step(symbols_in, own, count, lane); }

    // While every row is still reading its prime there is nothing to draw.
    if (position + 1 < stretch.shortest_prime) { continue; }

    let index = position + 1 - prime_length;
    var mine = Best(vec4f(NEVER), vec4u(0));
    for (var column = lane; column < VOCABULARY4; column += WORKGROUP) {
      let b = output[OUTPUT_STRIDE + column];
      var logits = mat4x4f(b, b, b, b);
      for (var k = 0u; k < HIDDEN4; k++) { logits += output_weights(k, column) * block(own, k); }
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
