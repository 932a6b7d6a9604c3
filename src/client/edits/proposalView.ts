import * as vscode from 'vscode';
import { type Proposal, shownCandidate } from './proposal.ts';
import { changeSize, diffMarkdown, fenced, removedLines } from './render.ts';

/** The id menus in package.json ask for. */
export const commentControllerId = 'attune.edits';

/**
 * Draws a proposal into its file: the lines that would go are coloured, and below them stands a thread with the diff,
 * its buttons, and a reply box that refines. Stable API can't insert lines without changing the document; a comment
 * thread can show many, scrolls with the code, and is reached by keyboard and screen reader.
 */
export class ProposalView implements vscode.Disposable {
  readonly #controller = vscode.comments.createCommentController(commentControllerId, 'Attune');
  readonly #removed = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor('diffEditor.removedLineBackground'),
    overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.deletedForeground'),
    overviewRulerLane: vscode.OverviewRulerLane.Left,
  });
  #thread: vscode.CommentThread | undefined;

  constructor() {
    this.#controller.options = {
      prompt: vscode.l10n.t('Refine…'),
      placeHolder: vscode.l10n.t('Say what should be different'),
    };
  }

  /** Draws `proposal` on `document`, or redraws it where it stands now. */
  show(document: vscode.TextDocument, proposal: Proposal): void {
    const range = new vscode.Range(document.positionAt(proposal.start), document.positionAt(proposal.end));
    const last = range.end.character === 0 && range.end.line > range.start.line ? range.end.line - 1 : range.end.line;
    const place = new vscode.Range(range.start.line, 0, last, 0);
    const comment: vscode.Comment = {
      author: { name: this.#title(proposal) },
      body: this.#body(document, proposal),
      mode: vscode.CommentMode.Preview,
    };
    if (!this.#thread) {
      this.#thread = this.#controller.createCommentThread(document.uri, place, [comment]);
      // With the manifest's default for `comments.openView`, a resolved thread doesn't open the Comments panel.
      this.#thread.state = vscode.CommentThreadState.Resolved;
      this.#thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    } else {
      if (!this.#thread.range?.isEqual(place)) this.#thread.range = place;
      this.#thread.comments = [comment];
    }
    this.#thread.label = this.#label(proposal);
    this.#thread.canReply = proposal.phase.name !== 'streaming';
    this.#decorate(document, proposal, range);
  }

  /** Takes everything off the screen. */
  clear(): void {
    this.#thread?.dispose();
    this.#thread = undefined;
    for (const editor of vscode.window.visibleTextEditors) editor.setDecorations(this.#removed, []);
  }

  /** Draws the coloured lines again, when an editor has appeared. */
  redecorate(document: vscode.TextDocument, proposal: Proposal): void {
    const range = new vscode.Range(document.positionAt(proposal.start), document.positionAt(proposal.end));
    this.#decorate(document, proposal, range);
  }

  dispose(): void {
    this.clear();
    this.#removed.dispose();
    this.#controller.dispose();
  }

  #decorate(document: vscode.TextDocument, proposal: Proposal, range: vscode.Range): void {
    const after = shownCandidate(proposal)?.text;
    const lines = after === undefined || proposal.phase.name === 'stale' ? [] : removedLines(proposal.before, after);
    const ranges = lines.map((line) => new vscode.Range(range.start.line + line, 0, range.start.line + line, 0));
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document === document) editor.setDecorations(this.#removed, ranges);
    }
  }

  #label(proposal: Proposal): string {
    switch (proposal.phase.name) {
      case 'streaming':
        return vscode.l10n.t('Attune is writing: “{0}”', proposal.instruction);
      case 'choosing':
        return vscode.l10n.t('Attune: “{0}”', proposal.instruction);
      case 'stale':
        return vscode.l10n.t('The code has changed since this was proposed');
    }
  }

  #title(proposal: Proposal): string {
    const shown = shownCandidate(proposal);
    if (!shown) return vscode.l10n.t('Thinking…');
    const { added, removed } = changeSize(proposal.before, shown.text);
    const which = vscode.l10n.t(
      'Proposal {0} of {1}',
      proposal.current + 1,
      Math.max(proposal.candidates.length, proposal.phase.name === 'streaming' ? proposal.expected : 1),
    );
    return `${which} · +${added} −${removed}${shown.model === '' ? '' : ` · ${shown.model}`}`;
  }

  #body(document: vscode.TextDocument, proposal: Proposal): vscode.MarkdownString {
    const shown = shownCandidate(proposal);
    const body = new vscode.MarkdownString();
    if (!shown || shown.text === '') {
      body.appendMarkdown(
        proposal.phase.name === 'streaming' && !shown
          ? vscode.l10n.t('Waiting for the model…')
          : diffMarkdown(proposal.before, ''),
      );
      return body;
    }
    // While it streams the end is missing, so a diff would show everything below as removed.
    const diff =
      proposal.phase.name === 'streaming'
        ? fenced(shown.text, document.languageId)
        : diffMarkdown(proposal.before, shown.text);
    body.appendMarkdown(diff === '' ? vscode.l10n.t('This proposal changes nothing.') : diff);
    return body;
  }
}
