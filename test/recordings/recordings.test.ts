/**
 * Recorded sessions, replayed: a change in how the lifecycle is inferred shows here, session by session. Beside each
 * recording stands what it must come to; `ATTUNE_UPDATE=1 node --test test/recordings/recordings.test.ts` writes both anew.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { LifecycleEvent } from '../../src/protocol/lifecycle.ts';

import { parseRecording, recordingLines } from '../../src/protocol/recording.ts';
import { replayRecording } from './replay.ts';
import { sessions } from './sessions.ts';

const update = process.env.ATTUNE_UPDATE === '1';
const path = (name: string): URL => new URL(name, import.meta.url);
const linesOf = (events: readonly LifecycleEvent[]): string => events.map((one) => `${JSON.stringify(one)}\n`).join('');

if (update) {
  for (const [name, session] of Object.entries(sessions)) {
    writeFileSync(path(`${name}.recording.jsonl`), recordingLines(session()));
  }
}
const committed = readdirSync(path('.')).flatMap((file) => /^(.*)\.recording\.jsonl$/.exec(file)?.[1] ?? []);

for (const name of committed.sort()) {
  test(`${name}: the same events as ever, and again the same`, () => {
    const recording = parseRecording(readFileSync(path(`${name}.recording.jsonl`), 'utf8'));
    const events = replayRecording(recording);
    assert.deepEqual(replayRecording(recording), events);
    if (update) writeFileSync(path(`${name}.expected.jsonl`), linesOf(events));
    assert.equal(linesOf(events), readFileSync(path(`${name}.expected.jsonl`), 'utf8'));
    assert.ok(events.length > 0, 'a recording in which nothing is told tells nothing');
  });
}

test('every session is committed as it is written here, and nothing else is', () => {
  assert.deepEqual(committed.sort(), Object.keys(sessions).sort());
  for (const [name, session] of Object.entries(sessions)) {
    assert.equal(readFileSync(path(`${name}.recording.jsonl`), 'utf8'), recordingLines(session()), name);
  }
});
