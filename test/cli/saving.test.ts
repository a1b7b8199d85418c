import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeModelFile, encodeModelFile } from '../../src/files/model-file.ts';
import { parameterLayout, parameterViews } from '../../src/model/parameters.ts';
import { lineOf, type Process, useCommandLine } from './command-line.ts';

const { run, start, shell, path } = useCommandLine();
const tiny = ['--hidden', '4', '--batch', '2', '--sequence', '4', '--engine', 'cpu'];
const train = (save: string, steps: number, ...more: string[]) => ['train', ...tiny, ...settings(save, steps), ...more];
const goOn = (save: string, steps: number, ...more: string[]) => [
  'train',
  '--resume',
  save,
  ...settings(save, steps),
  ...more,
];
const settings = (save: string, steps: number) => ['--steps', String(steps), '--save', save];
const model = (name: string) => decodeModelFile(readFileSync(path(name)));
const step = (name: string) => model(name).training?.step;
const bytes = (name: string) => readFileSync(path(name)).toString('base64');

beforeAll(async () => {
  const ended = await run(...train('two.safetensors', 2));
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
});

/** A copy of a checkpoint at step 2, in a folder of its own. */
function copy(folder: string): string {
  mkdirSync(path(folder));
  writeFileSync(path(`${folder}/m.safetensors`), readFileSync(path('two.safetensors')));
  return `${folder}/m.safetensors`;
}

/** Trains into a file for as long as nobody stops it, and has saved it when it is returned. */
async function endless(...line: string[]): Promise<Process> {
  const child = start([...line, '--save-every', '0', '--json']);
  await lineOf(child, /"step"/);
  await lineOf(child, /"step"/);
  return child;
}

describe('One file, of two processes that save in it,', () => {
  it('is one’s alone, and the other is told whose', async () => {
    const both = [0, 1].map(() => start([...train('one.safetensors', 1_000_000), '--json']));
    const first = await Promise.race(both.map(({ ended }, i) => ended.then((end) => ({ ...end, i }))));
    const holder = both[1 - first.i]!;
    expect(first).toMatchObject({ code: 2, stdout: '' });
    expect(first.stderr).toBe(
      `one.safetensors is what process ${holder.pid} saves its training in: end that one, or choose another name for --save.\n`,
    );
    const third = await run(...train('./one.safetensors', 3));
    expect(third).toMatchObject({ code: 2, stderr: expect.stringContaining(`process ${holder.pid} saves`) });
    holder.kill('SIGTERM');
    expect(await holder.ended).toMatchObject({ code: 143 });
    expect(step('one.safetensors')).toBeGreaterThan(0);
    expect(readdirSync(path('.')).filter((name) => name.startsWith('one.'))).toEqual(['one.safetensors']);
  });

  it('is one’s alone, also where several find a lock that nobody holds any more', async () => {
    writeFileSync(path('left.safetensors.lock'), `${spawnSync(process.execPath, ['--version']).pid} 123\n`);
    const all = [0, 1, 2].map(() => start([...train('left.safetensors', 1_000_000), '--json']));
    const trains = Promise.any(all.map((child) => lineOf(child, /"step"/)));
    const ended: { code: number | null }[] = [];
    for (const child of all) void child.ended.then((end) => ended.push(end));
    await expect.poll(() => ended.length, { timeout: 30_000 }).toBe(2);
    expect(ended).toMatchObject([{ code: 2 }, { code: 2 }]);
    await trains;
    for (const child of all) child.kill('SIGTERM');
    await Promise.all(all.map(({ ended }) => ended));
    expect(ended[2]).toMatchObject({ code: 143 });
  });

  it('is free again when the other was killed', async () => {
    const child = await endless(...train('killed.safetensors', 1_000_000));
    child.kill('SIGKILL');
    await child.ended;
    expect(existsSync(path('killed.safetensors.lock'))).toBe(true);
    const next = step('killed.safetensors')! + 1;
    const ended = await run(...goOn('killed.safetensors', next));
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(existsSync(path('killed.safetensors.lock'))).toBe(false);
  });

  it.each([
    ['of a process that is no more', () => `${spawnSync(process.execPath, ['--version']).pid} 123\n`],
    ['of a process whose number another one has now', () => `${process.pid} 1\n`],
    ['that was cut short', () => `${process.pid}`],
    ['that is empty', () => ''],
  ])('is not held by a lock %s', async (_, lock) => {
    writeFileSync(path('free.safetensors.lock'), lock());
    const ended = await run(...train('free.safetensors', 1), '--engine', 'reference');
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(existsSync(path('free.safetensors.lock'))).toBe(false);
    rmSync(path('free.safetensors'));
  });
});

