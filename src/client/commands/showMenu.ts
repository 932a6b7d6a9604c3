import * as vscode from 'vscode';
import { commands } from '../../protocol/ids.ts';
import type { TrainingState } from '../../protocol/training.ts';
import { modeName } from '../inline/modeTexts.ts';
import { modelName } from '../status/statusView.ts';
import { learningItems } from '../training/menuItems.ts';
import type { CommandDeps } from './deps.ts';

interface Item extends vscode.QuickPickItem {
  readonly command?: string;
  readonly argument?: unknown;
}

/** The menu behind the status bar item: everything Attune does, with its state. */
export async function showMenu(deps: CommandDeps): Promise<void> {
  const chosen = await vscode.window.showQuickPick(await menuItems(deps), {
    title: 'Attune',
    placeHolder: vscode.l10n.t('What would you like to do?'),
    matchOnDescription: true,
  });
  if (chosen?.command === undefined) return;
  await vscode.commands.executeCommand(chosen.command, chosen.argument);
}

/** Longer and the menu opens without what is known of learning. */
const learningMs = 300;

function trainingState({ engine }: CommandDeps): Promise<TrainingState | null> {
  const late = new Promise<null>((resolve) => setTimeout(resolve, learningMs, null));
  return Promise.race([engine.ask('trainingState', {}).catch(() => null), late]);
}

async function menuItems(deps: CommandDeps): Promise<readonly Item[]> {
  const { engine, config, status, lastEpisode, nextEditPlaces, training } = deps;
  const { l10n } = vscode;
  const item = (icon: string, label: string, command: string, description = ''): Item => ({
    label: `$(${icon}) ${label}`,
    command,
    description,
  });
  const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const onOff = (on: boolean): string => (on ? l10n.t('on') : l10n.t('off'));

  if (!vscode.workspace.isTrusted) {
    return [
      item('shield', l10n.t('Manage Workspace Trust'), 'workbench.trust.manage', l10n.t('Restricted Mode')),
      item('star', l10n.t('Open Ratings'), commands.openRatings),
      item('graph-line', l10n.t('Open Training'), commands.openTraining),
      item('database', l10n.t('Show What Is Stored'), commands.showMemoryStats),
      item('output', l10n.t('Show Log'), commands.showLog),
    ];
  }
  const restart = item('debug-restart', l10n.t('Restart Engine'), commands.restartEngine);
  if (engine.state.type !== 'ready') return [restart, item('output', l10n.t('Show Log'), commands.showLog)];

  const document = vscode.window.activeTextEditor?.document;
  const { inlineModel, editModel, openai, ollama, vscodeModel } = config.current.engine;
  const named = { openai: openai.model, ollama: ollama.model, vscode: vscodeModel, workspace: 'workspace', auto: '' };
  const edits = editModel === 'auto' ? l10n.t('the first configured') : named[editModel] || editModel;
  const inline = modelName(status()?.model || named[inlineModel] || inlineModel, l10n);
  const ownMode = document ? config.inlineModeOfLanguage(document.languageId) : null;
  const languageMode = ownMode === null ? l10n.t('same as everywhere') : modeName(ownMode, l10n);
  // VS Code’s own pause for all providers; absent in older versions.
  const snooze = 'editor.action.inlineSuggest.snooze';
  const [known, learning] = await Promise.all([vscode.commands.getCommands(true), trainingState(deps)]);
  const canSnooze = known.includes(snooze);
  return [
    separator(l10n.t('Suggestions')),
    item('eye', l10n.t('Suggest While Typing'), commands.toggleInline, onOff(config.inlineEnabled)),
    ...(document
      ? [
          item(
            'symbol-misc',
            l10n.t('Suggest in {0}', document.languageId),
            commands.toggleInlineForLanguage,
            onOff(config.inlineEnabledFor(document)),
          ),
        ]
      : []),
    item('dashboard', l10n.t('Mode: {0}', modeName(config.current.client.inlineMode, l10n)), commands.selectMode),
    ...(document
      ? [
          {
            ...item('dashboard', l10n.t('Mode for {0}…', document.languageId), commands.selectMode, languageMode),
            argument: { languageId: document.languageId },
          },
        ]
      : []),
    ...(canSnooze ? [item('bell-slash', l10n.t('Snooze All Inline Suggestions…'), snooze)] : []),
    ...(nextEditPlaces() > 0
      ? [item('replace-all', l10n.t('Make the Same Change Everywhere in This File'), commands.acceptAllNextEdits)]
      : []),
    ...(document ? [item('sparkle', l10n.t('Propose Edit…'), commands.proposeEdit)] : []),
    separator(l10n.t('Ratings')),
    ...(lastEpisode() === null
      ? []
      : [
          item('thumbsup', l10n.t('Rate Last Suggestion Good'), commands.rateLastGood),
          item('thumbsdown', l10n.t('Rate Last Suggestion Bad'), commands.rateLastBad),
        ]),
    item('star', l10n.t('Open Ratings'), commands.openRatings),
    separator(l10n.t('Learning')),
    ...learningItems({ state: learning, step: training.step }, l10n).map(({ icon, label, command, description }) =>
      item(icon, label, command, description),
    ),
    separator(l10n.t('Models')),
    item('server-process', l10n.t('Suggestions'), commands.selectModel, inline),
    item('server-process', l10n.t('Requested Edits'), commands.selectModel, edits),
    item('beaker', l10n.t('Test a Model'), commands.testModel),
    separator(l10n.t('Under the hood')),
    item('database', l10n.t('Show What Is Stored'), commands.showMemoryStats),
    item('list-tree', l10n.t('Show Trace of Recent Requests'), commands.showTrace),
    item('circuit-board', l10n.t('Check What This Machine Can Train On'), commands.checkTraining),
    item('record', l10n.t('Record This Editing Session, or Stop'), commands.recordSession),
    item('output', l10n.t('Show Log'), commands.showLog),
    restart,
    item('book', l10n.t('Get Started'), commands.openWalkthrough),
  ];
}
