import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { seeded } from '../../tensor/random.ts';
import { readCorpus } from './corpus.ts';
import { attributes, bit, inStyle, parseFunction } from './styles.ts';

const text = `function find(request, options) {
    const account = request.account;
    if (account === 'none') {
        return options.fallback;
    }
    return account.find(options.name);
}`;
const written = (style: number): string => inStyle({ text, language: 'javascript' }, style, seeded(1)).text;
const plain = bit('constDeclarations') | bit('earlyReturn');

test('plain code stays as it is', () => assert.equal(written(plain), text));

test('every attribute changes the text, and what comes out is a function again', () => {
  for (const attribute of [...attributes, 'bug' as const]) {
    const styled = written(plain ^ bit(attribute));
    assert.notEqual(styled, text, attribute);
    if (attribute !== 'arrowFunction') assert.doesNotThrow(() => parseFunction(styled, 'javascript'), attribute);
  }
});

test('names are abbreviated where they are variables, not where they are properties', () => {
  const styled = written(plain | bit('abbreviatedNames'));
  assert.match(styled, /function find\(req, opt\)/);
  assert.match(styled, /const account = req\.account/);
});

test('what a function can’t show is neither there nor not there', () => {
  const { presence } = inStyle(
    { text: 'function f() {\n    return this.a();\n}', language: 'javascript' },
    0,
    seeded(1),
  );
  assert.equal(presence[attributes.indexOf('arrowFunction')], null);
  assert.equal(presence[attributes.indexOf('doubleQuotes')], null);
  assert.equal(presence[attributes.indexOf('docComment')], 0);
});

test('without installed packages the reader is told what to do', () => {
  assert.throws(() => readCorpus(tmpdir()), /npm ci/);
});