describe('A file that is saved again', () => {
  it('stays beside the one of another training, under a name that is told', async () => {
    const saved = copy('backup');
    const before = bytes(saved);
    const tell = async (steps: number) => (await run(...train(saved, steps))).stdout;
    expect(await tell(3)).toContain(
      `\nThe model that ${saved} holds will be kept beside it as m.backup.safetensors.\n`,
    );
    expect(await tell(4)).toContain(' as m.backup-2.safetensors.\n');
    expect(bytes('backup/m.backup.safetensors')).toBe(before);
    expect(step('backup/m.backup-2.safetensors')).toBe(3);
    expect(step(saved)).toBe(4);
    // What goes on is no other training, and what is refused leaves all as it was.
    expect(await run(...goOn(saved, 5))).toMatchObject({ code: 0 });
    expect(await run(...train(saved, 5), '--hidden', '65536')).toMatchObject({ code: expect.toBeOneOf([1, 2]) });
    expect(readdirSync(path('backup')).sort()).toEqual(
      ['m.backup-2.safetensors', 'm.backup.safetensors', 'm.safetensors'].sort(),
    );
  });

  it.runIf(process.platform !== 'win32').each([0o600, 0o640, 0o664, 0o444])(
    'may be read by whom it could be read by before: %o',
    async (mode) => {
      const saved = copy(`mode-${mode}`);
      chmodSync(path(saved), mode);
      expect(await run(...goOn(saved, 3))).toMatchObject({ code: 0 });
      expect(step(saved)).toBe(3);
      expect(statSync(path(saved)).mode & 0o777).toBe(mode);
    },
  );

  it('is what a link leads to, and made there if it is not there yet', async () => {
    mkdirSync(path('links/elsewhere'), { recursive: true });
    symlinkSync('elsewhere', path('links/folder'));
    symlinkSync('folder/../elsewhere/new.safetensors', path('links/second'));
    symlinkSync('second', path('links/first'));
    expect(await run(...train('links/first', 1))).toMatchObject({ code: 0 });
    expect(lstatSync(path('links/elsewhere/new.safetensors')).isFile()).toBe(true);
    expect(['first', 'second'].map((name) => readlinkSync(path(`links/${name}`)))).toEqual([
      'second',
      'folder/../elsewhere/new.safetensors',
    ]);
    expect(await run(...goOn('links/first', 2))).toMatchObject({ code: 0 });
    expect(step('links/elsewhere/new.safetensors')).toBe(2);
    symlinkSync('nowhere/new.safetensors', path('links/astray'));
    symlinkSync('circle', path('links/circle'));
    for (const [name, why] of [
      ['astray', 'there is no such file or folder'],
      ['circle', 'its links lead in a circle'],
    ]) {
      const refused = await run(...train(`links/${name}`, 1));
      expect(refused).toMatchObject({ code: 2, stderr: `links/${name} cannot be written: ${why}.\n` });
    }
  });

  it('is made anew, folder and all, when that was removed', async () => {
    const saved = copy('removed');
    const child = await endless(...goOn(saved, 1_000_000));
    renameSync(path('removed'), path('elsewhere'));
    await lineOf(child, /"step"/);
    child.kill('SIGINT');
    const { code, stdout } = await child.ended;
    expect(code).toBe(130);
    expect(step(saved)).toBe((JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { step: number }).step);
    expect(readdirSync(path('removed'))).toEqual(['m.safetensors']);
  });
});

