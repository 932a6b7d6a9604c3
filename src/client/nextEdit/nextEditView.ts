import * as vscode from 'vscode';
import { commands } from '../../protocol/ids.ts';
import { fenced } from '../commands/fence.ts';
import type { NextEditOffer } from './nextEditTracker.ts';
import { inOneLine, type Presentation } from './presentation.ts';

const color = (id: string): vscode.ThemeColor => new vscode.ThemeColor(id);
const { ClosedClosed } = vscode.DecorationRangeBehavior;

/**
 * Draws the place: what would go is struck through, what would come stands behind it, in the colours of the theme's
 * diff; high-contrast themes give the borders. Out of sight, a hint behind the cursor's line says where it is.
 */
export class NextEditView implements vscode.Disposable {
  readonly #removed = vscode.window.createTextEditorDecorationType({
    backgroundColor: color('diffEditor.removedTextBackground'),
    textDecoration: 'line-through',
    // An outline, since a border would move the code aside.
    outline: '1px dashed',
    outlineColor: color('diffEditor.removedTextBorder'),
    rangeBehavior: ClosedClosed,
    overviewRulerColor: color('editorOverviewRuler.modifiedForeground'),
    overviewRulerLane: vscode.OverviewRulerLane.Center,
  });
  readonly #inserted = vscode.window.createTextEditorDecorationType({
    rangeBehavior: ClosedClosed,
    after: {
      backgroundColor: color('diffEditor.insertedTextBackground'),
      color: color('editor.foreground'),
      border: '1px solid',
      borderColor: color('diffEditor.insertedTextBorder'),
    },
  });
  readonly #hint = vscode.window.createTextEditorDecorationType({
    rangeBehavior: ClosedClosed,
    isWholeLine: true,
    after: { color: color('descriptionForeground'), margin: '0 0 0 2em' },
  });
  readonly #status = vscode.window.createStatusBarItem('attune.nextEdit', vscode.StatusBarAlignment.Left, -1000);

  #drawn = false;

  constructor() {
    this.#status.name = vscode.l10n.t('Attune: the same change');
    this.#status.command = commands.acceptAllNextEdits;
  }

  /** `document` is the place's; `line` where it stands there. */
  show(
    offer: NextEditOffer,
    document: vscode.TextDocument,
    presentation: Exclude<Presentation, { readonly type: 'hidden' }>,
    active: vscode.TextEditor,
  ): void {
    this.#drawn = true;
    const range = new vscode.Range(document.positionAt(offer.start), document.positionAt(offer.end));
    const hoverMessage = this.#hover(offer, document);
    for (const editor of vscode.window.visibleTextEditors) {
      const here = editor.document === document;
      editor.setDecorations(this.#removed, here && !range.isEmpty ? [{ range, hoverMessage }] : []);
      const inserted = {
        range: new vscode.Range(range.end, range.end),
        hoverMessage,
        renderOptions: { after: { contentText: inOneLine(offer.text) } },
      };
      editor.setDecorations(this.#inserted, here && offer.text !== '' ? [inserted] : []);
      const hinted = presentation.type === 'hint' && editor === active;
      editor.setDecorations(this.#hint, hinted ? [this.#hintAt(active, document, range.start.line, presentation)] : []);
    }
    this.#announce(offer, document, range.start.line, presentation);
  }

  clear(): void {
    if (!this.#drawn) return;
    this.#drawn = false;
    for (const editor of vscode.window.visibleTextEditors) {
      for (const type of [this.#removed, this.#inserted, this.#hint]) editor.setDecorations(type, []);
    }
    this.#status.hide();
  }

  dispose(): void {
    this.clear();
    for (const type of [this.#removed, this.#inserted, this.#hint, this.#status]) type.dispose();
  }

  #hintAt(
    active: vscode.TextEditor,
    document: vscode.TextDocument,
    line: number,
    { where }: Extract<Presentation, { readonly type: 'hint' }>,
  ): vscode.DecorationOptions {
    const end = active.document.lineAt(active.selection.active.line).range.end;
    const contentText =
      where === 'sameFile'
        ? vscode.l10n.t('Tab: same change in line {0}', line + 1)
        : vscode.l10n.t('Tab: same change in {0}:{1}', nameOf(document), line + 1);
    return { range: new vscode.Range(end, end), renderOptions: { after: { contentText } } };
  }

  #hover({ before, text, remaining }: NextEditOffer, document: vscode.TextDocument): vscode.MarkdownString {
    const hover = new vscode.MarkdownString('', true);
    hover.isTrusted = { enabledCommands: [commands.acceptAllNextEdits, commands.rejectNextEdit] };
    const language = document.languageId;
    hover.appendMarkdown(`**${vscode.l10n.t('Attune: the same change here')}**\n\n`);
    if (before !== '') hover.appendMarkdown(`${fenced(before, language)}\n\n`);
    hover.appendMarkdown(text === '' ? `${vscode.l10n.t('is taken away')}\n\n` : `↓\n\n${fenced(text, language)}\n\n`);
    hover.appendMarkdown(`${vscode.l10n.t('Tab takes it, Escape dismisses it.')}\n\n`);
    const all =
      remaining > 0
        ? `[${vscode.l10n.t('Make it everywhere in this file')}](command:${commands.acceptAllNextEdits}) · `
        : '';
    hover.appendMarkdown(`${all}[${vscode.l10n.t('Dismiss')}](command:${commands.rejectNextEdit})`);
    return hover;
  }

  /** What a screen reader can reach: stable API has no way to speak unasked. */
  #announce(offer: NextEditOffer, document: vscode.TextDocument, line: number, { type }: Presentation): void {
    const { l10n } = vscode;
    const places = offer.remaining + 1;
    const where = l10n.t('{0}, line {1}', nameOf(document), line + 1);
    const key = type === 'hint' ? l10n.t('Tab goes there.') : l10n.t('Tab takes it, Escape dismisses it.');
    const what =
      offer.text === ''
        ? l10n.t('“{0}” is taken away', offer.before)
        : offer.before === ''
          ? l10n.t('“{0}” is put in', offer.text)
          : l10n.t('“{0}” becomes “{1}”', offer.before, offer.text);
    this.#status.text = `$(replace-all) ${places === 1 ? l10n.t('Same change: 1 place') : l10n.t('Same change: {0} places', places)}`;
    this.#status.tooltip = l10n.t('Make the same change everywhere in this file');
    this.#status.accessibilityInformation = {
      label: `${l10n.t('Attune offers the same change.')} ${where}: ${what}. ${key}`,
      role: 'button',
    };
    this.#status.show();
  }
}

const nameOf = ({ uri, fileName, isUntitled }: vscode.TextDocument): string =>
  isUntitled ? uri.path : (fileName.split(/[/\\]/).at(-1) ?? fileName);
