// Backward, step by step: back through one timestep of a layer, for all rows of the batch, whatever its cell. With two phases
// in two dispatches: first with SECOND through the second phase, then through the first.
//
// What it computes and what is bound is the same as in sequence-backward.wgsl, with the tiles of step-forward.wgsl. A tile of
// ∂h that is whole is the g of the timestep before, so the last dispatch of a timestep goes on to da there; the one for the
// state after the last timestep, which has no product of its own, begins. The stretch is one timestep; T is the state after
// the last.

override QUADS: u32 = 1;         // tiles above one another
override SECOND: bool = false;   // which phase
override SLOTS: u32 = COLUMNS * QUADS;
override WORKGROUP: u32 = SLOTS * PARTS;

const COLUMNS = 8u; // tiles side by side

// Where a vector of 4 units of a row stands: in [T][B][H].
struct Place { at: u32 }

// Block k of da of one gate.
fn sent(gate: u32, own: vec4u, k: u32) -> mat4x4f {
  let from_k = gate * plane() + own + k;
  return mat4x4f(gates[from_k.x], gates[from_k.y], gates[from_k.z], gates[from_k.w]);
}

// da of a gate.
fn send(gate: u32, place: Place, value: vec4f) { gates[gate * plane() + place.at] = value; }

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

  // After the last timestep there is nothing to come back.
  let depth = select(HIDDEN4, 0u, t == batch.timesteps);
  var sum: mat4x4f;
  if (SECOND) {
    sum = back(FIRST_MATRICES, 1u, depth, own, column, lane, part);
  } else {
    sum = back(0u, FIRST_MATRICES, depth, own, column, lane, part);
  }
  if (column >= HIDDEN4) { return; }

  for (var i = part; i < 4; i += PARTS) {
    if (first + i >= batch.rows) { break; }
    let place = Place(own[i] + column);
    if (SECOND) {
      dstates[place.at] += second_phase_backward(sum[i], place);
    } else {
      let g = dstates[place.at] + sum[i];
      dstates[place.at] = g;
      if (t > 0) { begin_timestep(t - 1, lengths[rows[i]], g, Place(place.at - timestep())); }
    }
  }
}
