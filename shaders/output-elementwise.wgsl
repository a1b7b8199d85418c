// Output: logits, what comes out, cost and the cost's gradient by the logits, each output for itself.
//
//   a = h' V + bias      y = σ(a), or LINEAR a      with `count` places whose loss counts:
//
//   cross-entropy   loss = Σ log(1 + eᵃ) − t a      ∂a = (y − t) / count
//   squared error   loss = ½ Σ (y − t)²             ∂a = (y − t) ⊙ y ⊙ (1 − y) / count, or LINEAR (y − t) / count
//
//   targets  [T][B]: a symbol's number, which stands for a one-hot vector; where targets are vectors, 0; and ABSENT where
//            nothing counts
//   vectors  t: [T][B][OUTPUTS], where targets are VECTORS
//   states   h, or with dropout what a layer puts out of it: [T + 1][B][H]; h' is all but the first [B][H]
//   output   V: [H, O]; its bias: [O]
//   dlogits  ∂a: [T][B][O]
//   losses   [T][B]; behind those of the rows before, where these are a part of more
//
// A workgroup owns 4·QUADS of the T·B rows; LANES invocations share a quad of rows, each taking every LANES-th tile of 4
// rows × 4 outputs, as in output-softmax.wgsl. Their losses are added in a fixed order.

override HIDDEN: u32 = 4;       // H, a multiple of 4
override OUTPUTS: u32 = 4;      // O before it was rounded up to a multiple of 4
override VECTORS: bool = false; // what the targets are
override SQUARED: bool = false; // what the cost is
override LINEAR: bool = false;  // what comes out
override BIAS_OFFSET: u32 = 4;  // vectors from V to its bias
override QUADS: u32 = 1;
override LANES: u32 = 16;

override HIDDEN4: u32 = HIDDEN / 4;
override OUTPUTS4: u32 = (OUTPUTS + 3) / 4;
override INVOCATIONS: u32 = QUADS * LANES;

const ABSENT = 0xffffffffu; // the target of a place that does not count

@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read> states: array<vec4f>;
@group(0) @binding(3) var<storage, read> output: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dlogits: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> losses: array<f32>;
@group(0) @binding(6) var<storage, read> vectors: array<f32>;

// One vector element for each row of a quad.
var<workgroup> sums: array<vec4f, INVOCATIONS>;

fn weights(k: u32, column: u32) -> mat4x4f {
  let v = 4 * k * OUTPUTS4 + column;
  return mat4x4f(output[v], output[v + OUTPUTS4], output[v + 2 * OUTPUTS4], output[v + 3 * OUTPUTS4]);
}

fn wanted(row: u32, outputs: vec4u) -> vec4f {
  if (!VECTORS) { return vec4f(outputs == vec4u(targets[row])); }
  let at = row * OUTPUTS + outputs;
  return vec4f(vectors[at.x], vectors[at.y], vectors[at.z], vectors[at.w]);
}

@compute @workgroup_size(LANES, QUADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) id: vec3u,
) {
  let lane = id.x;
  let lanes = id.y * LANES;
  let total = places();
  let first = 4 * ((group.y * groups.x + group.x) * QUADS + id.y);
  let rows = min(first + vec4u(0, 1, 2, 3), vec4u(total - 1));
  // A quad that lies behind the last row only keeps the others company at the barrier.
  let columns = select(0u, OUTPUTS4, first < total);
  let source = (batch.rows + rows) * HIDDEN4;

  var sum = vec4f();
  for (var column = lane; column < columns; column += LANES) {
    let b = output[BIAS_OFFSET + column];
    var logits = mat4x4f(b, b, b, b);
    for (var k = 0u; k < HIDDEN4; k++) {
      let h_k = mat4x4f(states[source.x + k], states[source.y + k], states[source.z + k], states[source.w + k]);
      logits += weights(k, column) * h_k;
    }
    let outputs = 4 * column + vec4u(0, 1, 2, 3);
    for (var i = 0u; i < 4; i++) {
      let a = logits[i];
      let t = wanted(rows[i], outputs);
      var y = a;
      if (!LINEAR) { y = sigmoid(a); }
      var loss = softplus(a) - t * a;
      var by_a = y - t;
      if (SQUARED) {
        loss = 0.5 * by_a * by_a;
        if (!LINEAR) { by_a *= y * (1 - y); }
      }
      let counts = (outputs < vec4u(OUTPUTS)) & vec4<bool>(targets[rows[i]] != ABSENT);
      sum[i] += dot(select(vec4f(0), loss, counts), vec4f(1));
      dlogits[rows[i] * OUTPUTS4 + column] = select(vec4f(0), batch.scale * by_a, counts);
    }
  }

  sums[lanes + lane] = sum;
  workgroupBarrier();
  if (lane == 0) {
    var loss = vec4f();
    for (var other = 0u; other < LANES; other++) { loss += sums[lanes + other]; }
    for (var i = 0u; i < 4; i++) {
      if (first + i >= total) { break; }
      losses[places_before() + rows[i]] = loss[i];
    }
  }
}
