import * as vscode from 'vscode';
import { type CommandId, commands, walkthroughId } from '../../protocol/ids.ts';
import { rollBack } from '../training/rollBack.ts';
import { train } from '../training/train.ts';
import { exportTrainingData, importRatings } from '../training/trainingData.ts';
import {
  episodeArgument,
  isConfirmed,
  layerArgument,
  modeArgument,
  modelArgument,
  modelForUseArgument,
  nameArgument,
  trainArgument,
} from './arguments.ts';
import { checkTraining } from './checkTraining.ts';
import type { CommandDeps } from './deps.ts';
import { downloadEmbedder } from './downloadEmbedder.ts';
import { guarded } from './failure.ts';
import { exportMemory, importMemory, resetMemory } from './memory.ts';
import { pullModel } from './pullModel.ts';
import { rateLast } from './rateLast.ts';
import { rebuildWorkspaceModel } from './rebuildWorkspaceModel.ts';
import { showMemoryStats, showTrace } from './reports.ts';
import { selectMode } from './selectMode.ts';
import { selectModel } from './selectModel.ts';
import { setApiKey } from './setApiKey.ts';
import { showMenu } from './showMenu.ts';
import { testModel } from './testModel.ts';
import { toggleInline, toggleInlineForLanguage } from './toggleInline.ts';

type Handler = (argument: unknown) => Promise<unknown> | unknown;

/** A URI in place of a dialog; other things (a menu’s context) are not one. */
const fileArgument = (given: unknown): vscode.Uri | undefined => {
  if (given instanceof vscode.Uri) return given.scheme === 'file' ? given : undefined;
  return typeof given === 'string' && given !== '' ? vscode.Uri.file(given) : undefined;
};

/** Registers the commands that are neither of requested edits nor of the ghost text's own lifecycle. */
export function registerCommands(deps: CommandDeps, extensionId: string): vscode.Disposable {
  const handlers = {
    [commands.rateLastGood]: () => rateLast(deps, 'up'),
    [commands.rateLastBad]: () => rateLast(deps, 'down'),
    [commands.showMenu]: () => showMenu(deps),
    [commands.toggleInline]: () => toggleInline(deps),
    [commands.toggleInlineForLanguage]: () => toggleInlineForLanguage(deps),
    [commands.selectMode]: (given) => selectMode(deps, modeArgument(given)),
    [commands.selectModel]: (given) => selectModel(deps, modelForUseArgument(given)),
    [commands.setApiKey]: () => setApiKey(deps),
    [commands.testModel]: (given) => testModel(deps, modelArgument(given)),
    [commands.pullModel]: (given) => pullModel(deps, nameArgument(given)),
    [commands.downloadEmbedder]: (given) => downloadEmbedder(deps, isConfirmed(given)),
    [commands.checkTraining]: () => checkTraining(deps),
    [commands.train]: (given) => train(deps, trainArgument(given)),
    [commands.openTraining]: () => deps.openTraining(),
    [commands.rollBack]: (given) => rollBack(deps, layerArgument(given)),
    [commands.exportTrainingData]: (given) => exportTrainingData(deps, fileArgument(given)),
    [commands.importRatings]: (given) => importRatings(deps, fileArgument(given)),
    [commands.rebuildWorkspaceModel]: () => rebuildWorkspaceModel(deps),
    [commands.openRatings]: (given) => deps.revealRatings(nameArgument(given)),
    [commands.exportMemory]: (given) => exportMemory(deps, fileArgument(given)),
    [commands.importMemory]: (given) => importMemory(deps, fileArgument(given)),
    [commands.resetMemory]: (given) => resetMemory(deps, isConfirmed(given)),
    [commands.recordSession]: (given) => deps.recordSession(fileArgument(given)),
    [commands.showMemoryStats]: () => showMemoryStats(deps),
    [commands.showTrace]: (given) => showTrace(deps, episodeArgument(given)),
    [commands.showLog]: () => deps.log.show(),
    [commands.restartEngine]: () => deps.engine.restart(),
    [commands.openWalkthrough]: () =>
      vscode.commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#${walkthroughId}`, false),
  } satisfies Partial<Record<CommandId, Handler>>;
  const registered = Object.entries<Handler>(handlers).map(([id, handler]) =>
    vscode.commands.registerCommand(id, (argument: unknown) => guarded(id, deps.log, () => handler(argument))),
  );
  return vscode.Disposable.from(...registered);
}
