import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainL10n } from '../platform/l10n.ts';
import { type EngineStatus, type StatusInput, statusView } from './statusView.ts';

const store = { episodes: 0, ratings: 0, bytes: 0, openMs: 0, problems: [] };
const status = (state: EngineStatus['state'], detail = ''): EngineStatus => ({ state, detail, model: 'workspace' });
const well: StatusInput = {
  engine: { type: 'ready', pid: 1, version: '0', store },
  status: status('ready'),
  trusted: true,
  training: null,
  inline: { enabled: true, mode: 'normal', languageId: 'typescript' },
};
const view = (input: Partial<StatusInput>) => statusView({ ...well, ...input }, plainL10n);

test('all well: which model suggests can be seen and heard', () => {
  assert.deepEqual(view({}), {
    text: '$(sparkle) Attune',
    label: 'Attune: ready, suggesting with the built-in workspace model',
    severity: 'normal',
  });
});

test('a dead engine is never shown as ready, whatever it said before it died', () => {
  const restarting = view({ engine: { type: 'restarting', crashes: 1, delayMs: 250, tellUser: true } });
  assert.equal(restarting.severity, 'warning');
  const down = view({ engine: { type: 'down', why: 'crashed', detail: 'SIGKILL' } });
  assert.equal(down.severity, 'error');
  assert.match(down.label, /not running/);
});

test('Restricted Mode is said before anything else of a running engine', () => {
  assert.match(view({ trusted: false, status: status('indexing') }).label, /Restricted Mode/);
  assert.match(view({ status: status('untrusted') }).label, /Restricted Mode/);
});

test('a problem with the model is shown with its sentence', () => {
  const { label, severity } = view({ status: status('problem', 'Ollama does not answer.') });
  assert.equal(label, 'Attune: Ollama does not answer.');
  assert.equal(severity, 'warning');
});

test('the user sees when suggestions are off in this language, but not while work is under way', () => {
  const off = { enabled: false, mode: 'normal', languageId: 'markdown' } as const;
  assert.match(view({ inline: off }).label, /off for markdown/);
  assert.match(view({ inline: off, status: status('indexing', '12') }).label, /12 files/);
});

test('a mode that is not the usual one can be read, and manual is seen', () => {
  const inMode = (mode: 'eager' | 'subtle' | 'manual') => view({ inline: { enabled: true, mode, languageId: 'go' } });
  assert.match(inMode('eager').label, /workspace model\. Mode: Eager$/);
  assert.match(inMode('subtle').label, /Mode: Subtle$/);
  assert.deepEqual(inMode('manual'), {
    text: '$(keyboard) Attune',
    label: 'Attune: ready, suggesting with the built-in workspace model, only when asked for',
    severity: 'normal',
  });
});

test('a training under way is said with how far it is, and never hides a problem', () => {
  const training = { stage: 'selector', share: 0.427, secondsLeft: 12.3, message: '', scalars: [] } as const;
  assert.deepEqual(view({ training, status: status('thinking') }), {
    text: '$(mortar-board) Attune',
    label: 'Attune: learning the selector, 42 %, about 12 s left. Suggestions go on',
    severity: 'normal',
  });
  assert.equal(view({ training, status: status('problem', 'Ollama does not answer.') }).severity, 'warning');
});
