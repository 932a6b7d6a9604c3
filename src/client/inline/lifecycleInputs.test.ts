import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLifecycle } from './lifecycleInputs.ts';

test('the text of a document that opens is read only where something of ours stood in it', () => {
  let reads = 0;
  const { inputs } = createLifecycle({
    now: () => 0,
    schedule: () => () => {},
    textOf: (_uri, start, end) => 'return a + b;'.slice(start, end),
    emit() {},
    onLive() {},
  });
  const document = (uri: string) => ({
    uri,
    languageId: 'typescript',
    get text() {
      reads += 1;
      return 'return a + b;';
    },
  });
  inputs.opened(document('file:///other.ts'));
  inputs.kept({ episodeId: 'e1', candidateId: 'c1', uri: 'file:///a.ts', start: 7, end: 13 });
  inputs.opened(document('file:///a.ts'));
  assert.equal(reads, 0);
  inputs.closed('file:///a.ts', 'return a + b;');
  inputs.opened(document('file:///a.ts'));
  assert.equal(reads, 1);
});
