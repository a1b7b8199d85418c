// What the kernels have in common that take a layer back through its timesteps.
//
//   weights  Wᵀ of each gate that has a recurrent product
//   gates    on the way in what became of each gate, on the way out da, ∂loss by the sum that it was made of
//   dstates  ∂loss/∂h: [T + 1][B][H]; on the way in from what reads h at the same timestep, the output or the layer above, on
//            the way out whole. The first [B][H] is the gradient by the state that the sequence started from. Behind it the
//            same by the second state, of which the last [B][H] is 0 on the way in.

@group(0) @binding(5) var<storage, read> states: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> gates: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dstates: array<vec4f>;

// What a cell needs of the timestep, at the place of 4 units of a row.
fn kept(gate: u32, place: Place) -> vec4f { return gates[gate * plane() + place.at]; }
fn state(place: Place) -> vec4f { return states[place.at]; }
fn next_state(place: Place) -> vec4f { return states[timestep() + place.at]; }
fn second_operand(place: Place) -> vec4f { return states[behind() + place.at]; }
fn second_state(place: Place) -> vec4f { return states[behind() + place.at]; }
fn next_second_state(place: Place) -> vec4f { return states[behind() + timestep() + place.at]; }
fn next_second_gradient(place: Place) -> vec4f { return dstates[behind() + timestep() + place.at]; }
fn keep_second_gradient(place: Place, value: vec4f) { dstates[behind() + place.at] = value; }

// Σ da Wᵀ over `count` gates, with da as `sent` has it. How many, and which is the first, a compiler knows: what they have not
// falls away.
fn back(first: u32, count: u32, depth: u32, own: vec4u, column: u32, lane: u32, part: u32) -> mat4x4f {
  var sum = mat4x4f();
  for (var k = part; k < depth; k += PARTS) {
    sum += product(block(first, k, column), sent(first, own, k));
    if (count > 1) { sum += product(block(first + 1, k, column), sent(first + 1, own, k)); }
    if (count > 2) { sum += product(block(first + 2, k, column), sent(first + 2, own, k)); }
    if (count > 3) { sum += product(block(first + 3, k, column), sent(first + 3, own, k)); }
  }
  return total(sum, lane);
}

// From g = ∂loss/∂h' of a timestep to da, and to ∂h without its products. A row that has ended passes on what came.
fn begin_timestep(t: u32, length: u32, g: vec4f, place: Place) {
  var dh = g;
  if (t < length) {
    dh = first_phase_backward(g, place);
  } else {
    for (var gate = 0u; gate < GATES; gate++) { send(gate, place, vec4f()); }
    if (SECOND_STATE) { keep_second_gradient(place, next_second_gradient(place)); }
  }
  // Nothing read the state that the sequence started from but its first timestep.
  dstates[place.at] = select(dstates[place.at], vec4f(), t == 0) + dh;
}
