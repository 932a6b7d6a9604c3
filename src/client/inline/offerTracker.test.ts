import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DocumentChange } from '../../protocol/rpc.ts';
import type { Kept } from './keptRanges.ts';
import type { LifecycleEvent } from './lifecycleEvent.ts';
import { OfferTracker } from './offerTracker.ts';

const uri = 'file:///a.ts';

/** A document with one cursor, a clock, and the tracker watching both, as the editor would drive it. */
class Editor {
  text: string;
  cursor: number;
  now = 0;
  readonly events: LifecycleEvent[] = [];
  readonly kept: (Kept & { how: string })[] = [];
  readonly live: boolean[] = [];
  readonly tracker: OfferTracker;
  #timers: { at: number; run: () => void }[] = [];

  constructor(marked: string) {
    this.cursor = marked.indexOf('|');
    this.text = marked.replace('|', '');
    this.tracker = new OfferTracker({
      now: () => this.now,
      schedule: (delayMs, run) => {
        const timer = { at: this.now + delayMs, run };
        this.#timers.push(timer);
        return () => {
          this.#timers = this.#timers.filter((one) => one !== timer);
        };
      },
      emit: (events) => void this.events.push(...events),
      onKept: (kept, how) => void this.kept.push({ ...kept, how }),
      onLive: (live) => void this.live.push(live),
    });
  }

  /** Offers texts that replace `tail` characters behind the cursor. */
  offer(episodeId: string, texts: readonly string[], tail = 0): void {
    const lineStart = this.text.lastIndexOf('\n', this.cursor - 1) + 1;
    const lineEnd = this.text.indexOf('\n', this.cursor);
    this.tracker.offer({
      episodeId,
      uri,
      cursor: this.cursor,
      linePrefix: this.text.slice(lineStart, this.cursor),
      lineSuffix: this.text.slice(this.cursor, lineEnd < 0 ? undefined : lineEnd),
      items: texts.map((insertText, index) => ({
        candidateId: `c${index}`,
        insertText,
        start: this.cursor,
        end: this.cursor + tail,
      })),
    });
  }

  /** The change, then the selection, as VS Code sends them. */
  change(change: DocumentChange): void {
    this.text = this.text.slice(0, change.offset) + change.text + this.text.slice(change.offset + change.length);
    this.tracker.changed(uri, [change]);
    this.cursor = change.offset + change.text.length;
    this.tracker.moved(uri, this.cursor);
  }

  type(text: string): void {
    for (const character of text) this.change({ offset: this.cursor, length: 0, text: character });
  }

  wait(ms: number): void {
    this.now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.now);
    this.#timers = this.#timers.filter(({ at }) => at > this.now);
    for (const { run } of due) run();
  }

  get facts(): string[] {
    return this.events.map(({ type, reason, text }) => [type, reason, text].filter((part) => part).join(' '));
  }
}

test('Tab: one accepted, although VS Code tells it twice', () => {
  const editor = new Editor('return |');
  editor.offer('e1', ['a + b;']);
  editor.change({ offset: 7, length: 0, text: 'a + b;' });
  editor.tracker.acceptedByCommand('e1', 'c0');
  assert.deepEqual(editor.events, [{ episodeId: 'e1', candidateId: 'c0', at: 0, type: 'accepted' }]);
  assert.deepEqual(editor.kept, [{ episodeId: 'e1', candidateId: 'c0', uri, start: 7, end: 13, how: 'taken' }]);
  assert.deepEqual(editor.live, [true, false]);
});

test('the command alone is enough, and the second candidate is credited when it was taken', () => {
  const editor = new Editor('return |');
  editor.offer('e1', ['a;', 'b;']);
  editor.tracker.acceptedByCommand('e1', 'c1');
  editor.tracker.acceptedByCommand('e1', 'c1');
  assert.deepEqual(editor.facts, ['accepted']);
  assert.equal(editor.events[0]?.candidateId, 'c1');
});

test('a command after the offer was thought ended still counts as accepted', () => {
  const editor = new Editor('return |');
  editor.offer('e1', ['a;']);
  editor.type('x');
  editor.tracker.acceptedByCommand('e1', 'c0');
  assert.deepEqual(editor.facts, ['ignored typedPast', 'accepted']);
});

test('a suggestion that was undone and offered again can be accepted again', () => {
  const editor = new Editor('|');
  editor.offer('e1', ['ab']);
  editor.tracker.acceptedByCommand('e1', 'c0');
  editor.offer('e1', ['ab']);
  editor.tracker.acceptedByCommand('e1', 'c0');
  assert.deepEqual(editor.facts, ['accepted', 'accepted']);
});

test('typing along asks nothing and returns the rest at the cursor', () => {
  const editor = new Editor('x\nreturn |)');
  editor.offer('e1', ['a + b'], 0);
  editor.type('a +');
  const rest = editor.tracker.rest(uri, editor.cursor);
  assert.deepEqual(rest, {
    episodeId: 'e1',
    items: [{ candidateId: 'c0', insertText: 'a + b', start: 9, end: editor.cursor }],
  });
  assert.equal(editor.tracker.rest(uri, 3), null);
  assert.equal(editor.tracker.rest('file:///b.ts', editor.cursor), null);
  assert.deepEqual(editor.facts, []);
});

