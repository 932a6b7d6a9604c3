import { randomUUID } from 'node:crypto';
import type { InferOutput } from 'valibot';
import * as vscode from 'vscode';
import type { Peer } from '../../protocol/connection.ts';
import { contextKeys } from '../../protocol/ids.ts';
import { type FactOf, type Life, offeredLife, step } from '../../protocol/lifecycle.ts';
import type {
  ClientNotifications,
  ClientRequests,
  EngineNotifications,
  Failure,
  HostRequests,
} from '../../protocol/rpc.ts';
import { askInstruction, type InstructionHistory } from './instruction.ts';
import {
  type Proposal,
  shownCandidate,
  startProposal,
  withAnswer,
  withDocumentChanges,
  withProgress,
  withStep,
} from './proposal.ts';
import { ProposalView } from './proposalView.ts';
import { askReasons } from './reject.ts';
import { targetRange } from './target.ts';

type EnginePeer = Peer<ClientRequests, ClientNotifications, HostRequests, EngineNotifications>;

/** What requested edits need of the rest of the client. */
export interface EditDeps {
  readonly engine: Pick<EnginePeer, 'ask' | 'tell'>;
  readonly onEditProgress: vscode.Event<InferOutput<EngineNotifications['editProgress']>>;
  readonly candidates: () => number;
  readonly history: InstructionHistory;
  readonly showFailure: (failure: Failure) => void;
  /** Told where an accepted text now stands, so that its later fate can be followed. */
  readonly onAccepted: (accepted: {
    readonly episodeId: string;
    readonly candidateId: string;
    readonly document: vscode.TextDocument;
    readonly offset: number;
    readonly text: string;
  }) => void;
}

/** One proposal on the screen, with what belongs to its request. */
interface Live {
  readonly requestId: string;
  readonly document: vscode.TextDocument;
  readonly cancellation: vscode.CancellationTokenSource;
  readonly seen: Set<string>;
  /** What was selected, to be given back if nothing comes of it. */
  readonly selection: vscode.Selection | undefined;
  proposal: Proposal;
  /** Its buttons are ours, so nothing of this is inferred. Null: nothing of it has been looked at yet. */
  life: Life<'offered' | 'shown'> | null;
}

/** Arguments of `attune.proposeEdit`, for code actions, keybindings and scripts; all optional. */
export interface ProposeArguments {
  readonly instruction?: string;
  readonly range?: vscode.Range;
}

/** The life of a requested edit: asked, streamed, looked through, then accepted, rejected, refined or left. */
export class EditController implements vscode.Disposable {
  readonly #deps: EditDeps;
  readonly #view = new ProposalView();
  readonly #subscriptions: vscode.Disposable[];
  #live: Live | undefined;
  /** What the proposal wants of the keys, wherever the cursor is. */
  #wanted = { active: false, alternatives: false };

