import type * as v from 'valibot';
import type { InlineMode } from '../../protocol/config.ts';
import type { EngineNotifications } from '../../protocol/rpc.ts';
import type { TrainingStep } from '../../protocol/trainingPanel.ts';
import type { EngineState } from '../engine/engineState.ts';
import { modeName } from '../inline/modeTexts.ts';
import type { L10n } from '../platform/l10n.ts';
import { stepText } from '../training/trainingTexts.ts';

export type EngineStatus = v.InferOutput<EngineNotifications['status']>;

/** What the status bar knows. */
export interface StatusInput {
  readonly engine: EngineState;
  /** The last the engine said about itself; null before it said anything. */
  readonly status: EngineStatus | null;
  readonly trusted: boolean;
  /** How far a training is; null: none is under way. */
  readonly training: TrainingStep | null;
  /** Ghost text in the active editor; null when no editor of ours is active. */
  readonly inline: { readonly enabled: boolean; readonly mode: InlineMode; readonly languageId: string } | null;
}

export interface StatusView {
  readonly text: string;
  /** Spoken by screen readers and shown on hover. */
  readonly label: string;
  readonly severity: 'normal' | 'warning' | 'error';
}

/** One value for what is shown; the first that applies wins. */
export function statusView({ engine, status, trusted, training, inline }: StatusInput, l10n: L10n): StatusView {
  const view = (icon: string, label: string, severity: StatusView['severity'] = 'normal'): StatusView => ({
    text: `$(${icon}) Attune`,
    label: l10n.t('Attune: {0}', label),
    severity,
  });
  switch (engine.type) {
    case 'starting':
      return view('loading~spin', l10n.t('starting'));
    case 'restarting':
      return view('loading~spin', l10n.t('the engine stopped and is being restarted'), 'warning');
    case 'down':
      return engine.why === 'stopped'
        ? view('circle-slash', l10n.t('the engine is stopped'))
        : view('error', l10n.t('the engine is not running. Click for the menu and choose Restart'), 'error');
    case 'ready':
      break;
  }
  if (!trusted || status?.state === 'untrusted') {
    return view('shield', l10n.t('Restricted Mode: nothing is read, suggested or sent'));
  }
  if (status?.state === 'problem') {
    return view('warning', status.detail === '' ? l10n.t('there is a problem') : status.detail, 'warning');
  }
  // Suggestions go on meanwhile, so their state would only flicker.
  if (training) return view('mortar-board', l10n.t('{0}. Suggestions go on', stepText(training, l10n)));
  switch (status?.state) {
    case 'thinking':
      return view('loading~spin', l10n.t('thinking'));
    case 'starting':
      return view('loading~spin', l10n.t('starting'));
    case 'indexing':
      return view('sync~spin', l10n.t('reading the workspace, {0} files so far', status.detail || '0'));
    case 'ready':
    case undefined:
      break;
  }
  if (inline && !inline.enabled) return view('eye-closed', l10n.t('suggestions are off for {0}', inline.languageId));
  const model = modelName(status?.model ?? '', l10n);
  const ready = model === '' ? l10n.t('ready') : l10n.t('ready, suggesting with {0}', model);
  switch (inline?.mode) {
    case 'manual':
      return view('keyboard', l10n.t('{0}, only when asked for', ready));
    case 'eager':
    case 'subtle':
      return view('sparkle', l10n.t('{0}. Mode: {1}', ready, modeName(inline.mode, l10n)));
    case 'normal':
    case undefined:
      return view('sparkle', ready);
  }
}

/** A model's name for people; the built-in one has no name of its own. */
export function modelName(model: string, l10n: L10n): string {
  return model === 'workspace' ? l10n.t('the built-in workspace model') : model;
}
