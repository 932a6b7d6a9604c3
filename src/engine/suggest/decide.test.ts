import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Considered, type Decision, decide, noisyOr, type Rule, thresholdFor } from './decide.ts';

const candidate = (text: string, probability: number, model = 'workspace') => ({
  text,
  probability,
  model,
  replaces: '',
});
const judged = (chance: number) => ({ chance, features: [1, chance] });
const rule = (over: Partial<Rule> = {}): Rule => ({
  threshold: 0.25,
  most: 3,
  judge: ({ probability }) => judged(probability ?? 0.5),
  draw: () => 1,
  ...over,
});
const texts = (all: readonly Considered[]) => all.map(({ text }) => text);

test('below the threshold there is silence', () => {
  const { offer, silent, propensity } = decide([candidate('unlikely();', 0.2)], rule());
  assert.deepEqual([offer.length, silent.length, propensity], [0, 1, 1]);
});

test('the memory lifts a text the model alone was not sure enough of', () => {
  const candidates = [candidate('same();', 0.2), candidate('same();', 0.2, 'memory'), candidate('other();', 0.3)];
  const { offer } = decide(candidates, rule({ threshold: 0.31 }));
  assert.deepEqual(texts(offer), ['same();']);
  assert.equal(offer[0]?.probability, noisyOr(0.2, 0.2), 'and the episode says how likely it was thought');
});

test('two samples of one model are no second opinion', () => {
  assert.equal(decide([candidate('a();', 0.2), candidate('a();', 0.2)], rule()).offer.length, 0);
});

test('a dropped text is never offered, whatever its probability', () => {
  const { offer, silent } = decide(
    [{ ...candidate('bad();', 0.99), droppedBy: 'refused' }, candidate('good();', 0.5)],
    {
      ...rule(),
      draw: () => 0,
    },
  );
  assert.deepEqual(texts(offer), ['good();']);
  assert.equal(silent.find(({ text }) => text === 'bad();')?.droppedBy, 'refused');
});

test('among likely texts the one that saves most keystrokes comes first', () => {
  const { offer } = decide([candidate('ab();', 0.6), candidate('aLongCallThatIsTedious(toType);', 0.55)], rule());
  assert.equal(offer[0]?.text, 'aLongCallThatIsTedious(toType);');
});

test('one visible character is not worth the key that takes it', () => {
  assert.equal(decide([candidate('\n}', 0.99)], rule({ draw: () => 0 })).offer.length, 0);
  assert.equal(decide([candidate(');', 0.99)], rule()).offer.length, 1);
});

test('what decides is the chance that it is taken, and the likeliest rival is known', () => {
  const rivals: number[] = [];
  const judge: Rule['judge'] = ({ text }, rival) => {
    rivals.push(rival);
    return judged(text === 'sure();' ? 0.1 : 0.6);
  };
  const { offer } = decide([candidate('sure();', 0.9), candidate('doubt();', 0.3)], rule({ judge }));
  assert.deepEqual(texts(offer), ['doubt();']);
  assert.deepEqual(rivals, [0.3, 0.9]);
});

test('one in twenty of the doubtful is tried, and every choice says how likely it was made', () => {
  const doubtful = [candidate('doubtful();', 0.15)];
  const shown = decide(doubtful, rule({ draw: () => 0.049 }));
  const held = decide(doubtful, rule({ draw: () => 0.051 }));
  assert.deepEqual([texts(shown.offer), shown.propensity], [['doubtful();'], 0.05]);
  assert.deepEqual([texts(held.offer), held.propensity], [[], 0.95]);
  const hopeless = decide([candidate('hopeless();', 0.09)], rule({ draw: () => 0 }));
  assert.deepEqual([hopeless.offer.length, hopeless.propensity], [0, 1]);
  const sure = decide([candidate('sure();', 0.6), ...doubtful], rule({ draw: () => 0 }));
  assert.deepEqual([texts(sure.offer), sure.propensity], [['sure();'], 1]);
  // Each candidate says how likely it was to come first, shown or not.
  const firsts = ({ offer, silent }: Decision) => [...offer, ...silent].map(({ text, propensity: p }) => [text, p]);
  assert.deepEqual(firsts(shown), [['doubtful();', 0.05]]);
  assert.deepEqual(firsts(held), [['doubtful();', 0.05]]);
  assert.deepEqual(firsts(hopeless), [['hopeless();', 0]]);
  assert.deepEqual(firsts(sure), [
    ['sure();', 1],
    ['doubtful();', 0],
  ]);
  const asked = decide(doubtful, rule({ draw: () => 1 }));
  assert.deepEqual(firsts(asked), [['doubtful();', 0]], 'where nothing is tried it could not come');
});

test('what a filter dropped is not judged; what was turned down here is, and both say so', () => {
  const asked: string[] = [];
  const judge: Rule['judge'] = ({ text }) => {
    asked.push(text);
    return judged(0.5);
  };
  const { silent } = decide(
    [
      { ...candidate('short', 0.9), droppedBy: 'tooShort' },
      { ...candidate('refused();', 0.9), droppedBy: 'refused' },
    ],
    rule({ judge }),
  );
  assert.deepEqual(asked, ['refused();']);
  assert.deepEqual(silent.find(({ text }) => text === 'refused();')?.judged, judged(0.5));
  assert.equal(silent.find(({ text }) => text === 'short')?.judged, null);
});

test('each mode draws its own line, manual offers nothing unasked, and by hand the mode is no matter', () => {
  const modes = ['eager', 'normal', 'subtle', 'manual'] as const;
  assert.deepEqual(
    modes.map((mode) => thresholdFor('automatic', mode)),
    [0.15, 0.25, 0.5, null],
  );
  for (const mode of modes) assert.equal(thresholdFor('explicit', mode), 0.02);
  const guess = [candidate('guess();', 0.4)];
  const shown = modes.map(
    (mode) => decide(guess, rule({ threshold: thresholdFor('automatic', mode) ?? 1 })).offer.length,
  );
  assert.deepEqual(shown, [1, 1, 0, 0]);
});
