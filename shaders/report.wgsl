// Report: what a step tells the host, and what Adam needs to know of the whole gradient.
//
//   loss = mean of the losses that count       norm = √Σ ∂²
//   clip = min(1, clip_norm / (norm + 1e-6))   as PyTorch's clip_grad_norm_
//
//   losses   [T][B], part by part where rows are taken in parts; 0 where they do not count
//   squares  [parameters][PARTS], from gradient-norm.wgsl
//   report   stays from step to step: once a number was not finite, `halted` is set, and Adam moves nothing from then on
//
// One workgroup.

override PARAMETERS: u32 = 11;
override PARTS: u32 = 1;

const WORKGROUP = 64u;

@group(0) @binding(1) var<storage, read> losses: array<f32>;
@group(0) @binding(2) var<storage, read> squares: array<f32>;
@group(0) @binding(3) var<storage, read_write> report: Report;

var<workgroup> sums: array<f32, WORKGROUP>;

// A device may take for granted that no number is infinite or NaN; its exponent tells all the same.
fn is_finite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = lane; i < places(); i += WORKGROUP) { sum += losses[i]; }
  sums[lane] = sum;
  for (var half = WORKGROUP / 2; half > 0; half /= 2) {
    workgroupBarrier();
    if (lane < half) { sums[lane] += sums[lane + half]; }
  }

  for (var parameter = lane; parameter < PARAMETERS; parameter += WORKGROUP) {
    var square = 0.0;
    for (var part = 0u; part < PARTS; part++) { square += squares[parameter * PARTS + part]; }
    report.squares[parameter] = square;
  }
  storageBarrier();

  if (lane == 0) {
    let loss = sums[0] * batch.scale;
    var total = 0.0;
    for (var parameter = 0u; parameter < PARAMETERS; parameter++) { total += report.squares[parameter]; }
    report.loss = loss;
    report.norm = sqrt(total);
    report.clip = min(1.0, batch.clip_norm / (sqrt(total) + 1e-6));
    if (!is_finite(loss) || !is_finite(total)) { report.halted = 1; }
  }
}