  constructor(deps: EditDeps) {
    this.#deps = deps;
    this.#subscriptions = [
      deps.onEditProgress(({ requestId, candidate, text, done }) => {
        if (this.#live?.requestId === requestId) this.#update(withProgress(this.#live.proposal, candidate, text, done));
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (document !== this.#live?.document || contentChanges.length === 0) return;
        const changes = contentChanges.map((change) => ({
          offset: change.rangeOffset,
          length: change.rangeLength,
          text: change.text,
        }));
        this.#update(withDocumentChanges(this.#live.proposal, changes));
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document === this.#live?.document) this.#leave('closed');
      }),
      vscode.window.onDidChangeActiveTextEditor(() => this.#setKeys()),
      vscode.window.onDidChangeVisibleTextEditors(() => {
        if (this.#live) this.#view.redecorate(this.#live.document, this.#live.proposal);
      }),
    ];
  }

  /** Asks for an instruction (unless given) and for proposals on the selection or at the cursor. */
  async propose(given: ProposeArguments = {}): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor) return;
    const range = await targetRange(editor, given.range);
    const selected = editor.document.getText(range);
    const instruction =
      given.instruction ??
      (await askInstruction({
        title: selected.trim() === '' ? vscode.l10n.t('Propose code here') : vscode.l10n.t('Propose an edit'),
        placeholder: vscode.l10n.t('What should change? For example: use early returns'),
        history: this.#deps.history,
      }));
    if (instruction === undefined || instruction.trim() === '') return;
    await this.#request(editor.document, range, instruction.trim());
  }

  /** Asks again about the proposal on the screen, with a further instruction. */
  async refine(reply?: vscode.CommentReply): Promise<void> {
    const live = this.#live;
    const shown = live && shownCandidate(live.proposal);
    if (live?.proposal.phase.name !== 'choosing' || !shown?.candidateId) return;
    const { episodeId } = live.proposal.phase;
    const instruction =
      reply?.text ??
      (await askInstruction({
        title: vscode.l10n.t('Refine the proposal'),
        placeholder: vscode.l10n.t('What should be different?'),
        history: this.#deps.history,
      }));
    if (instruction === undefined || instruction.trim() === '' || this.#live !== live) return;
    const range = this.#range(live);
    this.#tell(live, episodeId, 'ignored', { candidateId: shown.candidateId, reason: 'refined' });
    this.#close();
    await this.#request(live.document, range, instruction.trim(), { episodeId, candidateId: shown.candidateId });
  }

  /** Puts the shown proposal into the file, as one undo step. */
  async accept(): Promise<void> {
    const live = this.#live;
    const shown = live && shownCandidate(live.proposal);
    if (!live || !shown?.candidateId || live.proposal.phase.name === 'streaming') return;
    if (live.proposal.phase.name === 'stale') {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('The code has changed since this was proposed. Propose the edit again.'),
      );
      return;
    }
    const { episodeId } = live.proposal.phase;
    const { start } = live.proposal;
    const edit = new vscode.WorkspaceEdit();
    const eol = live.document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
    const text = shown.text.replace(/\r?\n/g, eol);
    edit.replace(live.document.uri, this.#range(live), text);
    this.#close();
    if (!(await vscode.workspace.applyEdit(edit))) {
      void vscode.window.showErrorMessage(
        vscode.l10n.t('VS Code could not apply the edit. Is the file read-only? Make it writable and propose again.'),
      );
      return;
    }
    this.#tell(live, episodeId, 'accepted', { candidateId: shown.candidateId });
    this.#deps.onAccepted({ episodeId, candidateId: shown.candidateId, document: live.document, offset: start, text });
  }

  /** Takes the proposal away, or stops the request that is under way. */
  reject(): void {
    const live = this.#live;
    if (!live) return;
    const shown = shownCandidate(live.proposal);
    if (live.proposal.phase.name === 'choosing' && shown?.candidateId) {
      const { episodeId } = live.proposal.phase;
      this.#tell(live, episodeId, 'rejected', { candidateId: shown.candidateId, reason: 'button' });
    }
    this.#close();
    this.#unfold(live);
  }

  /** Rejects with reasons, which are stored as a rating. */
  async rejectBecause(): Promise<void> {
    const live = this.#live;
    const shown = live && shownCandidate(live.proposal);
    if (live?.proposal.phase.name !== 'choosing' || !shown?.candidateId) return;
    const { episodeId } = live.proposal.phase;
    const answer = await askReasons();
    if (!answer || this.#live !== live) return;
    const reason = answer.reasons[0] ?? 'comment';
    this.#tell(live, episodeId, 'rejected', { candidateId: shown.candidateId, reason });
    this.#close();
    const saved = await this.#deps.engine
      .ask('rate', { episodeId, thumb: 'down', score: null, ...answer, correction: null, withdrawn: false })
      .catch(() => null);
    if (saved && !saved.ok) this.#deps.showFailure(saved.failure);
  }

  look(direction: 1 | -1): void {
    if (this.#live) this.#update(withStep(this.#live.proposal, direction));
  }

  dispose(): void {
    this.#leave('closed');
    this.#view.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #request(
    document: vscode.TextDocument,
    range: vscode.Range,
    instruction: string,
    followUpOf?: { episodeId: string; candidateId: string },
  ): Promise<void> {
    this.#leave('superseded');
    const live: Live = {
      requestId: randomUUID(),
      document,
      cancellation: new vscode.CancellationTokenSource(),
      seen: new Set(),
      life: null,
      selection: this.#fold(document, range),
      proposal: startProposal({
        instruction,
        start: document.offsetAt(range.start),
        end: document.offsetAt(range.end),
        before: document.getText(range),
        expected: this.#deps.candidates(),
      }),
    };
    this.#live = live;
    this.#update(live.proposal);
    const { start, end } = live.proposal;
    const request = this.#deps.engine.ask(
      'proposeEdit',
      {
        requestId: live.requestId,
        uri: document.uri.toString(),
        version: document.version,
        start,
        end,
        instruction,
        ...(followUpOf ? { followUpOf } : {}),
      },
      live.cancellation.token,
    );
    try {
      const answer = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Attune is writing…') },
        () => request,
      );
      if (this.#live !== live) return;
      if (!answer.ok) {
        this.#close();
        if (answer.failure.reason !== 'cancelled') this.#deps.showFailure(answer.failure);
        return;
      }
      this.#update(withAnswer(live.proposal, answer));
    } catch (error) {
      if (this.#live !== live) return;
      this.#close();
      if (live.cancellation.token.isCancellationRequested) return;
      this.#deps.showFailure({
        reason: 'unavailable',
        message: vscode.l10n.t('The engine did not answer ({0}).', error instanceof Error ? error.message : 'unknown'),
        nextStep: vscode.l10n.t('Run “Attune: Restart Engine” and try again.'),
      });
    }
  }

  #update(proposal: Proposal): void {
    const live = this.#live;
    if (!live) return;
    live.proposal = proposal;
    this.#view.show(live.document, proposal);
    const shown = shownCandidate(proposal);
    if (proposal.phase.name === 'choosing' && shown?.candidateId && !live.seen.has(shown.candidateId)) {
      live.seen.add(shown.candidateId);
      live.life = this.#tell(live, proposal.phase.episodeId, 'shown', { candidateId: shown.candidateId });
    }
    this.#keys(true, proposal.candidates.length > 1);
  }

  /** The proposal is over without a decision on it. */
  #leave(reason: 'superseded' | 'closed'): void {
    const live = this.#live;
    if (!live) return;
    const shown = shownCandidate(live.proposal);
    const { phase } = live.proposal;
    if (phase.name !== 'streaming' && phase.episodeId !== null && shown?.candidateId) {
      this.#tell(live, phase.episodeId, 'ignored', { candidateId: shown.candidateId, reason });
    }
    this.#close();
  }

