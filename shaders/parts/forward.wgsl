// What the kernels have in common that take a layer forward through its timesteps.
//
//   tokens   x as a symbol's number: [T][B]; x U is then a row of U
//   input    U of each gate that reads the input: [INPUTS, H] each. Where PROJECTED, for vectors and for what the layer below
//            puts out: their products with U, [T][B][H] each
//   weights  behind the matrices b of each gate: [H] each

override PROJECTED: bool = false;
override INPUTLESS: u32 = 99;     // the gate that reads no input
override INPUT_STRIDE: u32 = 4;   // vectors from one gate's matrix, or products, to the next's
override BIAS_OFFSET: u32 = 4;    // vectors from the first matrix to the first bias
override BIAS_STRIDE: u32 = 4;    // vectors from one bias to the next

@group(0) @binding(5) var<storage, read> tokens: array<u32>;
@group(0) @binding(6) var<storage, read> input: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> states: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> gates: array<vec4f>;

// Where a vector of 4 units of a row stands at a timestep: in [T][B][H].
struct Place { at: u32 }

// The row of U, or of its products, that each of 4 places brings in.
fn input_rows(place: vec4u) -> vec4u {
  if (PROJECTED) { return place; }
  return vec4u(tokens[place.x], tokens[place.y], tokens[place.z], tokens[place.w]);
}

// x U + b for one gate.
fn inputs(gate: u32, x: vec4u, column: u32) -> mat4x4f {
  let b = weights[BIAS_OFFSET + gate * BIAS_STRIDE + column];
  if (gate == INPUTLESS) { return mat4x4f(b, b, b, b); }
  let matrix = select(gate, gate - 1, gate > INPUTLESS);
  let u = matrix * INPUT_STRIDE + x * HIDDEN4 + column;
  return mat4x4f(input[u.x] + b, input[u.y] + b, input[u.z] + b, input[u.w] + b);
}

// What becomes of a gate, and the second state: the cell puts them here, and finds here what it needs.
fn keep(gate: u32, place: Place, value: vec4f) { gates[gate * plane() + place.at] = value; }
fn kept(gate: u32, place: Place) -> vec4f { return gates[gate * plane() + place.at]; }
fn second_state(place: Place) -> vec4f { return states[behind() + place.at]; }
fn keep_second_state(place: Place, value: vec4f) { states[behind() + timestep() + place.at] = value; }

// A row that has ended: its states stay as they are, and its gates are 0.
fn hold(place: Place) {
  for (var gate = 0u; gate < GATES; gate++) { keep(gate, place, vec4f()); }
  if (SECOND_STATE) { keep_second_state(place, second_state(place)); }
}