describe.runIf(process.platform === 'linux')('A disk that is full', () => {
  const size = () => statSync(path('two.safetensors')).size;

  it('at any byte of a save leaves the file that was there, and nothing else', async () => {
    const saved = copy('full');
    const before = bytes(saved);
    for (const blocks of [1, Math.floor(size() / 1024)]) {
      const line = goOn(saved, 4, '--save-every', '0').join(' ');
      const ended = await shell(`ulimit -S -f ${blocks}; sluice ${line}`).ended;
      expect(ended).toMatchObject({ code: 1 });
      expect(ended.stdout).toMatch(/\n\S+m\.safetensors could not be written: files may not be that large here\.\n/);
      expect(ended.stderr).toMatch(/^\S+ could not be written: files .*, and full\/m\.safetensors holds step 2\.\n$/);
      expect(bytes(saved)).toBe(before);
      expect(readdirSync(path('full'))).toEqual(['m.safetensors']);
    }
  });

  it('at the first save leaves nothing, and where there is no room for a lock nothing is begun', async () => {
    mkdirSync(path('empty'));
    const line = train('empty/m.safetensors', 2).join(' ');
    const late = await shell(`ulimit -S -f 1; sluice ${line}`).ended;
    expect(late).toMatchObject({ code: 1, stderr: expect.stringMatching(/, and nothing is saved\.\n$/) });
    const early = await shell(`ulimit -S -f 0; sluice ${line} 2>&1 | cat`).ended;
    expect(early.stdout).toBe('empty/m.safetensors cannot be written: files may not be that large here.\n');
    expect(readdirSync(path('empty'))).toEqual([]);
  });

  it('keeps what makes way until the new file is whole', async () => {
    const saved = copy('way');
    const before = bytes(saved);
    const ended = await shell(`ulimit -S -f 1; sluice ${train(saved, 3).join(' ')}`).ended;
    expect(ended).toMatchObject({ code: 1 });
    expect(readdirSync(path('way'))).toEqual(['m.safetensors']);
    expect(bytes(saved)).toBe(before);
  });

  const hasDisks = spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0;
  if (!hasDisks) console.log('No disk of their own could be made for the tests here: a truly full one was not tried.');

  it.runIf(hasDisks)('whatever room is left leaves a whole file', async () => {
    const saved = copy('disk');
    const pages = Math.ceil(size() / 4096);
    // What is left: nothing, room for a lock alone, for some of the file, for all of it but a page, and for all of it.
    const rooms = [0, 1, 1 + Math.floor(pages / 2), pages, 1 + pages];
    const script = rooms.map(
      (room) => `
        cp ${saved} before; mount -t tmpfs -o size=${4096 * 40} none disk; cp before ${saved}
        dd if=/dev/zero of=disk/rest bs=4096 count=${40 - pages - room} 2>/dev/null
        "$NODE" "$CLI" ${goOn(saved, 3).join(' ')} >out-${room} 2>&1; echo $? $(ls disk) >end-${room}
        cp ${saved} after-${room}.safetensors; umount disk`,
    );
    writeFileSync(path('disk.sh'), script.join('\n'));
    expect(await shell('unshare -rm sh disk.sh').ended).toMatchObject({ code: 0, stderr: '' });
    for (const room of rooms) {
      const isEnough = room > pages;
      const code = isEnough ? 0 : room === 0 ? 2 : 1;
      expect([room, readFileSync(path(`end-${room}`), 'utf8')]).toEqual([room, `${code} m.safetensors rest\n`]);
      expect(step(`after-${room}.safetensors`)).toBe(isEnough ? 3 : 2);
      if (!isEnough) expect(readFileSync(path(`out-${room}`), 'utf8')).toContain(': the disk is full');
    }
  });

  it('may have room again by the next save', async () => {
    const saved = copy('again');
    const child = shell(
      `ulimit -S -f 1; exec "$NODE" "$CLI" ${goOn(saved, 1_000_000, '--save-every', '0.1').join(' ')}`,
    );
    await lineOf(child, /files may not be that large/);
    spawnSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited']);
    await expect.poll(() => step(saved), { timeout: 30_000 }).toBeGreaterThan(2);
    child.kill('SIGINT');
    expect(await child.ended).toMatchObject({ code: 130, stderr: '' });
  });
});

