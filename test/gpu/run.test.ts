import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);

/** Runs the command on a machine that, as far as programs can tell, has no driver for its graphics. */
const testGpu = (...options: string[]) =>
  run('npm', ['run', 'test:gpu', '--', ...options], {
    env: { ...process.env, VK_DRIVER_FILES: '/nowhere', VK_ICD_FILENAMES: '/nowhere' },
  });

// Only there can a driver be hidden from a program.
describe.runIf(process.platform === 'linux')('The test of the graphics hardware, where there is none', () => {
  it.each([
    ['Chrome', []],
    ['Dawn', ['--dawn']],
  ])('fails with %s, and says what is missing', async (_, options) => {
    const failed = testGpu(...options);
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^(WebGPU found no graphics adapter|This adapter emulates a GPU).* docs\/gpu-testing\.md says/m,
      ),
    });
  });

  it('refuses an option that it does not know', async () => {
    await expect(testGpu('--down')).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/--down/) });
  });
});
