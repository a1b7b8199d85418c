// What dropout leaves out, where a session has room for it: m, with which outputs and candidates are multiplied. It is drawn
// wherever it is needed, always the same, so that none has to be kept. Needs batch.wgsl and hash.wgsl.

// How one of them is drawn in a layer: see src/engine/dropout.ts.
struct Mask {
  key: u32,
  below: u32,         // a unit is left out whose byte of the random word is below this
  scale: f32,         // of what stays
  each_timestep: u32, // 1, or 0 where a row leaves out the same at all of them
}

@group(0) @binding(9) var<uniform> dropout: array<Mask, 2>;

// Which of them.
const OUTPUTS = 0u;
const CANDIDATES = 1u;

// m of 4 units of a row at a timestep: of column `column` of row `place` in [T·B][H].
fn mask(what: u32, place: u32, column: u32) -> vec4f {
  let drawn = dropout[what];
  let row = batch.first + place % batch.rows;
  let t = drawn.each_timestep * (place / batch.rows);
  let word = hash(hash(hash(drawn.key ^ row) ^ t) ^ column);
  let unit = (vec4u(word) >> vec4u(0, 8, 16, 24)) & vec4u(255);
  return select(vec4f(), vec4f(drawn.scale), unit >= vec4u(drawn.below));
}
