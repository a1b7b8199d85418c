// Output: logits, log-softmax, loss and the loss's gradient by the logits, for any number of symbols or classes.
//
//   logits = h' V + bias     y = logits − log Σ exp logits      loss = −y[target]
//   ∂logits = (exp y − one-hot(target)) / the number of places whose loss counts
//
//   targets  the right symbol's or class's number, and ABSENT where nothing counts: [T][B]
//   states   h, or with dropout what a layer puts out of it: [T + 1][B][H]; h' is all but the first [B][H]
//   output   V: [H, O]; its bias: [O]
//   dlogits  ∂logits: [T][B][O]
//   losses   [T][B], in nats; behind those of the rows before, where these are a part of more
//
// A workgroup owns 4·QUADS of the T·B rows; LANES invocations share a quad of rows, each taking every LANES-th tile of 4
// rows × 4 symbols. The softmax is taken in one pass (Milakov and Gimelshein, "Online normalizer calculation for
// softmax", 2018): each lane keeps the largest logit so far and the sum of exponentials relative to it, and then all of
// them combine those of all lanes in the same order. The logits wait for it in dlogits, where their gradient takes
// their place. Workgroups are counted along x, and on along y.

override HIDDEN: u32 = 4;      // H, a multiple of 4
override OUTPUTS: u32 = 4;     // O before it was rounded up to a multiple of 4
override BIAS_OFFSET: u32 = 4; // vectors from V to its bias
override QUADS: u32 = 1;
override LANES: u32 = 16;

override HIDDEN4: u32 = HIDDEN / 4;
override OUTPUTS4: u32 = (OUTPUTS + 3) / 4;
override INVOCATIONS: u32 = QUADS * LANES;

const NEVER = -3.4e38;      // a logit that adds nothing to a softmax
const ABSENT = 0xffffffffu; // the target of a place that does not count

@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read> states: array<vec4f>;
@group(0) @binding(3) var<storage, read> output: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dlogits: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> losses: array<f32>;

// One vector element for each row of a quad.
var<workgroup> largest: array<vec4f, INVOCATIONS>;
var<workgroup> sums: array<vec4f, INVOCATIONS>;
var<workgroup> target_logits: array<array<f32, 4>, QUADS>;

fn weights(k: u32, column: u32) -> mat4x4f {
  let v = 4 * k * OUTPUTS4 + column;
  return mat4x4f(output[v], output[v + OUTPUTS4], output[v + 2 * OUTPUTS4], output[v + 3 * OUTPUTS4]);
}

@compute @workgroup_size(LANES, QUADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) id: vec3u,
) {
  let lane = id.x;
  let quad = id.y;
  let lanes = quad * LANES;
  let total = places();
  let first = 4 * ((group.y * groups.x + group.x) * QUADS + quad);
  let rows = min(first + vec4u(0, 1, 2, 3), vec4u(total - 1));
  // A quad that lies behind the last row only keeps the others company at the barriers.
  let columns = select(0u, OUTPUTS4, first < total);
  let source = (batch.rows + rows) * HIDDEN4;
  let to = rows * OUTPUTS4;
  let goal = vec4u(targets[rows.x], targets[rows.y], targets[rows.z], targets[rows.w]);

  var most = vec4f(NEVER);
  var sum = vec4f(0);
  for (var column = lane; column < columns; column += LANES) {
    let b = output[BIAS_OFFSET + column];
    var logits = mat4x4f(b, b, b, b);
    for (var k = 0u; k < HIDDEN4; k++) {
      let h_k = mat4x4f(states[source.x + k], states[source.y + k], states[source.z + k], states[source.w + k]);
      logits += weights(k, column) * h_k;
    }
    let symbols = 4 * column + vec4u(0, 1, 2, 3);
    for (var i = 0u; i < 4; i++) {
      let row = select(logits[i], vec4f(NEVER), symbols >= vec4u(OUTPUTS));
      dlogits[to[i] + column] = row;
      if (goal[i] / 4 == column) { target_logits[quad][i] = row[goal[i] % 4]; }
      let before = most[i];
      most[i] = max(before, max(max(row.x, row.y), max(row.z, row.w)));
      sum[i] = sum[i] * exp(before - most[i]) + dot(exp(row - most[i]), vec4f(1));
    }
  }

  largest[lanes + lane] = most;
  sums[lanes + lane] = sum;
  workgroupBarrier();
  for (var other = 0u; other < LANES; other++) { most = max(most, largest[lanes + other]); }
  sum = vec4f(0);
  for (var other = 0u; other < LANES; other++) { sum += sums[lanes + other] * exp(largest[lanes + other] - most); }
  let log_sum = most + log(sum);

  for (var i = 0u; i < 4; i++) {
    if (first + i >= total) { break; }
    let counts = goal[i] != ABSENT;
    if (lane == 0) { losses[places_before() + rows[i]] = select(0.0, log_sum[i] - target_logits[quad][i], counts); }
    for (var column = lane; column < columns; column += LANES) {
      let y = dlogits[to[i] + column] - log_sum[i];
      let hit = vec4f(4 * column + vec4u(0, 1, 2, 3) == vec4u(goal[i]));
      dlogits[to[i] + column] = select(vec4f(0), batch.scale * (exp(y) - hit), counts);
    }
  }
}
