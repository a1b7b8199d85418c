// Where no averaged parameters are kept.

fn average(i: u32, parameter: vec4f) {}
