/**
 * Passes for `pytorch.py` where there is no Python: `node fake-pytorch.js NATURE devices`, or `NATURE WAY DEVICE`, speaks as that
 * does. Its losses are told by its nature: `true`, `wrong`, or what else may happen.
 */
const [nature, way] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${line}\n`);

if (nature === 'absent') {
  say('problem this Python has no torch: No module named torch');
  process.exitCode = 1;
} else if (way === 'devices') {
  say('cuda a card, PyTorch 9.9\ncpu PyTorch 9.9, 2 threads');
} else {
  let received = Buffer.alloc(0);
  let expected;
  let ready = false;
  let steps = 0;
  process.stdin.on('data', (data) => {
    received = Buffer.concat([received, data]);
    const end = received.indexOf('\n');
    if (expected === undefined && end >= 0) {
      const { size, parameters } = JSON.parse(received.subarray(0, end));
      const elements = parameters.reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b), 0);
      expected = end + 1 + 4 * (elements + 2 * size.T * size.B);
    }
    if (expected === undefined || received.length < expected) return;
    if (!ready && nature !== 'silent') say('ready');
    ready = true;
    for (const _ of received
      .subarray(expected)
      .toString()
      .matchAll(/step\n/g)) {
      steps++;
      if (nature === 'mortal' && steps === 2) {
        console.error('out of memory');
        process.exit(1);
      }
      say(nature === 'chatty' ? 'well, hello' : 2 - 0.1 * steps + (nature === 'wrong' && steps > 1 ? 0.05 : 0));
    }
    received = received.subarray(0, expected);
  });
}
