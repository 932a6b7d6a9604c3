import * as vscode from 'vscode';
import { commands, contextKeys } from '../../protocol/ids.ts';
import { type LifecycleEvent, offeredLife, step } from '../../protocol/lifecycle.ts';
import type { ClientRequests, NextEdit, Result } from '../../protocol/rpc.ts';
import type { EngineClient } from '../engine/engineClient.ts';
import { EngineUnavailable } from '../engine/engineState.ts';
import type { Kept } from '../inline/keptRanges.ts';
import { ContextKey } from '../platform/contextKey.ts';
import { type Log, logError } from '../platform/logging.ts';
import { AskPolicy } from './askPolicy.ts';
import { type NextEditOffer, NextEditTracker, type SourceLines } from './nextEditTracker.ts';
import { NextEditView } from './nextEditView.ts';
import { type Presentation, presentationOf } from './presentation.ts';

/** What repeating a change needs of the rest of the client. */
export interface NextEditDeps {
  readonly engine: Pick<EngineClient, 'ask' | 'state'>;
  readonly log: Log;
  now(): number;
  schedule(delayMs: number, run: () => void): () => void;
  /** Whether it is on for this document, and nobody has turned suggestions down to asking by hand. */
  enabledFor(document: vscode.TextDocument): boolean;
  emit(events: readonly LifecycleEvent[]): void;
  /** Text of ours stands in the document now. */
  onKept(kept: Kept): void;
}

type AllNextEdits = Result<ClientRequests, 'allNextEdits'>;

const mostTabs = 200;
const hidden: Presentation = { type: 'hidden' };

/** After an edit, the same change at the next place: drawn, taken with Tab, and on to the one after. */
export class NextEditController implements vscode.Disposable {
  readonly #deps: NextEditDeps;
  readonly #tracker: NextEditTracker;
  readonly #policy: AskPolicy;
  readonly #view = new NextEditView();
  readonly #visible = new ContextKey(contextKeys.nextEditVisible);
  readonly #takesTab = new ContextKey(contextKeys.nextEditTakesTab);
  readonly #subscriptions: vscode.Disposable[];
  #asking = new vscode.CancellationTokenSource();
  /** Where the user's last own change was made. */
  #source: SourceLines | null = null;
  #ours = false;

