// Forward, step by step: one phase of one timestep of a layer, for all rows of the batch, in one dispatch, whatever its cell.
//
// What it computes and what is bound is the same as in sequence-forward.wgsl. A workgroup owns 32 hidden units of 4·QUADS
// rows, an invocation a tile of 4 rows × 4 units of all the phase's gates in one of PARTS parts of K: the product is tiled
// over the whole device, and no workgroup has to hold a state. The stretch is one timestep.

override QUADS: u32 = 1;         // tiles above one another
override SECOND: bool = false;   // which phase
override SLOTS: u32 = COLUMNS * QUADS;
override WORKGROUP: u32 = SLOTS * PARTS;

const COLUMNS = 8u; // tiles side by side

fn operand(own: vec4u, k: u32) -> mat4x4f {
  return mat4x4f(states[own.x + k], states[own.y + k], states[own.z + k], states[own.w + k]);
}

@compute @workgroup_size(WORKGROUP)
fn main(invocation: Invocation) {
  let group = invocation.group;
  let lane = lane_of(invocation);
  let slot = slot_of(lane);
  let part = part_of(lane);
  let column = group.x * COLUMNS + slot % COLUMNS;
  let first = 4 * (group.y * QUADS + slot / COLUMNS);
  let rows = min(first + vec4u(0, 1, 2, 3), vec4u(batch.rows - 1));
  let t = stretch.index;
  let own = t * timestep() + rows * HIDDEN4;

  let x = input_rows(t * batch.rows + rows);
  var sums: Sums;
  if (SECOND) {
    sums = sums_of(FIRST_GATES, 1u, behind() + own, x, column, lane, part);
  } else {
    sums = sums_of(0u, FIRST_GATES, own, x, column, lane, part);
  }
  if (column >= HIDDEN4) { return; }

  for (var i = part; i < 4; i += PARTS) {
    if (first + i >= batch.rows) { break; }
    let place = Place(own[i] + column);
    let h = states[place.at];
    let ended = t >= lengths[rows[i]];
    var made = h;
    if (SECOND) {
      if (!ended) { made = second_phase(sums.a[i], h, place); }
      states[timestep() + place.at] = made;
      put_out(place, made);
    } else {
      if (ended) {
        made = select(h, vec4f(), TWO_PHASES);
        hold(place);
      } else {
        made = first_phase(row_of(sums, i), h, place);
      }
      states[select(timestep(), behind(), TWO_PHASES) + place.at] = made;
      if (!TWO_PHASES) { put_out(place, made); }
    }
  }
}
