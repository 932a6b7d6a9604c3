import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { Recording } from '../../protocol/recording.ts';
import type { OpenDocument } from '../inline/lifecycleInputs.ts';
import { Recorder, type RecorderDeps } from './recorder.ts';

const episodeId = '01900000-0000-7000-8000-00000000e001';
const candidateId = '01900000-0000-7000-8000-00000000c001';
const document = (name: string, text: string): OpenDocument => ({
  uri: `file:///w/${name}`,
  languageId: 'typescript',
  text,
});

function recording(change: Partial<RecorderDeps> = {}) {
  const clock = { now: 1000 };
  const timers: { delayMs: number; run: () => void }[] = [];
  const full: string[] = [];
  const recorder = new Recorder({
    now: () => clock.now,
    schedule(delayMs, run) {
      const timer = { delayMs, run };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    documents: [document('a.ts', 'let a'), document('b.ts', 'let b')],
    fileOf: (uri) => (uri.startsWith('file://') ? uri.slice('file://'.length) : null),
    onFull: (limit) => void full.push(limit),
    ...change,
  });
  return { recorder, clock, timers, full };
}

const insert = (text: string, offset = 0) => [{ offset, length: 0, text }];

test('a document is written down with its text from before the first change, and one nobody touches never', () => {
  const { recorder, clock } = recording();
  clock.now = 1040;
  recorder.moved('file:///w/b.ts', 2);
  recorder.changed('file:///w/a.ts', insert(' = 1', 5), 'other');
  const { header, entries } = recorder.finish();
  assert.equal(header.startedAt, 1000);
  assert.deepEqual(entries, [
    { at: 40, type: 'opened', document: 0, file: '/w/a.ts', languageId: 'typescript', text: 'let a' },
    { at: 40, type: 'changed', document: 0, changes: [{ offset: 5, length: 0, text: ' = 1' }], reason: 'other' },
    { at: 40, type: 'ended' },
  ]);
});

test('everything the lifecycle is inferred from is recorded, in the form the engine takes', () => {
  const { recorder } = recording();
  const uri = 'file:///w/a.ts';
  recorder.selectedInWidget(null);
  recorder.selectedInWidget('log');
  recorder.selectedInWidget('log');
  const items = [{ candidateId, insertText: ' = 1', start: 5, end: 5 }];
  recorder.offer({ episodeId, uri, cursor: 5, linePrefix: 'let a', lineSuffix: '', items });
  recorder.unseen(episodeId);
  recorder.dismissed();
  recorder.acceptedByCommand(episodeId, candidateId);
  recorder.kept({ uri, episodeId, candidateId, start: 0, end: 5 });
  recorder.moved(uri, null);
  recorder.focused('file:///w/b.ts');
  recorder.opened(document('c.ts', 'let a = 1'));
  recorder.closed(uri);
  recorder.renamed(uri, 'file:///w/c.ts');
  const finished = recorder.finish();
  assert.deepEqual(
    finished.entries.map(({ type }) => type),
    [
      'selected',
      'opened',
      'offered',
      'unseen',
      'dismissed',
      'taken',
      'kept',
      'moved',
      'focused',
      'closed',
      'renamed',
      'opened',
      'ended',
    ],
  );
  assert.deepEqual(finished.entries[8], { at: 0, type: 'focused', document: null });
  assert.deepEqual(finished.entries[10], { at: 0, type: 'renamed', from: '/w/a.ts', to: '/w/c.ts' });
  assert.deepEqual(v.parse(Recording, finished), finished);
});

test('a document opened while recording has the text it was opened with, and other schemes are left alone', () => {
  const { recorder } = recording();
  let text = 'before';
  recorder.opened({
    uri: 'file:///w/c.ts',
    languageId: 'go',
    get text() {
      return text;
    },
  });
  text = 'after';
  recorder.opened({ uri: 'output:log', languageId: 'log', text: 'secret' });
  recorder.changed('file:///w/c.ts', insert('x'), 'undo');
  recorder.changed('output:log', insert('x'), 'other');
  const { entries } = recorder.finish();
  assert.deepEqual(entries[0], {
    at: 0,
    type: 'opened',
    document: 0,
    file: '/w/c.ts',
    languageId: 'go',
    text: 'before',
  });
  assert.deepEqual(
    entries.map(({ type }) => type),
    ['opened', 'changed', 'ended'],
  );
});

test('a document that is open again is written down again, one that never closed is not', () => {
  const { recorder } = recording();
  recorder.changed('file:///w/a.ts', insert('x'), 'other');
  recorder.opened(document('a.ts', 'xlet a'));
  recorder.closed('file:///w/a.ts');
  recorder.opened(document('a.ts', 'formatted'));
  const { entries } = recorder.finish();
  assert.deepEqual(
    entries.map(({ type }) => type),
    ['opened', 'changed', 'closed', 'opened', 'ended'],
  );
});

test('time never goes back, though the wall clock does', () => {
  const { recorder, clock } = recording();
  clock.now = 1500;
  recorder.dismissed();
  clock.now = 1200;
  recorder.dismissed();
  const ats = recorder.finish().entries.map(({ at }) => at);
  assert.deepEqual(ats, [500, 500, 500]);
});

test('after half an hour it ends by itself and says so, and what follows is not recorded', () => {
  const { recorder, timers, full } = recording();
  assert.equal(timers[0]?.delayMs, 30 * 60_000);
  timers[0]?.run();
  recorder.dismissed();
  assert.deepEqual(full, ['time']);
  assert.deepEqual(
    recorder.finish().entries.map(({ type }) => type),
    ['ended'],
  );
});

test('it ends by itself before it grows too large, and stays replayable', () => {
  const { recorder, timers, full } = recording({ limits: { ms: 1000, characters: 400 } });
  for (let key = 0; key < 20; key += 1) recorder.changed('file:///w/a.ts', insert('x'), 'other');
  assert.deepEqual(full, ['size']);
  assert.deepEqual(timers, []);
  const { entries } = recorder.finish();
  assert.ok(JSON.stringify(entries).length < 500);
  assert.equal(entries.at(-1)?.type, 'ended');
  assert.ok(entries.length > 3);
});
