import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { defaultConfig, fimTemplateNames } from './config.ts';
import { commands, contextKeys, settings, views, walkthroughId } from './ids.ts';

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
const manifest = read('package.json');
const strings: Record<string, string> = read('package.nls.json');
const { contributes } = manifest;
type Property = { default: unknown; order: number; scope: string; enum?: string[]; markdownDescription: string };
const properties: Record<string, Property> = Object.assign(
  {},
  ...contributes.configuration.map((group: { properties: Record<string, Property> }) => group.properties),
);

test('every command of the manifest exists in the code, and the other way round', () => {
  const declared = contributes.commands.map((command: { command: string }) => command.command);
  assert.deepEqual([...declared].sort(), Object.values(commands).sort());
  for (const { category } of contributes.commands) assert.equal(category, 'Attune');
});

test('menus, keys, views and walkthrough name only ids that exist', () => {
  const known = new Set<string>([...Object.values(commands), 'attune.ratings.focus']);
  const menus = Object.values(contributes.menus).flat() as { command: string; when?: string }[];
  for (const { command } of [...menus, ...contributes.keybindings]) assert.ok(known.has(command), command);
  assert.equal(contributes.viewsContainers.activitybar[0].id, views.container);
  assert.equal(contributes.views[views.container][0].id, views.ratings);
  assert.equal(contributes.walkthroughs[0].id, walkthroughId);
  const links = Object.values(strings).flatMap((text) =>
    [...text.matchAll(/\(command:([\w.]+)\)/g)].map((match) => match[1]!),
  );
  for (const link of links) assert.ok(known.has(link), link);
  const clauses = JSON.stringify(contributes).matchAll(/attune\.(?:edit\w+|engine\w+|nextEdit\w+)/g);
  const keys = new Set<string>([...Object.values(contextKeys), 'attune.edits', ...Object.keys(properties)]);
  for (const [key] of clauses) assert.ok(keys.has(key) || key.startsWith('attune.edit.'), `unknown context key ${key}`);
});

test('the settings are those the code reads, at most 24, ordered, and none with an address or a key is for a workspace to set', () => {
  assert.deepEqual(
    Object.keys(properties).sort(),
    Object.values(settings)
      .map((key) => `attune.${key}`)
      .sort(),
  );
  assert.ok(Object.keys(properties).length <= 24);
  const orders = Object.values(properties).map((property) => property.order);
  assert.equal(new Set(orders).size, orders.length);
  const restricted: string[] = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
  for (const [key, { scope }] of Object.entries(properties)) {
    if (/baseUrl|model|template|Endpoint/i.test(key)) assert.equal(scope, 'machine', key);
    if (scope === 'machine') assert.ok(restricted.includes(key), key);
    assert.doesNotMatch(key, /key|secret|token$/i);
  }
});

test('the manifest’s defaults are the engine’s defaults', () => {
  const value = (key: string) => properties[`attune.${key}`]?.default;
  const { openai, ollama, vscodeModel, ...rest } = defaultConfig;
  assert.deepEqual(
    {
      openai: {
        baseUrl: value(settings.openaiBaseUrl),
        model: value(settings.openaiModel),
        completions: value(settings.openaiCompletions),
      },
      ollama: { baseUrl: value(settings.ollamaBaseUrl), model: value(settings.ollamaModel) },
      vscodeModel: value(settings.vscodeModel),
    },
    { openai, ollama, vscodeModel },
  );
  assert.deepEqual(
    {
      inlineModel: value(settings.inlineModel),
      editModel: value(settings.editModel),
      candidates: value(settings.candidates),
      inlineCandidates: value(settings.inlineCandidates),
      controlShare: value(settings.controlShare),
      trainAfterRatings: value(settings.trainAfterRatings),
      fimTemplate: value(settings.fimTemplate),
      contextTokens: value(settings.contextTokens),
      examples: value(settings.examples),
      embedder: value(settings.embedder),
      semanticModel: value(settings.semanticModel),
      maxMegabytes: value(settings.maxMegabytes),
      maxEpisodes: value(settings.maxEpisodes),
      workspaceModelMegabytes: value(settings.workspaceModelMegabytes),
      exclude: value(settings.exclude),
    },
    rest,
  );
  assert.deepEqual(properties['attune.fimTemplate']?.enum, [...fimTemplateNames]);
});

test('every string the manifest names is there, and none is left over', () => {
  const named = [...JSON.stringify(manifest).matchAll(/%([\w.-]+)%/g)].map((match) => match[1]!);
  assert.deepEqual([...new Set(named)].sort(), Object.keys(strings).sort());
});