test('typing along over a line break continues on the new line', () => {
  const editor = new Editor('if (x) {|');
  editor.offer('e1', ['\n  y();\n}']);
  editor.change({ offset: 8, length: 0, text: '\n  ' });
  editor.type('y');
  assert.deepEqual(editor.tracker.rest(uri, editor.cursor)?.items, [
    { candidateId: 'c0', insertText: '  y();\n}', start: 9, end: 12 },
  ]);
});

test('typing all of it by hand is accepted as typed, not as taken', () => {
  const editor = new Editor('|');
  editor.offer('e1', ['ab']);
  editor.type('ab');
  assert.deepEqual(editor.facts, []);
  editor.wait(500);
  assert.deepEqual(editor.facts, ['accepted typed']);
  assert.equal(editor.kept[0]?.how, 'typed');
});

test('Tab on a rest of one character is a real accept', () => {
  const editor = new Editor('|');
  editor.offer('e1', ['ab']);
  editor.type('ab');
  editor.tracker.acceptedByCommand('e1', 'c0');
  editor.wait(500);
  assert.deepEqual(editor.facts, ['accepted']);
});

test('typing something else is ignored, not rejected, and candidates fall one by one', () => {
  const editor = new Editor('|');
  editor.offer('e1', ['ab', 'ac']);
  editor.type('ac');
  editor.wait(500);
  assert.deepEqual(editor.facts, ['accepted typed']);
  assert.equal(editor.events[0]?.candidateId, 'c1');

  const other = new Editor('|');
  other.offer('e1', ['ab', 'ac']);
  other.type('ax');
  assert.deepEqual(other.facts, ['ignored typedPast']);
});

test('moving the cursor, a selection, and leaving the editor end it with their own reasons', () => {
  const moved = new Editor('a\n|');
  moved.offer('e1', ['b']);
  moved.tracker.moved('file:///other.ts', 0);
  moved.tracker.moved(uri, 0);
  assert.deepEqual(moved.facts, ['ignored moved']);

  const selected = new Editor('a|');
  selected.offer('e1', ['b']);
  selected.tracker.moved(uri, null);
  assert.deepEqual(selected.facts, ['ignored moved']);

  const left = new Editor('a|');
  left.offer('e1', ['b']);
  left.tracker.focused(uri);
  left.tracker.focused('file:///other.ts');
  left.tracker.focused(null);
  assert.deepEqual(left.facts, ['ignored blurred']);
});

test('a newer offer supersedes the older; the same one offered again does not', () => {
  const editor = new Editor('|');
  editor.offer('e1', ['a']);
  editor.offer('e1', ['a']);
  editor.offer('e2', ['b']);
  editor.tracker.unseen('e3');
  assert.deepEqual(editor.facts, ['ignored superseded', 'ignored superseded']);
  assert.deepEqual(
    editor.events.map(({ episodeId }) => episodeId),
    ['e1', 'e3'],
  );
});

test('Escape is the only way to reject ghost text', () => {
  const editor = new Editor('|');
  editor.tracker.dismissed();
  editor.offer('e1', ['a']);
  editor.tracker.dismissed();
  editor.tracker.dismissed();
  assert.deepEqual(editor.facts, ['rejected escape']);
});

test('accepting word by word reports each part, then the whole', () => {
  const editor = new Editor('|');
  editor.offer('e1', ['return a;']);
  editor.change({ offset: 0, length: 0, text: 'return' });
  editor.change({ offset: 6, length: 0, text: ' a' });
  editor.change({ offset: 8, length: 0, text: ';' });
  editor.tracker.acceptedByCommand('e1', 'c0');
  assert.deepEqual(editor.facts, ['partlyAccepted return', 'partlyAccepted  a', 'accepted']);
  assert.deepEqual(
    editor.kept.map(({ start, end }) => [start, end]),
    [
      [0, 6],
      [0, 8],
      [0, 9],
    ],
  );
});

test('a row taken from the suggest widget is typing, even where it inserts a whole word', () => {
  const editor = new Editor('console.|');
  editor.offer('e1', ['log(x);']);
  editor.tracker.selectedInWidget('log');
  editor.change({ offset: 8, length: 0, text: 'log' });
  assert.deepEqual(editor.facts, []);
  assert.equal(editor.tracker.rest(uri, editor.cursor)?.episodeId, 'e1');
});

test('shown after a tenth of a second, read after a time that fits its length, and neither when it was gone', () => {
  const editor = new Editor('|');
  editor.offer('e1', ['return x;']);
  editor.wait(99);
  assert.deepEqual(editor.facts, []);
  editor.wait(1);
  assert.deepEqual(editor.facts, ['shown']);
  editor.wait(199);
  assert.deepEqual(editor.facts, ['shown']);
  editor.wait(1);
  assert.deepEqual(editor.facts, ['shown', 'read']);

  const quick = new Editor('|');
  quick.offer('e1', ['x']);
  quick.type('y');
  quick.wait(5000);
  assert.deepEqual(quick.facts, ['ignored typedPast']);
});

test('an edit above, for example a sorted import, keeps the suggestion and its place', () => {
  const editor = new Editor('import b;\n\nf(|)');
  editor.offer('e1', ['x)'], 1);
  editor.tracker.changed(uri, [{ offset: 0, length: 0, text: 'import a;\n' }]);
  const shifted = editor.cursor + 'import a;\n'.length;
  assert.deepEqual(editor.tracker.rest(uri, shifted)?.items, [
    { candidateId: 'c0', insertText: 'x)', start: shifted, end: shifted + 1 },
  ]);
});
