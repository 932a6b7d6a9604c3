/** What a recording gives away: nothing of a secret, however it came into the text; and it replays all the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { redactRecording } from '../../src/engine/recordings/redactRecording.ts';
import { secretSpans } from '../../src/engine/workspace/redact.ts';
import { type Recording, recordingLines } from '../../src/protocol/recording.ts';
import { Author } from './author.ts';
import { replayRecording } from './replay.ts';
import { sessions } from './sessions.ts';

const key = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
const password = 'Tr0ub4dor-and-3';

const redact = async (recording: Recording) => redactRecording(recording, () => nextTurn());

/** Every text that ever stood in a document, or would have with an offer taken. */
function textsSeen({ entries }: Recording): string[] {
  const documents = new Map<number, string>();
  return entries.flatMap((entry): string[] => {
    switch (entry.type) {
      case 'opened':
        documents.set(entry.document, entry.text);
        return [entry.text];
      case 'changed': {
        let text = documents.get(entry.document) ?? '';
        for (const change of entry.changes) {
          text = text.slice(0, change.offset) + change.text + text.slice(change.offset + change.length);
        }
        documents.set(entry.document, text);
        return [text];
      }
      case 'offered':
        return entry.items.map(({ insertText, start, end }) => {
          const text = documents.get(entry.document) ?? '';
          return text.slice(0, start) + insertText + text.slice(end);
        });
      default:
        return [];
    }
  });
}

/** No eight characters in a row, neither in a line of the file nor in a text that the file lets one put together. */
function assertSafe(recording: Recording, secret: string): void {
  const texts = [recordingLines(recording), ...textsSeen(recording)];
  for (let at = 0; at + 8 <= secret.length; at += 1) {
    const piece = secret.slice(at, at + 8);
    assert.ok(!texts.some((text) => text.includes(piece)), `${at}: a piece of the secret is in the file`);
  }
}

/**
 * Events without what masks change: the characters, and how much survived of a secret that was taken and edited later (letters
 * that differ become one).
 */
const shapeOf = (recording: Recording) =>
  replayRecording(recording).map(({ text, share, ...event }) => ({ ...event, length: text?.length }));

/** Safe, of the same shape, and the same events. */
async function assertRedacted(recording: Recording, secret: string): Promise<Recording> {
  const { recording: clean, masked } = await redact(recording);
  assert.ok(masked > 0);
  assertSafe(clean, secret);
  assert.equal(recordingLines(clean).length, recordingLines(recording).length);
  assert.deepEqual(shapeOf(clean), shapeOf(recording));
  return clean;
}

test('a key typed key by key is masked from its first character on', async () => {
  const by = new Author('src/client.ts', "const client = connect('▮');\n");
  const clean = await assertRedacted(by.type(key).moveTo(0).recording, key);
  const typed = clean.entries.flatMap((entry) => (entry.type === 'changed' ? entry.changes[0]!.text : [])).join('');
  assert.equal(typed, key.replace(/[A-Za-z0-9]/g, 'x'));
});

test('what is left of a key after most of it was deleted stays masked', async () => {
  const by = new Author('src/client.ts', "const client = connect('▮');\n");
  const clean = await assertRedacted(by.type(key).backspace(25).type('tail').recording, key);
  const last = textsSeen(clean).at(-1)!;
  assert.equal(last, `const client = connect('xxx_${'x'.repeat(11)}tail');\n`);
});

test('a key that was begun, deleted, and pasted whole later is masked in its beginning too', async () => {
  const by = new Author('src/client.ts', "const client = connect('▮');\n");
  by.type(key.slice(0, 15)).backspace(15).wait(3000);
  await assertRedacted(by.insert(key).recording, key);
});

test('a piece of a key pasted elsewhere is masked', async () => {
  const by = new Author('src/client.ts', `const client = connect('${key}');\n// ▮\n`);
  await assertRedacted(by.insert(key.slice(6, 20)).recording, key);
});

test('a key in the text from the beginning is masked there, and the code around it is not', async () => {
  const by = new Author('src/client.ts', `const client = connect('${key}');\n▮`);
  const clean = await assertRedacted(by.type('run(client);').recording, key);
  assert.match(textsSeen(clean).at(-1)!, /^const client = connect\('xxx_x{36}'\);\nrun\(client\);$/);
});

test('a password is masked when the name beside it is written afterwards', async () => {
  const by = new Author('src/client.ts', `const ▮ = '${password}';\n`);
  await assertRedacted(by.type('password').recording, password);
});

