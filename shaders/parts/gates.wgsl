// The sums that the gates of one phase are made of, for a tile: a = x U + operand W + b.
//
// The kernel says what these are: `block` of W, `operand` as it stands for 4 rows, `inputs` for x U + b, `total` for the sum
// over the parts of K.

struct Sums {
  a: mat4x4f,
  b: mat4x4f,
  c: mat4x4f,
  d: mat4x4f,
}

// How many gates, and which is the first, a compiler knows: what they have not falls away.
fn sums_of(first: u32, count: u32, own: vec4u, x: vec4u, column: u32, lane: u32, part: u32) -> Sums {
  let matrices = min(count, MATRICES - first);
  var a = mat4x4f();
  var b = mat4x4f();
  var c = mat4x4f();
  var d = mat4x4f();
  for (var k = part; k < HIDDEN4; k += PARTS) {
    let operand_k = operand(own, k);
    a += product(block(first, k, column), operand_k);
    if (matrices > 1) { b += product(block(first + 1, k, column), operand_k); }
    if (matrices > 2) { c += product(block(first + 2, k, column), operand_k); }
    if (matrices > 3) { d += product(block(first + 3, k, column), operand_k); }
  }
  a = total(a, lane) + inputs(first, x, column);
  if (matrices > 1) { b = total(b, lane); }
  if (matrices > 2) { c = total(c, lane); }
  if (matrices > 3) { d = total(d, lane); }
  if (count > 1) { b += inputs(first + 1, x, column); }
  if (count > 2) { c += inputs(first + 2, x, column); }
  if (count > 3) { d += inputs(first + 3, x, column); }
  return Sums(a, b, c, d);
}

// Row i of a tile: a column for each gate.
fn row_of(sums: Sums, i: u32) -> mat4x4f { return mat4x4f(sums.a[i], sums.b[i], sums.c[i], sums.d[i]); }
