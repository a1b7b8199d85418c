// Gradient norm, first half: sums of squares of each parameter's gradient, in parts.
//
//   tensors    where each parameter lies in gradients, and its number: [count]
//   gradients  as the flat buffer, or a range of it
//   squares    [parameters][PARTS]
//
// A workgroup owns one part of one parameter.

override PARTS: u32 = 1;

const WORKGROUP = 64u;

struct Tensor {
  offset: u32, // in vectors
  length: u32, // in vectors
  index: u32,  // among all parameters
}

@group(0) @binding(0) var<storage, read> tensors: array<Tensor>;
@group(0) @binding(1) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> squares: array<f32>;

var<workgroup> sums: array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tensor = tensors[group.y];
  var sum = 0.0;
  for (var i = group.x * WORKGROUP + lane; i < tensor.length; i += PARTS * WORKGROUP) {
    let g = gradients[tensor.offset + i];
    sum += dot(g, g);
  }
  sums[lane] = sum;
  for (var half = WORKGROUP / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (lane < half) { sums[lane] += sums[lane + half]; }
  }
  if (lane == 0) { squares[tensor.index * PARTS + group.x] = sums[0]; }
}
