// Forward, in whole sequences: a layer through all timesteps of some rows of the batch in one dispatch, whatever its cell.
//
//   a = x U + operand W + b of each gate (parts/gates.wgsl), and what the cell makes of them (cells/…-forward.wgsl); what is
//   bound is described in parts/recurrence.wgsl and parts/forward.wgsl
//
// A workgroup owns ROWS rows for the whole sequence. Rows never meet, so what the products read stays in its memory, and
// nothing but a barrier or two stands between two timesteps. An invocation owns tiles of 4 rows × 4 hidden units. PARTS
// invocations may share a tile, each with its part of K.
//
// The memory has two halves. With one phase they are h and h', and take turns; with two they are h and q.

override WORKGROUP: u32 = 32;
// Tiles side by side. One past the last column writes nothing.
override SLOTS: u32 = WORKGROUP / PARTS;
override HALF_SIZE: u32 = ROWS * HIDDEN4;
override SIZE: u32 = 2 * HALF_SIZE;

var<workgroup> memory: array<vec4f, SIZE>;

fn operand(own: vec4u, k: u32) -> mat4x4f {
  return mat4x4f(memory[own.x + k], memory[own.y + k], memory[own.z + k], memory[own.w + k]);
}

@compute @workgroup_size(WORKGROUP)
fn main(invocation: Invocation) {
  let lane = lane_of(invocation);
  let slot = slot_of(lane);
  let part = part_of(lane);
  let first = invocation.group.x * ROWS;
  let count = min(ROWS, batch.rows - first);
  let rows = min(first + vec4u(0, 1, 2, 3), vec4u(first + count - 1));
  let own = (rows - first) * HIDDEN4;  // where they stand in a half of the memory
  let length = vec4u(lengths[rows.x], lengths[rows.y], lengths[rows.z], lengths[rows.w]);

  let begin = batch.timesteps * stretch.index / stretch.count;
  let end = batch.timesteps * (stretch.index + 1) / stretch.count;
  var now = 0u;
  var other = HALF_SIZE;
  for (var i = lane; i < count * HIDDEN4; i += WORKGROUP) {
    memory[i] = states[begin * timestep() + first * HIDDEN4 + i];
  }
  workgroupBarrier();

  for (var t = begin; t < end; t++) {
    let x = input_rows(t * batch.rows + rows);

    for (var base = 0u; base < HIDDEN4; base += SLOTS) {
      let column = base + slot;
      let sums = sums_of(0u, FIRST_GATES, now + own, x, column, lane, part);
      for (var i = part; i < ROWS; i += PARTS) {
        if (i >= count || column >= HIDDEN4) { break; }
        let place = Place(t * timestep() + rows[i] * HIDDEN4 + column);
        let h = memory[now + own[i] + column];
        var made = select(h, vec4f(), TWO_PHASES);
        if (t < length[i]) { made = first_phase(row_of(sums, i), h, place); } else { hold(place); }
        memory[other + own[i] + column] = made;
        states[select(timestep(), behind(), TWO_PHASES) + place.at] = made;
        if (!TWO_PHASES) { put_out(place, made); }
      }
    }
    workgroupBarrier();

    if (TWO_PHASES) {
      for (var base = 0u; base < HIDDEN4; base += SLOTS) {
        let column = base + slot;
        let sums = sums_of(FIRST_GATES, 1u, other + own, x, column, lane, part);
        for (var i = part; i < ROWS; i += PARTS) {
          if (i >= count || column >= HIDDEN4) { break; }
          let place = Place(t * timestep() + rows[i] * HIDDEN4 + column);
          var next = memory[now + own[i] + column];
          if (t < length[i]) { next = second_phase(sums.a[i], next, place); }
          memory[now + own[i] + column] = next;
          states[timestep() + place.at] = next;
          put_out(place, next);
        }
      }
      workgroupBarrier();
    } else {
      now = HALF_SIZE - now;
      other = HALF_SIZE - other;
    }
  }
}
