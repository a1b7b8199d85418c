// What a layer puts out where there is dropout, for the layer above or the output to read.
//
//   out  m ⊙ h': [T + 1][B][H], laid out like h, the first [B][H] of which is not used

@group(0) @binding(10) var<storage, read_write> out: array<vec4f>;

fn put_out(place: Place, next: vec4f) {
  out[timestep() + place.at] = mask(OUTPUTS, place.at / HIDDEN4, place.at % HIDDEN4) * next;
}
