// Backward, in whole sequences: backpropagation through all timesteps of some rows of the batch in one dispatch, whatever
// the layer's cell.
//
//   da of each gate from what the cell kept and from ∂loss by its states (cells/…-backward.wgsl), and ∂h = Σ da Wᵀ and what
//   the cell adds to it; what is bound is described in parts/recurrence.wgsl and parts/backward.wgsl
//
// A workgroup owns ROWS rows for the whole sequence, an invocation tiles of 4 rows × 4 hidden units, as in
// sequence-forward.wgsl. The da of one timestep stay in the workgroup's memory; ∂h of a tile is only ever touched by the
// invocation that owns it.

override WORKGROUP: u32 = 32;
// Tiles side by side. One past the last column writes nothing.
override SLOTS: u32 = WORKGROUP / PARTS;
override SIZE: u32 = MATRICES * ROWS * HIDDEN4;

// Of each gate with a recurrent product: [MATRICES][ROWS][H]
var<workgroup> da: array<vec4f, SIZE>;

// Where a vector of 4 units of a row stands: in [T][B][H], and in [ROWS][H].
struct Place {
  at: u32,
  own: u32,
}

// da of a gate: to what the gradients by its parameters are made of, and to the products of this timestep.
fn send(gate: u32, place: Place, value: vec4f) {
  gates[gate * plane() + place.at] = value;
  if (gate < MATRICES) { da[gate * ROWS * HIDDEN4 + place.own] = value; }
}

// Block k of da of one gate.
fn sent(gate: u32, own: vec4u, k: u32) -> mat4x4f {
  let from_k = gate * ROWS * HIDDEN4 + own + k;
  return mat4x4f(da[from_k.x], da[from_k.y], da[from_k.z], da[from_k.w]);
}

@compute @workgroup_size(WORKGROUP)
fn main(invocation: Invocation) {
  let lane = lane_of(invocation);
  let slot = slot_of(lane);
  let part = part_of(lane);
  let first = invocation.group.x * ROWS;
  let count = min(ROWS, batch.rows - first);
  let rows = min(first + vec4u(0, 1, 2, 3), vec4u(first + count - 1));
  let own = (rows - first) * HIDDEN4;
  let length = vec4u(lengths[rows.x], lengths[rows.y], lengths[rows.z], lengths[rows.w]);

  let begin = batch.timesteps * stretch.index / stretch.count;
  let end = batch.timesteps * (stretch.index + 1) / stretch.count;
  for (var t = end - 1; t + 1 > begin; t--) {
    for (var base = 0u; base < HIDDEN4; base += SLOTS) {
      let column = base + slot;
      for (var i = part; i < ROWS; i += PARTS) {
        if (i >= count || column >= HIDDEN4) { break; }
        let place = Place(t * timestep() + rows[i] * HIDDEN4 + column, own[i] + column);
        begin_timestep(t, length[i], dstates[timestep() + place.at], place);
      }
    }
    workgroupBarrier();

    if (TWO_PHASES) {
      for (var base = 0u; base < HIDDEN4; base += SLOTS) {
        let column = base + slot;
        let dq = back(FIRST_MATRICES, 1u, HIDDEN4, own, column, lane, part);
        for (var i = part; i < ROWS; i += PARTS) {
          if (i >= count || column >= HIDDEN4) { break; }
          let place = Place(t * timestep() + rows[i] * HIDDEN4 + column, own[i] + column);
          dstates[place.at] += second_phase_backward(dq[i], place);
        }
      }
      workgroupBarrier();
    }

    for (var base = 0u; base < HIDDEN4; base += SLOTS) {
      let column = base + slot;
      let dh = back(0u, FIRST_MATRICES, HIDDEN4, own, column, lane, part);
      for (var i = part; i < ROWS; i += PARTS) {
        if (i >= count || column >= HIDDEN4) { break; }
        dstates[t * timestep() + rows[i] * HIDDEN4 + column] += dh[i];
      }
    }
    workgroupBarrier();
  }
}