  constructor(deps: NextEditDeps) {
    this.#deps = deps;
    const { now, schedule, emit } = deps;
    const draw = (): void => this.#draw();
    this.#tracker = new NextEditTracker({ now, schedule, emit, onChange: draw });
    this.#policy = new AskPolicy({ now, schedule, ask: (uri) => void this.#askAbout(uri), onPending: draw });
    const { workspace, window } = vscode;
    const on = (id: string, run: () => unknown): vscode.Disposable => vscode.commands.registerCommand(id, run);
    this.#subscriptions = [
      workspace.onDidChangeTextDocument((event) => this.#changed(event)),
      workspace.onDidCloseTextDocument((document) => this.#tracker.closed(document.uri.toString())),
      window.onDidChangeTextEditorSelection(({ textEditor, selections, kind }) => {
        if (textEditor !== window.activeTextEditor) return;
        const uri = textEditor.document.uri.toString();
        const single = selections.length === 1 && selections[0]?.isEmpty === true;
        // Typing moves the cursor as well; only where it was moved on purpose, or selects, is that news.
        if (!single || kind !== undefined) this.#policy.moved(uri, single);
        draw();
      }),
      window.onDidChangeTextEditorVisibleRanges(draw),
      window.onDidChangeVisibleTextEditors(draw),
      window.onDidChangeActiveTextEditor((editor) => {
        if (editor) this.#tracker.focused(editor.document.uri.toString());
        draw();
      }),
      on(commands.acceptNextEdit, () => this.accept()),
      on(commands.rejectNextEdit, () => this.reject()),
      on(commands.acceptAllNextEdits, () => this.acceptAll()),
    ];
  }

  /** Places left, this one included; 0 when nothing is offered. */
  get places(): number {
    const { live } = this.#tracker;
    return live ? live.remaining + 1 : 0;
  }

  /** Tab: makes the change, or goes where it would be made. Where there is neither, Tab is Tab. */
  async accept(): Promise<void> {
    const presentation = this.#presentation();
    switch (presentation.type) {
      case 'hidden':
        break;
      case 'inPlace':
        if (presentation.tab === 'take') return this.#take();
        break;
      case 'hint':
        if (presentation.tab === 'jump') return this.#jump();
        break;
    }
    await vscode.commands.executeCommand('tab');
  }

  reject(): void {
    this.#policy.reset();
    this.#tracker.rejected();
  }

  /** Makes the change at every place of the offer's document, as one undo step. */
  async acceptAll(): Promise<void> {
    const { live } = this.#tracker;
    const document = live && documentOf(live.uri);
    if (!live || !document) return;
    const { episodeId, uri } = live;
    const { version } = document;
    const offers = await this.#allPlaces(live, version);
    if (this.#tracker.live?.episodeId !== episodeId || document.version !== version) return;
    const sorted = offers
      .map((one) => ({ ...one, edit: { ...one.edit, text: withEol(document, one.edit.text) } }))
      .sort((a, b) => a.edit.start - b.edit.start);
    const editor = await vscode.window.showTextDocument(document, { preview: false });
    if (
      !(await this.#apply(
        editor,
        sorted.map(({ edit }) => edit),
      ))
    )
      return;
    const { source } = this.#tracker;
    let shift = 0;
    for (const one of sorted) {
      const { candidateId, start, end, text } = one.edit;
      const at = this.#deps.now();
      if (one.episodeId === episodeId) this.#tracker.accepted();
      else this.#deps.emit([step(offeredLife(one.episodeId), 'accepted', { at, candidateId, reason: 'all' }).event]);
      const from = start + shift;
      this.#deps.onKept({ episodeId: one.episodeId, candidateId, uri, start: from, end: from + text.length });
      shift += text.length - (end - start);
    }
    await this.#ask(document, 0, source, episodeId);
  }

  dispose(): void {
    this.#policy.reset();
    this.#tracker.leave('closed');
    this.#asking.cancel();
    this.#asking.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#view.dispose();
  }

  #changed({ document, contentChanges, reason }: vscode.TextDocumentChangeEvent): void {
    if (contentChanges.length === 0) return;
    const uri = document.uri.toString();
    const changes = contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
      offset: rangeOffset,
      length: rangeLength,
      text,
    }));
    this.#tracker.changed(uri, changes, this.#ours ? 'us' : 'user');
    if (this.#ours) return;
    const active = vscode.window.activeTextEditor;
    const own = active?.document === document && reason === undefined && this.#wanted(document);
    if (!own) {
      // Undo, or a file that something else is writing to.
      if (active?.document === document) this.#policy.reset();
      return;
    }
    // White space that the editor trims elsewhere is not what was typed.
    const at = changes.find((change) => change.text.trim() !== '') ?? changes.at(-1)!;
    const line = document.lineAt(document.positionAt(at.offset)).range;
    this.#source = { uri, start: document.offsetAt(line.start), end: document.offsetAt(line.end) };
    this.#policy.edited(uri);
  }

  #wanted(document: vscode.TextDocument): boolean {
    const { scheme } = document.uri;
    return (
      vscode.workspace.isTrusted &&
      (scheme === 'file' || scheme === 'untitled') &&
      this.#deps.engine.state.type === 'ready' &&
      this.#deps.enabledFor(document)
    );
  }

  async #askAbout(uri: string): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.uri.toString() !== uri || editor.selections.length !== 1 || !editor.selection.isEmpty) return;
    if (!this.#wanted(editor.document)) return;
    await this.#ask(editor.document, editor.document.offsetAt(editor.selection.active), this.#source);
  }

  async #ask(
    document: vscode.TextDocument,
    offset: number,
    source: SourceLines | null,
    continues?: string,
  ): Promise<void> {
    this.#asking.cancel();
    this.#asking.dispose();
    const asking = new vscode.CancellationTokenSource();
    this.#asking = asking;
    const uri = document.uri.toString();
    const { version } = document;
    try {
      const answer = await this.#deps.engine.ask(
        'nextEdit',
        { uri, version, offset, open: openTabs(), ...(continues === undefined ? {} : { continues }) },
        asking.token,
      );
      const { episodeId, edit, remaining, askAgainMs } = answer;
      if (continues === undefined) this.#policy.answered(uri, askAgainMs ?? null);
      if (episodeId === null || edit === null) return;
      const place = documentOf(edit.uri);
      const stale = asking.token.isCancellationRequested || document.version !== version;
      if (stale || !place || place.getText(rangeIn(place, edit)) !== edit.before) {
        const at = this.#deps.now();
        if (this.#tracker.live?.episodeId !== episodeId)
          this.#deps.emit([
            step(offeredLife(episodeId), 'ignored', { at, candidateId: edit.candidateId, reason: 'superseded' }).event,
          ]);
        return;
      }
      this.#tracker.offer({ episodeId, remaining, ...edit, text: withEol(place, edit.text) }, source);
    } catch (error) {
      // A key cancels, and an engine may die: neither is worth a word to someone who is typing.
      if (!(error instanceof EngineUnavailable) && !asking.token.isCancellationRequested)
        logError(this.#deps.log, 'nextEdit', error);
    }
  }

  async #allPlaces({ episodeId, uri }: NextEditOffer, version: number): Promise<AllNextEdits['offers']> {
    try {
      return (await this.#deps.engine.ask('allNextEdits', { episodeId, uri, version })).offers;
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) logError(this.#deps.log, 'allNextEdits', error);
      return [];
    }
  }

  async #take(): Promise<void> {
    const { live } = this.#tracker;
    const editor = vscode.window.activeTextEditor;
    if (!live || editor?.document.uri.toString() !== live.uri) return;
    const { episodeId, candidateId, uri, start, text } = live;
    if (!(await this.#apply(editor, [live]))) return;
    const end = start + text.length;
    const { source } = this.#tracker;
    this.#tracker.accepted();
    this.#deps.onKept({ episodeId, candidateId, uri, start, end });
    await this.#ask(editor.document, end, source, episodeId);
  }

  /** Puts the edits in, ascending; the offer goes with them. False when the text is no longer what it was. */
  async #apply(
    editor: vscode.TextEditor,
    edits: readonly Pick<NextEdit, 'start' | 'end' | 'before' | 'text'>[],
  ): Promise<boolean> {
    const { document } = editor;
    if (edits.some((edit) => document.getText(rangeIn(document, edit)) !== edit.before)) return false;
    const [first] = edits;
    const at = document.offsetAt(editor.selection.active);
    const inside = first && edits.length === 1 && at >= first.start && at <= first.end;
    this.#ours = true;
    try {
      const applied = await editor.edit((edit) => {
        for (const one of edits) edit.replace(rangeIn(document, one), one.text);
      });
      if (applied && inside) {
        const end = document.positionAt(first.start + first.text.length);
        editor.selection = new vscode.Selection(end, end);
      }
      return applied;
    } finally {
      this.#ours = false;
    }
  }

  async #jump(): Promise<void> {
    const { live } = this.#tracker;
    const document = live && documentOf(live.uri);
    if (!live || !document) return;
    const editor = await vscode.window.showTextDocument(document, { preview: false });
    const at = document.positionAt(live.start);
    editor.selection = new vscode.Selection(at, at);
    editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  #presentation(): Presentation {
    const { live } = this.#tracker;
    const document = live && documentOf(live.uri);
    const editor = vscode.window.activeTextEditor;
    if (!live || !document || !editor) return hidden;
    const cursor = editor.selection.active;
    return presentationOf(
      { uri: live.uri, line: document.positionAt(live.start).line },
      {
        uri: editor.document.uri.toString(),
        visible: editor.visibleRanges.map(({ start, end }) => ({ first: start.line, last: end.line })),
        cursorLine: cursor.line,
        beforeCursor: editor.document.lineAt(cursor.line).text.slice(0, cursor.character),
      },
      this.#policy.pending,
    );
  }

  #draw(): void {
    const { live } = this.#tracker;
    const document = live && documentOf(live.uri);
    const editor = vscode.window.activeTextEditor;
    const presentation = this.#presentation();
    this.#visible.set(presentation.type !== 'hidden');
    this.#takesTab.set(presentation.type !== 'hidden' && presentation.tab !== 'none');
    this.#tracker.sight(presentation.type === 'inPlace');
    if (presentation.type === 'hidden' || !live || !document || !editor) this.#view.clear();
    else this.#view.show(live, document, presentation, editor);
  }
}

const documentOf = (uri: string): vscode.TextDocument | null =>
  vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri) ?? null;

/** What the user sees as open: VS Code keeps documents for a while that have no tab any more. */
function openTabs(): string[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const uris = tabs.flatMap(({ input }) => (input instanceof vscode.TabInputText ? [input.uri.toString()] : []));
  return [...new Set(uris)].slice(0, mostTabs);
}

const withEol = (document: vscode.TextDocument, text: string): string =>
  text.replace(/\r?\n/g, document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n');

const rangeIn = (document: vscode.TextDocument, { start, end }: { start: number; end: number }): vscode.Range =>
  new vscode.Range(document.positionAt(start), document.positionAt(end));
