// What a kernel is told of the batch.

struct Batch {
  rows: u32,      // B
  timesteps: u32, // T
  scale: f32,     // 1 / the number of places whose loss counts
  clip_norm: f32,
}

@group(0) @binding(0) var<uniform> batch: Batch;

// T·B: the places of a batch.
fn places() -> u32 { return batch.rows * batch.timesteps; }
