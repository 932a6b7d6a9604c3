import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as v from 'valibot';
import { defaultConfig, EngineConfig, inlineModes } from '../../protocol/config.ts';
import { settings } from '../../protocol/ids.ts';
import { defaultClientConfig, readSnapshot } from './configSnapshot.ts';

const from = (values: Readonly<Record<string, unknown>>) => readSnapshot((key) => values[key]);

test('a fresh installation runs with the documented defaults and without warnings', () => {
  const { snapshot, problems } = from({});
  assert.deepEqual(snapshot, { engine: defaultConfig, client: defaultClientConfig });
  assert.deepEqual(problems, []);
});

test('what the user set is what the engine gets', () => {
  const { snapshot, problems } = from({
    [settings.inlineModel]: 'ollama',
    [settings.openaiBaseUrl]: ' http://localhost:1/v1 ',
    [settings.candidates]: 5,
    [settings.fimTemplate]: 'qwen',
    [settings.exclude]: ['*.gen.ts'],
    [settings.inlineMode]: 'subtle',
  });
  assert.equal(snapshot.engine.inlineModel, 'ollama');
  assert.equal(snapshot.engine.openai.baseUrl, 'http://localhost:1/v1');
  assert.equal(snapshot.engine.candidates, 5);
  assert.equal(snapshot.engine.fimTemplate, 'qwen');
  assert.deepEqual(snapshot.engine.exclude, ['*.gen.ts']);
  assert.equal(snapshot.client.inlineMode, 'subtle');
  assert.deepEqual(problems, []);
});

test('a number out of range is clamped and the user can be told which', () => {
  const { snapshot, problems } = from({ [settings.candidates]: 50, [settings.examples]: -3 });
  assert.equal(snapshot.engine.candidates, 5);
  assert.equal(snapshot.engine.examples, 0);
  assert.deepEqual(problems, [
    { key: settings.candidates, problem: 'outOfRange', used: '5' },
    { key: settings.examples, problem: 'outOfRange', used: '0' },
  ]);
});

test('a value of the wrong kind falls back to the default and never appears in the report', () => {
  const { snapshot, problems } = from({ [settings.openaiModel]: { key: 'sk-1234' }, [settings.editModel]: 'cloud' });
  assert.equal(snapshot.engine.openai.model, '');
  assert.equal(snapshot.engine.editModel, 'auto');
  assert.equal(problems.length, 2);
  assert.ok(!JSON.stringify(problems).includes('sk-1234'));
});

test('no settings file, however broken, makes the engine refuse its configuration', () => {
  const keys = Object.values(settings);
  const value = fc.oneof(fc.anything(), fc.double(), fc.integer(), fc.string(), fc.array(fc.string()));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), value), (values) => {
      const { snapshot } = from(values);
      assert.deepEqual(v.parse(EngineConfig, snapshot.engine), snapshot.engine);
      assert.ok(inlineModes.includes(snapshot.client.inlineMode));
    }),
  );
});
