import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { seeded } from '../tensor/random.ts';
import { type ReplayOptions, type ReplayResult, replay, replayDefaults } from './replay.ts';
import { typingRhythm, VirtualTime, virtualIds } from './virtualTime.ts';

/** A project of look-alike modules, with things in it that may not be typed. */
let folder = '';

const moduleOf = (name: string, fields: readonly string[]): string => `import type { Row } from './row.js';

/** One ${name} as the database has it. */
export interface ${name} extends Row {
${fields.map((field) => `  readonly ${field}: string;`).join('\n')}
}

export function validate${name}(row: ${name}): string[] {
  const problems: string[] = [];
${fields.map((field) => `  if (row.${field} === '') problems.push('${field} is missing');`).join('\n')}
  return problems;
}

export function describe${name}(row: ${name}): string {
  return [${fields.map((field) => `row.${field}`).join(', ')}].join(' ');
}
`;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-replay-test-'));
  const files = {
    '.gitignore': 'generated/\n',
    'row.ts': 'export interface Row {\n  readonly id: string;\n}\n',
    'customer.ts': moduleOf('Customer', ['name', 'country', 'email']),
    'supplier.ts': moduleOf('Supplier', ['name', 'city', 'terms']),
    'order.ts': moduleOf('Order', ['number', 'customer', 'total']),
    'product.ts': moduleOf('Product', ['title', 'price', 'weight']),
    'invoice.ts': moduleOf('Invoice', ['number', 'order', 'due']),
    'generated/client.ts': moduleOf('Client', ['host', 'port', 'path']),
    '.env': `${'KEY=value\n'.repeat(60)}`,
  };
  await mkdir(join(folder, '.git'));
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
});
after(() => rm(folder, { recursive: true, force: true }));

const short = (change: Partial<ReplayOptions> = {}): Promise<ReplayResult> =>
  replay({ folder, memory: 'on', seed: 3, maxFiles: 3, characters: 2000, ...change });

test('the same seed gives the same figures, to the last digit; another seed types other files in another order', async () => {
  const [first, again, other] = [await short(), await short(), await short({ seed: 4 })];
  assert.deepEqual(again, first);
  assert.notDeepEqual({ ...other, seed: 3 }, first);
});

test('the figures are of real typing: what was taken saved keys, and what was wrong is counted', async () => {
  const { files, characters, keystrokes, shown, accepted, acceptRate, charactersSavedShare, falseShown } =
    await short();
  assert.equal(files, 3);
  assert.ok(accepted > 0 && shown > accepted && falseShown > 0, `${shown} shown, ${accepted} taken`);
  assert.equal(acceptRate, accepted / shown);
  assert.equal(Math.round(charactersSavedShare * characters), characters + accepted - keystrokes);
  assert.ok(falseShown <= shown - accepted);
});

test('with memory off other suggestions are shown than with memory on', async () => {
  const [on, off] = [await short(), await short({ memory: 'off' })];
  assert.equal(off.characters, on.characters);
  assert.notEqual(off.shown, on.shown);
});

test('what git ignores is not typed', async () => {
  const typed: string[] = [];
  await short({ maxFiles: 9, characters: 100_000, say: (line) => void typed.push(line.split(':')[0]!) });
  assert.deepEqual(typed.sort(), ['customer.ts', 'invoice.ts', 'order.ts', 'product.ts', 'supplier.ts']);
});

test('by default this project’s own source is typed', () => {
  assert.match(replayDefaults.folder.replaceAll('\\', '/'), /\/src\/$/);
});

test('virtual timers fire in the order they are due, those called off never, and time stands still meanwhile', () => {
  const time = new VirtualTime(1000);
  const fired: string[] = [];
  const note = (name: string) => () => void fired.push(`${name} at ${time.clock.now()}`);
  time.timer.after(50, note('late'));
  time.timer.after(10, () => {
    note('early')();
    time.timer.after(10, note('nested'));
  });
  time.timer.after(30, note('never'))();
  time.advance(9);
  assert.deepEqual(fired, []);
  time.advance(100);
  assert.deepEqual(fired, ['early at 1010', 'nested at 1020', 'late at 1050']);
  assert.equal(time.clock.now(), 1109);
});

test('virtual ids sort as they were made, within a millisecond too', () => {
  const time = new VirtualTime(Date.UTC(2025, 0, 1));
  const ids = virtualIds(time.clock, seeded(1));
  const made = [ids(), ids(), ids()];
  time.advance(1);
  made.push(ids(), ids());
  assert.deepEqual(made.toSorted(), made);
  assert.equal(new Set(made).size, made.length);
});

test('the rhythm has the mean of measured typing, and new lines take longer', () => {
  const next = typingRhythm(seeded(7));
  const mean = (previous: string): number => {
    let sum = 0;
    for (let index = 0; index < 20_000; index += 1) sum += next(previous);
    return sum / 20_000;
  };
  assert.ok(Math.abs(mean('a') - 238.7) < 5);
  assert.ok(mean('\n') > 600);
});
