// Which invocation this is, and sums over parts of K through a workgroup's memory. Devices with subgroups may have the same
// declarations from subgroup-sums.wgsl instead.
//
// The kernel says how many tiles stand side by side, SLOTS, and how many invocations it has, WORKGROUP.

override PARTS: u32 = 1;  // of K, a power of 2
override SHARED: u32 = select(WORKGROUP, 1u, PARTS == 1);

var<workgroup> parts: array<mat4x4f, SHARED>;

struct Invocation {
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
}

fn lane_of(invocation: Invocation) -> u32 { return invocation.lane; }

// Which tiles, and which part of K. The part is the same for all where there is but one, as a compiler then can tell.
fn slot_of(lane: u32) -> u32 { return lane % SLOTS; }
fn part_of(lane: u32) -> u32 { return select(lane / SLOTS, 0u, PARTS == 1); }

// The sum of a tile over the parts of K, always in the same order; every part gets it.
fn total(tile: mat4x4f, lane: u32) -> mat4x4f {
  if (PARTS == 1) { return tile; }
  workgroupBarrier();
  parts[lane] = tile;
  workgroupBarrier();
  var sum = parts[lane % SLOTS];
  for (var part = 1u; part < PARTS; part++) { sum += parts[part * SLOTS + lane % SLOTS]; }
  return sum;
}
