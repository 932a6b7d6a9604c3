import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { startProposal, withAnswer, withDocumentChanges, withProgress, withStep } from './proposal.ts';

const fresh = startProposal({ instruction: 'x', start: 10, end: 20, before: '0123456789', expected: 3 });
const two = withAnswer(fresh, {
  episodeId: 'e',
  candidates: [
    { candidateId: 'a', text: 'A', model: 'm' },
    { candidateId: 'b', text: 'B', model: 'm' },
  ],
});

test('streamed text is seen as it comes, and the one stepped to stays when the answer is complete', () => {
  let proposal = withProgress(fresh, 1, 'B', true);
  proposal = withStep(proposal, 1);
  const done = withAnswer(proposal, {
    episodeId: 'e',
    candidates: [
      { candidateId: 'a', text: 'A', model: 'm' },
      { candidateId: 'b', text: 'B', model: 'm' },
    ],
  });
  assert.equal(done.current, 1);
  assert.deepEqual(done.phase, { name: 'choosing', episodeId: 'e' });
});

test('what the engine put first is shown first, whichever streamed in first', () => {
  const streamed = withProgress(withProgress(fresh, 0, 'B', true), 1, 'A', true);
  const done = withAnswer(streamed, {
    episodeId: 'e',
    candidates: [
      { candidateId: 'a', text: 'A', model: 'm' },
      { candidateId: 'b', text: 'B', model: 'm' },
    ],
  });
  assert.equal(done.current, 0);
  assert.equal(done.candidates[0]?.text, 'A');
});

test('stepping goes around the ends', () => {
  assert.equal(withStep(two, -1).current, 1);
  assert.equal(withStep(withStep(two, 1), 1).current, 0);
});

test('typing elsewhere moves the proposal, typing inside makes it stale', () => {
  const moved = withDocumentChanges(two, [{ offset: 0, length: 2, text: 'hello' }]);
  assert.deepEqual([moved.start, moved.end, moved.phase.name], [13, 23, 'choosing']);
  const after = withDocumentChanges(two, [{ offset: 20, length: 0, text: 'x' }]);
  assert.deepEqual([after.start, after.end, after.phase.name], [10, 20, 'choosing']);
  assert.equal(withDocumentChanges(two, [{ offset: 15, length: 1, text: '' }]).phase.name, 'stale');
  assert.equal(withDocumentChanges(two, [{ offset: 5, length: 8, text: '' }]).phase.name, 'stale');
});

test('whatever is typed, a proposal that is not stale still covers its own text', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 30, maxLength: 60 }),
      fc.array(fc.tuple(fc.nat(60), fc.nat(5), fc.string({ maxLength: 5 })), { maxLength: 8 }),
      (text, edits) => {
        let document = text;
        let proposal = startProposal({ instruction: 'x', start: 10, end: 20, before: text.slice(10, 20), expected: 1 });
        for (const [at, length, insert] of edits) {
          const offset = Math.min(at, document.length);
          const change = { offset, length: Math.min(length, document.length - offset), text: insert };
          document = document.slice(0, offset) + insert + document.slice(offset + change.length);
          proposal = withDocumentChanges(proposal, [change]);
          if (proposal.phase.name === 'stale') return;
          assert.equal(document.slice(proposal.start, proposal.end), proposal.before);
        }
      },
    ),
  );
});
