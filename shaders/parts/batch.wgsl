// What a kernel is told of the batch.

struct Batch {
  rows: u32,      // B
  timesteps: u32, // T
  scale: f32,     // 1 / the number of places whose loss counts
  clip_norm: f32,
  first: u32,     // the number of the first row, where these are a part of more
}

@group(0) @binding(0) var<uniform> batch: Batch;

// T·B: the places of a batch.
fn places() -> u32 { return batch.rows * batch.timesteps; }

// The places of all rows before the first.
fn places_before() -> u32 { return batch.first * batch.timesteps; }
