import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Episode, Event } from '../../protocol/episode.ts';
import type { StoreChange, StoredEpisode } from '../memory/store.ts';
import { AcceptanceGate, drawFor, rounded, untaughtChance } from './acceptance.ts';
import { featureNames, featureVersion, prior } from './acceptanceFeatures.ts';
import { type Decision, decisionOf } from './decisions.ts';

let made = 0;
const nextId = (): string => `01890000-0000-7000-8000-${(made++).toString(16).padStart(12, '0')}`;

/** The part of the store the gate follows, in memory. */
class Records {
  readonly #entries = new Map<string, StoredEpisode>();
  readonly #listeners = new Set<(change: StoreChange) => void>();

  get(id: string): StoredEpisode | null {
    return this.#entries.get(id) ?? null;
  }
  entries(): Iterable<StoredEpisode> {
    return [...this.#entries.values()].reverse();
  }
  onChange(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  add(episode: Episode): void {
    this.#entries.set(episode.id, { episode, events: [], rating: null, otherRatings: [], forbidden: false });
    this.#tell({ added: [episode.id], changed: [], removed: [] });
  }
  happened(episodeId: string, at: number, event: Pick<Event, 'type' | 'reason'>): void {
    const entry = this.#entries.get(episodeId)!;
    const events = [...entry.events, { id: nextId(), episodeId, at, ...event }];
    this.#entries.set(episodeId, { ...entry, events });
    this.#tell({ added: [], changed: [episodeId], removed: [] });
  }
  remove(ids: string[]): void {
    for (const id of ids) this.#entries.delete(id);
    this.#tell({ added: [], changed: [], removed: ids });
  }
  #tell(change: StoreChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

const places = ['  call(', '  const x = ', '  ', '  user.', '  return '];
let time = 1_700_000_000_000;

function offered(turn: number, prefix: string, text = `text${turn}()`): Episode {
  time += 5000;
  const range = { startLine: turn, startCharacter: prefix.length, endLine: turn, endCharacter: prefix.length };
  return {
    id: nextId(),
    at: time,
    kind: 'inline',
    file: 'src/a.ts',
    languageId: 'typescript',
    range,
    instruction: '',
    prefix: `function f() {\n${prefix}`,
    before: '',
    suffix: '\n}\n',
    candidates: [{ id: nextId(), text, model: 'workspace', probability: 0.4 }],
    offered: 0,
    propensity: 1,
    examples: [],
  };
}

/** A number from 0 to 1 for the n-th turn. */
const chanceOf = (turn: number, salt: number): number => drawFor(salt, `turn ${turn}`);

/** Offers `count` texts at all places in turn, and answers as `takes` says. */
function live(
  records: Records,
  count: number,
  takes: (prefix: string, turn: number) => boolean,
  before: (episode: Episode) => void = () => {},
): Episode[] {
  return Array.from({ length: count }, (_, turn) => {
    const prefix = places[Math.floor(chanceOf(turn, 1) * places.length)]!;
    const episode = offered(turn, prefix);
    before(episode);
    records.add(episode);
    time += 1000;
    if (takes(prefix, turn)) records.happened(episode.id, time, { type: 'accepted' });
    else records.happened(episode.id, time, { type: 'ignored', reason: 'typedPast' });
    return episode;
  });
}

const decision = (prefix: string): Decision => ({ ...decisionOf(offered(9999, prefix, 'fresh()'))!, id: null });
/** Takes what comes after an opening bracket or a dot, mostly; little else. */
const picky = (prefix: string, turn: number): boolean =>
  chanceOf(turn, 2) < (prefix.endsWith('(') || prefix.endsWith('.') ? 0.8 : 0.06);

test('what a developer takes, and what not, is learnt from a few hundred offers', () => {
  const records = new Records();
  const gate = new AcceptanceGate(records);
  live(records, 300, picky);
  for (const liked of ['  call(', '  user.']) assert.ok(gate.chance(decision(liked)) > 0.5, liked);
  for (const disliked of ['  const x = ', '  ', '  return '])
    assert.ok(gate.chance(decision(disliked)) < 0.2, disliked);
});

test('it is right before it is told: offers are ranked better than by the model alone', () => {
  const records = new Records();
  const gate = new AcceptanceGate(records);
  const said = new Map<string, number>();
  const episodes = live(records, 400, picky, (episode) => said.set(episode.id, gate.chance(decisionOf(episode)!)));
  const later = episodes.slice(100);
  const taken = (one: Episode) => records.get(one.id)!.events.some(({ type }) => type === 'accepted');
  assert.ok(
    rankedRight(
      later.filter(taken),
      later.filter((one) => !taken(one)),
      said,
    ) > 0.8,
  );
});

test('answers that follow no rule teach no rule', () => {
  const records = new Records();
  const gate = new AcceptanceGate(records);
  // The same share is taken, wherever it is.
  const share = 0.35;
  const said = new Map<string, number>();
  const episodes = live(
    records,
    600,
    (_, turn) => chanceOf(turn, 3) < share,
    (episode) => said.set(episode.id, gate.chance(decisionOf(episode)!)),
  );
  const later = episodes.slice(300);
  const taken = (one: Episode) => records.get(one.id)!.events.some(({ type }) => type === 'accepted');
  const right = rankedRight(
    later.filter(taken),
    later.filter((one) => !taken(one)),
    said,
  );
  assert.ok(right > 0.4 && right < 0.6, `${right}`);
  const mean = later.reduce((sum, { id }) => sum + said.get(id)!, 0) / later.length;
  assert.ok(Math.abs(mean - share) < 0.08, 'but how much is taken is learnt');
});

/** Share of pairs in which the one that was taken had been thought likelier. */
function rankedRight(taken: readonly Episode[], left: readonly Episode[], said: ReadonlyMap<string, number>): number {
  let right = 0;
  for (const a of taken) for (const b of left) right += said.get(a.id)! > said.get(b.id)! ? 1 : 0;
  return right / (taken.length * left.length);
}

test('a text that was turned down again and again is believed less, one that was taken more', () => {
  const records = new Records();
  const gate = new AcceptanceGate(records);
  live(records, 200, (_, turn) => chanceOf(turn, 4) < 0.4);
  for (let turn = 0; turn < 40; turn += 1) {
    const good = turn % 2 === 0;
    const episode = offered(300 + turn, '  ', good ? 'always();' : 'never();');
    records.add(episode);
    time += 1000;
    records.happened(episode.id, time, good ? { type: 'accepted' } : { type: 'ignored', reason: 'typedPast' });
  }
  const of = (text: string) => gate.chance({ ...decision('  '), text });
  assert.ok(of('always();') > 2 * of('never();'));
});

test('after a restart the memory says what it said before: training sees what serving saw', () => {
  const records = new Records();
  const gate = new AcceptanceGate(records);
  gate.chance(decision('  '));
  live(records, 150, picky);
  const again = new AcceptanceGate(records);
  for (const place of places) {
    const asked = decision(place);
    assert.ok(Math.abs(gate.chance(asked) - again.chance(asked)) < 1e-6, place);
  }
});

test('what was written down with an offer is believed, unless it follows another table', () => {
  const logged = (version: number) => {
    const records = new Records();
    // Everything is said to have been seen at one and the same place: nothing tells what is taken from what is not.
    const same = rounded(new AcceptanceGate(records).features(decision('  ')));
    for (const episode of live(new Records(), 150, picky)) {
      const [candidate] = episode.candidates;
      records.add({ ...episode, featureVersion: version, candidates: [{ ...candidate!, features: same }] });
      records.happened(episode.id, time, {
        type: picky(episode.prefix, episode.range.startLine) ? 'accepted' : 'ignored',
      });
    }
    return new AcceptanceGate(records);
  };
  const moved = (gate: AcceptanceGate) => {
    const opener = featureNames.indexOf('after an opener');
    return Math.abs(gate.weights[opener]! - prior.mean[opener]!);
  };
  assert.equal(moved(logged(featureVersion)), 0);
  assert.ok(moved(logged(featureVersion + 1)) > 0.05);
});

test('the weights are ready before anybody asks', () => {
  const records = new Records();
  const gate = new AcceptanceGate(records);
  live(records, 300, picky);
  while (gate.prepare());
  const weights = gate.weights;
  const again = new AcceptanceGate(records);
  assert.ok(weights.every((weight, index) => Math.abs(weight - again.weights[index]!) < 1e-6));
});

test('a mind that changed is followed', () => {
  const records = new Records();
  const gate = new AcceptanceGate(records);
  live(records, 300, picky);
  const before = gate.chance(decision('  return '));
  live(records, 300, (prefix, turn) => !picky(prefix, turn));
  assert.ok(before < 0.2 && gate.chance(decision('  return ')) > 0.4);
});

test('what is deleted from the memory no longer counts', () => {
  const records = new Records();
  const gate = new AcceptanceGate(records);
  const episodes = live(records, 200, picky);
  records.remove(episodes.map(({ id }) => id));
  assert.equal(gate.chance(decision('  call(')), untaughtChance(decision('  call(')));
});

test('silence, edits on request and what only scrolled out of sight teach nothing', () => {
  const records = new Records();
  const gate = new AcceptanceGate(records);
  for (let turn = 0; turn < 60; turn += 1) {
    records.add({ ...offered(turn, '  call('), offered: null });
    const edit = { ...offered(turn, '  call('), kind: 'edit' as const };
    records.add(edit);
    records.happened(edit.id, time, { type: 'rejected' });
    const replaced = offered(turn, '  call(');
    records.add(replaced);
    records.happened(replaced.id, time, { type: 'ignored', reason: 'superseded' });
  }
  assert.deepEqual(gate.weights, new AcceptanceGate(new Records()).weights);
});

test('before anything is learnt the model’s word counts, less what typing selects', () => {
  const of = (probability: number | null, model = 'workspace') =>
    untaughtChance({ ...decision('  call('), probability, model });
  assert.ok(of(0.2) < 0.25 && of(0.5) > 0.25 && of(0.9) > of(0.5));
  assert.equal(of(null, 'openai:any'), 0.5, 'a model that gives no probability is given a chance');
});

test('draws are even, and the same for the same words', () => {
  const draws = Array.from({ length: 4000 }, (_, index) => drawFor(7, `file.ts\nline ${index}`));
  const below = draws.filter((draw) => draw < 0.05).length / draws.length;
  assert.ok(Math.abs(below - 0.05) < 0.015, `${below}`);
  assert.equal(drawFor(7, 'same'), drawFor(7, 'same'));
  assert.notEqual(drawFor(7, 'same'), drawFor(8, 'same'));
});