test('a key in a model’s answer is masked, whether it is taken, typed along or rejected', async () => {
  const start = "const client = connect('▮');\n";
  const taken = new Author('src/client.ts', start);
  const offered = taken.wait(200).offer([key]);
  await assertRedacted(taken.wait(500).tab(offered, key).recording, key);

  const along = new Author('src/client.ts', start);
  along.wait(200).offer([key]);
  const clean = await assertRedacted(along.wait(200).type(key.slice(0, 12)).wait(400).escape().recording, key);
  assert.match(textsSeen(clean).at(-1)!, /connect\('xxx_x{8}'\)/);

  const past = new Author('src/client.ts', start);
  past.wait(200).offer([key]);
  await assertRedacted(past.wait(400).type('ghp_zz').wait(200).recording, key);
});

test('typing another key past an offered one is still typing past: masks do not make them equal', async () => {
  const other = `ghp_${'Z9y8X7w6V5u4T3s2R1q0P9o8N7m6L5k4J3i2'}`;
  const by = new Author('src/client.ts', "const client = connect('▮');\n");
  by.wait(200).offer([key]);
  const { recording } = by.wait(400).type(other);
  const clean = await assertRedacted(recording, key);
  assertSafe(clean, other);
  assert.ok(replayRecording(clean).some(({ reason }) => reason === 'typedPast'));
});

test('undo brings a masked key back masked', async () => {
  const by = new Author('src/client.ts', `const client = connect('${key}▮');\n`);
  by.change([{ offset: 24, length: key.length, text: '' }]).wait(1000);
  by.change([{ offset: 24, length: 0, text: key.slice(0, 20) }], 'undo');
  await assertRedacted(by.recording, key);
});

test('where there is no secret nothing changes', async () => {
  for (const [name, session] of Object.entries(sessions)) {
    const recording = session();
    const { recording: clean, masked } = await redact(recording);
    assert.equal(masked, 0, name);
    assert.deepEqual(clean, recording, name);
  }
});

/** One thing a hasty developer with secrets does; numbers are taken modulo what there is. */
const action = fc.oneof(
  fc.record({ do: fc.constant('write' as const), where: fc.nat(), text: fc.nat() }),
  fc.record({ do: fc.constant('delete' as const), where: fc.nat(), count: fc.nat({ max: 30 }) }),
  fc.record({ do: fc.constant('offer' as const), text: fc.nat(), next: fc.nat(), wait: fc.nat({ max: 800 }) }),
  fc.record({ do: fc.constant('along' as const), count: fc.nat({ max: 45 }) }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('escape' as const) }),
);
const written = [key, `password = '${password}'`, key.slice(0, 20), '\n', "'", 'token', ' = ', 'zq', key.slice(20)];

/** The session of these actions; every text it wrote or offered comes from `written`. */
function sessionOf(actions: readonly (typeof action extends fc.Arbitrary<infer T> ? T : never)[]): Recording {
  const by = new Author('src/a.ts', 'let a;\n▮\n');
  let length = 'let a;\n\n'.length;
  let rest = '';
  let offered: ReturnType<Author['offer']> | null = null;
  for (const one of actions) {
    switch (one.do) {
      case 'write': {
        const text = written[one.text % written.length]!;
        by.change([{ offset: one.where % (length + 1), length: 0, text }]).wait(50);
        length += text.length;
        offered = null;
        break;
      }
      case 'delete': {
        const offset = one.where % (length + 1);
        const count = Math.min(one.count, length - offset);
        by.change([{ offset, length: count, text: '' }]).wait(50);
        length -= count;
        offered = null;
        break;
      }
      case 'offer':
        rest = written[one.text % written.length]!;
        offered = by.offer([rest, written[one.next % written.length]!]);
        by.wait(one.wait);
        break;
      case 'along': {
        if (!offered) break;
        const text = rest.slice(0, one.count);
        by.type(text);
        length += text.length;
        rest = rest.slice(text.length);
        break;
      }
      case 'take':
        if (!offered || rest === '') break;
        by.tab(offered, rest).wait(100);
        length += rest.length;
        offered = null;
        break;
      case 'escape':
        if (offered) by.escape();
        offered = null;
        break;
    }
  }
  return by.wait(130_000).recording;
}

test('any edits: lengths stay, no secret survives, and the events are the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 14 }), async (actions) => {
      const recording = sessionOf(actions);
      const { recording: clean } = await redact(recording);
      assert.equal(recordingLines(clean).length, recordingLines(recording).length);
      const masked = textsSeen(clean);
      for (const [index, text] of textsSeen(recording).entries()) {
        for (const { start, end } of secretSpans(text)) {
          assert.match(masked[index]!.slice(start, end), /^[xyz\W_]*$/);
        }
      }
      assert.deepEqual(shapeOf(clean), shapeOf(recording));
    }),
    { numRuns: 400, seed: 20250106 },
  );
});
