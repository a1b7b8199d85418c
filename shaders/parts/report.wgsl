// What a step tells the host, and Adam.

struct Report {
  loss: f32,
  norm: f32,
  clip: f32,
  halted: u32,
  squares: array<f32>, // of each parameter's gradient
}
