import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { useCommandLine } from './command-line.ts';

const { run, shell, path } = useCommandLine();

const from = (folder: string, name: string) => fileURLToPath(new URL(`../${folder}/${name}`, import.meta.url));
const tiny = '--hidden 4 --batch 2 --sequence 4 --engine cpu --steps 2';

/** Each command that writes a file, up to the file's name. */
const commands = {
  train: `train ${tiny} --save`,
  export: 'export m.safetensors --to onnx --out',
  'export to a folder': 'export m.safetensors --to tfjs --out',
  import: 'import foreign.safetensors --vocabulary v.json --out',
  text: 'text --out',
  gradients: 'gradients model.safetensors batch.json --engine cpu --out',
  match: 'match m.safetensors field-notes --trials 2 --length 5 --engine cpu --csv',
} as const;
const all = Object.entries(commands);
const toFiles = all.filter(([name]) => name !== 'export to a folder');

beforeAll(async () => {
  for (const kind of ['model.safetensors', 'batch.json'])
    copyFileSync(from('fixtures', `gru-11x7x3x5.${kind}`), path(kind));
  copyFileSync(from('interop/networks', 'pytorch-lstm-embedding.safetensors'), path('foreign.safetensors'));
  const expected = readFileSync(from('interop/networks', 'pytorch-lstm-embedding.expected.json'), 'utf8');
  writeFileSync(path('v.json'), JSON.stringify(JSON.parse(expected).vocabulary));
  const ended = await run(...`train ${tiny} --save m.safetensors`.split(' '));
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
});

/** An empty folder. */
function empty(name: string): string {
  rmSync(path(name), { recursive: true, force: true });
  mkdirSync(path(name));
  return name;
}

it.each(toFiles)('%s leaves what somebody else wrote', async (name, command) => {
  const folder = empty('others');
  writeFileSync(path(`${folder}/x.file`), 'what somebody else wrote');
  const { code, stdout, stderr } = await run(...`${command} ${folder}/x.file`.split(' '));
  const kept = name === 'train' ? 'x.file' : 'x.backup.file';
  expect(readFileSync(path(`${folder}/${kept}`), 'utf8')).toBe('what somebody else wrote');
  if (name === 'train') {
    expect(code).toBe(2);
    expect(stderr).toBe(
      'others/x.file is there already and is not a model of Sluice: choose another name for --save.\n',
    );
  } else {
    expect(code).toBe(0);
    expect(stdout + stderr).toMatch(/What was there (before )?is kept as \S*x\.backup\.file\.$/m);
  }
});

it.each([
  ['the vocabulary', 'v.json'],
  ['the map', 'map.json'],
  ['the network', 'foreign.safetensors'],
])('import does not write over %s that it reads', async (_, input) => {
  writeFileSync(path('map.json'), '{}');
  const before = readFileSync(path(input));
  const ended = await run(...`${commands.import} ./${input} --map map.json`.split(' '));
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: `--out is ${input}, which is read: name another one.\n` });
  expect(readFileSync(path(input)).equals(before)).toBe(true);
});

it('export to a folder says that a file of that name is there', async () => {
  writeFileSync(path('file'), 'what somebody else wrote');
  expect(await run(...`${commands['export to a folder']} file`.split(' '))).toMatchObject({
    code: 2,
    stderr: 'file cannot be made a folder: there is a file of that name.\n',
  });
});

describe.runIf(process.platform === 'linux')('Where nothing can be written,', () => {
  it.each(all)('%s on a full disk leaves nothing', async (_, command) => {
    const folder = empty('full');
    const ended = await shell(`ulimit -S -f 0; sluice ${command} ${folder}/x 2>&1 | cat`).ended;
    expect(ended.stdout).toMatch(/^full\/x\S* c(annot|ould not) be written: files may not be that large here\.$/m);
    expect(ended.stdout).not.toMatch(/^\s+at /m);
    expect(readdirSync(path(folder))).toEqual([]);
  });

  const hasDisks = spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0;
  if (!hasDisks) console.log('No disk of their own could be made for the tests here: a read-only one was not tried.');

  it.runIf(hasDisks)('on a read-only disk, every command says so before it begins', async () => {
    empty('disk');
    const lines = all.map(([, command]) => `"$NODE" "$CLI" ${command} disk/x; echo $?`);
    writeFileSync(path('disk.sh'), ['mount -t tmpfs -o ro none disk', ...lines].join('\n'));
    const { stdout, stderr } = await shell('unshare -rm sh disk.sh').ended;
    expect(stdout).toBe('2\n'.repeat(all.length));
    expect(stderr.trimEnd().split('\n')).toEqual(
      all.map(([name]) =>
        name === 'export to a folder'
          ? 'disk/x cannot be made a folder: the disk is read-only.'
          : 'disk/x cannot be written: the disk is read-only.',
      ),
    );
  });

  it.runIf(hasDisks)('because the file itself is read-only to everybody, it is said before the training', async () => {
    copyFileSync(path('m.safetensors'), path('sealed.safetensors'));
    const seal = 'mount --bind sealed.safetensors sealed.safetensors; mount -o remount,bind,ro sealed.safetensors';
    const line = `train --resume sealed.safetensors --steps 3 --save sealed.safetensors`;
    writeFileSync(path('sealed.sh'), `${seal}\n"$NODE" "$CLI" ${line}; echo $?`);
    expect(await shell('unshare -rm sh sealed.sh').ended).toMatchObject({
      stdout: '2\n',
      stderr: 'sealed.safetensors cannot be written: the disk is read-only.\n',
    });
  });

  const others = spawnSync('setpriv', ['--reuid', '65534', '--clear-groups', 'true']).status === 0;
  if (!others) console.log('There is no other user to be had here: a file of somebody else’s was not tried.');

  it.runIf(others)('because it is another user’s, it is said before the training', async () => {
    const folder = empty('everybody’s');
    chmodSync(path('.'), 0o755);
    chmodSync(path(folder), 0o1777);
    copyFileSync(path('m.safetensors'), path(`${folder}/theirs.safetensors`));
    const line = `train --resume ${folder}/theirs.safetensors --steps 3 --save ${folder}/theirs.safetensors`;
    const ended = await shell(`exec setpriv --reuid 65534 --clear-groups "$NODE" "$CLI" ${line}`).ended;
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(
      / cannot be written: it is another user’s, in a folder where nobody else may replace it\.\n$/,
    );
    expect(readdirSync(path(folder))).toEqual(['theirs.safetensors']);
  });
});
