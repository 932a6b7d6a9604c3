import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import * as v from 'valibot';
import { Episode, type Event } from '../../../protocol/episode.ts';
import type { NextEdit } from '../../../protocol/rpc.ts';
import { type Bench, bench } from '../testing/bench.ts';
import { nextId } from '../testing/entries.ts';

interface Editor {
  readonly bench: Bench;
  /** Opens a document; returns its uri. */
  open(file: string, text: string, languageId?: string): string;
  text(uri: string): string;
  /** Replaces the first `from` in one change, as typing does over a selection. */
  change(uri: string, from: string, to: string, reason?: 'undo'): void;
  replace(uri: string, changes: readonly { offset: number; length: number; text: string }[], reason?: 'undo'): void;
  /** Asks with the cursor behind the first `marker`, this long after the last key. */
  ask(uri: string, marker?: string, quietMs?: number, continues?: string): ReturnType<Bench['suggester']['nextEdit']>;
  /** Makes the offered edit, and says so. */
  accept(offer: { readonly episodeId: string | null; readonly edit: NextEdit | null }): void;
  happened(episodeId: string | null, type: Event['type'], reason?: string): void;
}

async function start(t: TestContext): Promise<Editor> {
  const made = await bench();
  t.after(() => made.close());
  const versions = new Map<string, number>();
  const folder = made.documents.get(made.at('probe.ts', '▮').uri)!.path!.replace(/\/probe\.ts$/, '');
  const editor: Editor = {
    bench: made,
    open(file, text, languageId = 'typescript') {
      const path = join(folder, file);
      const uri = `file://${path}`;
      versions.set(uri, 1);
      made.documents.open({ uri, path, languageId, version: 1, text });
      return uri;
    },
    text: (uri) => made.documents.get(uri)!.text,
    change(uri, from, to, reason) {
      const offset = editor.text(uri).indexOf(from);
      assert.ok(offset >= 0, `${from} is in the document`);
      editor.replace(uri, [{ offset, length: from.length, text: to }], reason);
    },
    replace(uri, changes, reason) {
      const version = versions.get(uri)! + 1;
      versions.set(uri, version);
      made.documents.change({ uri, version, changes, reason });
    },
    ask(uri, marker, quietMs = 2000, continues) {
      made.clock.time += quietMs;
      const text = editor.text(uri);
      const offset = marker === undefined ? 0 : text.indexOf(marker) + marker.length;
      return made.suggester.nextEdit({
        uri,
        version: versions.get(uri)!,
        offset,
        open: [...versions.keys()],
        ...(continues === undefined ? {} : { continues }),
      });
    },
    accept({ episodeId, edit }) {
      assert.ok(edit);
      assert.equal(editor.text(edit.uri).slice(edit.start, edit.end), edit.before);
      editor.replace(edit.uri, [{ offset: edit.start, length: edit.end - edit.start, text: edit.text }]);
      editor.happened(episodeId, 'accepted');
    },
    happened(episodeId, type, reason) {
      const event = { id: nextId(), episodeId: episodeId!, at: made.clock.time, type };
      made.store.addEvents([{ ...event, ...(reason === undefined ? {} : { reason }) }]);
    },
  };
  return editor;
}

const users = `export function load(userName: string) {
  const known = find(userName);
  return known ?? create(userName);
}
`;

test('a part of a name that was changed is offered at the next place below, then on from there, until all are done', async (t) => {
  const e = await start(t);
  const uri = e.open('src/a.ts', users);
  e.change(uri, 'userName', 'customerName');
  let offer = e.ask(uri, 'customerName');
  const seen: string[] = [];
  while (offer.edit) {
    seen.push(`${offer.edit.before}→${offer.edit.text} +${offer.remaining}`);
    e.accept(offer);
    offer = e.ask(uri, undefined, 0, offer.episodeId!);
  }
  assert.deepEqual(seen, ['userName→customerName +1', 'userName→customerName +0']);
  assert.equal(e.text(uri), users.replaceAll('userName', 'customerName'));
  assert.equal(offer.episodeId, null);
});

