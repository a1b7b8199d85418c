// Gradient sum: over the parts into which weight-gradient.wgsl and input-gradient.wgsl cut their work, always in the same
// order.
//
//   partials   [SPLITS] × the gradients by all parameters, as the flat buffer
//   gradients  the same, once
//
// An invocation owns 4 neighbouring elements.

override SPLITS: u32 = 1;
override LENGTH: u32 = 4;  // vectors in a part

@group(0) @binding(0) var<storage, read> partials: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> gradients: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < LENGTH; i += 64 * groups.x) {
    var sum = vec4f();
    for (var split = 0u; split < SPLITS; split++) { sum += partials[split * LENGTH + i]; }
    gradients[i] = sum;
  }
}
