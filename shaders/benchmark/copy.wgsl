// Copy: nothing but reading and writing, to see how much of it a device can do at most.
//
//   source  LENGTH vectors
//   to      as many
//
// An invocation owns every so many-th vector, so that neighbours read neighbours.

override LENGTH: u32 = 1;

@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> to: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < LENGTH; i += 64 * groups.x) { to[i] = source[i]; }
}