test('each offer is an episode of its own, valid, with its place and the event', async (t) => {
  const e = await start(t);
  const uri = e.open('src/a.py', 'total = load(path)\nsize = load(other)\n', 'python');
  e.change(uri, 'load(path)', 'load(path, mode)');
  const { episodeId, edit } = e.ask(uri);
  assert.equal(edit?.before, '');
  assert.equal(edit?.text, ', mode');
  const entry = e.bench.store.get(episodeId!)!;
  assert.deepEqual(v.parse(Episode, entry.episode), entry.episode);
  assert.equal(entry.episode.kind, 'nextEdit');
  assert.equal(entry.episode.propensity, 1);
  assert.equal(entry.episode.file, 'src/a.py');
  assert.deepEqual(entry.episode.range, { startLine: 1, startCharacter: 17, endLine: 1, endCharacter: 17 });
  assert.ok(entry.episode.prefix.endsWith('size = load(other'));
  assert.deepEqual(
    entry.events.map(({ type, candidateId }) => [type, candidateId]),
    [['offered', edit?.candidateId]],
  );
});

test('while a name is being typed nothing is offered; when the cursor has left it, or after a second, it is', async (t) => {
  const e = await start(t);
  const uri = e.open('src/a.ts', users);
  e.change(uri, 'userName', 'cust');
  const early = e.ask(uri, 'cust', 300);
  assert.equal(early.edit, null);
  assert.equal(early.askAgainMs, 700);
  e.change(uri, 'cust', 'customerName');
  assert.equal(e.ask(uri, 'customerName', 300).edit, null);
  assert.equal(e.ask(uri, 'find(', 0).edit?.text, 'customerName');
});

test('an edit whose brackets are open is not finished however long it stands', async (t) => {
  const e = await start(t);
  const uri = e.open('src/a.ts', 'save(a);\nsave(b);\n');
  e.change(uri, 'save(a)', 'save({ a)');
  const offer = e.ask(uri, undefined, 60_000);
  assert.equal(offer.edit, null);
  assert.equal(offer.askAgainMs, undefined);
});

test('what was turned down is not offered again, nor anything else of that change; made anew it goes on elsewhere', async (t) => {
  const e = await start(t);
  const uri = e.open('src/a.ts', 'userName();\nuserName.a;\nuserName.b;\nuserName.c;\n');
  e.change(uri, 'userName', 'customerName');
  const offer = e.ask(uri, 'customerName');
  assert.equal(offer.edit?.start, e.text(uri).indexOf('userName.a'));
  e.happened(offer.episodeId, 'rejected', 'escape');
  assert.equal(e.ask(uri, 'customerName').edit, null);
  e.change(uri, 'userName.b', 'customerName.b');
  const next = e.ask(uri, 'customerName.b');
  assert.equal(next.edit?.start, e.text(uri).indexOf('userName.c'));
  e.accept(next);
  assert.equal(e.ask(uri, undefined, 0, next.episodeId!).edit, null);
});

test('asked again about an offer that stands, the answer is that offer and not a new one', async (t) => {
  const e = await start(t);
  const uri = e.open('src/a.ts', users);
  e.change(uri, 'userName', 'customerName');
  const offer = e.ask(uri, 'customerName');
  assert.deepEqual(e.ask(uri, 'customerName'), offer);
  e.happened(offer.episodeId, 'ignored', 'moved');
  assert.notEqual(e.ask(uri, 'customerName').episodeId, offer.episodeId);
});

test('then come the other open documents, but never an excluded one', async (t) => {
  const e = await start(t);
  e.open('secret/b.ts', 'userName;\n');
  e.open('src/b.py', 'userName\n', 'python');
  const other = e.open('src/c.ts', 'print(userName);\n');
  const uri = e.open('src/a.ts', 'userName;\n');
  e.change(uri, 'userName', 'customerName');
  const offer = e.ask(uri, 'customerName');
  assert.equal(offer.edit?.uri, other);
  assert.equal(offer.remaining, 0);
  e.accept(offer);
  assert.equal(e.ask(other, undefined, 0, offer.episodeId!).edit, null);
  const hidden = e.open('secret/d.ts', 'userName;\nuserName;\n');
  assert.equal(e.ask(hidden).edit, null);
});

