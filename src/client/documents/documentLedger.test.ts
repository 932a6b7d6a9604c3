import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DocumentChange } from '../../protocol/rpc.ts';
import { DocumentLedger, type LedgerDocument, type TellDocument } from './documentLedger.ts';

const document = (text: string, version = 1, eol = 1): LedgerDocument => ({
  uri: 'file:///a.ts',
  path: '/a.ts',
  languageId: 'typescript',
  version,
  eol,
  text: () => text,
});

/** The engine's side: what it holds after all it was told. */
function engine() {
  const texts = new Map<string, { text: string; version: number }>();
  const told: string[] = [];
  const tell: TellDocument = (method, params) => {
    told.push(method);
    if ('languageId' in params) texts.set(params.uri, { text: params.text, version: params.version });
    else if ('changes' in params) {
      let text = texts.get(params.uri)?.text ?? assert.fail('changed before it was opened');
      for (const change of params.changes) text = splice(text, change);
      texts.set(params.uri, { text, version: params.version });
    } else if (method === 'documentClosed') texts.delete(params.uri);
  };
  return { tell, told, text: () => texts.get('file:///a.ts') };
}

const splice = (text: string, { offset, length, text: inserted }: DocumentChange): string =>
  text.slice(0, offset) + inserted + text.slice(offset + length);

test('typing sends the change, not the file', () => {
  const { tell, told, text } = engine();
  const ledger = new DocumentLedger(tell);
  assert.ok(ledger.ensure(document('let a')));
  ledger.changed(document('let ab', 2), [{ offset: 5, length: 0, text: 'b' }]);
  assert.ok(ledger.ensure(document('let ab', 2)));
  assert.deepEqual(told, ['documentOpened', 'documentChanged']);
  assert.deepEqual(text(), { text: 'let ab', version: 2 });
});

test('a request never sees an older text than the editor, even if an event was missed', () => {
  const { tell, text } = engine();
  const ledger = new DocumentLedger(tell);
  ledger.ensure(document('one'));
  assert.ok(ledger.ensure(document('three', 3)));
  assert.deepEqual(text(), { text: 'three', version: 3 });
});

test('a document edited in the background is mirrored from its first change', () => {
  const { tell, text } = engine();
  const ledger = new DocumentLedger(tell);
  ledger.changed(document('xy', 2), [{ offset: 1, length: 0, text: 'y' }]);
  assert.deepEqual(text(), { text: 'xy', version: 2 });
});

test('saving marks the document dirty or clean without a resend', () => {
  const { tell, told } = engine();
  const ledger = new DocumentLedger(tell);
  ledger.ensure(document('x'));
  ledger.changed(document('x'), []);
  ledger.saved('file:///a.ts');
  assert.deepEqual(told, ['documentOpened', 'documentSaved']);
});

test('changed line endings resend the file: every offset moved', () => {
  const { tell, text } = engine();
  const ledger = new DocumentLedger(tell);
  ledger.ensure(document('a\nb', 1, 1));
  ledger.changed(document('a\r\nb', 2, 2), []);
  assert.deepEqual(text(), { text: 'a\r\nb', version: 2 });
});

test('a huge file is never sent, one that outgrows the cap is withdrawn, one that shrinks comes back', () => {
  const { tell, text } = engine();
  const ledger = new DocumentLedger(tell, 5);
  assert.equal(ledger.ensure(document('123456')), false);
  assert.equal(text(), undefined);
  ledger.changed(document('1234', 2), [{ offset: 4, length: 2, text: '' }]);
  assert.equal(text()?.text, '1234');
  ledger.changed(document('123456', 3), [{ offset: 4, length: 0, text: '56' }]);
  assert.equal(text(), undefined);
  assert.equal(ledger.ensure(document('123456', 3)), false);
});

test('typing in a huge file does not read it at each keystroke', () => {
  const { tell, told } = engine();
  const ledger = new DocumentLedger(tell, 5);
  let reads = 0;
  const huge = (version: number): LedgerDocument => ({ ...document('', version), text: () => `${++reads}`.padEnd(99) });
  ledger.ensure(huge(1));
  for (let version = 2; version < 50; version++) ledger.changed(huge(version), [{ offset: 0, length: 0, text: 'x' }]);
  assert.equal(ledger.ensure(huge(49)), false);
  assert.equal(reads, 1);
  assert.deepEqual(told, []);
});

test('a closed document is forgotten, and a new engine gets everything again', () => {
  const { tell, told, text } = engine();
  const ledger = new DocumentLedger(tell);
  ledger.ensure(document('x'));
  ledger.closed('file:///a.ts');
  ledger.closed('file:///a.ts');
  assert.equal(text(), undefined);
  ledger.ensure(document('x'));
  ledger.forget();
  ledger.ensure(document('x'));
  assert.deepEqual(told, ['documentOpened', 'documentClosed', 'documentOpened', 'documentOpened']);
});

test('after any editing, the engine holds exactly the text of the editor', () => {
  const step = fc.record({ at: fc.nat(30), length: fc.nat(4), text: fc.string({ maxLength: 4 }), skip: fc.boolean() });
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.array(step, { maxLength: 30 }), (start, steps) => {
      const { tell, text } = engine();
      const ledger = new DocumentLedger(tell, 25);
      let now = start;
      let version = 1;
      ledger.ensure(document(now, version));
      for (const { at, length, text: inserted, skip } of steps) {
        const offset = Math.min(at, now.length);
        const change = { offset, length: Math.min(length, now.length - offset), text: inserted };
        now = splice(now, change);
        version += 1;
        // `skip`: the event was lost and only the next request notices.
        if (skip) ledger.ensure(document(now, version));
        else ledger.changed(document(now, version), [change]);
      }
      const has = ledger.ensure(document(now, version));
      assert.equal(has, now.length <= 25);
      assert.deepEqual(text(), has ? { text: now, version } : undefined);
    }),
  );
});
