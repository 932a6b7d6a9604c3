import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultConfig, type EngineConfig } from '../../protocol/config.ts';
import { settings } from '../../protocol/ids.ts';
import type { ModelRow } from '../../protocol/rpc.ts';
import { plainL10n } from '../platform/l10n.ts';
import { addressProblem, modelDetail, possibleUses, settingsFor, sizeText, usesNow } from './modelChoice.ts';

const row = (source: ModelRow['source'], chat = true): ModelRow => ({
  source,
  id: 'qwen2.5-coder:1.5b',
  label: 'qwen2.5-coder:1.5b',
  detail: 'Ollama',
  sizeBytes: 986_000_000,
  capabilities: { fillInTheMiddle: true, chat },
  template: 'qwen',
});

test('choosing a model writes only what that choice means', () => {
  assert.deepEqual(settingsFor(row('ollama'), 'both'), [
    [settings.ollamaModel, 'qwen2.5-coder:1.5b'],
    [settings.inlineModel, 'ollama'],
    [settings.editModel, 'ollama'],
  ]);
  assert.deepEqual(settingsFor(row('openai'), 'edit'), [
    [settings.openaiModel, 'qwen2.5-coder:1.5b'],
    [settings.editModel, 'openai'],
  ]);
  assert.deepEqual(settingsFor({ source: 'workspace', id: 'workspace' }, 'inline'), [
    [settings.inlineModel, 'workspace'],
  ]);
  assert.deepEqual(settingsFor({ source: 'vscode', id: 'm' }, 'both'), [
    [settings.vscodeModel, 'm'],
    [settings.editModel, 'vscode'],
  ]);
});

test('a model is never offered for what it cannot do', () => {
  assert.deepEqual(possibleUses(row('workspace')), ['inline']);
  assert.deepEqual(possibleUses(row('vscode')), ['edit']);
  assert.deepEqual(possibleUses(row('ollama', false)), ['inline']);
  assert.deepEqual(possibleUses(row('openai')), ['both', 'inline', 'edit']);
});

test('after choosing, the list marks the model as in use', () => {
  const config: EngineConfig = {
    ...defaultConfig,
    inlineModel: 'ollama',
    ollama: { ...defaultConfig.ollama, model: 'qwen2.5-coder:1.5b' },
  };
  assert.deepEqual(usesNow(row('ollama'), config), { inline: true, edit: false });
  assert.deepEqual(usesNow({ ...row('ollama'), id: 'other' }, config), { inline: false, edit: false });
  assert.deepEqual(usesNow(row('workspace'), config), { inline: false, edit: false });
});

test('a row says size and the detected template, by which wrong models are found out', () => {
  assert.equal(modelDetail(row('ollama'), plainL10n), 'Ollama · 986.0 MB · fill-in-the-middle: qwen');
  assert.equal(sizeText(4_700_000_000), '4.7 GB');
  assert.equal(sizeText(1), '1 kB');
});

test('an address that cannot work is refused while it is typed', () => {
  for (const good of ['http://localhost:8080/v1', ' https://api.example.com/v1 ']) {
    assert.equal(addressProblem(good, plainL10n), null);
  }
  for (const bad of ['', 'localhost:8080', 'ftp://host/x', 'file:///etc/passwd', 'http://']) {
    assert.notEqual(addressProblem(bad, plainL10n), null, bad);
  }
});