it('Numbers that no reader takes are not saved, though a step would find nothing wrong with them', async () => {
  const { training, ...network } = model('two.safetensors');
  const file = { ...network, training: training! };
  // Logits of such a size make gradients whose squares float32 cannot hold.
  for (const parameters of new Set([file.parameters, training!.parameters])) {
    const V = parameterViews(parameterLayout(file.model), parameters)['V']!;
    for (const i of V.keys()) V[i] = V[i]! * 1e22;
  }
  writeFileSync(path('steep.safetensors'), encodeModelFile(file));
  const before = bytes('steep.safetensors');
  const wild = ['--engine', 'reference', '--clip-norm', '0', '--save-every', '0'];
  const ended = await run(...goOn('steep.safetensors', 9, ...wild));
  expect(ended).toMatchObject({ code: 1 });
  expect(ended.stderr).toMatch(
    /^The tensor adam\.v\.\w+ holds Infinity: only finite numbers make a network\. So step \d is not saved: steep\.safetensors holds step 2; try a lower --learning-rate or --clip-norm\.\n$/,
  );
  expect(bytes('steep.safetensors')).toBe(before);
  const gradients = await run('gradients', 'steep.safetensors', 'nothing.json');
  expect(gradients).toMatchObject({ code: 2 });
});

describe('A training that has come to nothing with finite numbers', () => {
  const good = ['--hidden', '16', '--batch', '8', '--sequence', '16', '--engine', 'cpu', '--learning-rate', '0.02'];
  const ruin = ['--learning-rate', '100', '--schedule', 'constant', '--save-every', '0'];

  it('is saved, and what was better is kept beside it, once', async () => {
    mkdirSync(path('ruin'));
    const saved = 'ruin/m.safetensors';
    expect(await run('train', ...good, ...settings(saved, 120))).toMatchObject({ code: 0 });
    expect(await run(...goOn(saved, 125))).toMatchObject({ code: 0 });
    expect(readdirSync(path('ruin'))).toEqual(['m.safetensors']);
    const before = bytes(saved);
    const ended = await run(...goOn(saved, 130, ...ruin));
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    const told = ended.stdout.match(/^At step 12\d the network has lost most of what it had learned \(.*$/gm);
    expect(told).toEqual([expect.stringMatching(/: step 125 is kept beside it as m\.best\.safetensors\.$/)]);
    expect(await run(...goOn(saved, 135, ...ruin))).toMatchObject({ code: 0 });
    expect(readdirSync(path('ruin')).sort()).toEqual(['m.best.safetensors', 'm.safetensors']);
    expect(bytes('ruin/m.best.safetensors')).toBe(before);
    expect(step(saved)).toBe(135);
  });

  it('takes nothing’s place where a save fails, and keeps it at the next', async () => {
    mkdirSync(path('ruined'));
    const saved = 'ruined/m.safetensors';
    expect(await run('train', ...good, ...settings(saved, 120))).toMatchObject({ code: 0 });
    const before = bytes(saved);
    const failed = await shell(`ulimit -S -f 1; sluice ${goOn(saved, 121, ...ruin).join(' ')}`).ended;
    expect(failed).toMatchObject({ code: 1 });
    expect(bytes(saved)).toBe(before);
    expect(await run(...goOn(saved, 122, ...ruin))).toMatchObject({ code: 0 });
    expect(bytes('ruined/m.best.safetensors')).toBe(before);
  });
});

it('A look at the held-out text ends at once when it is asked to', async () => {
  writeFileSync(path('long.txt'), 'All that is held out takes a while to read. '.repeat(200_000));
  const line = ['train', 'long.txt', ...tiny, '--hidden', '96', '--validation', '0.5', '--steps', '1'];
  const child = start([...line, '--save', 'looked.safetensors', '--json']);
  const begun = new Promise((resolve) =>
    child.stderr!.on('data', (told) => told.includes(' a step.') && resolve(told)),
  );
  await Promise.race([begun, child.ended]);
  await new Promise((resolve) => setTimeout(resolve, 700));
  child.kill('SIGINT');
  const { code, stdout } = await child.ended;
  expect(code).toBe(130);
  const steps = stdout.trimEnd().split('\n');
  expect(steps).toHaveLength(1);
  expect(JSON.parse(steps[0]!)).not.toHaveProperty('validationBitsPerCharacter');
  expect(step('looked.safetensors')).toBe(1);
});
