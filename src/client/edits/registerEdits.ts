import * as vscode from 'vscode';
import { commands } from '../../protocol/ids.ts';
import { EditCodeActions } from './codeActions.ts';
import { EditController, type EditDeps, type ProposeArguments } from './editController.ts';

/** Registers the commands and code actions of requested edits. */
export function registerEdits(deps: EditDeps): vscode.Disposable {
  const edits = new EditController(deps);
  const on = (id: string, run: (argument: unknown) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(id, run);
  return vscode.Disposable.from(
    edits,
    // The editor's context menu passes a Uri: only plain arguments of ours are read.
    on(commands.proposeEdit, (given) => edits.propose(isProposeArguments(given) ? given : {})),
    on(commands.refineEdit, (reply) => edits.refine(isReply(reply) ? reply : undefined)),
    on(commands.acceptEdit, () => edits.accept()),
    on(commands.rejectEdit, () => edits.reject()),
    on(commands.rejectEditBecause, () => edits.rejectBecause()),
    on(commands.nextEdit, () => edits.look(1)),
    on(commands.previousEdit, () => edits.look(-1)),
    vscode.languages.registerCodeActionsProvider([{ scheme: 'file' }, { scheme: 'untitled' }], new EditCodeActions(), {
      providedCodeActionKinds: EditCodeActions.kinds,
    }),
  );
}

function isProposeArguments(value: unknown): value is ProposeArguments {
  if (typeof value !== 'object' || value === null || value instanceof vscode.Uri) return false;
  const { instruction, range } = value as { instruction?: unknown; range?: unknown };
  return typeof instruction === 'string' || range instanceof vscode.Range;
}

function isReply(value: unknown): value is vscode.CommentReply {
  return typeof value === 'object' && value !== null && 'thread' in value && 'text' in value;
}