  #close(): void {
    const live = this.#live;
    this.#live = undefined;
    live?.cancellation.cancel();
    live?.cancellation.dispose();
    this.#view.clear();
    this.#keys(false, false);
  }

  /** Puts the cursor at the start of what will change, so that a selection doesn't cover the diff's colours. */
  #fold(document: vscode.TextDocument, range: vscode.Range): vscode.Selection | undefined {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document !== document || editor.selection.isEmpty) return undefined;
    const { selection } = editor;
    editor.selection = new vscode.Selection(range.start, range.start);
    return selection;
  }

  #unfold(live: Live): void {
    const editor = vscode.window.activeTextEditor;
    if (live.selection && editor?.document === live.document && live.proposal.phase.name !== 'stale') {
      editor.selection = live.selection;
    }
  }

  #range(live: Live): vscode.Range {
    return new vscode.Range(live.document.positionAt(live.proposal.start), live.document.positionAt(live.proposal.end));
  }

  /** One step in the life of the proposal, told to the memory. */
  #tell<T extends 'shown' | 'accepted' | 'rejected' | 'ignored'>(
    { life }: Live,
    episodeId: string,
    to: T,
    fact: Omit<FactOf<T>, 'at'>,
  ): Life<T> {
    const next = step(life ?? offeredLife(episodeId), to, { ...fact, at: Date.now() } as FactOf<T>);
    this.#deps.engine.tell('events', { events: [next.event] });
    return next.life as Life<T>;
  }

  #keys(active: boolean, alternatives: boolean): void {
    this.#wanted = { active, alternatives };
    this.#setKeys();
  }

  /** In another document the same keys are not ours. Without an editor (a reply has the focus) they stay as they are. */
  #setKeys(): void {
    const document = vscode.window.activeTextEditor?.document ?? this.#live?.document;
    const here = this.#wanted.active && document === this.#live?.document;
    const alternatives = here && this.#wanted.alternatives;
    void vscode.commands.executeCommand('setContext', contextKeys.editActive, here);
    void vscode.commands.executeCommand('setContext', contextKeys.editHasAlternatives, alternatives);
  }
}