test('a document that the user closed, or has only read through another program, is left alone', async (t) => {
  const e = await start(t);
  e.open('src/b.ts', 'userName;\n');
  const uri = e.open('src/a.ts', 'userName;\n');
  e.change(uri, 'userName', 'customerName');
  e.bench.clock.time += 2000;
  assert.equal(e.bench.suggester.nextEdit({ uri, version: 2, offset: 0, open: [uri] }).edit, null);
});

test('what is changed inside a text of several lines is prose, however much it looks like code', async (t) => {
  const e = await start(t);
  const uri = e.open('src/a.py', 'x = """\nload(userName)\n"""\nload(userName)\n', 'python');
  e.change(uri, 'userName', 'customerName');
  assert.equal(e.ask(uri).edit, null);
});

test('neither undo nor a formatter nor many cursors are a change to be repeated', async (t) => {
  const e = await start(t);
  const uri = e.open('src/a.ts', 'orderTotal;\nuserName;\nuserName;\nuserName;\n');
  e.change(uri, 'userName', 'customerName');
  e.change(uri, 'customerName', 'userName', 'undo');
  assert.equal(e.ask(uri).edit, null);
  const at = [...e.text(uri).matchAll(/userName/g)].map(({ index }) => index).reverse();
  e.replace(
    uri,
    at.slice(0, 2).map((offset) => ({ offset, length: 8, text: 'customerName' })),
  );
  assert.equal(e.ask(uri).edit, null);
});

test('nothing is offered that is, or lies in, a secret', async (t) => {
  const e = await start(t);
  const token = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;
  const uri = e.open('src/a.ts', `f('${token}');\nf('x');\nf('${token}');\n`);
  e.change(uri, token, 'publicName');
  const offer = e.ask(uri);
  assert.equal(offer.edit, null);
  assert.doesNotMatch(JSON.stringify([...e.bench.store.entries()]), /ghp_/);
});

test('all places of the document at once: each with its episode, none in other documents', async (t) => {
  const e = await start(t);
  e.open('src/b.ts', 'userName;\n');
  const uri = e.open('src/a.ts', users + users);
  e.change(uri, 'userName', 'customerName');
  const offer = e.ask(uri, 'customerName');
  const { offers } = e.bench.suggester.allNextEdits({ episodeId: offer.episodeId!, uri, version: 2 });
  assert.equal(offers.length, 5);
  assert.equal(new Set(offers.map(({ episodeId }) => episodeId)).size, 5);
  assert.ok(offers.some(({ episodeId }) => episodeId === offer.episodeId));
  e.replace(
    uri,
    offers.map(({ edit }) => ({ offset: edit.start, length: edit.end - edit.start, text: edit.text })),
  );
  assert.equal(e.text(uri), (users + users).replaceAll('userName', 'customerName'));
});

test('a name changed by hand at two places is still a new name', async (t) => {
  const e = await start(t);
  const uri = e.open('src/a.go', 'user := 1\nf(user)\ng(user)\nh(user)\n', 'go');
  e.change(uri, 'user', 'customer');
  assert.equal(e.ask(uri, 'customer').edit?.start, e.text(uri).indexOf('user)'));
  e.change(uri, 'f(user)', 'f(customer)');
  const offer = e.ask(uri, 'f(customer)');
  assert.equal(offer.edit?.start, e.text(uri).indexOf('user)'));
  assert.equal(offer.edit?.text, 'customer');
});

test('past next edits are no examples for what is written, and what was refused of them silences nothing else', async (t) => {
  const e = await start(t);
  const uri = e.open('src/a.ts', users);
  e.change(uri, 'userName', 'customerName');
  const offer = e.ask(uri, 'customerName');
  e.accept(offer);
  const { file } = e.bench.store.get(offer.episodeId!)!.episode;
  const second = e.ask(uri, undefined, 0, offer.episodeId!);
  e.happened(second.episodeId, 'rejected', 'escape');
  const inline = e.bench.at(file, `${users}const userName = ▮\n`);
  e.bench.script = () => [
    { type: 'text', text: 'customerName;' },
    { type: 'end', finish: 'stop' },
  ];
  const suggestion = await e.bench.suggester.suggest(inline, new AbortController().signal);
  assert.equal(suggestion.items[0]?.insertText, 'customerName;');
  assert.deepEqual(e.bench.store.get(suggestion.episodeId!)!.episode.examples, []);
});
