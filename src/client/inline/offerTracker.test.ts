import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LifecycleEvent } from '../../protocol/lifecycle.ts';
import { historyOf } from '../../protocol/lifecycle.ts';
import type { DocumentChange } from '../../protocol/rpc.ts';
import type { Kept } from './keptRanges.ts';
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
  readonly confirmed: string[] = [];
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
      onConfirmed: (episodeId) => void this.confirmed.push(episodeId),
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
  assert.deepEqual(editor.facts, ['accepted', 'offered', 'accepted']);
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

test('behind an emoji that was typed along, the rest is offered behind it: VS Code draws nothing over one', () => {
  const editor = new Editor('return |');
  editor.offer('e1', ['say("🎉 done");']);
  editor.change({ offset: 7, length: 0, text: 'say("' });
  editor.change({ offset: 12, length: 0, text: '🎉' });
  assert.deepEqual(editor.tracker.rest(uri, 14)?.items, [
    { candidateId: 'c0', insertText: ' done");', start: 14, end: 14 },
  ]);
  editor.change({ offset: 14, length: 0, text: ' done");' });
  editor.tracker.acceptedByCommand('e1', 'c0');
  assert.ok(editor.facts.includes('accepted'));
});

test('a paste equal to the offer is told from taking it: no command follows', () => {
  const editor = new Editor('return |');
  editor.offer('e1', ['a + b;']);
  editor.change({ offset: 7, length: 0, text: 'a + b;' });
  assert.deepEqual(editor.facts, []);
  editor.wait(1000);
  assert.deepEqual(editor.facts, ['accepted inserted']);
  assert.equal(editor.events[0]?.at, 0, 'it happened when it was pasted');
});

test('an undo right after a paste comes after the acceptance', () => {
  const editor = new Editor('return |');
  editor.offer('e1', ['a + b;']);
  editor.change({ offset: 7, length: 0, text: 'a + b;' });
  editor.tracker.settle();
  assert.deepEqual(editor.facts, ['accepted inserted']);
});

test('Tab on a rest of one character was a choice: undoing it says something', () => {
  const editor = new Editor('return |');
  editor.offer('e1', ['ab']);
  editor.type('ab');
  editor.tracker.acceptedByCommand('e1', 'c0');
  editor.wait(1000);
  assert.deepEqual(editor.facts, ['accepted']);
  assert.deepEqual(editor.confirmed, ['e1']);
});

test('deleting the code an offer was made for turns it down, if there was time to see it', () => {
  for (const [shownFor, fact] of [
    [310, 'rejected deleted'],
    [120, 'ignored typedPast'],
  ] as const) {
    const editor = new Editor('return x|');
    editor.offer('e1', [' + y']);
    editor.wait(100);
    editor.wait(shownFor);
    editor.change({ offset: 7, length: 1, text: '' });
    assert.deepEqual(editor.facts.at(-1), fact);
  }
});

test('ten seconds of nothing: ignored, but it is still on the screen and can be taken', () => {
  const editor = new Editor('return |');
  editor.offer('e1', ['a + b;']);
  editor.wait(100);
  editor.wait(750);
  editor.wait(10_000);
  assert.deepEqual(editor.facts, ['shown', 'read', 'ignored timedOut']);
  assert.equal(editor.tracker.liveEpisode, 'e1');
  editor.tracker.moved(uri, 0);
  assert.deepEqual(editor.facts.length, 3, 'it was told already');

  const late = new Editor('return |');
  late.offer('e1', ['a + b;']);
  late.wait(100);
  late.wait(20_000);
  late.change({ offset: 7, length: 0, text: 'a + b;' });
  late.tracker.acceptedByCommand('e1', 'c0');
  assert.deepEqual(late.facts.slice(-2), ['ignored timedOut', 'accepted']);
});

test('typing along is not nothing: the ten seconds begin again', () => {
  const editor = new Editor('return |');
  editor.offer('e1', ['a + b;']);
  editor.wait(100);
  editor.wait(6000);
  editor.type('a');
  editor.wait(6000);
  assert.ok(!editor.facts.includes('ignored timedOut'));
});

test('the same offer returned again for the same place is not shown twice', () => {
  const editor = new Editor('return |');
  editor.offer('e1', ['a + b;']);
  editor.wait(100);
  editor.offer('e1', ['a + b;']);
  editor.wait(800);
  assert.deepEqual(editor.facts, ['shown', 'read']);
});

test('whatever happens, every step is a legal one', () => {
  const action = fc.oneof(
    fc.record({
      do: fc.constant('offer' as const),
      id: fc.constantFrom('e1', 'e2'),
      text: fc.constantFrom('ab c;', 'x(y)', 'a'),
    }),
    fc.record({ do: fc.constant('type' as const), text: fc.constantFrom('a', 'b', ' ', 'x', 'ab', 'ab c;', '()') }),
    fc.record({ do: fc.constant('delete' as const) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(50, 120, 400, 900, 11_000) }),
    fc.record({ do: fc.constant('command' as const), id: fc.constantFrom('e1', 'e2') }),
    fc.record({ do: fc.constantFrom('escape' as const, 'move' as const, 'blur' as const, 'settle' as const) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const editor = new Editor('return |');
      for (const one of actions) {
        if (one.do === 'offer') editor.offer(one.id, [one.text]);
        else if (one.do === 'type') editor.change({ offset: editor.cursor, length: 0, text: one.text });
        else if (one.do === 'delete' && editor.cursor > 0)
          editor.change({ offset: editor.cursor - 1, length: 1, text: '' });
        else if (one.do === 'wait') editor.wait(one.ms);
        else if (one.do === 'command') editor.tracker.acceptedByCommand(one.id, 'c0');
        else if (one.do === 'escape') editor.tracker.dismissed();
        else if (one.do === 'move') editor.tracker.moved(uri, 0);
        else if (one.do === 'blur') editor.tracker.focused(null);
        else if (one.do === 'settle') editor.tracker.settle();
      }
      editor.wait(20_000);
      for (const id of ['e1', 'e2']) {
        // An offer made again begins a new round; only what follows a refusal is not told apart by events alone.
        const told = editor.events.filter((event) => event.episodeId === id);
        const rounds = told.some(({ type }) => type === 'rejected') ? [] : told;
        assert.equal(historyOf(rounds).illegal, 0, told.map(({ type }) => type).join(' '));
      }
    }),
    { numRuns: 2000 },
  );
});
