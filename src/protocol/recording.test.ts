import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRecording, type Recording, recordingLines } from './recording.ts';

const recording: Recording = {
  header: { recording: 1, startedAt: 1_700_000_000_000 },
  entries: [
    { at: 0, type: 'opened', document: 0, file: 'a.ts', languageId: 'typescript', text: 'a\r\n\u2028"' },
    { at: 5, type: 'changed', document: 0, changes: [{ offset: 1, length: 0, text: '\n' }], reason: 'redo' },
    { at: 9, type: 'ended' },
  ],
};

test('what is written is read again, line ends and all', () => {
  const lines = recordingLines(recording);
  assert.equal(lines.trimEnd().split('\n').length, 4);
  assert.deepEqual(parseRecording(lines), recording);
});

test('a line that is none is refused by its number, without its content', () => {
  const lines = recordingLines(recording).replace('"offset":1', '"offset":"secret"');
  assert.throws(() => parseRecording(lines), {
    message: 'Line 3 is not one of a recording of version 1.',
  });
  assert.throws(() => parseRecording('not JSON'), /^Error: Line 1 /);
  assert.throws(() => parseRecording(''), /^Error: Line 1 /);
});

test('a file of a newer version is refused, not misread', () => {
  assert.throws(
    () => parseRecording(recordingLines(recording).replace('"recording":1', '"recording":2')),
    /^Error: Line 1 /,
  );
});
