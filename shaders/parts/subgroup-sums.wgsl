// Which invocation this is, and sums over parts of K by subgroup operations, with no barrier and no workgroup memory: the
// declarations of workgroup-sums.wgsl, for devices that have subgroups.
//
// Invocations that share a tile are neighbours within a subgroup, which is as large as PARTS at least.

enable subgroups;
requires subgroup_id;

override PARTS: u32 = 1;  // of K, a power of 2

struct Invocation {
  @builtin(workgroup_id) group: vec3u,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(subgroup_size) size: u32,
  @builtin(subgroup_invocation_id) index: u32,
}

// WGSL does not say where in a subgroup an invocation of some index is; so lanes are counted by subgroups.
fn lane_of(invocation: Invocation) -> u32 { return invocation.subgroup * invocation.size + invocation.index; }

fn slot_of(lane: u32) -> u32 { return lane / PARTS; }
fn part_of(lane: u32) -> u32 { return lane % PARTS; }

// Pairs, pairs of pairs, and so on: every part gets the same sum, always taken in the same order.
fn total(tile: mat4x4f, lane: u32) -> mat4x4f {
  var sum = tile;
  for (var distance = 1u; distance < PARTS; distance *= 2) {
    sum += mat4x4f(
      subgroupShuffleXor(sum[0], distance), subgroupShuffleXor(sum[1], distance),
      subgroupShuffleXor(sum[2], distance), subgroupShuffleXor(sum[3], distance));
  }
  return sum;
}
